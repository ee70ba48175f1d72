"""Whatever is said about versions, in whatever order: two people, not before its day, and its whole reach."""

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from sharehub.core.activation import Proposal, counts_from, refusal, text_digest, version_key
from sharehub.core.catalogue import Catalogue
from sharehub.core.decision import decide
from sharehub.core.entry import Entry
from sharehub.core.judgement import two_people
from sharehub.core.reach import reach
from sharehub.core.record import Record
from sharehub.core.rulebook import Rulebook
from sharehub.core.versions import Change, Contents, in_force
from tests.property.worlds import TODAY, told
from tests.unit.core.said import catalogue, facts_of

BASELINE = catalogue()
DAYS = st.dates(date(2026, 6, 1), date(2026, 6, 30))
PEOPLE = st.sampled_from(["Ana", "ana ", "Ben", "Ben", " "])
TEXTS = st.sampled_from(["", "one", "one", "two"])


def mostly(usual: Any, *others: Any) -> st.SearchStrategy[Any]:
    """The usual value, and now and then another."""
    return st.sampled_from([usual] * (4 * len(others)) + [*others])


def book(version: str) -> Rulebook:
    return Rulebook(jurisdiction="cn-x", version=version, title="t", published_on=date(2026, 1, 1), parent="cn")


@st.composite
def change_lines(draw: st.DrawFn) -> list[Change]:
    """Versions of one rulebook and of the agencies that come, and some that end, on any days."""
    found: list[Change] = []
    for number in range(draw(st.integers(0, 6))):
        rulebook = draw(st.booleans())
        agencies = dict(draw(st.lists(st.sampled_from(list(BASELINE.agencies.items())), min_size=1)))
        contents = Contents(rulebook=book(str(number))) if rulebook else Contents(agencies=agencies)
        content, place = ("rulebook", "cn-x") if rulebook else ("agencies", "")
        found.append(_change(2 * number, content, place, str(number), draw(DAYS), contents))
        if draw(st.integers(0, 3)) == 3:
            day = draw(DAYS.filter(lambda day: day >= found[-1].counts_from))
            found.append(_change(2 * number + 1, content, place, str(number), day, None))
    return found


def _change(number: int, content: str, place: str, version: str, day: date, contents: Contents | None) -> Change:
    return Change(number=number, content=content, place=place, version=version, counts_from=day, contents=contents)  # type: ignore[arg-type]


def shown(found: Catalogue, on: date) -> object:
    current = found.rulebook("cn-x", on)
    return current and current.version, sorted(found.agencies), sorted(map(str, found.rulebooks))


@given(change_lines(), DAYS, st.randoms())
def test_the_catalogue_is_a_function_of_what_counts_by_the_day_in_any_order(
    changes: list[Change], on: date, random: object
) -> None:
    shuffled = [*changes]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    counting = [one for one in changes if one.counts_from <= on]
    assert shown(in_force(BASELINE, shuffled, on), on) == shown(in_force(BASELINE, counting, on), on)
    assert all(one.published_on <= on for one in in_force(BASELINE, shuffled, on).rulebooks if one.title == "t")


@given(change_lines(), DAYS)
def test_the_last_said_version_that_has_not_ended_counts(changes: list[Change], on: date) -> None:
    ended = {one.version for one in changes if one.contents is None and one.counts_from <= on}
    line = [one for one in changes if one.contents and one.counts_from <= on and one.version not in ended]
    books = sorted((one for one in line if one.content == "rulebook"), key=lambda one: one.order)
    agencies = sorted((one for one in line if one.content == "agencies"), key=lambda one: one.order)
    found = in_force(BASELINE, changes, on)
    current = found.rulebook("cn-x", on)
    if books:
        assert current is not None and current.version == books[-1].version
    else:
        assert current is None or not current.entries
    assert found.agencies == (agencies[-1].contents.agencies if agencies else BASELINE.agencies)  # type: ignore[union-attr]


@st.composite
def sayings(draw: st.DrawFn) -> list[Proposal]:
    """What anybody might put on the log about one version, mostly lawful; the revision is how far it is off."""
    said: list[Proposal] = []
    for _ in range(draw(st.integers(2, 8))):
        text = draw(TEXTS)
        one = Proposal(
            record_key=version_key("rulebook", "cn", "2"),
            revision=draw(mostly(0, -1, 1)),
            content="rulebook",
            place="cn",
            version="2",
            text=text,
            digest=text_digest(draw(mostly(text, "forged"))),
            published_on=draw(mostly(TODAY, None)),
            reason=draw(mostly("because", " ")),
            decided_by=draw(PEOPLE),
        )
        if said and draw(st.booleans()):
            earlier = draw(st.sampled_from(said[-2:]))
            one = replace(earlier, approved_by=draw(PEOPLE), counts_from=draw(mostly(TODAY, None)))
        said.append(one)
    return said


@given(sayings(), DAYS)
def test_nothing_counts_without_two_people_who_said_the_same_text_after_one_another(
    said: list[Proposal], received_on: date
) -> None:
    held: Proposal | None = None
    in_place = False
    for off in said:
        one = replace(off, revision=off.revision + (held.revision if held else 0) + 1)
        if refusal(one, held, in_place=in_place, superseded=False) is not None:
            continue
        assert one.revision == (held.revision + 1 if held else 1)
        assert one.digest == text_digest(one.text)
        if one.approved_by is not None:
            assert held is not None
            assert held.approved_by is None
            assert two_people(held.decided_by, one.approved_by)
            assert one.approved_by.strip()
            assert held.decided_by.strip()
            assert one.text == held.text
            assert one.published_on is not None
            assert counts_from(one, received_on) >= max(one.published_on, received_on)
            in_place = True
        held = one


@st.composite
def changed_catalogues(draw: st.DrawFn) -> Catalogue:
    """The shipped catalogue with some entries dropped or changed, and some agencies with less competence."""

    def entry(one: Entry) -> Entry | None:
        how = draw(st.sampled_from(["same"] * 8 + ["gone", "term", "authority", "ground"]))
        changes = {"term": {"term_months": 7}, "authority": {"authority": "another"}}
        if how == "ground":
            return replace(one, ground=replace(one.ground, where=()))
        return None if how == "gone" else replace(one, **changes.get(how, {}))  # type: ignore[arg-type]

    books = tuple(
        replace(book, entries=tuple(found for one in book.entries if (found := entry(one))))
        for book in BASELINE.rulebooks
    )
    agencies = {
        name: replace(agency, record_kinds=draw(st.sampled_from([agency.record_kinds] * 9 + [()])))
        for name, agency in BASELINE.agencies.items()
    }
    return Catalogue(books, agencies, BASELINE.recipients)


@given(told(), changed_catalogues())
def test_what_a_change_alters_is_always_within_its_reach(records: list[Record], after: Catalogue) -> None:
    facts = facts_of(*records)
    before = decide(facts, {}, BASELINE, TODAY).events
    now = decide(facts, {}, after, TODAY).events
    assume(before != now)
    found = reach(BASELINE, after, TODAY)
    measures = {event.measure.entry for event in before}
    assert any(map(found.touches, records)) or measures & found.measures


@given(told())
def test_a_change_of_nothing_touches_nothing(records: list[Record]) -> None:
    same = Catalogue(BASELINE.rulebooks, dict(BASELINE.agencies), BASELINE.recipients)
    found = reach(BASELINE, same, TODAY)
    assert not any(map(found.touches, records))
    assert not found.measures | found.record_kinds
