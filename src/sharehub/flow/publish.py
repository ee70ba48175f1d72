"""Push records: hold them against the log, send what is new, and say of each what became of it.

One record never blocks another. What is sent is what the consolidator will admit: `Ports.judge` applies its laws.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

from sharehub.core.admission import message_key
from sharehub.core.publication import Numbered, Receipt, Said, numbered
from sharehub.core.record import Rejection, record_id

RECORD_BYTES_MAX = 900_000
"""Kafka's own limit is 1 MiB for a message with its headers."""


class Draft(NamedTuple):
    """One record as it was sent: its kind and its value, or everything that is wrong with it.

    A value without `revision` leaves the number to the log.
    """

    kind: str
    value: Mapping[str, Any]
    faults: tuple[Rejection, ...] = ()


class Prepared(NamedTuple):
    """A valid record as it would be sent, before it is held against the log."""

    kind: str
    value: Mapping[str, Any]
    key: bytes
    payload: bytes


class Pushed(NamedTuple):
    """One message to send: `place` is the record's place in its call."""

    place: int
    kind: str
    record_key: str
    revision: int
    content: bytes
    key: bytes
    payload: bytes


class Call(NamedTuple):
    """Who speaks, and the key of the call where the sender gave one, with the hash of its body."""

    agency: str
    key: str = ""
    body: bytes = b""

    def mark(self, place: int) -> str:
        """The name of a record by its place in the call; empty where the call has none."""
        return f"{self.key}#{place}" if self.key else ""


class Memory(Protocol):
    """What the log says of some record keys."""

    def catch_up(self) -> None: ...
    def said(self, record_keys: Iterable[str]) -> Mapping[str, Sequence[Said]]: ...
    def body_of(self, call_key: str) -> bytes | None: ...
    def duplicates_of(self, call_key: str) -> Mapping[int, int]: ...
    def remember(
        self, call_key: str, body: bytes, duplicates: Mapping[int, int], sent: Sequence[tuple[str, Said]]
    ) -> None: ...


@dataclass(frozen=True)
class Ports:
    """What pushing needs: bytes, the log's memory, the laws of admission, and the way to the log."""

    encode: Callable[[str, Mapping[str, Any]], bytes]
    content_of: Callable[[bytes], bytes]
    memory: Memory
    judge: Callable[[str, Sequence[Prepared]], Sequence[Rejection | None]]
    deliver: Callable[[Call, Sequence[Pushed]], Sequence[tuple[int, int]]]
    topic: str


class OtherBodyError(Exception):
    """The key of a call was used before, with another body."""


def publish(call: Call, drafts: Sequence[Draft], ports: Ports) -> list[Receipt]:
    """Send what the log does not say yet; one receipt per draft, in their order.

    Raises:
        OtherBodyError: the call's key was used before, with another body; nothing was sent.
        UnreachableError: Kafka is away. What was sent is on the log or not; the same call again sends the rest.
    """
    ports.memory.catch_up()
    if call.key and ports.memory.body_of(call.key) not in (None, call.body):
        raise OtherBodyError(call.key)
    prepared = _prepared(call.agency, drafts, ports)
    holding = _Holding(call, ports, prepared)
    receipts = [
        holding.receipt(place, found) if isinstance(found, Prepared) else found for place, found in enumerate(prepared)
    ]
    landed = ports.deliver(call, holding.pushed) if holding.pushed else ()
    places = {(one.record_key, one.revision): where for one, where in zip(holding.pushed, landed, strict=True)}
    sent = [
        (one.record_key, Said(one.revision, one.content, *where, call.mark(one.place)))
        for one, where in zip(holding.pushed, landed, strict=True)
    ]
    ports.memory.remember(call.key, call.body, _duplicates(receipts) if call.key else {}, sent)
    return [_placed(receipt, places) for receipt in receipts]


def _duplicates(receipts: Sequence[Receipt]) -> dict[int, int]:
    found = ((place, one.revision) for place, one in enumerate(receipts) if one.status == "duplicate")
    return {place: revision for place, revision in found if revision is not None}


