"""Deadlines that cannot be taken as written: what is said of them, and that nothing whatever raises."""

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duban.intake.deadlines.deadline_reading import DeadlineProblemKind, DeadlineReading
from duban.intake.deadlines.deadlines import read_deadlines
from duban.intake.problems import Severity

ISSUED_ON = date(2022, 4, 14)
LETTERS_OF_DATES = (
    "年月日底末前后内起至到-、，；。0123456789一二三十上中下旬半季度个工作次每本明持续推进印发之自从 "
    "\n“”十四五Q./'第初①"
)


def read(cell: str) -> DeadlineReading:
    return read_deadlines(cell, issued_on=ISSUED_ON)


def found(cell: str) -> list[tuple[DeadlineProblemKind, Severity]]:
    return [(problem.kind, problem.severity) for problem in read(cell).problems]


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "限期",
            "及时",
            "适时整改",
            "尽快",
            "近期",
            "立即",
            "立行立改",
            "抓紧推进",
            "按时完成",
            "待定",
            "另行通知",
            "即日起",
        ),
        *("国庆节前", "春节前", "汛期前", "2022年初", "按国家统一部署推进", "25日前"),
        *("9月开学前", "6月汛期前", "2022年春节前", "党的二十大前", "本周五前", "前5个月"),
        *("收到通知之日起10日内", "项目竣工后3个月内", "自获批之日起30日内"),
        *("省级文件印发后3个月内", "省实施方案出台2个月内", "“十四五”前两年", "年底前2个月", "6月30日前3个工作日"),
    ],
)
def test_a_phrase_without_a_date_asks_for_one(cell: str) -> None:
    reading = read(cell)
    assert found(cell) == [(DeadlineProblemKind.NEEDS_DATE, Severity.ERROR)]
    assert not reading.milestones
    assert "请写明" in reading.problems[0].suggestion


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("2月30日", "2022年2月没有30日。"),
        ("2023年2月29日前", "2023年2月没有29日。"),
        ("2022-06-31", "2022年6月没有31日。"),
        ("20221301", "没有13月。"),
        ("13月底", "没有13月。"),
        ("0月", "没有0月。"),
        ("第五季度", "一年只有四个季度，没有第5季度。"),
        ("2022年12月1日至2022年6月30日", "止期2022年6月30日早于起期2022年12月1日。"),
        ("2025-2023年", "止期2023年12月31日早于起期2025年1月1日。"),
        ("9999年12月31日", "“9999年”不是可用的年份。"),
        ("2099年底", "“2099年底”的年份与方案年份2022年相差77年，不能作为时限。"),
        ("1922年6月", "“1922年6月”的年份与方案年份2022年相差100年，不能作为时限。"),
    ],
)
def test_an_impossible_date_is_named(cell: str, problem: str) -> None:
    reading = read(cell)
    assert found(cell) == [(DeadlineProblemKind.IMPOSSIBLE_DATE, Severity.ERROR)]
    assert reading.problems[0].problem == problem
    assert not reading.milestones


@pytest.mark.parametrize("cell", ["见附件", "1 2月底", "22-Jun", "？？", "2022 6月底", "2022.6-8"])
def test_what_cannot_be_read_is_an_error_not_a_guess(cell: str) -> None:
    assert found(cell)[0] == (DeadlineProblemKind.UNREADABLE, Severity.ERROR)


def test_a_spreadsheets_day_number_is_recognised() -> None:
    assert "2022-06-30" in read("44742").problems[0].suggestion


def test_working_days_without_a_calendar_are_explained() -> None:
    assert found("30个工作日内") == [(DeadlineProblemKind.NEEDS_CALENDAR, Severity.ERROR)]


def test_a_start_is_not_a_deadline() -> None:
    reading = read("从2023年1月1日起")
    assert (reading.milestones, reading.open_ended) == ((), True)
    assert found("从2023年1月1日起") == [(DeadlineProblemKind.START_ONLY, Severity.WARNING)]


@pytest.mark.parametrize(
    ("cell", "due_on"),
    [
        ("2025年前", date(2025, 12, 31)),
        ("8月前", date(2022, 8, 31)),
        ("三季度前", date(2022, 9, 30)),
        ("6月初", date(2022, 6, 10)),
        ("6月底左右", date(2022, 6, 30)),
        ("月底前", date(2022, 4, 30)),
        ("一年内", date(2023, 4, 14)),
        ("3年", date(2024, 12, 31)),
        ("11月至2月", date(2023, 2, 28)),
        ("2050年底", date(2050, 12, 31)),
        ("为期3个月", date(2022, 7, 14)),
        ("不超过3个月", date(2022, 7, 14)),
        ("一个月左右", date(2022, 5, 14)),
        ("实施细则出台后1个月内", date(2022, 5, 14)),
        ("施行之日起1个月内", date(2022, 5, 14)),
    ],
)
def test_what_allows_two_readings_is_read_one_way_with_a_warning(cell: str, due_on: date) -> None:
    assert [milestone.due_on for milestone in read(cell).milestones] == [due_on]
    assert found(cell) == [(DeadlineProblemKind.AMBIGUOUS, Severity.WARNING)]


