"""Identity is a function of the newest revisions and of what people decided, whatever happened in between."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from sharehub.core.how import Decided, steps, together
from sharehub.core.identifier import Identifier, derived, strong
from sharehub.core.judgement import Judgement, pair_key, split_pairs, standing_judgements
from sharehub.core.linking import clusters, identifier_key
from sharehub.core.record import Received, Record, latest
from sharehub.core.resolution import Resolution, nodes_of, resolve, stated_links
from tests.unit.core.said import said as stated

USCC, OTHER_USCC = (Identifier("CN-USCC", value) for value in ("913501000000000354", "91350100000000043Y"))
STRONG = [USCC, OTHER_USCC, *derived(USCC), *(Identifier("CN-REGNO", str(number)) for number in range(1, 5))]
WEAK = Identifier("PHONE", "0591 1234")
KEYS = ["a", "b", "c", "d"]
REFERENCES = [*STRONG, *(Identifier("RECORD", f"cn-tax/{key}") for key in KEYS)]
MORNING = datetime(2026, 3, 1, 8, tzinfo=UTC)

RECORDS = st.lists(
    st.builds(
        lambda key, revision, found: stated("cn-tax", "arrears", key, revision=revision, identifiers=tuple(found)),
        st.sampled_from(KEYS),
        st.integers(1, 3),
        st.lists(st.sampled_from([*STRONG, WEAK]), max_size=3, unique=True),
    ),
    max_size=8,
    unique_by=lambda record: (record.record_key, record.revision),
)
PAIRS = st.lists(st.sampled_from(REFERENCES), min_size=2, max_size=2, unique=True)


def decision(pair: Sequence[Identifier], verdict: str, revision: int = 1, approved: bool = True) -> Judgement:
    """What one person decided about a pair, and whether a second one has approved."""
    left, right = pair
    return Judgement(
        record_key=pair_key(left, right),
        revision=revision,
        left=left,
        right=right,
        verdict=verdict,  # type: ignore[arg-type]
        reason="both files were read",
        decided_by="an officer",
        approved_by="another officer" if approved else None,
    )


def parting(kept: Identifier, apart: Iterable[Identifier]) -> list[Judgement]:
    """What a split says."""
    one = replace(decision((kept, kept), "same"), record_key="split/s")
    return [
        replace(one, left=left, right=right, verdict=verdict)
        for (left, right), verdict in split_pairs(kept, apart).items()
    ]


JUDGEMENTS = st.lists(
    st.builds(
        decision,
        PAIRS,
        st.sampled_from(["same", "same", "different", "different", "unsure"]),
        st.integers(1, 3),
        st.sampled_from([True, True, True, False]),
    ),
    max_size=6,
    unique_by=lambda one: (one.record_key, one.revision),
)
SPLITS = st.lists(st.sampled_from(REFERENCES), min_size=2, max_size=4, unique=True).map(
    lambda found: parting(found[0], found[1:])
)
DECISIONS = st.tuples(JUDGEMENTS, st.one_of(st.just([]), SPLITS)).map(lambda found: [*found[0], *found[1]])


def counting(decided: Iterable[Judgement], verdict: str) -> set[frozenset[Identifier]]:
    """The pairs of which this verdict counts."""
    return {frozenset((one.left, one.right)) for one in standing_judgements(decided) if one.verdict == verdict}


@given(RECORDS, DECISIONS, st.data())
def test_order_and_repetition_do_not_matter(
    records: list[Record], decided: list[Judgement], data: st.DataObject
) -> None:
    found = resolve(records, decided)
    line = data.draw(st.permutations([*records, *records[:2]]))
    said = data.draw(st.permutations([*decided, *decided[:2]]))
    assert resolve(line, said) == found


@given(RECORDS, DECISIONS)
def test_what_is_judged_different_is_never_one_entity(records: list[Record], decided: list[Judgement]) -> None:
    found = resolve(records, decided)
    assert not [one for one in counting(decided, "different") if len({found.entity_of[side] for side in one}) == 1]


@given(RECORDS)
def test_without_decisions_entities_are_what_newest_revisions_connect(records: list[Record]) -> None:
    found = resolve(records, ())
    implied = [{node, *filter(strong, derived(node))} for node in found.entity_of]
    sets = [set(nodes_of(record, False)) for record in latest(records)]
    connected = clusters([map(identifier_key, members) for members in (*sets, *implied)])
    assert {identifier_key(one): entity for one, entity in found.entity_of.items()} == connected
    assert found.open == ()


@given(RECORDS, DECISIONS, PAIRS, st.sampled_from(["different", "unsure"]), st.integers(1, 3))
def test_a_merge_that_is_taken_back_leaves_no_trace(
    records: list[Record], decided: list[Judgement], pair: list[Identifier], then: str, newest: int
) -> None:
    others = [one for one in decided if one.record_key != pair_key(*pair)]
    taken_back = decision(pair, then, newest + 1)
    history = [*others, *(decision(pair, "same", revision) for revision in range(1, newest + 1)), taken_back]
    assert resolve(records, history) == resolve(records, [*others, replace(taken_back, revision=1)])
    if then == "unsure":
        mentioned = {one for said in others for one in (said.left, said.right)}
        assume(mentioned >= set(pair) or not {one for one in pair if one.scheme == "RECORD"} - mentioned)
        never = resolve(records, others)
        assert together_in(resolve(records, history), never.entity_of) == together_in(never, never.entity_of)


@given(RECORDS, DECISIONS, PAIRS, st.sampled_from(["same", "different", "unsure"]))
def test_what_waits_for_a_second_person_changes_nothing(
    records: list[Record], decided: list[Judgement], pair: list[Identifier], verdict: str
) -> None:
    """Least of all a decision of two people (law 13): whoever would overturn it needs a second one, too."""
    held = [*decided, decision(pair, "unsure", 4)]
    for one in (held, [*decided, decision(pair, "same", 4)], [*decided, decision(pair, "different", 4)]):
        assert resolve(records, [*one, decision(pair, verdict, 5, approved=False)]) == resolve(records, one)


@given(RECORDS, DECISIONS)
def test_an_entity_is_known_by_the_smallest_key_of_its_identifiers(
    records: list[Record], decided: list[Judgement]
) -> None:
    found = resolve(records, decided)
    for one, entity in found.entity_of.items():
        members = together(found, one)
        identifiers = [member for member in members if member.scheme != "RECORD"]
        assert entity == min(map(identifier_key, identifiers or members))


@given(RECORDS, DECISIONS)
def test_a_link_is_open_where_its_ends_are_apart_and_nobody_has_judged_them(
    records: list[Record], decided: list[Judgement]
) -> None:
    found = resolve(records, decided)
    cited = {side for one in decided for side in (one.left, one.right)}
    links = [link for record in latest(records) for link in stated_links(record, record.reference in cited)]
    pairs = {frozenset((link.left, link.right)) for link in links} | counting(decided, "same")
    pairs |= {frozenset((node, one)) for node in found.entity_of for one in derived(node) if strong(one)}
    apart = {pair for pair in pairs if len({found.entity_of[side] for side in pair}) > 1}
    assert {frozenset((link.left, link.right)) for link in found.open} == apart - counting(decided, "different")


@given(RECORDS, PAIRS, st.sampled_from(["same", "different"]))
def test_one_decision_with_nothing_against_it_is_respected(
    records: list[Record], pair: list[Identifier], verdict: str
) -> None:
    found = resolve(records, [decision(pair, verdict)])
    assert (found.entity_of[pair[0]] == found.entity_of[pair[1]]) is (verdict == "same")


@given(RECORDS, DECISIONS, st.sampled_from(REFERENCES), st.data())
def test_the_steps_lead_from_nothing_to_what_is_one_now(
    records: list[Record], decided: list[Judgement], about: Identifier, data: st.DataObject
) -> None:
    hours = st.integers(0, 6).map(lambda hour: MORNING + timedelta(hours=hour))
    received = [Received(record, data.draw(hours)) for record in records]
    known = [Decided(one, data.draw(hours)) for one in decided]
    now: set[Identifier] = set()
    told = steps(received, known, about)
    for step in told:
        assert step.because
        assert not now & set(step.gained)
        assert now >= set(step.lost)
        now = now - set(step.lost) | set(step.gained)
    assert now == together(resolve(records, decided), about)
    assert [step.at for step in told] == sorted({step.at for step in told})


def together_in(found: Resolution, references: Iterable[Identifier]) -> set[frozenset[Identifier]]:
    """The entities among some references, as sets of them."""
    entities: dict[bytes, set[Identifier]] = {}
    for one in references:
        entities.setdefault(found.entity_of[one], set()).add(one)
    return {frozenset(members) for members in entities.values()}
