"""HTTP put together: what the hub serves, over one hub where its database is known here."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial

import structlog

from sharehub import __version__, bootstrap
from sharehub.acknowledgements import Acknowledgements
from sharehub.checks import Checks
from sharehub.collector import seldom_collected
from sharehub.core.catalogue import Catalogue
from sharehub.errors import UnreachableError, UsageError
from sharehub.feeds import Feeds
from sharehub.gateway import Gateway, open_gateway
from sharehub.gauges import Gauges
from sharehub.hub import open_hub
from sharehub.intake import Intake
from sharehub.lookup import Lookup
from sharehub.reconciliation import Reconciliation
from sharehub.settings import Settings
from sharehub.snapshots import Snapshots
from sharehub.telemetry.metrics import HubMetrics, exposition
from sharehub.topics import topics
from sharehub.web.app import Lists, Services, create_app
from sharehub.web.asyncapi import Described
from sharehub.web.pages_session import Sessions
from sharehub.web.registry import mount_registry
from sharehub.web.server import listening, serving
from sharehub.web.site import Behind, add_site
from sharehub.web.tail import Tails
from sharehub.web.tokens import Tokens
from sharehub.webhooks import Webhooks
from sharehub.wire.registry import load_registry
from sharehub.wire.rulebooks import load_catalogue
from sharehub.wire.signing import public_keys

log = structlog.get_logger()


@contextmanager
def serving_http(settings: Settings, port: int) -> Iterator[str]:
    """HTTP for these settings, served on a thread; yields its address.

    Raises:
        UsageError: the port is taken.
        UnreachableError: Kafka is away.
    """
    listener = listening(settings.web.host, port)
    gateway = open_gateway(settings)
    try:
        tokens = Tokens(bootstrap.access_file(settings))
        gateway.catch_up(sorted({one.agency for one in tokens.all() if one.role == "agency"}))
        host, its_port = listener.getsockname()[:2]
        with ExitStack() as held:
            services, behind = _services(held, gateway, settings)
            app = create_app(services, tokens, settings.web, __version__)
            sessions = Sessions(tokens, bootstrap.session_key_file(settings))
            add_site(app, behind, sessions, settings.web)
            mount_registry(app, services.topics.registry, _topic_names(_known(services, settings)))
            held.enter_context(seldom_collected())
            held.enter_context(serving(app, listener, services.end))
            yield f"http://[{host}]:{its_port}" if ":" in host else f"http://{host}:{its_port}"
    finally:
        listener.close()
        gateway.close()


def _known(services: Services, settings: Settings) -> Catalogue:
    """The rules in force; those of the files while the database does not answer, so that the rest is served."""
    try:
        return services.topics.catalogue()
    except UnreachableError as error:
        log.warning("serving_while_the_database_is_away", reason=str(error))
        return load_catalogue(bootstrap.rulebooks_folder(settings))


def _topic_names(rules: Catalogue) -> list[str]:
    return [one.name for one in topics(list(rules.agencies), list(rules.recipients))]


def _services(held: ExitStack, gateway: Gateway, settings: Settings) -> tuple[Services, Behind]:
    """What stands behind the interface and the pages; without the database the gateway, which needs Kafka only."""

    def described(rules: Callable[[], Catalogue]) -> Described:
        return Described(rules, load_registry(), settings.kafka.partitions)

    def of_the_files() -> Catalogue:
        return load_catalogue(bootstrap.rulebooks_folder(settings))

    key_file = bootstrap.signing_key_file(settings)
    lists = Lists(bootstrap.feeds_folder(settings), lambda: public_keys(key_file))
    try:
        hub = held.enter_context(open_hub(settings, "web"))
    except (UnreachableError, UsageError) as error:
        log.warning("serving_without_database", reason=str(error))
        return Services(gateway, described(of_the_files), lists), Behind()
    feeds, checks, intake = Feeds(hub), Checks(hub), Intake(hub)
    answers = held.enter_context(closing(Acknowledgements(hub)))
    services = Services(
        gateway,
        described(hub.in_force),
        lists,
        intake=intake,
        acknowledgements=answers,
        feeds=feeds,
        tails=Tails(feeds),
        newest=Snapshots(hub).newest,
        webhooks=Webhooks(hub),
        asked=checks,
        reconciling=Reconciliation(checks),
        exposition=partial(exposition, HubMetrics(Gauges(hub).read)),
    )
    return services, Behind(Lookup(hub), intake, feeds, answers)
