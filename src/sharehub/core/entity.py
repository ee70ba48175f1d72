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


def precedence(record: Record) -> str:
    """The greatest gives the value shown: a registration's, then the later business date, then the record id.

    What was withdrawn comes after everything else.
    """
    level = "-" if record.withdrawn else "1" if record.kind == REGISTRATION else "0"
    own = record_id(record.agency, record.record_key, record.revision)
    return f"{level}{record.stated_on or UNDATED}{own.hex}"


def best_shown(records: Iterable[Record]) -> tuple[int, str | None, str]:
    """Rank of the kind, name and rank of the name of the entity on which these records are, in any order.

    The name is taken from the newest revision of every record, the kind from all that was ever said.
    """
    every = tuple(records)
    kind = max((KINDS.index(record.subject_kind) for record in every), default=0)
    named = (record for record in latest(every) if record.name is not None)
    best = max(named, key=precedence, default=None)
    return (kind, best.name, precedence(best)) if best else (kind, None, "")
