"""Corrections with before and after; what came late, twice, out of order or for a record never received."""

from datetime import date

import pytest

from sharehub.core.history import Change, Note, Revision, history
from sharehub.core.narrative import change_words, note_words
from sharehub.core.record import Record
from tests.unit.core.arrived import arrived
from tests.unit.core.said import catalogue, listing, penalty, withdrawal


def told(*records: Record) -> tuple[Revision, ...]:
    return history(arrived(*records), catalogue())


def notes(*records: Record) -> dict[int, list[str]]:
    """The words of each revision's notes."""
    return {
        one.said.record.revision: [note_words(note, one.said.record) for note in one.notes]
        for one in told(*records)
        if one.notes
    }


def test_a_correction_says_what_it_changes() -> None:
    _, second = told(penalty(), penalty(revision=2, fine=None, document_number="No. 13"))
    assert [change_words(one) for one in second.changes] == [
        "document number: No. 12 → No. 13",
        "fine: 5000000.00 → nothing",
    ]
    assert second.notes == ()


def test_a_withdrawal_changes_nothing_and_a_reinstatement_is_compared_with_what_was_withdrawn() -> None:
    records = penalty(), withdrawal(penalty()), penalty(revision=3, effective_to=date(2027, 1, 1))
    _, gone, again = told(*records)
    assert gone.changes == ()
    assert again.changes == (Change("effective_to", None, date(2027, 1, 1)),)
    assert notes(*records) == {3: ["Revision 3 reinstates the record, which revision 2 had withdrawn."]}


def test_a_late_revision_says_after_which_it_arrived() -> None:
    first, second, third = penalty(), penalty(revision=2, fine=None), penalty(revision=3)
    late = "Revision {} arrived after {}; the highest number counts, not the last arrival."
    assert notes(third, first, second) == {
        1: [late.format(1, "revision 3")],
        2: [late.format(2, "revision 3")],
    }
    assert notes(second, third, first) == {1: [late.format(1, "revisions 2 and 3")]}


def test_a_correction_of_a_record_never_received_is_kept_and_explained() -> None:
    assert notes(penalty(revision=2)) == {
        2: ["Revision 2 corrects revision 1, which the hub never received; it is kept and counts as it stands."]
    }
    assert notes(withdrawal(penalty())) == {
        2: ["Revision 2 withdraws revision 1, which the hub never received; there is nothing to take back."]
    }
    assert notes(penalty(), penalty(revision=4, fine=None)) == {
        4: ["Revision 4 follows revisions 2 and 3, which the hub never received; it counts as it stands."]
    }


@pytest.mark.parametrize("status", ["rebutted", "favourable-ruling"])
def test_a_reinstatement_of_a_firm_never_listed_is_kept_and_explained(status: str) -> None:
    ended = {1: ["It ends what the hub never received: no earlier revision says that it began. It is kept."]}
    assert notes(listing(status)) == ended
    assert notes(listing("definitive"), listing(status, revision=2)) == {}
    assert notes(listing(status, list_name="another")) == {}


def test_a_repeated_revision_is_no_correction() -> None:
    _, second = told(penalty(), penalty(revision=2))
    assert (second.changes, second.notes) == ((), (Note("repeated", (1,)),))
    assert note_words(second.notes[0], second.said.record) == "Revision 2 says the same as revision 1."


def test_another_text_under_the_same_number_is_told_and_the_first_one_counts() -> None:
    [one] = told(penalty(), penalty(fine=None))
    assert one.said.record == penalty()
    assert [note_words(note, one.said.record) for note in one.notes] == [
        "Another text was sent under the number of revision 1; the one received first counts."
    ]
    assert notes(penalty(), penalty()) == {}


def test_a_revision_number_of_any_size_is_told_at_once() -> None:
    assert "revisions 1 to 2147483646," in notes(penalty(revision=2**31 - 1))[2**31 - 1][0]
