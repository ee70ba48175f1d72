"""The hub put together: settings become stores, streams and flows. Needs the extra `hub`."""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache
from typing import Any, cast
from uuid import UUID

import psycopg
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from sharehub.bootstrap import Endpoints, endpoints, rulebooks_folder
from sharehub.claiming import Claiming, owner
from sharehub.core.catalogue import Catalogue
from sharehub.core.judgement import Judgement
from sharehub.core.record import Record
from sharehub.errors import UnreachableError, UsageError
from sharehub.flow.acknowledging import Acknowledging
from sharehub.flow.activation import pass_days
from sharehub.flow.clockwork import told
from sharehub.flow.consolidate import Codec, Consolidation, Limits, Totals
from sharehub.flow.flood import Bound
from sharehub.flow.reminding import remind
from sharehub.flow.rules import Rules
from sharehub.flow.worker import remembering, work
from sharehub.observed import session_name
from sharehub.pull.kafka import pull
from sharehub.settings import Settings
from sharehub.store import reads
from sharehub.store.acknowledgements import Acknowledgements
from sharehub.store.activations import Activations
from sharehub.store.claims import positions
from sharehub.store.clocks import running
from sharehub.store.engine import connect_engine
from sharehub.store.migrate import migrate
from sharehub.store.reminders import Reminders
from sharehub.store.replays import same_rule_files
from sharehub.store.view import View
from sharehub.stream.admin import ensure_topics, existing_topics
from sharehub.stream.continuity import message_hash
from sharehub.stream.subscription import Subscription
from sharehub.telemetry.metrics import turning
from sharehub.topics import Place, Topic, agency_of, dead_letter_topic, speaker_of, topics
from sharehub.wire.acknowledgements import AcknowledgementCodec
from sharehub.wire.activations import contents_of, headers_of, proposal_of
from sharehub.wire.columns import decode_columns
from sharehub.wire.facts import judgements_of, record_of
from sharehub.wire.registry import Registry, load_registry
from sharehub.wire.rows import decode
from sharehub.wire.rule_files import rules_digest
from sharehub.wire.rulebooks import load_catalogue

log = structlog.get_logger()

_FACTS_REMEMBERED_MAX = 20_000
"""A fact is checked when it is admitted and read again when it is decided on, mostly in the same batch."""


