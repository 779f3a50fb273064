"""Dates of which a rule understands only a part: nothing of them passes for a deadline."""

from datetime import date

import pytest

from duban.intake.deadlines.deadline_reading import DeadlineProblemKind
from duban.intake.deadlines.deadlines import read_deadlines
from duban.intake.problems import Severity


@pytest.mark.parametrize(
    "cell",
    [
        *("2022年6", "2022年 6", "2022年6-30", "2 022年6月底", "2 0 2 2年6月", "[2022]6月", "20226月"),
        *("30/6/2022", "22/6/30", "2022,6,30", "2022。6。30", "Jun 30, 2022", "Q3 2022"),
        *("2022、2023年底前", "2022/2023年", "半年、年底", "6月、9"),
        *("6月第一周", "6月第2周前", "第二周", "30前", "6-30前"),
        *("2022年6月3O日", "2O22年6月", "l2月底", "2022年l2月底"),
    ],
)
def test_a_date_that_is_only_half_read_is_an_error_and_gives_no_milestone(cell: str) -> None:
    # A plan of 2019: whoever drops the year that is written would take this one.
    reading = read_deadlines(cell, issued_on=date(2019, 4, 14))
    assert reading.milestones == ()
    assert {problem.severity for problem in reading.problems} == {Severity.ERROR}
    assert reading.problems[0].kind in {DeadlineProblemKind.UNREADABLE, DeadlineProblemKind.IMPOSSIBLE_DATE}


@pytest.mark.parametrize(
    "cell",
    [
        *("6月3个试点建成", "2022年30%以上完成", "6月底前5个", "1.6月底前完成", "6月底前完成第3批、第4批"),
        *("第1阶段6月底", "6月30日前完成12.5万户", "2022年6月底前完成1.2万户"),
    ],
)
def test_a_number_that_counts_things_is_no_part_of_a_date(cell: str) -> None:
    reading = read_deadlines(cell, issued_on=date(2022, 4, 14))
    assert len(reading.milestones) == 1
    assert reading.problems == ()


def test_what_is_half_read_spoils_only_itself() -> None:
    reading = read_deadlines("6月第2周启动，12月底前完成", issued_on=date(2022, 4, 14))
    assert [node.due_on for node in reading.milestones] == [date(2022, 12, 31)]
    assert [problem.severity for problem in reading.problems] == [Severity.ERROR]
