"""Publish validated records from any Python system, over the HTTP gateway or straight to Kafka.

    from sharehub import Publisher
    from sharehub.records import Identifier, Rating, Subject

    with Publisher("cn-tax", url="https://hub.example", token=token) as hub:
        hub.publish(Rating(record_key="ratings/17", …))

Part of the base installation. Everything is checked before it is sent, and sending anything again changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from itertools import islice
from typing import Any, Final, Protocol, Self

from sharehub.bootstrap import home, kafka_address
from sharehub.core.publication import Receipt
from sharehub.errors import SharehubError
from sharehub.flow.publish import Call, Draft, Prepared, rejected
from sharehub.push.channel import Around, Channel, each_by_itself
from sharehub.push.drafts import Drafting
from sharehub.push.http import HttpChannel
from sharehub.records import Record
from sharehub.settings import Settings
from sharehub.wire.registry import load_registry

__all__ = ["Publisher", "Receipt", "RecordsRejectedError"]

_CALL_RECORDS_MAX: Final = 1_000

Stated = Record | Mapping[str, Any]
"""A typed record, or the same as a mapping: `kind`, and JSON's forms of dates and amounts."""


class RecordsRejectedError(SharehubError):
    """Some records were rejected, the others are on the log; `receipts` has one per record, in their order."""

    def __init__(self, receipts: Sequence[Receipt]) -> None:
        self.receipts = tuple(receipts)
        bad = [one for one in receipts if one.status == "rejected"]
        first = "; ".join(fault.reason for fault in bad[0].faults)
        super().__init__(
            f"{len(bad)} of {len(receipts)} records were rejected, the first, {bad[0].record_key}, because: {first}",
            hint="correct them and publish them again; the others need not be repeated",
        )


class _Way(Protocol):
    def publish(self, drafts: Sequence[Draft]) -> list[Receipt]: ...
    def close(self) -> None: ...


class Publisher:
    """Says things for one agency. Not for several threads at once."""

    def __init__(
        self,
        agency: str,
        *,
        url: str = "",
        token: str = "",
        bootstrap_servers: str = "",
        settings: Settings | None = None,
    ) -> None:
        """Publish through the gateway at `url`, else to Kafka at `bootstrap_servers`, else where the settings say.

        Raises:
            UsageError: the URL or the token cannot be used.
            UnreachableError: no address of Kafka is set, and the embedded stack is not running.
        """
        self._agency = agency
        self._drafting = Drafting(load_registry())
        self._way: _Way = HttpChannel(agency, url, token) if url else _to_kafka(agency, bootstrap_servers, settings)

    def publish(self, records: Stated | Iterable[Stated]) -> list[Receipt]:
        """Publish one record or many; a receipt for each, in their order, once all are acknowledged.

        Raises:
            RecordsRejectedError: some are wrong; all others were published.
            UnreachableError: the hub did not acknowledge; publishing the same again is safe.
            RefusedError: the gateway does not accept the token.
        """
        stated = iter((records,) if isinstance(records, Mapping | Record) else records)
        receipts: list[Receipt] = []
        while part := list(islice(stated, _CALL_RECORDS_MAX)):
            receipts += self._published([self._draft(record) for record in part])
        if any(receipt.status == "rejected" for receipt in receipts):
            raise RecordsRejectedError(receipts)
        return receipts

    def close(self) -> None:
        """Let go of the connections; everything published is acknowledged already."""
        self._way.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _draft(self, record: Stated) -> Draft:
        if isinstance(record, Mapping):
            return self._drafting.from_plain(self._agency, record)
        value = {name: part for name, part in _plain(record).items() if part is not None or name not in _NUMBERED}
        return self._drafting.from_value(self._agency, record.kind, value)

    def _published(self, drafts: Sequence[Draft]) -> list[Receipt]:
        """Send those that are right; the wrong ones are known here."""
        found = [self._wrong(draft) for draft in drafts]
        right = [draft for draft, wrong in zip(drafts, found, strict=True) if wrong is None]
        sent = iter(self._way.publish(right) if right else ())
        return [wrong or next(sent) for wrong in found]

    def _wrong(self, draft: Draft) -> Receipt | None:
        if draft.faults:
            return rejected(draft, *draft.faults)
        [refused] = each_by_itself(self._agency, [Prepared(draft.kind, draft.value, b"", b"")])
        return rejected(draft, refused) if refused else None


_NUMBERED = ("revision", "source")
"""Fields that say nothing where they are None: the log numbers, and the hub names the source."""


class _KafkaWay:
    """Straight to the agency's topic, with the same memory as the gateway."""

    def __init__(self, agency: str, around: Around) -> None:
        self._call = Call(agency)
        self._channel = Channel(agency, around)

    def publish(self, drafts: Sequence[Draft]) -> list[Receipt]:
        return self._channel.publish(self._call, drafts)

    def close(self) -> None:
        self._channel.close()


def _to_kafka(agency: str, bootstrap_servers: str, settings: Settings | None) -> _Way:
    stated = settings or Settings.read(None, None, {})
    address = bootstrap_servers or kafka_address(stated)
    return _KafkaWay(agency, Around(address, home(stated) / "publisher", load_registry(), source="publisher"))


def _plain(found: Any) -> Any:
    """Dataclasses as mappings, tuples as lists; values stay what they are."""
    if is_dataclass(found) and not isinstance(found, type):
        return {one.name: _plain(getattr(found, one.name)) for one in fields(found)}
    return [_plain(part) for part in found] if isinstance(found, list | tuple) else found
