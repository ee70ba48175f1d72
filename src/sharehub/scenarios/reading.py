"""Rows of a table to scenarios; every fault is told with sheet, row and column, and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sharehub.connect.readers import Row, Table
from sharehub.core.scenario import Expectation, Saying, Scenario
from sharehub.scenarios import columns as c
from sharehub.scenarios.cells import Cells, Faulty
from sharehub.scenarios.expecting import expectation
from sharehub.scenarios.rules import Rules
from sharehub.scenarios.saying import Story, saying


@dataclass
class _Draft:
    """A scenario as its rows are read."""

    title: str
    place: str
    story: Story = field(default_factory=Story)
    sayings: list[Saying] = field(default_factory=list)
    expectations: list[Expectation] = field(default_factory=list)
    on: date | None = None

    def done(self) -> Scenario:
        return Scenario(
            title=self.title,
            place=self.place,
            sayings=tuple(self.sayings),
            expectations=tuple(self.expectations),
        )


@dataclass(frozen=True)
class Reading:
    """What a table gave: its scenarios, and everything that is wrong with it."""

    scenarios: tuple[Scenario, ...]
    faults: tuple[str, ...]


def read_table(table: Table, rules: Rules) -> Reading:
    """The scenarios of an opened table; a table with a fault is not to be played."""
    if faults := _header_faults(table.name, table.header, rules):
        return Reading((), faults)
    drafts: list[_Draft] = []
    wrong: list[str] = []
    for row in table.rows:
        try:
            _take(row, drafts, rules)
        except Faulty as error:
            wrong += error.faults
    if not wrong:
        wrong = [
            f"{one.place}: {one.title!r} expects nothing; add a row whose 'says' is expect" for one in _mute(drafts)
        ]
    return Reading(tuple(draft.done() for draft in drafts), tuple(wrong))


def _header_faults(name: str, header: Sequence[str], rules: Rules) -> tuple[str, ...]:
    titles = [c.plain_title(title) for title in header if title]
    missing = [title for title in c.NEEDED if title not in titles]
    unknown = [title for title in titles if title not in rules.titles]
    twice = sorted({title for title in titles if titles.count(title) > 1})
    return (
        *(f"{name}, row 1: has no column {title!r}; add it" for title in missing),
        *(f"{name}, row 1: there is no column {title!r}; {c.closest(title, rules.titles)}" for title in unknown),
        *(f"{name}, row 1: has two columns {title!r}; keep one" for title in twice),
    )


def _take(row: Row, drafts: list[_Draft], rules: Rules) -> None:
    if row.fault:
        raise Faulty(f"{row.place}: {row.fault}; correct the row")
    cells = Cells(row.place, {c.plain_title(title): text for title, text in row.cells.items() if text})
    if title := cells.get(c.SCENARIO):
        drafts.append(_Draft(title, str(row.place)))
    if not drafts:
        raise cells.fault(c.SCENARIO, "is missing in the first row of a story", "give the story a title")
    draft = drafts[-1]
    on = draft.on = cells.day(c.ON) or draft.on
    if on is None:
        raise cells.fault(c.ON, "is missing in the first row of a story", "state the day")
    _say(cells, on, draft, rules)


def _say(cells: Cells, on: date, draft: _Draft, rules: Rules) -> None:
    says = cells.get(c.SAYS)
    if says in (c.EXPECT, c.EVENT):
        draft.expectations.append(expectation(cells, on, rules))
    elif says in rules.kinds:
        draft.sayings.append(saying(cells, on, draft.story, rules))
    else:
        told = f"{says!r} is no kind of record" if says else "is missing"
        raise cells.fault(c.SAYS, told, c.closest(says, (*rules.kinds, c.EXPECT, c.EVENT)))


def _mute(drafts: list[_Draft]) -> list[_Draft]:
    """Stories that could never fail."""
    return [one for one in drafts if not one.expectations and not any(said.rejected for said in one.sayings)]
