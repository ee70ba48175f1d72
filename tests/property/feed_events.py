"""Invented feeds of one recipient: measures that live lawfully, and notices about the agreement between them."""

from typing import Any

from hypothesis import strategies as st

from sharehub.core.agreement import WITHHELD_UNLESS_AGREED
from sharehub.core.measure import EventKind
from sharehub.core.standing import TRANSITIONS, Status, status_after

_NASTY = ("", "a", "停牌 é", "=1+1", "+a", "-a", "@a", "'a", "''", "\ta", "\ra", 'a"b;c\n"', ";", '"', "a,b", "\n", " ")
DAYS = st.sampled_from(["2025-12-31", "2026-01-01", "2026-06-15"])
_MEASURES = ("m1", "m2", "m3", "m4")


def body(number: int) -> dict[str, Any]:
    """What events say of a measure; other numbers give other texts, among them such as spreadsheets misread."""

    def text(place: int) -> str:
        return _NASTY[(number * 7 + place) % len(_NASTY)]

    def texts(place: int) -> list[str]:
        return [text(place + part) for part in range((number + place) % 3)]

    def ground(place: int) -> dict[str, Any]:
        return {
            "agency": text(place),
            "record_kind": "penalty",
            "record_key": text(place + 1),
            "revision": number + 1,
            "document_number": text(place + 2) if number % 2 else None,
            "decided_on": None if number % 3 else "2026-01-01",
            "why": texts(place + 3),
        }

    names = ("measure", "title", "target_service", "rulebook_version", "jurisdiction", "authority", "exit")
    bases = [{"instrument": text(3 + part), "article": text(5 + part), "rank": "law"} for part in range(number % 3)]
    return {
        **{name: text(place) for place, name in enumerate(names)},
        "entity_id": f"e{number % 2}",
        "identifiers": [{"scheme": ("CN-USCC", "LEI")[part], "value": text(part)} for part in range((number + 1) % 3)],
        "names": texts(1),
        "kind": ("restriction", "reward")[number % 2],
        "binding": number % 2 == 0,
        "ground": ground(2),
        "witnesses": [ground(4 + part) for part in range(number % 3)],
        "legal_basis": bases,
        "effective_from": "2026-01-01",
        "effective_to": None if number % 2 else "2026-12-31",
        "remedies": texts(6),
        "relatedness": text(8),
        "publication": ("none", "public")[number % 2],
        "published_until": None if number % 3 else "2026-12-31",
        "pilot": number % 4 == 0,
        "known_at": "2026-06-01T08:00:00.000123+00:00",
        "withheld": ["recipients"] * (number % 2),
    }


BODIES = [body(number) for number in range(len(_NASTY))]
NOTICES = st.fixed_dictionaries(
    {
        "event": st.sampled_from(["agreed", "changed", "retired"]),
        "recipient": st.just("r"),
        "title": st.just("R"),
        "purpose": st.just("p"),
        "fields": st.lists(st.sampled_from(sorted(WITHHELD_UNLESS_AGREED)), unique=True),
        "schemes": st.lists(st.sampled_from(["CN-USCC", "LEI"]), unique=True),
        "counts_from": DAYS,
    }
)

REMINDER = {"event": "reminded", "recipient": "r", "measure_id": "m1", "step": 1}
"""A notice that changes nothing, though it names a measure."""


@st.composite
def feeds(draw: st.DrawFn, size_max: int = 14) -> list[dict[str, Any]]:
    """Events in their order, each following lawfully on what went before; as plain values."""
    statuses: dict[str, Status] = {}
    numbers: dict[str, int] = {}
    found: list[dict[str, Any]] = []
    for position in range(1, draw(st.integers(0, size_max)) + 1):
        place = {"event_id": f"x{position}", "feed_position": position}
        if (other := draw(st.integers(0, 9))) <= 1:
            found.append({**draw(NOTICES if other else st.just(REMINDER)), **place})
            continue
        measure = draw(st.sampled_from(_MEASURES))
        kinds = [kind for kind, step in TRANSITIONS.items() if statuses.get(measure) in step.before]
        kind: EventKind = draw(st.sampled_from(kinds))
        statuses[measure] = status_after(statuses.get(measure), kind)
        numbers[measure] = numbers.get(measure, 0) + 1
        event = {**draw(st.sampled_from(BODIES)), "business_on": draw(DAYS), "until": draw(st.none() | DAYS)}
        event |= {
            "reason": f"r{position}",
            "measure_id": measure,
            "event": kind,
            "number": numbers[measure],
            "disputed": kind == "disputed",
        }
        if draw(st.booleans()):  # as newer events say it themselves
            event |= {"status": statuses[measure], "origin": draw(st.sampled_from(["source", "rule", "time"]))}
        found.append({**event, **place})
    return found
