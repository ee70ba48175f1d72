"""The push gateway put together: agencies' calls become messages that the consolidator admits. Needs the extra `hub`.

It writes no table: what it must remember stands on the log (docs/adr/0010-the-gateway-remembers-by-the-log.md).
"""

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import structlog

from sharehub.bootstrap import home, kafka_address, rulebooks_folder
from sharehub.core.catalogue import Catalogue
from sharehub.core.publication import Receipt
from sharehub.core.record import Rejection
from sharehub.errors import SharehubError, UsageError
from sharehub.flow.admission import admit, batch_frame
from sharehub.flow.identities import Identities
from sharehub.flow.publish import Call, Draft, Prepared
from sharehub.ports.batch import Messages, Polled
from sharehub.push.channel import Around, Channel
from sharehub.push.drafts import Drafting
from sharehub.settings import Settings
from sharehub.stream.admin import existing_topics
from sharehub.topics import Place, records_topic
from sharehub.wire.columns import decode_columns
from sharehub.wire.registry import Registry, load_registry
from sharehub.wire.rulebooks import load_catalogue

log = structlog.get_logger()


class Gateway:
    """Publishes for every agency of the catalogue."""

    def __init__(self, bootstrap_servers: str, caches: Path, catalogue: Catalogue, registry: Registry) -> None:
        self.drafting = Drafting(registry)
        self._bootstrap_servers = bootstrap_servers
        self._catalogue = catalogue
        self._around = Around(bootstrap_servers, caches, registry, Columns(catalogue, registry))
        self._channels: dict[str, Channel] = {}
        self._lock = threading.Lock()

    def knows(self, agency: str) -> bool:
        """Whether this agency is registered at the hub."""
        return agency in self._catalogue.agencies

    def publish(self, call: Call, drafts: Sequence[Draft]) -> list[Receipt]:
        """As `Channel.publish`, for an agency that is known."""
        return self._channel(call.agency).publish(call, drafts)

    def catch_up(self, agencies: Sequence[str]) -> None:
        """Read what these agencies have said, so that their first call need not wait for it."""
        for agency in agencies:
            try:
                if self.knows(agency):
                    self._channel(agency).catch_up()
            except UsageError as error:  # the others are served; its own calls will say so
                log.warning("agency_without_topic", agency=agency, reason=str(error))

    def fault(self) -> str:
        """Why records cannot be taken now; empty where they can.

        An agency's topic may be missing and the others be served; then its calls say so.
        """
        try:
            topics = set(existing_topics(self._bootstrap_servers))
        except SharehubError as error:
            return str(error)
        here = any(records_topic(agency) in topics for agency in self._catalogue.agencies)
        return "" if here else "there are no record topics yet: sharehub init"

    def close(self) -> None:
        """Let go of all connections."""
        for desk in self._channels.values():
            desk.close()

    def _channel(self, agency: str) -> Channel:
        with self._lock:
            if agency not in self._channels:
                self._channels[agency] = Channel(agency, self._around)
            return self._channels[agency]


class Columns:
    """The consolidator's own admission, asked before a record is on the log."""

    def __init__(self, catalogue: Catalogue, registry: Registry) -> None:
        self._catalogue = catalogue
        self._registry = registry
        self._identities = Identities()

    def __call__(self, agency: str, prepared: Sequence[Prepared]) -> list[Rejection | None]:
        """The verdict on each record, as the consolidator will give it."""
        if not prepared:
            return []
        offsets = list(range(len(prepared)))
        now_ms = int(time.time() * 1000)
        messages = Messages(
            offsets, [now_ms] * len(offsets), [one.key for one in prepared], [one.payload for one in prepared]
        )
        batch = batch_frame(Polled({Place(records_topic(agency), 0): messages}))
        decoded, faults = decode_columns(self._registry, batch["payload"].to_list())
        refused = admit(batch, decoded, faults, self._catalogue, self._identities).rejected
        verdicts: list[Rejection | None] = [None] * len(prepared)
        for row, code, field, reason in refused.select("row", "code", "field", "reason").rows():
            verdicts[row] = Rejection(code, field, "", reason)
        return verdicts


def open_gateway(settings: Settings) -> Gateway:
    """The gateway for these settings; its caches lie under the data folder.

    Raises:
        UnreachableError: Kafka is neither configured nor running.
        RefusedError: a rulebook breaks a law.
    """
    caches = home(settings) / "gateway"
    return Gateway(kafka_address(settings), caches, load_catalogue(rulebooks_folder(settings)), load_registry())
