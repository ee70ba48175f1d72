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


def name_rank(record: Record) -> str:
    """The greater rank gives the name shown: a registration's, then the later business date, then the record id.

    What was withdrawn comes after everything else.
    """
    if record.name is None:
        return ""
    business_on = record.effective_from or record.decided_on or record.occurred_on
    own = record_id(record.agency, record.record_key, record.revision)
    level = "-" if record.withdrawn else "1" if record.kind == REGISTRATION else "0"
    return f"{level}{business_on or ''}{own.hex}"


def best_shown(records: Iterable[Record]) -> tuple[int, str | None, str]:
    """Rank of the kind, name and rank of the name of the entity on which these records are, in any order.

    The name is taken from the newest revision of every record, the kind from all that was ever said.
    """
    every = tuple(records)
    kind = max((KINDS.index(record.subject_kind) for record in every), default=0)
    best = max(latest(every), key=name_rank, default=None)
    return (kind, best.name, name_rank(best)) if best else (kind, None, "")
