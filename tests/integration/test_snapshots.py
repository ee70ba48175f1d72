"""Snapshots against a real Kafka: what absence means, and names that are spelled anew."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from sharehub.stream.publisher import Keyed, Publisher
from sharehub.wire.rows import decode
from tests.integration.test_connectors import REGISTRY, Agency, Stack

pytestmark = pytest.mark.integration

TOML = """
[connector]
id = "{id}"
agency = "{agency}"
record = "listing"
jurisdiction = "jp"
[source]
type = "csv"
mode = "snapshot"
encoding = "utf-8"
absence = "withdrawn"
[key]
fields = ["key.name", "listed_on"]
[fields]
"key.name" = {{ column = "name", folded = "letters", required = true }}
list_name = {{ value = "l" }}
status = "status"
listed_on = {{ column = "day", formats = ["era"], required = true }}
"subject.kind" = {{ value = "company" }}
"subject.names" = {{ column = "name", required = true }}
"subject.address" = "town"
[snapshot.respelled]
name = "key.name"
same = ["subject.address"]
[contract]
max_withdrawn = "100%"
max_shrink = "100%"
max_bad = "100%"
"""


class Office(Agency):
    """An agency whose list has no identifiers."""

    toml, header = TOML, "name,day,town,status\n"


@pytest.fixture
def office(stack: Stack, tmp_path: Path) -> Iterator[Office]:
    """An office of its own for every test."""
    yield Office(stack, tmp_path)


def figures(office: Office, rows: str) -> tuple[int, int, int, int, int]:
    """published, unchanged, withdrawn, respelled, possibly respelled."""
    ran = office.run(rows)
    assert ran.read == ran.published + ran.unchanged + ran.rejected + ran.skipped
    return ran.published, ran.unchanged, ran.withdrawn, ran.respelled, len(ran.possibly_respelled)


def newest(office: Office) -> dict[str, tuple[int, str, str]]:
    """Revision, kind and name of every record key's newest message."""
    found: dict[str, tuple[int, str, str]] = {}
    for message in office.messages():
        schema, value = decode(REGISTRY, message.value)
        one = (value["revision"], schema.name, value["subject"]["names"][0])
        found[value["record_key"]] = max(one, found.get(value["record_key"], one))
    return found


def test_typography_makes_no_new_record(office: Office) -> None:
    figures(office, "（株）Ｇｒｅｅｎ　ｗｏｒｋｓ,H29.3.7,A,x\n")
    assert figures(office, "(株)green works,平成29年３月７日,A,x\n") == (1, 0, 0, 0, 0)
    assert newest(office) == {"demo/株greenworks/2017-03-07": (2, "listing", "(株)green works")}


def test_a_respelled_name_goes_on_as_the_record_that_it_was(office: Office) -> None:
    figures(office, "高橋組,H29.3.7,A,x\n鉄工所,H29.3.8,A,x\n")
    assert figures(office, "髙橋組,H29.3.7,A,x\n鉄工所,H29.3.8,A,x\n") == (1, 1, 0, 1, 0)
    assert figures(office, "髙橋組,H29.3.7,A,x\n鉄工所,H29.3.8,A,x\n") == (0, 2, 0, 0, 0)
    assert figures(office, "髙橋組,H29.3.7,A,y\n鉄工所,H29.3.8,A,x\n") == (1, 1, 0, 0, 0)
    assert figures(office, "髙橋組,H29.3.7,B,y\n鉄工所,H29.3.8,A,x\n") == (1, 1, 0, 0, 0)
    assert newest(office) == {
        "demo/高橋組/2017-03-07": (4, "listing", "髙橋組"),
        "demo/鉄工所/2017-03-08": (1, "listing", "鉄工所"),
    }
    assert figures(office, "鉄工所,H29.3.8,A,x\n") == (0, 1, 1, 0, 0)
    assert newest(office)["demo/高橋組/2017-03-07"][:2] == (5, "withdrawal")


def test_a_name_back_in_its_first_spelling_is_the_same_record(office: Office) -> None:
    for rows in ("高橋組,H29.3.7,A,x\n", "髙橋組,H29.3.7,A,x\n", "高橋組,H29.3.7,A,x\n"):
        figures(office, rows)
    assert newest(office) == {"demo/高橋組/2017-03-07": (3, "listing", "高橋組")}


@pytest.mark.parametrize(
    ("before", "after", "doubts"),
    [
        ("高橋組,H29.3.7,A,x\n", "髙橋組,H29.3.7,B,x\n", 1),  # another address too
        ("高橋組,H29.3.7,A,x\n", "青山商店,H29.3.7,A,x\n", 1),  # a quite different name
        ("高橋組,H29.3.7,A,x\n", "高橋組,H29.3.1,A,x\n", 1),  # another date
        ("高橋組,H29.3.7,A,x\n", "髙橋組,H29.3.7,A,x\n高槁組,H29.3.7,A,x\n", 2),  # two that came
        ("高橋組,H29.3.7,A,x\n髙槁組,H29.3.7,A,x\n", "髙橋組,H29.3.7,A,x\n", 2),  # two that left
        ("高橋組,H29.3.7,A,x\n", "青山商店,H29.3.1,B,x\n", 0),
    ],
)
def test_what_is_not_certain_is_gone_and_new_and_said(office: Office, before: str, after: str, doubts: int) -> None:
    figures(office, before)
    left, came = before.count("\n"), after.count("\n")
    assert figures(office, after) == (came, 0, left, 0, doubts)
    assert len(newest(office)) == left + came


