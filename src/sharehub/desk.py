"""The desk of case officers: proposals, decisions and splits, all published as records on `casework.hub`.

Nothing here writes the shared view: a decision takes effect when the consolidator has read it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sharehub.core.entity import KINDS
from sharehub.core.how import judgement_words
from sharehub.core.identifier import Identifier
from sharehub.core.judgement import RECORD, Judgement, Verdict, pair_key, standing_judgements
from sharehub.core.linking import identifier_key
from sharehub.core.privacy import masked_identifier
from sharehub.core.record import fact_key
from sharehub.entities import reference_of
from sharehub.errors import RefusedError, UsageError
from sharehub.flow.deciding import SINGLE_SCHEMES
from sharehub.flow.matching import Matched, find, party_of
from sharehub.flow.relinking import readable
from sharehub.hub import Hub
from sharehub.naming.comparison import compare
from sharehub.ports.identity import Neighbourhood
from sharehub.store import matching as queue
from sharehub.store.identity import judgements_of_fact, known_as, neighbourhood
from sharehub.stream.publisher import Publisher
from sharehub.topics import CASEWORK, DESK
from sharehub.wire.rows import encode

STATES = ("waiting", "conflict", "approval", "decided", "unsure")


class Desk:
    """What case officers do about identity, over one hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def find(self, progress: Callable[[int], None]) -> Matched:
        """Compare new and changed entities by name and queue what could be one."""
        with self._hub.session() as connection:
            return find(queue.NameStore(connection), self._hub.read_record, progress=progress)

    def listed(self, state: str, pairs_max: int) -> list[dict[str, Any]]:
        """Pairs in one of `STATES`, in the order in which to look at them."""
        with self._hub.snapshot() as connection:
            if state == "waiting":
                return [_proposal(*row) for row in queue.waiting(connection, pairs_max)]
            if state == "conflict":
                codes = queue.several_codes(connection, SINGLE_SCHEMES, pairs_max)
                return [_open(*row) for row in queue.open_links(connection, pairs_max)] + [
                    _codes(*row) for row in codes
                ]
            found = [_judged(*row) for row in queue.judged(connection, 2**31 - 1)]
        wanted: Callable[[Mapping[str, Any]], bool] = {"approval": _waits, "unsure": _unsure, "decided": _counts}[state]
        return [one for one in found if wanted(one)][:pairs_max]

    def shown(self, left: str, right: str) -> dict[str, Any]:
        """Two references side by side: what agrees and differs, earlier decisions, what would move."""
        found = self._examined(left, right)
        return {name: value for name, value in found.items() if name != "stated"}

    def _examined(self, left: str, right: str) -> dict[str, Any]:
        """What `shown` answers, and the identifiers of both sides as they are."""
        one, other = reference_of(left), reference_of(right)
        with self._hub.snapshot() as connection:
            known = [_known(connection, side) for side in (one, other)]
            around = neighbourhood(connection, map(identifier_key, (one, other, *known)))
            sides = [self._side(around, side, its) for side, its in zip((one, other), known, strict=True)]
            measures = self._hub.measures_on([side["entity_id"] for side in sides])
        found = compare(sides[0].pop("party"), sides[1].pop("party"))
        said = [held.judgement for held in around.judgements]
        return {
            "stated": sorted({held for side in sides for held in side.pop("stated")}),
            "sides": sides,
            "one_entity": sides[0]["entity_id"] == sides[1]["entity_id"],
            "explanation": found.words.splitlines() if found else ["Their names do not suggest that they are one."],
            "match_key": found.match_key if found else "",
            "decisions": [judgement_words(held) for held in said if {held.left, held.right} & {one, other}],
            "measures": measures,
            "approval": "required" if measures else "not_required",
        }

    def _side(self, around: Neighbourhood, side: Identifier, known: Identifier) -> dict[str, Any]:
        entities = {Identifier(held.scheme, held.value): held.entity_key for held in around.references}
        entity = entities[known]
        mine = {held.identifier_key for held in around.references if held.entity_key == entity}
        kept = [record for record, stored in readable(around, self._hub.read_record) if stored.subject_key in mine]
        party = party_of(kept)
        stated = [one for one, its in entities.items() if its == entity]
        shown = max((KINDS.index(record.subject_kind) for record in kept), default=0)
        return {
            "reference": str(side),
            "entity_id": UUID(bytes=entity),
            "kind": KINDS[shown],
            "names": list(party.names) if KINDS[shown] != "individual" else [],
            "identifiers": [str(masked_identifier(KINDS[shown], one)) for one in stated],
            "stated": [one for one in stated if one.scheme != RECORD],
            "addresses": list(party.addresses) if KINDS[shown] != "individual" else [],
            "records": [str(record.reference) for record in kept],
            "party": party,
        }

    def decide(
        self, left: str, right: str, verdict: Verdict, *, reason: str, by: str, case: str | None = None
    ) -> dict[str, Any]:
        """Publish a decision about a pair; where measures would move it waits for a second person (law 13).

        Raises:
            UsageError: a reference is not known, or reason or name are missing.
        """
        found = self._examined(left, right)
        one, other = reference_of(left), reference_of(right)
        if one == other:
            raise UsageError("both sides are the same reference")
        key = pair_key(one, other)
        self._unopposed(key, one, other, verdict)
        fields = {
            "left": one._asdict(),
            "right": other._asdict(),
            "verdict": verdict,
            "evidence": found["explanation"],
            "approval": found["approval"] if verdict != "unsure" or self._counting(key) else "not_required",
        }
        return self._publish("match-judgement", key, one, _signed(fields, reason, by, case), found)

    def _unopposed(self, key: str, one: Identifier, other: Identifier, verdict: Verdict) -> None:
        """Two decisions must not contradict one another about one pair: the other one is taken back first."""
        with self._hub.snapshot() as connection:
            around = neighbourhood(connection, map(identifier_key, (one, other)))
        for said in standing_judgements(held.judgement for held in around.judgements):
            opposed = {said.verdict, verdict} == {"same", "different"}
            if said.record_key != key and {said.left, said.right} == {one, other} and opposed:
                raise RefusedError(
                    f"another decision contradicts it. {judgement_words(said)}",
                    hint=f"sharehub match withdraw '{said.record_key}' --reason TEXT --by NAME",
                )

    def withdraw(self, record_key: str, *, reason: str, by: str, case: str | None = None) -> dict[str, Any]:
        """Publish that a decision no longer counts; where measures would move it waits for a second person.

        Raises:
            UsageError: there is no such decision, or reason or name are missing.
        """
        first = self._revisions(record_key)[0]
        found = self._examined(str(first.left), str(first.right))
        fields = {
            "left": first.left._asdict(),
            "right": first.right._asdict(),
            "verdict": "unsure",
            "evidence": found["explanation"],
            "approval": found["approval"] if self._counting(record_key) else "not_required",
        }
        return self._publish("match-judgement", record_key, first.left, _signed(fields, reason, by, case), found)

    def split(
        self, kept: str, apart: Sequence[str], *, reason: str, by: str, case: str | None = None
    ) -> dict[str, Any]:
        """Publish that what is `apart` belongs to another entity than what is kept, and belongs together.

        Raises:
            UsageError: a reference is not known or does not stand on one entity with the one that stays.
        """
        stays = reference_of(kept)
        going = sorted({reference_of(text) for text in apart})
        found = self._examined(kept, str(going[0]))
        for one in going:
            if not self.shown(kept, str(one))["one_entity"]:
                raise UsageError(f"{one} is no part of the entity of {stays}")
        fields = {
            "kept": stays._asdict(),
            "apart": [one._asdict() for one in going],
            "evidence": [],
            "approval": found["approval"],
        }
        key = "split/" + pair_key(stays, going[0]).removeprefix("pair/")
        return self._publish("split", key, stays, _signed(fields, reason, by, case), found)

    def approve(self, record_key: str, *, by: str) -> dict[str, Any]:
        """Publish a second person's approval of a decision.

        Raises:
            UsageError: there is no such decision.
            RefusedError: it was decided by the same person, or does not wait for anybody.
        """
        held = self._revisions(record_key)
        newest = [one for one in held if one.revision == held[0].revision]
        if held[0].effective:
            raise RefusedError("the decision does not wait for approval", hint="sharehub match list --state approval")
        if held[0].decided_by == by:
            raise RefusedError(f"{by} has decided; somebody else must approve (law 13)")
        fields = _again(newest) | {"approved_by": by, "approval": "required"}
        kind = "split" if "apart" in fields else "match-judgement"
        return self._publish(
            kind, record_key, held[0].left, fields, self._examined(str(held[0].left), str(held[0].right))
        )

    def _revisions(self, record_key: str) -> tuple[Judgement, ...]:
        with self._hub.snapshot() as connection:
            held = judgements_of_fact(connection, fact_key(DESK, record_key))
        if not held:
            raise UsageError(f"there is no decision {record_key!r}", hint="sharehub match list --state approval")
        return held

    def _counting(self, record_key: str) -> bool:
        """True where the decision has ever counted, so that taking it back may move something."""
        with self._hub.snapshot() as connection:
            held = judgements_of_fact(connection, fact_key(DESK, record_key))
        return any(one.effective and one.verdict != "unsure" for one in held)

    def _publish(
        self, kind: str, record_key: str, first: Identifier, fields: Mapping[str, Any], found: Mapping[str, Any]
    ) -> dict[str, Any]:
        with self._hub.snapshot() as connection:
            held = judgements_of_fact(connection, fact_key(DESK, record_key))
        value = _blank(record_key, first) | {
            "revision": held[0].revision + 1 if held else 1,
            "stated": [one._asdict() for one in found["stated"]],
            **fields,
        }
        key = f"RECORD:{DESK}/{record_key}" if first.scheme == "RECORD" else str(first)
        with Publisher(self._hub.addresses.bootstrap_servers, "sharehub-desk") as publisher:
            publisher.send(CASEWORK, key.encode(), encode(self._hub.registry.latest(kind), value))
            publisher.flush()
        waits = value["approval"] == "required" and value["approved_by"] is None
        return {
            "record_key": record_key,
            "revision": value["revision"],
            "waits_for_approval": waits,
            "measures": found["measures"],
        }


