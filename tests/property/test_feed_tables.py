"""Tables of lists: whatever a text is, it comes back, and no spreadsheet takes it for a formula."""

import csv
from io import BytesIO, StringIO

from hypothesis import example, given
from hypothesis import strategies as st

from sharehub.feedfiles.formats import write_csv, write_xlsx
from sharehub.feedfiles.reading import workbook_cells
from sharehub.feedfiles.table import guarded, joined, parted, unguarded

TEXTS = st.text(max_size=12) | st.text(st.sampled_from("'\"=+-@;,\t\r\n a_x000D"), max_size=8)


@given(st.lists(TEXTS, max_size=5))
@example([""])
@example(["", ""])
@example(['"', ";\r\n"])
def test_a_list_in_a_cell_comes_back(texts: list[str]) -> None:
    assert parted(joined(texts)) == texts


@given(TEXTS)
def test_a_guarded_text_comes_back_and_is_no_formula(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert guarded(text)[:1] not in ("=", "+", "-", "@", "\t", "\r")


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=2), max_size=4))
def test_cells_come_back_from_csv_and_workbook(rows: list[list[str]]) -> None:
    text, book = BytesIO(), BytesIO()
    write_csv(text, ("one", "two"), rows)
    write_xlsx(book, "list", ("one", "two"), rows)
    found = list(csv.reader(StringIO(text.getvalue().decode(), newline="")))[1:]
    assert [[unguarded(cell) for cell in row] for row in found] == rows
    [sheet] = workbook_cells(book.getvalue())
    assert list(sheet)[1:] == rows
