"""The register of recipients: what is written can be read again, and what cannot be agreed is refused."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharehub.core.agreement import WITHHELD_UNLESS_AGREED
from sharehub.core.competence import Recipient
from sharehub.errors import UsageError
from sharehub.wire.recipient_text import recipients_text
from sharehub.wire.rulebooks import recipients_of

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x7f"), max_size=20)
RECIPIENTS = st.builds(
    Recipient,
    id=st.from_regex(r"[a-z][a-z0-9-]{0,10}", fullmatch=True),
    title=TEXT,
    jurisdiction=TEXT,
    purpose=TEXT,
    fields=st.lists(st.sampled_from(sorted(WITHHELD_UNLESS_AGREED)), unique=True).map(tuple),
    schemes=st.lists(st.sampled_from(("CN-USCC", "LEI")), unique=True).map(tuple),
    acknowledge_within_days=st.integers(1, 60),
    until=st.none() | st.dates(date(2000, 1, 1)),
)


@given(st.lists(RECIPIENTS, unique_by=lambda one: one.id, max_size=4))
def test_a_register_that_is_written_says_the_same(recipients: list[Recipient]) -> None:
    assert recipients_of(recipients_text(recipients), "the text") == {one.id: one for one in recipients}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('fields = ["score"]', "'score' is no field that can be agreed"),
        ('schemes = ["XX"]', "'XX' is no identifier scheme"),
        ("acknowledge_within_days = 0", "greater than or equal to 1"),
        ('until = "soon"', "until"),
    ],
)
def test_what_cannot_be_agreed_is_refused(line: str, told: str) -> None:
    text = f'[me]\ntitle = "t"\njurisdiction = "cn"\npurpose = "p"\n{line}\n'
    with pytest.raises(UsageError, match=told):
        recipients_of(text, "the text")
