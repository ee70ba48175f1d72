"""Era dates: one day, whatever the office's hand; never a day that is not in the calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharehub.connect.eras import era_date

FULL_WIDTH = str.maketrans("0123456789.HR", "０１２３４５６７８９．ＨＲ")
HEISEI = st.dates(date(1989, 1, 8), date(2019, 4, 30))
REIWA = st.dates(date(2019, 5, 1), date(2117, 12, 31))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("H29.3.7", date(2017, 3, 7)),
        ("Ｈ29．3．7", date(2017, 3, 7)),
        ("h29/03/07", date(2017, 3, 7)),
        ("平成30年１月31日", date(2018, 1, 31)),
        ("平成 30 年 1 月 31 日", date(2018, 1, 31)),
        ("令和元年7月31日", date(2019, 7, 31)),
        ("令和１年７月３１日", date(2019, 7, 31)),
        ("R元.7.31", date(2019, 7, 31)),
        ("平成31年4月30日", date(2019, 4, 30)),
        ("平成31年6月1日", date(2019, 6, 1)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("S64.1.7", date(1989, 1, 7)),
        ("大正元年7月30日", date(1912, 7, 30)),
    ],
)
def test_the_ways_of_writing(text: str, day: date) -> None:
    assert era_date(text) == day


@pytest.mark.parametrize(
    "text", ["2017-03-07", "29.3.7", "H29.3", "平成29年3月", "X29.3.7", "H29.3.7頃", "H100.1.1", ""]
)
def test_other_forms_are_none(text: str) -> None:
    assert era_date(text) is None


@pytest.mark.parametrize("text", ["H29.2.29", "H29.13.1", "H0.3.7", "平成元年1月7日", "令和元年4月30日"])
def test_days_that_never_were_are_told(text: str) -> None:
    with pytest.raises(ValueError):
        era_date(text)


@given(HEISEI | REIWA, st.booleans(), st.booleans(), st.sampled_from(["", " ", "\u3000"]))
def test_every_day_comes_back_from_every_hand(day: date, kanji: bool, wide: bool, space: str) -> None:
    era, letter, first = ("平成", "H", 1989) if day < date(2019, 5, 1) else ("令和", "R", 2019)
    year = day.year - first + 1
    text = f"{era}{year}年{space}{day.month}月{day.day}日" if kanji else f"{letter}{year}.{space}{day.month}.{day.day}"
    assert era_date(text.translate(FULL_WIDTH) if wide else text) == day


@given(HEISEI, st.integers(1, 400))
def test_later_texts_are_later_days(day: date, further: int) -> None:
    def text(of: date) -> str:
        return f"H{of.year - 1988}.{of.month}.{of.day}"

    first, second = era_date(text(day)), era_date(text(day + timedelta(days=further)))
    assert first and second and second - first == timedelta(days=further)