def _prepared(agency: str, drafts: Sequence[Draft], ports: Ports) -> list[Prepared | Receipt]:
    found: list[Prepared | Receipt] = [_encoded(agency, draft, ports) for draft in drafts]
    good = [place for place, one in enumerate(found) if isinstance(one, Prepared)]
    verdicts = ports.judge(agency, [one for one in found if isinstance(one, Prepared)])
    for place, refused in zip(good, verdicts, strict=True):
        if refused:
            found[place] = rejected(drafts[place], refused)
    return found


def _encoded(agency: str, draft: Draft, ports: Ports) -> Prepared | Receipt:
    if draft.faults:
        return rejected(draft, *draft.faults)
    payload = ports.encode(draft.kind, {"revision": 1, **draft.value})
    if len(payload) > RECORD_BYTES_MAX:
        reason = f"the record has {len(payload)} bytes, the log takes {RECORD_BYTES_MAX}"
        return rejected(draft, Rejection("too-large", "", "", reason))
    key = message_key(agency, draft.value["record_key"], draft.value["subject"])
    return Prepared(draft.kind, draft.value, key, payload)


def rejected(draft: Draft, *faults: Rejection) -> Receipt:
    """The receipt of a record that was not sent."""
    key = draft.value.get("record_key")
    return Receipt("rejected", key if isinstance(key, str) else None, faults=faults)


class _Holding:
    """Holds the records of one call against the log and against one another, in their order."""

    def __init__(self, call: Call, ports: Ports, prepared: Sequence[Prepared | Receipt]) -> None:
        keys = {one.value["record_key"] for one in prepared if isinstance(one, Prepared)}
        self._said = {key: list(said) for key, said in ports.memory.said(keys).items()}
        self._duplicates = ports.memory.duplicates_of(call.key) if call.key else {}
        self._call = call
        self._ports = ports
        self.pushed: list[Pushed] = []

    def receipt(self, place: int, one: Prepared) -> Receipt:
        """What becomes of a record, without its place on the log where that is not known yet."""
        record_key = one.value["record_key"]
        content = one.kind.encode() + self._ports.content_of(one.payload)
        said = self._said.setdefault(record_key, [])
        call = self._call.mark(place)
        stated = self._duplicates.get(place, one.value.get("revision"))
        found = numbered(content, stated, said, call)
        if isinstance(found, Rejection):
            return Receipt("rejected", record_key, faults=(found,))
        receipt = self._receipt(record_key, found, call)
        if found.said is None:
            payload = self._payload(one, found)
            self.pushed.append(Pushed(place, one.kind, record_key, found.revision, content, one.key, payload))
            said.append(Said(found.revision, content, -1, -1, call))
        return receipt

    def _receipt(self, record_key: str, found: Numbered, call: str) -> Receipt:
        said = found.said
        on_log = said if said and said.offset >= 0 else None
        return Receipt(
            "accepted" if said is None or (call and said.call == call) else "duplicate",
            record_key,
            found.revision,
            record_id(self._call.agency, record_key, found.revision),
            self._ports.topic,
            on_log.partition if on_log else None,
            on_log.offset if on_log else None,
        )

    def _payload(self, one: Prepared, found: Numbered) -> bytes:
        """The bytes with their revision; a superseded revision that the sender stated is kept."""
        superseded = found.supersedes
        if found.revision == one.value.get("revision", 1) and (superseded is None or one.value.get("supersedes")):
            return one.payload
        value = {**one.value, "revision": found.revision}
        if superseded is not None and not value.get("supersedes"):
            value["supersedes"] = str(record_id(self._call.agency, value["record_key"], superseded))
        return self._ports.encode(one.kind, value)


def _placed(receipt: Receipt, places: Mapping[tuple[str, int], tuple[int, int]]) -> Receipt:
    if receipt.status == "rejected" or receipt.offset is not None:
        return receipt
    partition, offset = places[receipt.record_key or "", receipt.revision or 0]
    return replace(receipt, partition=partition, offset=offset)
