"""What an entity is, which name and kind it shows, and how an individual's name is shown."""

from collections.abc import Iterable

from sharehub.core.record import REGISTRATION, Record, latest, record_id

KINDS = ("company", "organisation", "public_body", "individual")
"""Entity kinds; where agencies differ the last one named counts, which protects the most."""


def masked(kind: str, name: str | None) -> str | None:
    """The name as outputs show it: an individual's is masked but for its first character (law 5)."""
    if kind != "individual" or not name:
        return name
    return name[0] + "*" * (len(name) - 1)


UNDATED = "0000-00-00"
"""Sorts before every date: a record that states no day gives way to one that does."""


COMPLAINT = "complaint"
LEVELS = {"withdrawal": "-", COMPLAINT: ".", REGISTRATION: "1"}
OTHER_LEVEL = "0"
"""Whose name is shown: the greatest level, as text."""


def precedence(record: Record) -> str:
    """The greatest gives the value shown: a registration's, then the later business date, then the record id.

    What was withdrawn comes after everything else, and what somebody said in a complaint before that only.
    """
    own = record_id(record.agency, record.record_key, record.revision)
    return f"{LEVELS.get(record.kind, OTHER_LEVEL)}{record.stated_on or UNDATED}{own.hex}"


def kind_rank(record: Record) -> int:
    """The kind that the record gives its entity; a complaint may protect a person, but moves no measure (law 4)."""
    said = KINDS.index(record.subject_kind)
    return said if record.kind != COMPLAINT or record.subject_kind == KINDS[-1] else 0


def shown_kind(records: Iterable[Record]) -> str:
    """The kind to show: as agencies decided; where there are complaints only, as they say."""
    every = tuple(records)
    decided = tuple(record for record in every if record.kind != COMPLAINT)
    return max((record.subject_kind for record in decided or every), key=KINDS.index, default=KINDS[0])


def best_shown(records: Iterable[Record]) -> tuple[int, str | None, str]:
    """Rank of the kind, name and rank of the name of the entity on which these records are, in any order.

    The name is taken from the newest revision of every record, the kind from all that was ever said.
    """
    every = tuple(records)
    kind = max(map(kind_rank, every), default=0)
    named = (record for record in latest(every) if record.name is not None)
    best = max(named, key=precedence, default=None)
    return (kind, best.name, precedence(best)) if best else (kind, None, "")
