"""A new year's calendar: written down, checked, compiled and kept."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from duban.calendars import compile_calendar, library_year, reaching, with_years
from duban.changes.calendar_order import YearUnknown, calendar_with
from duban.ledger import Ledger, migrate
from duban.office_files import OfficeFileError, read_office_file
from duban.supervision.days.announced_year import WrittenYear
from tests.changes.years import YEAR_2027, year_2027, year_file

NOW = datetime(2026, 11, 27, tzinfo=UTC)
KNOWN, UNKNOWN = 2026, 2027
"""The last year that the library knows and the first that it does not, as long as this test is right."""


@pytest.fixture(autouse=True)
def _as_long_as_the_library_does_not_know() -> None:
    if library_year(UNKNOWN) is not None:
        pytest.skip(f"holidays knows {UNKNOWN} by now: choose a later year")


def test_a_year_as_announced_closes_its_holidays_and_opens_the_weekends_worked_for_them(tmp_path: Path) -> None:
    year = year_2027(tmp_path)
    calendar = compile_calendar("Asia/Shanghai", 2026, 2028, announced={2027: year})

    assert not calendar.is_working_day(date(2027, 2, 12))
    assert calendar.is_working_day(date(2027, 2, 14))
    assert not calendar.is_working_day(date(2027, 2, 13))
    assert calendar.known_until == date(2027, 12, 31)
    assert not calendar.is_provisional(date(2027, 12, 31))
    assert calendar.is_provisional(date(2028, 1, 1))


def test_until_it_is_announced_a_year_is_provisional_and_what_is_known_stays(tmp_path: Path) -> None:
    before = compile_calendar("Asia/Shanghai", 2025, 2028)
    assert before.is_working_day(date(2027, 2, 12))
    after = calendar_with(before, year_2027(tmp_path), {})

    assert before.known_until == date(KNOWN, 12, 31)
    assert before.is_provisional(date(2027, 1, 4))
    assert [day for day in after.holidays if day.year <= KNOWN] == [d for d in before.holidays if d.year <= KNOWN]
    assert after.known_until == date(2027, 12, 31)
    assert not after.is_working_day(date(2027, 2, 12))


def test_a_task_that_outlives_its_calendar_is_provisional_there_and_the_announced_year_extends_it(
    tmp_path: Path,
) -> None:
    short = compile_calendar("Asia/Shanghai", 2025, 2026)
    assert short.is_provisional(date(2027, 2, 8))

    longer = calendar_with(short, year_2027(tmp_path), {})

    assert not longer.is_working_day(date(2027, 2, 8))
    assert longer.is_provisional(date(2028, 1, 3))
    assert not longer.is_working_day(date(2028, 10, 2))  # statutory, and provisional


def test_a_calendar_reaches_further_by_the_offsets_of_its_zone() -> None:
    short = compile_calendar("Europe/Berlin", 2025, 2026, country="DE")
    whole = compile_calendar("Europe/Berlin", 2025, 2029, country="DE")
    assert reaching(short, 2029, "DE").zone == whole.zone


def test_the_library_and_the_calendar_compiled_from_it_say_the_same() -> None:
    compiled = compile_calendar("Asia/Shanghai", 2024, KNOWN)
    years = [year for number in range(2024, KNOWN + 1) if (year := library_year(number)) is not None]
    assert with_years(compiled, years) == compiled
    assert library_year(UNKNOWN) is None


def test_no_year_is_taken_over_before_the_one_in_between(tmp_path: Path) -> None:
    later = year_2027(tmp_path).model_copy(update={"year": 2028})
    calendar = compile_calendar("Asia/Shanghai", 2025, 2026)
    with pytest.raises(YearUnknown, match="calendar adopt 2027"):
        calendar_with(calendar, later, {})
    assert calendar_with(calendar, later, {2027: year_2027(tmp_path)}).known_until == date(2028, 12, 31)


@pytest.mark.parametrize(
    ("old", "new", "problems"),
    [
        ("2027-05-08", "2027-05-10", ["第 11 行 worked_weekends[2]", "星期一，不是周末"]),
        ("2027-02-14", "2027-02-06", ["既在春节假期内，又列为上班日"]),
        ("2027-10-09]", "2028-10-07]", ["worked_weekends[3]", "不在2027年"]),
        ("first: 2027-04-03", "first: 2027-04-13", ["第 6 行 holidays[3]", "早于第一天"]),
        ("last: 2027-10-07", "last: 2027-11-07", ["第 10 行 holidays[7]", "长得不像一个假期"]),
        ("first: 2027-06-09, last: 2027-06-09", "first: 2026-06-09, last: 2026-06-09", ["holidays[5]", "不在2027年"]),
        ("first: 2027-09-15, last: 2027-09-17", "first: 2027-09-29, last: 2027-10-01", ["2027-10-01同时写在"]),
        ("  - {name: 端午节, first: 2027-06-09, last: 2027-06-09}\n", "", ["没有写明这些节日的安排：端午"]),
        ("worked_weekends: [2027-02-14, 2027-05-08, 2027-10-09]", "worked_weekends: []", ["没有调休上班日"]),
        ("2027-05-08, ", "2027-02-14, ", ["重复的日期"]),
        ("2027-01-03", "元月三日", ["不是日期"]),
        ("worked_weekends:", "worked_days:", ["是否应为"]),
    ],
)
def test_what_is_wrong_in_a_year_that_was_written_down_is_told_at_its_place(
    tmp_path: Path, old: str, new: str, problems: list[str]
) -> None:
    assert old in YEAR_2027
    with pytest.raises(OfficeFileError) as refusal:
        read_office_file(year_file(tmp_path, YEAR_2027.replace(old, new)), WrittenYear)
    for words in problems:
        assert words in str(refusal.value)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    text = YEAR_2027.replace("2027-05-08", "2027-05-10").replace("2027-10-09", "2027-10-11")
    with pytest.raises(OfficeFileError) as refusal:
        read_office_file(year_file(tmp_path, text), WrittenYear)
    assert len(refusal.value.problems) == 2


def test_a_joint_holiday_names_both_festivals(tmp_path: Path) -> None:
    text = YEAR_2027.replace("  - {name: 中秋节, first: 2027-09-15, last: 2027-09-17}\n", "").replace(
        "name: 国庆节", "name: 国庆节、中秋节"
    )
    assert read_office_file(year_file(tmp_path, text), WrittenYear).year == 2027


def test_a_mistaken_year_is_put_right_by_the_next_edition(database_url: str, tmp_path: Path) -> None:
    migrate(database_url)
    ledger = Ledger.open(database_url)
    year = year_2027(tmp_path)
    right = year.model_copy(update={"worked_weekends": year.worked_weekends[:2]})

    editions = [ledger.years.adopt(each, "市委改革办", "王五", NOW) for each in (year, year, right, year)]

    assert editions == [1, 1, 2, 3]
    assert ledger.years.announced() == {2027: year}
    ledger.close()
