"""Snapshots one after another: interrupted anywhere they end as they would have, and nothing flips twice."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sharehub.connect.assembly import Draft
from sharehub.connect.gathered import Gathered, Orders, Window
from sharehub.connect.gathering import Gathering
from sharehub.connect.readers import Place, Row
from sharehub.connect.respelling import Rule
from sharehub.stream.published import Remembered, Said
from sharehub.wire.registry import load_registry
from sharehub.wire.rows import decode, digest

REGISTRY = load_registry()
SCHEMA = REGISTRY.latest("listing")
RULE = Rule(2, 0, "letters", ("subject.address",), 0.6)
ROWS = st.builds(
    lambda names, towns: [(name, "1", town) for name, town in zip(sorted(names), towns, strict=False)],
    st.sets(st.sampled_from(["aaa", "aab", "aba", "abb", "baa", "bbb"]), min_size=1, max_size=4),
    st.sampled_from(["PPPP", "PPPP", "PPQQ", "QQPP"]),
)
"""Lists whose names are close to one another, so that candidates are often several."""

BLANK = {
    **{field["name"]: field["default"] for field in SCHEMA.raw["fields"] if "default" in field},
    **{"agency": "a", "jurisdiction": "jp", "legal_basis": [], "list_name": "l", "status": "s"},
}


class Log:
    """What stands on a topic, as far as a run looks at it."""

    def __init__(self) -> None:
        self.said: dict[str, Said] = {}
        self._payloads: dict[str, bytes] = {}

    def run(self, rows: list[tuple[str, str, str]], dies_after: int | None = None) -> tuple[Gathered, tuple[str, ...]]:
        """One run over these rows; `dies_after` so many of its messages, the rest is not sent."""
        orders = Orders(lambda key: decode(REGISTRY, self._payloads[key])[1], RULE)
        gathering = Gathering("a", SCHEMA, Remembered(self.said), REGISTRY, Window(), orders)
        for number, row in enumerate(rows, 2):
            gathering.add([_draft(number, *row)])
        gone = gathering.settle()
        pending = list(gathering.found.pending)
        for message in pending[:dies_after]:
            said = digest(REGISTRY, message.payload)
            assert said.revision == self._next_revision(said.record_key)
            self.said[said.record_key] = Said(said.record_key, said.revision, said.content, False)
            self._payloads[said.record_key] = message.payload
        for key in gone[: None if dies_after is None else max(0, dies_after - len(pending))]:
            self.said[key] = self.said[key]._replace(revision=self._next_revision(key), withdrawn=True)
        return gathering.found, gone

    def _next_revision(self, key: str) -> int:
        return self.said[key].revision + 1 if key in self.said else 1


def _draft(number: int, name: str, day: str, town: str) -> Draft:
    subject = {"kind": "company", "identifiers": [], "names": [name], "address": town}
    key = f"c/{name}/{day}"
    value = {**BLANK, "subject": subject, "record_key": key, "source": {"name": "f", "sheet": None, "row": number}}
    return Draft(Row(Place("f", None, number), {}), key, value)


@settings(deadline=None, max_examples=400)
@given(st.lists(ROWS, min_size=1, max_size=3), ROWS, st.integers(0, 6))
def test_an_interrupted_run_ends_as_it_would_have(
    before: list[list[tuple[str, str, str]]], last: list, dies: int
) -> None:
    whole, broken = Log(), Log()
    for rows in before:
        whole.run(rows)
        broken.run(rows)
    whole.run(last)
    broken.run(last, dies_after=dies)
    broken.run(last)
    assert broken.said == whole.said


@settings(deadline=None, max_examples=400)
@given(st.lists(ROWS, min_size=1, max_size=4))
def test_the_same_list_again_says_nothing_and_each_row_is_one_live_record(
    lists: list[list[tuple[str, str, str]]],
) -> None:
    log = Log()
    for rows in lists:
        first, _ = log.run(rows)
        again, gone = log.run(rows)
        assert (again.published, gone, again.unchanged) == (0, (), first.published + first.unchanged)
        assert first.read == first.published + first.unchanged + len(first.rejected) + first.skipped
        live = sum(not said.withdrawn for said in log.said.values())
        assert live == first.published + first.unchanged
        respelled = {first.verdict.kept[key] for key in first.verdict.respelled}
        assert respelled <= {key for key, said in log.said.items() if not said.withdrawn}