def _known(connection: Any, side: Identifier) -> Identifier:
    found = known_as(connection, side)
    if found is None:
        raise UsageError(f"the hub knows nothing with {side}")
    return found


def _blank(record_key: str, first: Identifier) -> dict[str, Any]:
    stated = [] if first.scheme == "RECORD" else [first._asdict()]
    return {
        "agency": DESK,
        "record_key": record_key,
        "jurisdiction": "*",
        "subject": {"kind": "company", "identifiers": stated, "names": [], "address": None},
        "legal_basis": [],
        "source": {"name": "desk", "sheet": None, "row": None},
        "approved_by": None,
    }


def _signed(fields: Mapping[str, Any], reason: str, by: str, case: str | None) -> dict[str, Any]:
    if not reason.strip() or not by.strip():
        raise UsageError("a decision needs a reason and the person who decides", hint="--reason TEXT --by NAME")
    return {**fields, "reason": reason.strip(), "decided_by": by.strip(), "case_reference": case}


def _again(held: Sequence[Judgement]) -> dict[str, Any]:
    """The fields of a decision as they were said."""
    first = held[0]
    shared: dict[str, Any] = {
        "reason": first.reason,
        "decided_by": first.decided_by,
        "evidence": list(first.evidence),
    }
    if first.record_key.startswith("split/") and first.verdict != "unsure":
        going = [one.right for one in held if one.verdict == "different"]
        return shared | {"kept": first.left._asdict(), "apart": [one._asdict() for one in going]}
    return shared | {"left": first.left._asdict(), "right": first.right._asdict(), "verdict": first.verdict}


