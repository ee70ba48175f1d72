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
    """The greater rank gives the name shown: a registration's, then the later business date, then the record id."""
    if record.name is None:
        return ""
    business_on = record.effective_from or record.decided_on or record.occurred_on
    own = record_id(record.agency, record.record_key, record.revision)
    return f"{int(record.kind == REGISTRATION)}{business_on or ''}{own.hex}"


def best_shown(records: Iterable[Record]) -> tuple[int, str | None, str]:
    """Rank of the kind, name and rank of the name that these records give, by their newest revisions.

    A record that was withdrawn gives a name only where no other does.
    """
    newest = latest(records)
    standing = [record for record in newest if not record.withdrawn and record.name is not None]
    kind = max((KINDS.index(record.subject_kind) for record in newest), default=0)
    best = max(standing or newest, key=name_rank, default=None)
    return (kind, best.name, name_rank(best)) if best else (kind, None, "")
