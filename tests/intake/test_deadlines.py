"""What people write in a deadline cell, and the dates it means. The plan is of 14 April 2022 throughout."""

from datetime import date, timedelta

import pytest

from duban.intake.deadlines.deadline_reading import DeadlineProblemKind, DeadlineReading
from duban.intake.deadlines.deadlines import read_deadlines
from duban.intake.problems import Severity
from duban.supervision.plans.plan import ReportCycle

ISSUED_ON = date(2022, 4, 14)

ONE_DATE = {
    # days
    "6月30日前": "2022-06-30",
    "6月30前": "2022-06-30",
    "6.30前": "2022-06-30",
    "6月30日17时前": "2022-06-30",
    "6月30日18:00前": "2022-06-30",
    "2022年6月30日下班前": "2022-06-30",
    "２０２２年６月３０日前": "2022-06-30",
    "2022 年 6 月 30 日 之前": "2022-06-30",
    "二〇二二年六月三十日": "2022-06-30",
    "二○二二年十二月廿五日以前": "2022-12-25",
    "二0二二年六月": "2022-06-30",
    "2022-06-30": "2022-06-30",
    "2022/6/30": "2022-06-30",
    "2022.6.30": "2022-06-30",
    "2022－06－30": "2022-06-30",
    "20220630": "2022-06-30",
    "2022-06-30 00:00:00": "2022-06-30",
    "2022-06-30T08:30:00": "2022-06-30",
    "5月1日前": "2022-05-01",
    "截至2022年10月8日": "2022-10-08",
    "12月10号前": "2022-12-10",
    "2022年6.30": "2022-06-30",
    "6.1-6.30": "2022-06-30",
    "6月最后一天": "2022-06-30",
    "9月30日（国庆节前）": "2022-09-30",
    "2023年1月1日前": "2023-01-01",
    # months
    "6月底完成": "2022-06-30",
    "十月底": "2022-10-31",
    "12月": "2022-12-31",
    "6月份取得明显成效": "2022-06-30",
    "２０２２年９月底前": "2022-09-30",
    "⾄2022年9⽉底": "2022-09-30",
    "2024年2月底": "2024-02-29",
    "2023年2月底": "2023-02-28",
    "2022.6": "2022-06-30",
    "2022-12": "2022-12-31",
    "2022年11月末": "2022-11-30",
    "2022年8月月底前": "2022-08-31",
    "8月内": "2022-08-31",
    "本月底": "2022-04-30",
    "下月底前": "2022-05-31",
    "次月底": "2022-05-31",
    "五月上旬": "2022-05-10",
    "5月中旬前": "2022-05-20",
    "四月下旬": "2022-04-30",
    "2024年2月下旬": "2024-02-29",
    "6月中": "2022-06-20",
    "2022年11月中下旬": "2022-11-30",
    "5月上中旬": "2022-05-20",
    "2022年全年": "2022-12-31",
    "（2022年）6月底": "2022-06-30",
    "2022年（6月底前）": "2022-06-30",
    "2022年：6月底前": "2022-06-30",
    "即日起至年底": "2022-12-31",
    "2022年8月30日（星期二）前": "2022-08-30",
    "2022年6月25日-7月5日": "2022-07-05",
    "8月20日至8月底": "2022-08-31",
    "2022年8月-2023年底": "2023-12-31",
    # quarters and halves
    "第三季度": "2022-09-30",
    "三季度": "2022-09-30",
    "三季度末前": "2022-09-30",
    "第三季度末": "2022-09-30",
    "第3季度完成": "2022-09-30",
    "2022年二季度末": "2022-06-30",
    "2023年第一季度": "2023-03-31",
    "2022年Q3": "2022-09-30",
    "q4": "2022-12-31",
    "前三季度": "2022-09-30",
    "一至三季度": "2022-09-30",
    "本季度末": "2022-06-30",
    "下季度": "2022-09-30",
    "上半年": "2022-06-30",
    "2023年上半年底前": "2023-06-30",
    "下半年": "2022-12-31",
    # years
    "2022年底前": "2022-12-31",
    "2022年年底前": "2022-12-31",
    "2022年终": "2022-12-31",
    "2025年": "2025-12-31",
    "到2025年": "2025-12-31",
    "2022年度": "2022-12-31",
    "2022年内": "2022-12-31",
    "二〇二五年": "2025-12-31",
    "2023": "2023-12-31",
    "'22年6月底": "2022-06-30",
    "’23年底": "2023-12-31",
    "22年6月底前": "2022-06-30",
    "22年底": "2022-12-31",
    "22年内": "2022-12-31",
    "年底前": "2022-12-31",
    "年末": "2022-12-31",
    "年内": "2022-12-31",
    "年中": "2022-06-30",
    "全年": "2022-12-31",
    "贯穿全年": "2022-12-31",
    "今年底": "2022-12-31",
    "今年年底前": "2022-12-31",
    "本年度内": "2022-12-31",
    "明年6月底前": "2023-06-30",
    "次年一季度": "2023-03-31",
    "“十四五”期末": "2025-12-31",
    "“十四五”期间": "2025-12-31",
    "十四五末": "2025-12-31",
    "“十五五”规划期末": "2030-12-31",
    # ranges end with their last day
    "3-4月": "2022-04-30",
    "4月至5月": "2022-05-31",
    "4—6月": "2022-06-30",
    "5月～7月": "2022-07-31",
    "五到七月": "2022-07-31",
    "5月10日-20日": "2022-05-20",
    "6月1-15日": "2022-06-15",
    "2022年1月1日至12月31日": "2022-12-31",
    "2022年5月1日起至2022年10月31日": "2022-10-31",
    "2022年5月-2023年4月": "2023-04-30",
    "2022.05-2022.12": "2022-12-31",
    "11月至次年2月": "2023-02-28",
    "2021-2023年": "2023-12-31",
    "2022年至2024年": "2024-12-31",
    "2022—2025": "2025-12-31",
    # lengths of time
    "5年内": "2026-12-31",
    "三年内": "2024-12-31",
    "1-2年内": "2023-12-31",
    "15年内": "2036-12-31",
    "2022年起5年内": "2026-12-31",
    "从2022年起，用3年时间": "2024-12-31",
    "2022年5月起3年内": "2025-04-30",
    "2022年5月1日起6个月内": "2022-11-01",
    "3个月内": "2022-07-14",
    "三个月之内": "2022-07-14",
    "半年内": "2022-10-14",
    "半个月内": "2022-04-29",
    "30日内": "2022-05-14",
    "30天": "2022-05-14",
    "两周内": "2022-04-28",
    "2个季度内": "2022-10-14",
    "印发后半年内": "2022-10-14",
    "印发之日起30日内": "2022-05-14",
    "在本通知印发之日起60日内": "2022-06-13",
    "自方案印发之日起，3个月内完成": "2022-07-14",
    "文件下发后1个月内": "2022-05-14",
    "印发之日起3年内": "2025-04-14",
    # the words around
    "原则上于2022年6月底前": "2022-06-30",
    "力争2022年6月底前完成": "2022-06-30",
    "争取年底前见效": "2022-12-31",
    "6月底前按时完成": "2022-06-30",
    "按计划于6月底前完成": "2022-06-30",
    "6月底前（可提前完成）": "2022-06-30",
    "6月底完成目录编制、系统改造": "2022-06-30",
    "持续推进至2022年底": "2022-12-31",
    "2022年春节后启动，6月底前完成": "2022-06-30",
    "7月底前建成3个中心、覆盖90%以上": "2022-07-31",
    "6月底前完成，每延期1天扣1分": "2022-06-30",
    "6月底前完成1-5号楼": "2022-06-30",
    "6月底前完成3、4号地块": "2022-06-30",
    "6月底前三年行动方案出台": "2022-06-30",
    "6月底前完成前期工作": "2022-06-30",
}