def _both(left: queue.Side, right: queue.Side) -> dict[str, Any]:
    return {"left": _line(left), "right": _line(right)}


def _line(side: queue.Side) -> dict[str, Any]:
    name = None if side.kind == "individual" else side.name
    return {"reference": side.reference, "entity_id": side.entity_id, "kind": side.kind, "name": name}


def _proposal(left: queue.Side, right: queue.Side, body: Mapping[str, Any]) -> dict[str, Any]:
    return _both(left, right) | {"state": "waiting", **body}


def _open(left: queue.Side, right: queue.Side, because: str, source: str) -> dict[str, Any]:
    reasons = {"stated": f"{source.removeprefix('RECORD:')} states both", "derived": f"{source} implies the other"}
    words = f"{reasons.get(because, f'{source} says that they are one')}; a judgement keeps them apart."
    return _both(left, right) | {"state": "conflict", "words": words}


def _codes(entity_id: UUID, scheme: str, values: Sequence[str]) -> dict[str, Any]:
    words = f"One entity has {len(values)} values of {scheme}, of which an entity has one: {', '.join(values)}."
    sides = [{"reference": f"{scheme}:{value}", "entity_id": entity_id} for value in values[:2]]
    return {"left": sides[0], "right": sides[1], "state": "conflict", "words": words}


def _judged(
    left: queue.Side, right: queue.Side, body: Mapping[str, Any], received_at: Any, effective: bool
) -> dict[str, Any]:
    kept = ("record_key", "verdict", "reason", "decided_by", "approved_by", "approval_required")
    said = {name: body[name] for name in kept}
    return _both(left, right) | {"state": "decided", "effective": effective, "received_at": received_at, **said}


def _waits(one: Mapping[str, Any]) -> bool:
    return not one["effective"]


def _counts(one: Mapping[str, Any]) -> bool:
    return bool(one["effective"]) and one["verdict"] != "unsure"


def _unsure(one: Mapping[str, Any]) -> bool:
    return bool(one["effective"]) and one["verdict"] == "unsure"
