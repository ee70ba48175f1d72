"""What headers say of a dead letter, and that every code has its remedy."""

import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sharehub
from sharehub.core.dead_letter import ACTS, Failure, Mark, first_failure, mark_of, marking, standing, without_marks
from sharehub.core.remedy import REMEDIES, remedy_of

ID = UUID("00000000-0000-4000-8000-000000000001")
FAILED = Failure(
    letter_id=ID,
    topic="records.a",
    partition=2,
    offset=7,
    received_at=datetime(2026, 3, 1, tzinfo=UTC),
    code="wrong-key",
    field="key",
    reason="the message key must be …",
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(st.uuids(), st.sampled_from(ACTS), texts, texts)
def test_a_mark_is_read_as_it_was_written(letter_id: UUID, act: str, by: str, reason: str) -> None:
    said = Mark(letter_id, act, by, reason)  # type: ignore[arg-type]
    assert mark_of([*marking(said), *first_failure(FAILED, 3), ("jws", b"\xff")]) == said


@given(st.lists(st.tuples(st.sampled_from(["dl_id", "dl_act", "dl_by", "x"]), st.binary() | st.none())))
def test_no_headers_are_an_error(headers: list[tuple[str, bytes]]) -> None:
    assert mark_of(headers) is None or headers[0][0] == "dl_id"


@pytest.mark.parametrize(
    "headers", [[], [("ce_id", b"1")], [("dl_id", b"1"), ("dl_act", b"retry")], [("dl_id", str(ID).encode())]]
)
def test_other_messages_carry_no_mark(headers: list[tuple[str, bytes]]) -> None:
    assert mark_of(headers) is None


def test_a_letter_that_travels_carries_its_first_failure_and_no_old_marks() -> None:
    told = dict(standing(FAILED, 3, "discarded", "An operator", "sent anew"))
    assert told["dl_topic"] == b"records.a"
    assert (told["dl_partition"], told["dl_offset"], told["dl_attempts"]) == (b"2", b"7", b"3")
    assert (told["dl_state"], told["dl_by"], told["dl_why"]) == (b"discarded", b"An operator", b"sent anew")
    assert without_marks([*told.items(), ("jws", b"s")]) == [("jws", b"s")]


def test_every_code_of_a_rejection_has_its_remedy() -> None:
    """The codes stand in the modules that judge what comes from the log."""
    folder = Path(sharehub.__file__).parent
    judging = ("flow/admission", "flow/casework", "flow/acknowledging", "flow/activation", "core/activation")
    names = [*judging, "core/acknowledgement", "wire/rows", "wire/columns", "wire/acknowledgements"]
    code = re.compile(r'"([a-z]+(?:-[a-z]+)+|truncated|stale|unlawful|incompetent|individual|notice)"')
    found = {one for name in names for one in code.findall((folder / f"{name}.py").read_text(encoding="utf-8"))}
    assert found - _OTHER_WORDS <= REMEDIES.keys()
    assert len(found & REMEDIES.keys()) > 25


_OTHER_WORDS = {"rulebook-version", "lead-time", "applied-on"}


def test_an_unknown_code_has_an_answer_too() -> None:
    assert remedy_of("from-another-version").do


def test_the_page_has_every_code_with_its_remedy() -> None:
    page = (Path(__file__).parents[3] / "docs" / "dead-letters.md").read_text(encoding="utf-8")
    for code, remedy in REMEDIES.items():
        assert f"| `{code}` | {remedy.means} | {remedy.do} |" in page