def read(cell: str, issued_on: date = ISSUED_ON, year: int | None = None) -> DeadlineReading:
    return read_deadlines(cell, issued_on=issued_on, year=year)


def dates(cell: str) -> list[str]:
    return [milestone.due_on.isoformat() for milestone in read(cell).milestones]


def errors(reading: DeadlineReading) -> list[DeadlineProblemKind]:
    return [problem.kind for problem in reading.problems if problem.severity is Severity.ERROR]


@pytest.mark.parametrize(("cell", "due_on"), ONE_DATE.items())
def test_a_phrase_of_one_date_is_one_milestone(cell: str, due_on: str) -> None:
    reading = read(cell)
    assert [milestone.due_on.isoformat() for milestone in reading.milestones] == [due_on]
    assert not reading.open_ended
    assert not errors(reading)


@pytest.mark.parametrize(
    ("cell", "milestones"),
    [
        ("2022年10月底前；2022年底前", [("2022年10月底前", "2022-10-31"), ("2022年底前", "2022-12-31")]),
        ("6月底前完成初稿，9月底前印发", [("6月底前完成初稿", "2022-06-30"), ("9月底前印发", "2022-09-30")]),
        ("2023年6月底前初稿，9月底前印发", [("2023年6月底前初稿", "2023-06-30"), ("9月底前印发", "2023-09-30")]),
        ("6月底前报送方案并于9月底前完成", [("6月底前报送方案", "2022-06-30"), ("9月底前完成", "2022-09-30")]),
        ("10月底前，次年3月底前", [("10月底前", "2022-10-31"), ("次年3月底前", "2023-03-31")]),
        ("6月10日前报送，25日前完成", [("6月10日前报送", "2022-06-10"), ("25日前完成", "2022-06-25")]),
        ("6月底前 9月底前", [("6月底前", "2022-06-30"), ("9月底前", "2022-09-30")]),
        ("6月底前\n９月底前", [("6月底前", "2022-06-30"), ("９月底前", "2022-09-30")]),
        ("①5月上旬前，招标。②8月底前，出图", [("5月上旬前", "2022-05-10"), ("8月底前", "2022-08-31")]),
        ("1.6月底前出方案；2.9月底前办结", [("6月底前出方案", "2022-06-30"), ("9月底前办结", "2022-09-30")]),
        ("（1）6月底前；（2）9月底前", [("6月底前", "2022-06-30"), ("9月底前", "2022-09-30")]),
        ("二季度、四季度", [("二季度", "2022-06-30"), ("四季度", "2022-12-31")]),
        ("12月底前，其中一期6月底前", [("其中一期6月底前", "2022-06-30"), ("12月底前", "2022-12-31")]),
    ],
)
def test_several_deadlines_are_several_milestones_in_the_order_of_their_dates(
    cell: str, milestones: list[tuple[str, str]]
) -> None:
    assert [(node.phrase, node.due_on.isoformat()) for node in read(cell).milestones] == milestones


