"""The breaker at its edges: what of a batch is a flood of rejections."""

import polars as pl
import pytest

from sharehub.flow.flood import Bound, floods
from sharehub.topics import Place

TAX, COURT = "records.cn-tax", "records.cn-court"


def batch(**counts: int) -> pl.DataFrame:
    """So many messages of each topic, the topics one after the other, each on two partitions."""
    rows = [(name, number % 2, number // 2) for name, count in counts.items() for number in range(count)]
    frame = pl.DataFrame(rows, schema={"topic": pl.String, "partition": pl.Int32, "offset": pl.Int64}, orient="row")
    names = pl.col("topic").replace_strict({"tax": TAX, "court": COURT})
    return frame.with_columns(topic=names).with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))


def rejected(*rows: int, code: str = "wrong-key") -> pl.DataFrame:
    schema = {"row": pl.Int64, "code": pl.String, "field": pl.String, "reason": pl.String}
    return pl.DataFrame([(row, code, "key", f"reason of {row}") for row in rows], schema=schema, orient="row")


@pytest.mark.parametrize(("wrong", "flood"), [(49, False), (50, False), (51, True), (100, True)])
def test_more_than_the_share_is_a_flood(wrong: int, flood: bool) -> None:
    assert bool(floods(batch(tax=100), rejected(*range(wrong)), Bound(0.5, 1), {})) is flood


@pytest.mark.parametrize(("least", "flood"), [(9, True), (10, True), (11, False)])
def test_fewer_than_the_least_number_are_none(least: int, flood: bool) -> None:
    assert bool(floods(batch(tax=10), rejected(*range(10)), Bound(0.5, least), {})) is flood


def test_a_share_of_one_never_stops() -> None:
    assert floods(batch(tax=10), rejected(*range(10)), Bound(1, 1), {}) == []


def test_a_flood_does_not_hide_among_what_others_send() -> None:
    found = floods(batch(court=1_000, tax=20), rejected(*range(1_000, 1_015)), Bound(0.5, 10), {})
    assert [halt.place for halt in found] == [Place(TAX, 0), Place(TAX, 1)]


def test_two_small_ones_are_not_added_up() -> None:
    assert floods(batch(court=8, tax=8), rejected(*range(16)), Bound(0.5, 10), {}) == []


def test_it_says_topic_agency_and_the_first_reasons_with_their_counts() -> None:
    wrong = pl.concat([rejected(0, code="bad-date"), rejected(1, 2, 3), rejected(4, code="x"), rejected(5, code="y")])
    (first, _) = floods(batch(tax=8), wrong, Bound(0.5, 1), {})
    assert first.code == "flood"
    assert f"{TAX} (agency cn-tax): 6 of 8 records would be rejected" in first.reason
    assert "3 wrong-key (reason of 1); 1 bad-date (reason of 0); 1 x (reason of 4); and 1 codes more" in first.reason


def test_what_a_person_has_accepted_is_not_judged() -> None:
    everything = rejected(*range(20))
    bound = Bound(0.5, 5)
    assert floods(batch(tax=20), everything, bound, {Place(TAX, 0): 10, Place(TAX, 1): 10}) == []
    half = floods(batch(tax=20), everything, bound, {Place(TAX, 0): 10, Place(TAX, 1): 0})
    assert [halt.place for halt in half] == [Place(TAX, 1)]
    beyond = floods(batch(tax=20), everything, bound, {Place(TAX, 0): 5, Place(TAX, 1): 5})
    assert len(beyond) == 2
