"""The page of the three stories tells the days of its tables, which `test_scenarios.py` plays."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "stories.md"
TEXT = PAGE.read_text(encoding="utf-8")
STORIES = re.findall(r"\((\.\./rulebooks/\S+/scenarios/\S+\.csv)\)", TEXT)


def test_three_stories_are_told() -> None:
    assert len(STORIES) == 3


@pytest.mark.parametrize("link", STORIES)
def test_a_story_is_told_day_by_day_as_its_table_has_it(link: str) -> None:
    section = next(one for one in TEXT.split("\n## ") if link in one)
    told = re.findall(r"^\| (\d{4}-\d\d-\d\d) \|", section, re.M) + re.findall(r": on (\d{4}-\d\d-\d\d)", section)
    table = (PAGE.parent / link).read_text(encoding="utf-8")
    assert set(told) == set(re.findall(r"^[^,\n]*,(\d{4}-\d\d-\d\d),", table, re.M))