def test_a_deadline_before_the_day_of_issue_is_overdue_from_the_first_day() -> None:
    reading = read("3月底取得阶段性成效")
    assert [milestone.due_on for milestone in reading.milestones] == [date(2022, 3, 31)]
    assert found("3月底取得阶段性成效") == [(DeadlineProblemKind.BEFORE_ISSUE, Severity.WARNING)]
    assert found("4月14日前") == []


def test_a_later_part_with_an_earlier_date_is_asked_about() -> None:
    assert found("11月底前启动，5月底前完成") == [(DeadlineProblemKind.AMBIGUOUS, Severity.WARNING)]


@pytest.mark.parametrize(
    ("cell", "due_on"),
    [
        ("6月底前完成2022年度计划", date(2022, 6, 30)),
        ("报送2022年度总结，12月10日前", date(2022, 12, 10)),
        ("7月15日前汇总二季度数据", date(2022, 7, 15)),
        ("12月20日前报送全年总结", date(2022, 12, 20)),
        ("6月底前完成“十四五”规划编制", date(2022, 6, 30)),
        ("6月底前完成2021年以前的存量", date(2022, 6, 30)),
        ("6月底前完成后续3个月内的整改", date(2022, 6, 30)),
        ("6月底前完成后续3个月内评估", date(2022, 6, 30)),
    ],
)
def test_a_period_that_is_part_of_the_work_is_no_deadline_and_that_is_said(cell: str, due_on: date) -> None:
    assert [milestone.due_on for milestone in read(cell).milestones] == [due_on]
    assert found(cell) == [(DeadlineProblemKind.AMBIGUOUS, Severity.WARNING)]


def test_a_bare_year_that_is_all_there_is_is_the_deadline() -> None:
    assert [node.due_on for node in read("2023年启动，2025年全面完成").milestones] == [
        date(2023, 12, 31),
        date(2025, 12, 31),
    ]
    assert [node.due_on for node in read("确保2025年完成").milestones] == [date(2025, 12, 31)]


def test_a_festival_of_a_year_is_not_the_end_of_that_year() -> None:
    assert found("2023年春节前") == [(DeadlineProblemKind.NEEDS_DATE, Severity.ERROR)]
    assert not read("2023年春节前").milestones


def test_a_vague_part_beside_a_dated_one_is_only_a_warning() -> None:
    assert found("方案尽快制定；12月底前完成") == [(DeadlineProblemKind.NEEDS_DATE, Severity.WARNING)]
    assert found("党代会换届前启动，12月底前完成") == [(DeadlineProblemKind.NEEDS_DATE, Severity.WARNING)]
    assert found("新规施行前启动，12月底前完成") == [(DeadlineProblemKind.NEEDS_DATE, Severity.WARNING)]


def test_a_hoped_for_and_an_assured_deadline_are_both_kept_and_that_is_said() -> None:
    assert [node.due_on for node in read("力争6月底，确保7月底").milestones] == [date(2022, 6, 30), date(2022, 7, 31)]
    assert found("力争6月底，确保7月底") == [(DeadlineProblemKind.AMBIGUOUS, Severity.WARNING)]


@pytest.mark.parametrize(
    "cell", ["不少于3个月", "开展为期3个月的整治", "完成率达到6.5", "上月底", "FY2022", "June 2022"]
)
def test_a_number_that_sets_no_limit_is_no_deadline(cell: str) -> None:
    assert read(cell).milestones == ()
    assert found(cell) == [(DeadlineProblemKind.UNREADABLE, Severity.ERROR)]


@settings(deadline=None)
@given(
    cell=st.one_of(st.text(alphabet=LETTERS_OF_DATES, max_size=40), st.text(max_size=60)),
    issued_on=st.dates(date(1980, 1, 1), date(2140, 12, 31)),
)
def test_any_text_gives_a_reading_that_says_something(cell: str, issued_on: date) -> None:
    reading = read_deadlines(cell, issued_on=issued_on)
    days = [milestone.due_on for milestone in reading.milestones]
    assert days == sorted(set(days))
    assert reading.empty or reading.milestones or reading.open_ended or reading.problems
    assert all(milestone.phrase and milestone.phrase in cell for milestone in reading.milestones)
    assert all(problem.problem.endswith("。") and problem.suggestion.endswith("。") for problem in reading.problems)


@pytest.mark.parametrize(
    "unit",
    [
        *("6月的", "2022年(", "每月(", "每年6月，", "1 6月底，", "Q3 2022，"),
        "6月",
        "于",
        "\n",
        "1、",
        "每年",
        "次年3月",
        "2月30日",
        "尽快，",
        "11月至2月，",
        "1",
        "十",
        "(",
        "1至",
        " ",
        "1 ",
    ],
)
def test_a_hostile_cell_does_not_hold_up_the_reading(unit: str) -> None:
    begun = time.perf_counter()
    read_deadlines(unit * (32_000 // len(unit)), issued_on=ISSUED_ON)
    # In proportion to its length it takes about a second; in proportion to the square it would take many minutes.
    assert time.perf_counter() - begun < 30
