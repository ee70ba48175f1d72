"""A row that says a record: who says it, which revision it is, and the whole record."""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from sharehub.core.entity import KINDS
from sharehub.core.record import WITHDRAWAL
from sharehub.core.scenario import REJECTED, THE_COMPANY, Saying
from sharehub.scenarios import columns as c
from sharehub.scenarios.cells import Cells, Faulty
from sharehub.scenarios.filling import Envelope, Unfit, Value, stated_values, whole_value
from sharehub.scenarios.rules import Rules
from sharehub.wire.facts import record_of
from sharehub.wire.registry import Schema

_CONCERNS_KEY, _CONCERNS_AGENCY = "concerns_key", "concerns_agency"


class Known(NamedTuple):
    """The newest revision of a key in a story; of a withdrawn one, what it said before."""

    kind: str
    subject: str
    value: Value


@dataclass
class Story:
    """What a scenario has said so far, by key."""

    said: dict[str, Known] = field(default_factory=dict)

    def kind_of(self, subject: str) -> str:
        """What the subject was last said to be."""
        kinds = [str(known.value["subject"]["kind"]) for known in self.said.values() if known.subject == subject]
        return kinds[-1] if kinds else KINDS[0]

    def only_key(self) -> str:
        """The one key that a row can mean that names none; empty where there are several."""
        return next(iter(self.said)) if len(self.said) == 1 else ""


def saying(cells: Cells, on: date, story: Story, rules: Rules) -> Saying:
    """The record that the row says; the story then knows it.

    Raises:
        Faulty: the row cannot be read.
    """
    schema = rules.kinds[cells.get(c.SAYS)]
    _only_a_record(cells)
    envelope, before = _envelope(cells, on, schema, story, rules)
    subject = cells.get(c.SUBJECT) or (before.subject if before else THE_COMPANY)
    try:
        stated = _pointing(schema, story, before) | stated_values(schema, _fields(cells, schema))
        looked_at = rules.looked_at.get(schema.name, frozenset())
        value = whole_value(schema, envelope, stated, before.value if before else None, looked_at)
    except Unfit as error:
        raise Faulty(*(f"{cells.place}, column {title!r}: {reason}" for title, reason in error.faults)) from error
    taken_back = before is not None and schema.name == WITHDRAWAL
    kept = {**before.value, "revision": envelope.revision} if before and taken_back else value
    story.said[envelope.record_key] = Known(before.kind if before else schema.name, subject, kept)
    return Saying(
        place=str(cells.place),
        on=on,
        subject=subject,
        record=record_of(schema.name, value, on),
        value=value,
        rejected=cells.get(c.EXPECTED) == REJECTED,
        code=cells.get(c.REASON),
        why=cells.get(c.WHY),
    )


def _only_a_record(cells: Cells) -> None:
    if cells.get(c.EXPECTED) not in ("", REJECTED):
        then = "write it in a row of its own, whose 'says' is expect or event"
        raise cells.fault(c.EXPECTED, "a record is rejected, or the cell is empty", then)
    for title in c.OF_EXPECTATION:
        if cells.get(title) and not (title == c.REASON and cells.get(c.EXPECTED)):
            raise cells.fault(title, "belongs to a row that expects something", "move it to a row expect or event")


def _envelope(cells: Cells, on: date, schema: Schema, story: Story, rules: Rules) -> tuple[Envelope, Known | None]:
    key = _key(cells, schema, story)
    before = story.said.get(key)
    if before and schema.name not in (before.kind, WITHDRAWAL):
        raise cells.fault(c.KEY, f"{key!r} is a {before.kind} above, not a {schema.name}", "use another key")
    if schema.name == WITHDRAWAL and before is None:
        raise cells.fault(c.KEY, "a withdrawal takes back a record of this story", "name the key of that record")
    earlier = before.value if before else {}
    jurisdiction = cells.get(c.JURISDICTION) or earlier.get("jurisdiction") or rules.jurisdiction
    if not jurisdiction:
        raise cells.fault(c.JURISDICTION, "is missing", "state it, or lay the table in JURISDICTION/scenarios/")
    subject = cells.get(c.SUBJECT) or (before.subject if before else THE_COMPANY)
    kind = cells.get(c.SUBJECT_KIND) or story.kind_of(subject)
    if kind not in KINDS:
        raise cells.fault(c.SUBJECT_KIND, f"{kind!r} is no kind of entity", c.closest(kind, KINDS))
    agency = cells.get(c.AGENCY) or str(earlier.get("agency", "")) or _only_agency(cells, schema, jurisdiction, rules)
    if agency not in rules.agencies and cells.get(c.EXPECTED) != REJECTED:
        raise cells.fault(c.AGENCY, f"there is no agency {agency!r}", c.closest(agency, rules.agencies))
    source = {"name": cells.place.name, "sheet": cells.place.sheet, "row": cells.place.row}
    revision = int(earlier.get("revision", 0)) + 1
    return Envelope(agency, key, revision, jurisdiction, kind, cells.get(c.IDENTIFIER), on, source), before


def _key(cells: Cells, schema: Schema, story: Story) -> str:
    if stated := cells.get(c.KEY):
        return stated
    if schema.name == WITHDRAWAL:
        return story.only_key()
    return f"{schema.name}-{sum(known.kind == schema.name for known in story.said.values()) + 1}"


def _only_agency(cells: Cells, schema: Schema, jurisdiction: str, rules: Rules) -> str:
    """The one agency that may say such a record there."""
    able = rules.competent(schema.name, jurisdiction)
    if len(able) != 1:
        told = f"several agencies publish a {schema.name}" if able else f"no agency publishes a {schema.name}"
        raise cells.fault(c.AGENCY, f"{told} in {jurisdiction}", f"state one of: {', '.join(able or rules.agencies)}")
    return able[0]


def _fields(cells: Cells, schema: Schema) -> dict[str, str]:
    """The cells that state fields of the kind."""
    known = c.fields_of(schema)
    fields = {title: text for title, text in cells.stated.items() if title not in c.OWN}
    for title in fields:
        if title not in known:
            raise cells.fault(title, f"a {schema.name} has no such field", c.closest(title, known))
    return fields


def _pointing(schema: Schema, story: Story, before: Known | None) -> Value:
    """What a record says about another one where the story leaves no doubt which."""
    found: Value = {}
    if schema.name == WITHDRAWAL and before:
        found["withdrawn_kind"] = before.kind
    if before is None and _CONCERNS_KEY in schema.fields and (key := story.only_key()):
        found |= {_CONCERNS_KEY: key, _CONCERNS_AGENCY: story.said[key].value["agency"]}
    return found