def test_months_that_share_one_word_are_each_a_milestone() -> None:
    assert dates("6、9、12月底前") == ["2022-06-30", "2022-09-30", "2022-12-31"]
    assert dates("2023年第1、3季度") == ["2023-03-31", "2023-09-30"]


def test_the_same_date_twice_is_one_milestone() -> None:
    assert dates("6月底前，6月30日前") == ["2022-06-30"]


def test_the_phrase_of_a_milestone_is_cut_from_what_the_office_wrote() -> None:
    assert [node.phrase for node in read("　６ 月底前 完成 ").milestones] == ["６ 月底前 完成"]


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "持续推进",
            "持续优化",
            "长期坚持",
            "长期",
            "常态化推进",
            "按进度推进",
            "按时间节点推进",
            "贯穿始终",
            "不断完善",
        ),
        *("经常性工作", "动态调整", "滚动实施", "ongoing"),
    ],
)
def test_a_task_that_goes_on_is_open_ended_without_a_milestone(cell: str) -> None:
    reading = read(cell)
    assert (reading.open_ended, reading.milestones, reading.problems) == (True, (), ())


@pytest.mark.parametrize(
    ("cell", "due_on"),
    [
        ("5月底取得明显成效并持续推进", ["2022-05-31"]),
        ("12月取得阶段性成效，长期坚持", ["2022-12-31"]),
        ("立行立改，6月底前完成并长期坚持", ["2022-06-30"]),
        ("按进度推进；7月底前；10月底", ["2022-07-31", "2022-10-31"]),
        ("2022年底前基本建成，2025年底前全面建成并持续完善", ["2022-12-31", "2025-12-31"]),
        ("每季度调度并于12月底前完成", ["2022-12-31"]),
        ("长期（2023年启动）", ["2023-12-31"]),
        ("2022年至2025年，每年12月底前", ["2022-12-31", "2025-12-31"]),
    ],
)
def test_a_date_and_then_going_on_is_a_milestone_and_then_open_ended(cell: str, due_on: list[str]) -> None:
    assert dates(cell) == due_on
    assert read(cell).open_ended