class Hub:
    """Everything an operator's command does, over one set of settings."""

    def __init__(
        self, settings: Settings, addresses: Endpoints, catalogue: Catalogue, registry: Registry, service: str = ""
    ) -> None:
        self.settings = settings
        self.addresses = addresses
        self._baseline = catalogue
        self.registry = registry
        name = session_name(service, owner())
        self._engine: Engine = connect_engine(addresses.database_url, name, addresses.schema)
        self._contents = lru_cache(maxsize=256)(contents_of)
        self.stopping = threading.Event()
        self.rules_digest = ""

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def today(self) -> date:
        """The day of all decisions: the setting `decide_on`, else the calendar's, in UTC."""
        return self.settings.consolidator.decide_on or datetime.now(UTC).date()

    def init(self) -> list[str]:
        """Topics and tables; safe to repeat. Returns the topics that were created."""
        migrate(self.addresses.database_url)
        rules = self.in_force()
        wanted = topics(sorted(rules.agencies), sorted(rules.recipients))
        kafka = self.settings.kafka
        return ensure_topics(
            self.addresses.bootstrap_servers,
            wanted,
            partitions=kafka.partitions,
            replication_factor=kafka.replication_factor,
        )

    def consolidate(self, *, until_caught_up: bool) -> Totals:
        """One worker, until stopped or caught up."""
        settings = self.settings.consolidator
        with self.session("consolidator") as connection:
            consolidation = self.consolidation(connection)
            acknowledging = self._acknowledging(connection, consolidation)
            claiming = Claiming(connection, self.addresses.bootstrap_servers, settings.group, self.rules_digest)
            with Subscription(
                self.addresses.bootstrap_servers,
                settings.group,
                self._spoken_topics,
                remembering(consolidation, claiming),
                fetch_bytes_max=settings.batch_bytes_max,
            ) as subscription:
                return work(
                    consolidation,
                    acknowledging,
                    claiming,
                    subscription,
                    settings.batch_records_max,
                    until_caught_up=until_caught_up,
                    stopping=turning("consolidator", self.stopping),
                )

    def consolidation(self, connection: psycopg.Connection[Any]) -> Consolidation:
        """What one worker does to the view over this connection; it has claimed nothing yet."""
        settings = self.settings.consolidator
        limits = Limits(Bound(settings.rejected_share_max, settings.rejected_records_min), settings.decide_on)
        return Consolidation(View(connection, settings.group), self.codec, self.rules(connection), limits)

    def _acknowledging(self, connection: psycopg.Connection[Any], beside: Consolidation) -> Acknowledging:
        """What the same worker does with recipients' answers."""
        decode_answer = AcknowledgementCodec(self.registry).decode
        return Acknowledging(beside.view, Acknowledgements(connection), decode_answer, message_hash, beside.claims)

    def rules(self, connection: psycopg.Connection[Any]) -> Rules:
        """The rules in force, over this connection: those of the files, and what was approved since."""
        return Rules(self._baseline, Activations(connection), self._contents)

    def in_force(self) -> Catalogue:
        """What is in force today, read from the database: whoever needs it twice keeps it."""
        with self.snapshot() as connection:
            rules = self.rules(connection).current()
            return rules.on(rules.day(self.today()))

    @cached_property
    def codec(self) -> Codec:
        """How bytes become values, facts remembered."""
        decide_on = self.settings.consolidator.decide_on

        @lru_cache(maxsize=_FACTS_REMEMBERED_MAX)
        def fact(payload: bytes, received_on: date) -> Record:
            schema, value = decode(self.registry, payload)
            return record_of(schema.name, value, decide_on or received_on)

        def judgements(payload: bytes) -> Sequence[Judgement]:
            schema, value = decode(self.registry, payload)
            return judgements_of(schema.name, value)

        return Codec(
            columns=lambda payloads: decode_columns(self.registry, payloads),
            record=fact,
            proposal=lambda payload: proposal_of(self.registry, payload),
            headers=lambda kind: headers_of(self.registry, kind),
            judgements=judgements,
            digest=message_hash,
        )

    def _spoken_topics(self) -> list[str]:
        found = [name for name in existing_topics(self.addresses.bootstrap_servers) if speaker_of(name)]
        if not any(map(agency_of, found)):
            raise UsageError("there are no record topics yet", hint="sharehub init")
        homes = [Topic(dead_letter_topic(who), 1) for who in {speaker_of(name) for name in found} if who]
        replicas = self.settings.kafka.replication_factor
        ensure_topics(self.addresses.bootstrap_servers, homes, partitions=1, replication_factor=replicas)
        return found

    def timers(self, on: date) -> int:
        """Issue what falls due by that day, exactly once, and remind of answers; returns events issued."""
        with self.session() as connection:
            same_rule_files(connection, self.rules_digest)
            view, rules = View(connection, self.settings.consolidator.group), self.rules(connection)
            issued = pass_days(view, rules, self.codec, on)
            remind(view, Reminders(connection), rules.on(rules.day(on)), on)
            return issued

    def read_record(self, payload: bytes, received_on: date) -> Record:
        """The record that these bytes are.

        Raises:
            UndecodableError: they are none.
        """
        return self.codec.record(payload, received_on)

    def measures_on(self, entity_ids: Iterable[UUID]) -> list[str]:
        """Measures in place on any of these entities, as `title (id)`."""
        with self._reading() as connection:
            return reads.measures_in_place(connection, sorted(set(entity_ids)))

    def has_processed(self, ends: Mapping[Place, int]) -> bool:
        """True where the positions have come to these offsets."""
        with self.snapshot() as connection:
            processed = positions(connection, self.settings.consolidator.group)
        return all(processed.get(place, 0) >= end for place, end in ends.items())

    def status(self) -> dict[str, Any]:
        """Figures of the hub, in all and per agency."""
        with self._reading() as connection:
            return {
                "services": {"kafka": self.addresses.bootstrap_servers, "database": "answers"},
                **reads.counts(connection, self.settings.consolidator.group, self.today()),
                "events_by_kind": reads.events_by_kind(connection),
                "feeds": reads.feed_positions(connection),
            }

    def clocks(self, *, overdue: bool = False, agency: str | None = None, limit: int) -> list[dict[str, Any]]:
        """Clocks that run today, the earliest due first, with how late they are; of one agency, or of all."""
        today = self.today()
        with self._reading() as connection:
            found = running(connection, due_before=today if overdue else None, responsible=agency, limit=limit)
        rules = self.in_force()
        return [told(one, rules, today) for one in found]

    def pull(self, recipient: str, after: str | None = None) -> list[dict[str, Any]]:
        """The recipient's events after the cursor, as CloudEvents, read from Kafka like any subscriber."""
        return list(pull(self.addresses.bootstrap_servers, self.registry, recipient, after or ""))

    @contextmanager
    def _reading(self) -> Iterator[Any]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except OperationalError as error:
            raise UnreachableError(
                f"PostgreSQL: {error.orig}", hint="sharehub up, or look at the setting database.url"
            ) from error

    @contextmanager
    def snapshot(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection on which all reads see one and the same state of the view."""
        try:
            with self._engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
                yield cast("psycopg.Connection[Any]", connection.connection.driver_connection)
        except (OperationalError, psycopg.OperationalError) as error:
            hint = "sharehub up, or look at the setting database.url"
            raise UnreachableError(f"PostgreSQL: {getattr(error, 'orig', error)}", hint=hint) from error

    @contextmanager
    def session(self, service: str = "") -> Iterator[psycopg.Connection[Any]]:
        """One connection of its own; losing it ends the service with a clear error.

        As long as it is held, the named service is among those that run (`store.health.present`).
        """
        connection = None
        try:
            raw = self._engine.raw_connection()
            connection = cast("psycopg.Connection[Any]", raw.driver_connection)
            raw.detach()
            connection.rollback()
            connection.autocommit = True
            if service:
                name = session_name(service, owner())
                connection.execute("SELECT set_config('application_name', %s, false)", [name])
            yield connection
        except (OperationalError, psycopg.OperationalError) as error:
            reason = getattr(error, "orig", error)
            hint = "sharehub up, or look at the setting database.url"
            raise UnreachableError(f"PostgreSQL: {reason}", hint=hint) from error
        finally:
            if connection is not None:
                connection.close()


@contextmanager
def open_hub(settings: Settings, service: str = "") -> Iterator[Hub]:
    """The hub for these settings; its rulebooks are checked before anything else happens.

    `service` is what runs over it, so that it is listed among those that run.

    Raises:
        UnreachableError: Kafka or PostgreSQL is neither configured nor running.
        RefusedError: a rulebook breaks a law.
    """
    catalogue = load_catalogue(rulebooks_folder(settings))
    hub = Hub(settings, endpoints(settings), catalogue, load_registry(), service)
    hub.rules_digest = rules_digest(rulebooks_folder(settings))
    try:
        yield hub
    finally:
        hub.close()
