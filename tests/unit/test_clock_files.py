"""Files of clocks and calendars: what is malformed is refused with file, clock and field; what is shipped is right."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from sharehub.core.clock import Length
from sharehub.errors import UsageError
from sharehub.shipped import shipped
from sharehub.wire.calendars import read_calendars
from sharehub.wire.clocks import read_clocks
from sharehub.wire.rulebooks import load_catalogue

CLOCK = """
[[clock]]
id = "answered"
jurisdiction = "cn"
title = "The agency answers"
starts = { record_kind = "objection", dated_by = "lodged_on" }
stops = [{ relation = "answers", record_kind = "objection-outcome", key_field = "objection_key" }]
working_days = 3
responsible = "concerned"
legal_basis = [{ instrument = "A law", article = "Art. 1", rank = "law" }]
effective_from = 2020-01-01
"""
CALENDAR = '[cn]\ncountry = "CN"\nyears = [2025, 2026]\nnote = "from the library"\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.toml"


def test_a_clock_is_read_as_it_is_written(path: Path) -> None:
    path.write_text(CLOCK)
    [rule] = read_clocks(path)
    assert (rule.name, rule.length, rule.responsible) == ("cn/answered", Length(3, "working_days"), "concerned")
    assert (rule.starts.record_kind, rule.starts.dated_by) == ("objection", "lodged_on")
    assert [(stop.relation, stop.key_field) for stop in rule.stops] == [("answers", "objection_key")]


def test_without_files_there_are_none(tmp_path: Path) -> None:
    assert read_clocks(tmp_path / "clocks.toml") == ()
    assert read_calendars(tmp_path / "calendars.toml") == {}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('id = "answered"', 'id = "Answered"', "clock 'Answered', field 'id': "),
        ("working_days = 3", "", "clock 'answered': a clock has one of working_days, days, months; this has none"),
        ("working_days = 3", "working_days = 3\ndays = 1", "clock 'answered': a clock has one of"),
        ("working_days = 3", "working_days = 0", "clock 'answered', field 'working_days': "),
        ('"lodged_on"', '"filed_on"', "clock 'answered', field 'starts': objection records have no field 'filed_on'"),
        ('"objection"', '"protest"', "clock 'answered', field 'starts': there is no record kind 'protest'"),
        ('"objection_key"', '"key"', "clock 'answered', field 'stops': objection-outcome records have no field 'key'"),
        ('key_field = "objection_key"', 'dated_by = "answered_on"', "clock 'answered', field 'stops.0': what answers"),
        ('record_kind = "objection-outcome", ', "", "clock 'answered', field 'stops.0': record_kind is missing"),
        ('"answers"', '"follows"', "clock 'answered', field 'stops.0.relation': "),
        ('"concerned"', '"somebody"', "clock 'answered', field 'responsible': "),
        ('rank = "law"', 'rank = "custom"', "clock 'answered', field 'legal_basis.0.rank': "),
        ("effective_from = 2020-01-01", "", "clock 'answered', field 'effective_from': "),
        ("working_days = 3", 'working_days = 3\nkinds = ["fines"]', "clock 'answered', field 'kinds': there is no"),
        ("working_days = 3", "working_days = 3\nlimit = 4", "clock 'answered', field 'limit': "),
        ("[[clock]]", "[[clocks]]", "there is no field 'clocks'"),
        ("[[clock]]", "[[clock]", "Expected"),
        (
            "starts = {",
            'starts = { where = [{ field = "status", is = "new" }],',
            "objection records have no field 'status'",
        ),
    ],
)
def test_a_malformed_clock_is_refused_by_file_clock_and_field(path: Path, before: str, after: str, said: str) -> None:
    assert before in CLOCK
    path.write_text(CLOCK.replace(before, after, 1))
    with pytest.raises(UsageError) as refused:
        read_clocks(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert said in str(refused.value)


def test_a_clock_stands_once_in_a_place(path: Path) -> None:
    path.write_text(CLOCK + CLOCK.replace('"cn"', '"cn-henan"'))
    assert [rule.name for rule in read_clocks(path)] == ["cn/answered", "cn-henan/answered"]
    path.write_text(CLOCK + CLOCK)
    with pytest.raises(UsageError, match="clock 'answered', field 'id': stands twice in cn"):
        read_clocks(path)


def test_the_file_corrects_the_library(path: Path) -> None:
    path.write_text(CALENDAR + "closed = [2026-03-03]\nworking = [2026-05-01]\n")
    calendar = read_calendars(path)["cn"]
    days = {date(2026, 3, 3): False, date(2026, 5, 1): True, date(2026, 5, 4): False, date(2026, 5, 9): True}
    assert {day: calendar.is_working(day) for day in days} == days
    assert calendar.covers(date(2025, 1, 1)) and not calendar.covers(date(2027, 1, 1))


def test_a_calendar_needs_no_library(path: Path) -> None:
    path.write_text('[mdb]\nyears = [2026, 2026]\nweekly_off = ["friday"]\nnote = "invented"\n')
    calendar = read_calendars(path)["mdb"]
    assert [calendar.is_working(date(2026, 3, day)) for day in (5, 6, 7)] == [True, False, True]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"CN"', '"XX"', "calendar 'cn', field 'country': "),
        ("[2025, 2026]", "[2026, 2025]", "calendar 'cn', field 'years': the last year comes before the first"),
        ("[2025, 2026]", "[1900, 2026]", "calendar 'cn', field 'country': the library knows CN from "),
        ("[2025, 2026]", "[2025]", "calendar 'cn', field 'years"),
        ('note = "from the library"', 'weekly_off = ["rest"]\nnote = "n"', "calendar 'cn', field 'weekly_off.0': "),
        ('note = "from the library"', "", "calendar 'cn', field 'note': "),
    ],
)
def test_a_malformed_calendar_is_refused_by_file_calendar_and_field(
    path: Path, before: str, after: str, said: str
) -> None:
    path.write_text(CALENDAR.replace(before, after, 1))
    with pytest.raises(UsageError) as refused:
        read_calendars(path)
    assert str(refused.value).startswith(f"{path}: {said}")


def test_the_shipped_calendar_of_china_has_what_was_announced_for_every_year_that_it_covers() -> None:
    """Each year offices work on some weekends: a year without them was computed before it was announced."""
    calendar = load_catalogue(shipped("rulebooks")).calendars["cn"]
    years = {day.year for day in calendar.working}
    assert years == set(range(calendar.first_year, calendar.last_year + 1))
    october = [date(2026, 10, 1) + timedelta(days=number) for number in range(12)]
    assert [day.day for day in october if calendar.is_working(day)] == [8, 9, 10, 12]


def test_every_shipped_clock_names_its_place_and_what_it_rests_on() -> None:
    catalogue = load_catalogue(shipped("rulebooks"))
    provinces = {rule.jurisdiction for rule in catalogue.clocks} - {"cn"}
    assert provinces == {"cn-shanghai", "cn-henan", "cn-shenzhen", "cn-zhejiang", "cn-qinghe"}
    for rule in catalogue.clocks:
        ranks = {basis.rank.word for basis in rule.legal_basis}
        assert rule.jurisdiction == "cn" or ranks == {"local_regulation"}, rule.name