def test_a_doubt_names_both_places(office: Office) -> None:
    office.run("高橋組,H29.3.7,A,x\n")
    (doubt,) = office.run("鉄工所,H29.3.8,A,x\n髙橋組,H29.3.7,B,x\n").possibly_respelled
    assert doubt == {
        "gone": "demo/高橋組/2017-03-07",
        "was": "高橋組 (list.csv, row 2)",
        "came": "demo/髙橋組/2017-03-07",
        "is": "髙橋組 (list.csv, row 3)",
    }


def test_a_bad_row_in_the_new_spelling_withdraws_nothing(office: Office) -> None:
    for rows in ("高橋組,H29.3.7,A,x\n", "髙橋組,H29.3.7,A,x\n"):
        figures(office, rows)
    assert figures(office, "髙橋組,H29.3.7,A,\n") == (0, 0, 0, 0, 0)


def test_absence_may_mean_nothing(office: Office) -> None:
    office.toml = TOML.replace('"withdrawn"', '"nothing"')
    figures(office, "高橋組,H29.3.7,A,x\n鉄工所,H29.3.8,A,x\n")
    assert figures(office, "髙橋組,H29.3.7,A,x\n") == (1, 0, 0, 1, 0)
    assert {key: kind for key, (_, kind, _) in newest(office).items()} == {
        "demo/高橋組/2017-03-07": "listing",
        "demo/鉄工所/2017-03-08": "listing",
    }


@pytest.mark.parametrize("sent", range(7))
def test_a_run_that_dies_at_any_message_goes_on_to_the_same_end(
    office: Office, monkeypatch: pytest.MonkeyPatch, sent: int
) -> None:
    before = "高橋組,H29.3.7,A,x\n鉄工所,H29.3.8,A,x\n高島屋,H29.3.9,A,x\n青山,H29.3.9,A,x\n川上,H29.3.9,A,x\n"
    after = "髙橋組,H29.3.7,A,x\n鐵工所,H29.3.8,A,x\n髙島屋,H29.3.9,A,x\n高島尾,H29.3.9,A,x\n"
    figures(office, before)
    real, left = Publisher.send_many, sent

    def dies(publisher: Publisher, topic: str, messages: Sequence[Keyed]) -> None:
        nonlocal left
        real(publisher, topic, messages[:left])
        if left < len(messages):
            publisher.flush()
            raise KeyboardInterrupt
        left -= len(messages)

    monkeypatch.setattr(Publisher, "send_many", dies)
    with pytest.raises(KeyboardInterrupt):
        office.run(after)
    monkeypatch.undo()
    office.run(after)
    assert {key: (revision, kind) for key, (revision, kind, _) in newest(office).items()} == {
        "demo/高橋組/2017-03-07": (2, "listing"),
        "demo/鉄工所/2017-03-08": (2, "listing"),
        "demo/高島屋/2017-03-09": (2, "withdrawal"),
        "demo/青山/2017-03-09": (2, "withdrawal"),
        "demo/川上/2017-03-09": (2, "withdrawal"),
        "demo/髙島屋/2017-03-09": (1, "listing"),
        "demo/高島尾/2017-03-09": (1, "listing"),
    }
    assert figures(office, after) == (0, 4, 0, 0, 0)
    revisions = office.revisions()
    assert all(len(found) == len(set(found)) for found in revisions.values())


def test_of_two_statements_the_later_one_counts_in_whatever_order_they_come(office: Office) -> None:
    office.toml = """
[connector]
id = "{id}"
agency = "{agency}"
record = "listing"
jurisdiction = "us"
[source]
type = "csv"
mode = "append"
encoding = "utf-8"
order = "decided_on"
[key]
fields = ["key.name"]
[fields]
"key.name" = {{ column = "name", folded = "words" }}
list_name = {{ value = "l" }}
status = "status"
decided_on = "day"
"subject.kind" = {{ value = "company" }}
"subject.names" = "name"
"""
    excluded, reinstated = "A,2016-01-01,,excluded\n", "A,2016-02-01,,reinstated\n"
    assert figures(office, excluded) == (1, 0, 0, 0, 0)
    assert figures(office, reinstated) == (1, 0, 0, 0, 0)
    ran = office.run(excluded)
    assert (ran.published, ran.skipped) == (0, 1)
    ran = office.run(reinstated + excluded)
    assert (ran.published, ran.unchanged, ran.skipped) == (0, 1, 1)
    again = "A,2016-03-01,,excluded\n"
    assert office.run(again + excluded + reinstated).published == 1
    assert office.revisions() == {"demo/a": [(1, "listing"), (2, "listing"), (3, "listing")]}
    assert newest(office)["demo/a"][0] == 3
    assert office.run("B,2016-03-01,,excluded\nB,2016-03-01,,reinstated\n").rejected == 1
