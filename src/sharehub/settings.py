"""All settings, in one frozen model, read once and passed down in parts.

Order: flag > environment `SHAREHUB_…` > file named by `SHAREHUB_…_FILE` > `secrets.toml` > `sharehub.toml` > default.
An empty address means the embedded stack under `home`.
"""

import os
import tomllib
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from sharehub.core.target import networks
from sharehub.errors import UsageError

_from_files: ContextVar[dict[str, Any]] = ContextVar("settings read from files", default={})  # noqa: B039


class Frozen(BaseModel):
    """Settings never change after they were read, and unknown names are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class KafkaSettings(Frozen):
    """Where the log is and how its topics are made."""

    bootstrap_servers: str = Field("", description="Kafka to use; empty: the embedded one.")
    partitions: int = Field(6, ge=1, description="Partitions of every records.* and casework.* topic.")
    replication_factor: int = Field(1, ge=1, description="Copies of every partition.")


class DatabaseSettings(Frozen):
    """Where the shared view is kept."""

    url: str = Field("", description="SQLAlchemy URL of PostgreSQL >= 15; empty: the embedded one.")


class ConsolidatorSettings(Frozen):
    """How much one worker takes at a time, and on which day it decides."""

    group: str = Field("sharehub-consolidator", description="Consumer group; more workers share its partitions.")
    batch_records_max: int = Field(20_000, ge=1, description="Records in one transaction, at most.")
    batch_bytes_max: int = Field(32 * 2**20, ge=1, description="Bytes fetched for one batch, at most.")
    rejected_share_max: float = Field(
        0.5, gt=0, le=1, description="Stop before writing when more of a large batch would be rejected."
    )
    rejected_records_min: int = Field(
        1_000, ge=1, description="Batches with fewer rejections than this never stop the worker."
    )
    decide_on: date | None = Field(
        None, description="Decide as of this day (invented or past days); empty: the day Kafka appended the record."
    )


class FeedSettings(Frozen):
    """How feeds are signed and kept."""

    signing_key_file: Path | None = Field(
        None,
        description="Private key that signs events; made when missing; empty: keys/feed.pem under `home`. Former keys "
        "stay beside it, as .pem, so that old signatures can be checked.",
    )
    folder: Path | None = Field(None, description="Folder of the versions of all lists; empty: feeds under `home`.")
    publish_every_hours: int = Field(
        24, ge=1, description="Hours after which the next version of a list is made, be it with nothing changed."
    )
    expires_after_hours: int = Field(
        72, ge=2, description="Hours after which a version must not be relied on; more than publish_every_hours."
    )
    retention_days: int = Field(
        90, ge=1, description="Days for which events that a version covers, and versions, are kept to be read again."
    )

    @model_validator(mode="after")
    def _renewed_in_time(self) -> "FeedSettings":
        if self.expires_after_hours <= self.publish_every_hours:
            raise ValueError("expires_after_hours must be more than publish_every_hours, or every list would expire")
        return self


class WebSettings(Frozen):
    """Where HTTP is served, and how much one call may bring."""

    host: str = Field("127.0.0.1", description="Address to listen on; others than this machine need a proxy with TLS.")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0 takes any free one.")
    access_file: Path | None = Field(
        None, description="File of the hashes of agencies' tokens; empty: tokens.json under `home`."
    )
    body_bytes_max: int = Field(16 * 2**20, ge=1, description="Bytes in the body of one call, at most.")
    batch_records_max: int = Field(10_000, ge=1, description="Records in one call, at most.")
    calls_max: int = Field(32, ge=1, description="Calls under way at once; more are told to come again.")
    stream_seconds_max: int = Field(
        3_600,
        ge=1,
        description="Seconds after which a stream of events ends; its reader opens it again and misses none.",
    )
    intake_per_minute: int = Field(
        20, ge=1, description="Objections, complaints and questions for an outcome from one address in a minute."
    )
    lookups_per_minute: int = Field(60, ge=1, description="Look-ups on the pages from one address in a minute.")


class WebhookSettings(Frozen):
    """Which addresses webhooks may have, and what signs them."""

    allowed_networks: tuple[str, ...] = Field(
        (),
        description="Networks that webhooks may lead to beside public addresses, for example 10.20.0.0/16; there also "
        "without TLS.",
    )
    key_file: Path | None = Field(
        None,
        description="Key from which the secrets of webhooks follow; made when missing; empty: keys/webhooks.key under "
        "`home`. Every server and sender needs the same.",
    )

    @field_validator("allowed_networks")
    @classmethod
    def _networks(cls, stated: tuple[str, ...]) -> tuple[str, ...]:
        networks(stated)
        return stated


class MetricsSettings(Frozen):
    """Where a service without HTTP of its own tells its metrics; the web service has /metrics at its own port."""

    host: str = Field("127.0.0.1", description="Address for /metrics and /healthz of a service without HTTP.")
    port: int | None = Field(
        None, ge=0, le=65535, description="Port for /metrics and /healthz of a service without HTTP; empty: none."
    )


class DoctorSettings(Frozen):
    """From where on `sharehub doctor` finds something wrong."""

    disk_free_bytes_min: int = Field(2 * 2**30, ge=0, description="Bytes to be free on the disk of the data folder.")
    clock_skew_seconds_max: float = Field(
        5, gt=0, description="Seconds by which the clocks of Kafka, PostgreSQL and this machine may differ."
    )
    waiting_seconds_max: int = Field(
        300, ge=0, description="Seconds for which records and events may wait while somebody is at them."
    )


class Settings(BaseSettings):
    """Everything that can be set; `config show --origin` tells where each value came from."""

    model_config = SettingsConfigDict(
        env_prefix="SHAREHUB_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
    )

    home: Path = Field(Path("~/.local/share/sharehub"), description="Data of the embedded stack and of the connectors.")
    kafka: KafkaSettings = KafkaSettings()
    database: DatabaseSettings = DatabaseSettings()
    consolidator: ConsolidatorSettings = ConsolidatorSettings()
    web: WebSettings = WebSettings()
    feeds: FeedSettings = FeedSettings()
    webhooks: WebhookSettings = WebhookSettings()
    metrics: MetricsSettings = MetricsSettings()
    doctor: DoctorSettings = DoctorSettings()
    connectors: Path | None = Field(
        None, description="Folder of connectors; empty: ./connectors, and the shipped ones."
    )
    rulebooks: Path | None = Field(None, description="Folder of rulebooks; empty: the shipped ones.")
    log: Literal["auto", "json", "people"] = Field("auto", description="Log lines for people or as JSON.")

    @classmethod
    def read(cls, config: Path | None, profile: str | None, overrides: dict[str, Any]) -> "Settings":
        """The settings in force: `config` replaces ./sharehub.toml, `profile` names a table in it.

        Raises:
            UsageError: the file or the profile does not exist, or a file of a secret cannot be read.
        """
        files = [config or Path("sharehub.toml"), Path("secrets.toml")]
        if config and not config.is_file():
            raise UsageError(f"{config}: there is no such settings file")
        tables = [tomllib.loads(file.read_text(encoding="utf-8")) for file in files if file.is_file()]
        profiles = {name: table for part in tables for name, table in part.pop("profile", {}).items()}
        if profile and profile not in profiles:
            raise UsageError(f"there is no profile {profile!r}", hint=f"profiles: {', '.join(profiles) or 'none'}")
        merged: dict[str, Any] = {}
        for table in [*tables, profiles.get(profile or "", {})]:
            merged = _merged(merged, table)
        for path, variable in secret_files():
            merged = _merged(merged, _nested(path, _secret(variable)))
        token = _from_files.set(merged)
        try:
            return cls(**overrides)
        finally:
            _from_files.reset(token)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags (init) win over the environment, the environment over files."""
        assert isinstance(env_settings, EnvSettingsSource)  # noqa: S101 - pydantic makes no other
        named = {variable.lower() for _, variable in secret_files()}  # to pydantic they are unknown settings
        env_settings.env_vars = {name: value for name, value in env_settings.env_vars.items() if name not in named}
        return init_settings, env_settings, InitSettingsSource(settings_cls, _from_files.get())


def variables(model: type[BaseModel] = Settings, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every setting as its path in the model, with the variable that sets it."""
    for name, one in model.model_fields.items():
        if isinstance(one.annotation, type) and issubclass(one.annotation, BaseModel):
            yield from variables(one.annotation, (*path, name))
        else:
            yield (*path, name), "SHAREHUB_" + "__".join((*path, name)).upper()


def secret_files() -> list[tuple[tuple[str, ...], str]]:
    """The settings whose value lies in a file, each with the variable that names the file."""
    return [(path, f"{variable}_FILE") for path, variable in variables() if os.environ.get(f"{variable}_FILE")]


def _secret(variable: str) -> str:
    """What the file says, without the end of its last line."""
    file = Path(os.environ[variable])
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{variable}: {file} cannot be read: {error}", hint="let the account that runs sharehub read the file"
        ) from error


def _nested(path: tuple[str, ...], value: str) -> dict[str, Any]:
    return {path[0]: _nested(path[1:], value) if path[1:] else value}


def _merged(low: dict[str, Any], high: dict[str, Any]) -> dict[str, Any]:
    both = {key: _merged(low[key], high[key]) for key in low.keys() & high.keys() if isinstance(low[key], dict)}
    return {**low, **high, **both}