@pytest.mark.parametrize(
    ("cell", "cycle"),
    [
        ("每年", ReportCycle.YEARLY),
        ("每半年", ReportCycle.HALF_YEARLY),
        ("每季度", ReportCycle.QUARTERLY),
        ("每季度末", ReportCycle.QUARTERLY),
        ("每季度首月10日前", ReportCycle.QUARTERLY),
        ("每月", ReportCycle.MONTHLY),
        ("每月28日前报送", ReportCycle.MONTHLY),
        ("每月底前", ReportCycle.MONTHLY),
        ("按月调度", ReportCycle.MONTHLY),
        ("每周五前", ReportCycle.MONTHLY),
        ("每两周", ReportCycle.MONTHLY),
        ("每10个工作日", ReportCycle.MONTHLY),
        ("每两个月", ReportCycle.MONTHLY),
        ("每三个月", ReportCycle.QUARTERLY),
        ("每隔半年", ReportCycle.HALF_YEARLY),
        ("每3年", ReportCycle.YEARLY),
        ("一月一调度", ReportCycle.MONTHLY),
        ("一季一次", ReportCycle.QUARTERLY),
        ("一年两次", ReportCycle.HALF_YEARLY),
        ("每年不少于2次", ReportCycle.HALF_YEARLY),
        ("各季度末", ReportCycle.QUARTERLY),
        ("每季度末（3、6、9、12月）25日前", ReportCycle.QUARTERLY),
        ("每季度末3、6、9、12月25日前", ReportCycle.QUARTERLY),
        ("每月次月5日前", ReportCycle.MONTHLY),
        ("每月底前报送，次月5日前汇总", ReportCycle.MONTHLY),
        ("每月5日前报送上月进展", ReportCycle.MONTHLY),
        ("每月最后一周", ReportCycle.MONTHLY),
        ("每季度及时报送", ReportCycle.QUARTERLY),
        ("半年一次", ReportCycle.HALF_YEARLY),
        ("逐年提高", ReportCycle.YEARLY),
    ],
)
def test_a_rhythm_is_open_ended_and_suggests_a_cycle(cell: str, cycle: ReportCycle) -> None:
    reading = read(cell)
    assert (reading.open_ended, reading.suggested_cycle, reading.milestones) == (True, cycle, ())
    assert not errors(reading)


def test_a_yearly_date_is_a_milestone_the_first_time() -> None:
    assert dates("每年12月底前") == ["2022-12-31"]
    assert dates("每年3月底前") == ["2023-03-31"]
    assert dates("每年1月底前、3月底前") == ["2023-01-31", "2023-03-31"]
    assert read("每年3月底前").open_ended


def test_what_recurs_within_stated_years_first_comes_round_in_the_first_of_them() -> None:
    assert dates("2023-2025年每年6月底前") == ["2023-06-30", "2025-12-31"]
    assert dates("2024年起，每年6月底前") == ["2024-06-30"]


def test_the_two_halves_of_a_year_are_each_a_milestone() -> None:
    assert dates("上、下半年各一次") == ["2022-06-30", "2022-12-31"]
    assert dates("2023年上下半年") == ["2023-06-30", "2023-12-31"]


def test_the_years_within_which_something_is_done_begin_with_the_year_of_issue() -> None:
    reading = read("5年内", issued_on=date(2012, 5, 1))
    assert [milestone.due_on for milestone in reading.milestones] == [date(2016, 12, 31)]


def test_the_plans_year_holds_where_it_is_not_the_year_of_issue() -> None:
    reading = read("3月底前", issued_on=date(2022, 12, 20), year=2023)
    assert [milestone.due_on for milestone in reading.milestones] == [date(2023, 3, 31)]
    assert not reading.problems


def test_working_days_are_counted_by_the_calendar() -> None:
    reading = read_deadlines(
        "印发之日起10个工作日内", issued_on=ISSUED_ON, add_working_days=lambda day, n: day + timedelta(2 * n)
    )
    assert [milestone.due_on for milestone in reading.milestones] == [date(2022, 5, 4)]


def test_no_calendar_is_asked_to_count_for_decades() -> None:
    reading = read_deadlines("99999个工作日内", issued_on=ISSUED_ON, add_working_days=lambda _day, _n: date.max)
    assert reading.milestones == ()
    assert errors(reading) == [DeadlineProblemKind.IMPOSSIBLE_DATE]


@pytest.mark.parametrize("cell", ["", "  ", "/", "—", "无", "N/A", "\u3000"])
def test_a_mark_for_nothing_is_an_empty_cell(cell: str) -> None:
    assert read(cell) == DeadlineReading(empty=True)
