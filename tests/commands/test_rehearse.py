"""`rehearse`: the dates of the worked example, from a file, without any server."""

from pathlib import Path

import pytest

from duban.commands.plan_files import read_plan_file
from duban.commands.plan_option_values import PlanOptions
from duban.commands.rehearse import first_office_moment
from tests.commands.conftest import CommandLine, PlanFileWriter

ONE_TASK = "T-1,甲事,张三,市医保局,,,文件,2016年6月30日"
FIELDS = {
    "task_code", "kind", "level", "milestone_due_on", "lag_days", "reminder_due_on", "deliver_on", "issuer",
    "recipient", "provisional",
}  # fmt: skip


def test_one_task_nobody_reports_on_sets_off_the_worked_example(
    starter: CommandLine, plan_file: PlanFileWriter
) -> None:
    rows = starter.json("rehearse", plan_file(ONE_TASK), "--issued-on", "2016-05-03", "--until", "2016-12-31")

    assert all(set(row) == FIELDS for row in rows)
    levels = [row for row in rows if row["level"]]
    assert [
        (row["level"], row["reminder_due_on"], row["lag_days"], row["deliver_on"], row["recipient"]) for row in levels
    ] == [
        ("phone", "2016-07-16", 16, "2016-07-18", "市医保局"),
        ("written", "2016-07-31", 31, "2016-08-01", "市医保局"),
        ("onsite", "2016-08-15", 46, "2016-08-15", "市医保局"),
        ("circular", "2016-08-30", 61, "2016-08-30", "市委全面深化改革领导小组"),
        ("interview", "2016-09-14", 76, "2016-09-14", "市委改革办"),
    ]
    assert {row["kind"] for row in levels} == {"reminder"}
    assert {row["milestone_due_on"] for row in levels} == {"2016-06-30"}


def test_nothing_after_the_last_day_is_foreseen(starter: CommandLine, plan_file: PlanFileWriter) -> None:
    rows = starter.json("rehearse", plan_file(ONE_TASK), "--issued-on", "2016-05-03", "--until", "2016-07-18")

    assert [row["level"] for row in rows if row["level"]] == ["phone"]


def test_without_a_last_day_a_year_is_rehearsed(starter: CommandLine, plan_file: PlanFileWriter) -> None:
    rows = starter.json("rehearse", plan_file(ONE_TASK), "--issued-on", "2016-02-29")

    assert [row["level"] for row in rows if row["level"]] == ["phone", "written", "onsite", "circular", "interview"]


def test_people_see_bodies_by_month_the_levels_and_what_is_assumed(
    starter: CommandLine, plan_file: PlanFileWriter
) -> None:
    result = starter("rehearse", plan_file(ONE_TASK), "--issued-on", "2016-05-03", "--until", "2016-12-31")

    assert result.exit_code == 0
    for words in ("市医保局", "2016-07", "电话提醒", "合计", "推定"):
        assert words in result.stdout


def test_a_plan_with_errors_is_not_rehearsed(starter: CommandLine, plan_file: PlanFileWriter) -> None:
    reason = starter.refused("rehearse", plan_file("T-1,甲事,张三,市医保局,,,文件,及时"), "--issued-on", "2016-05-03")

    assert "[错误] 第2行" in reason
    assert reason.endswith("方案文件有错误，不能演练。")


def test_a_last_day_before_the_issue_is_refused(starter: CommandLine, plan_file: PlanFileWriter) -> None:
    reason = starter.refused("rehearse", plan_file(ONE_TASK), "--issued-on", "2016-05-03", "--until", "2016-05-02")

    assert "早于印发日期 2016-05-03" in reason


def test_a_plan_issued_on_a_holiday_begins_when_the_office_opens_again(plan_file: PlanFileWriter) -> None:
    read = read_plan_file(plan_file(ONE_TASK), PlanOptions.model_validate({"issued_on": "2016-05-01"}))
    assert read.stored is not None
    calendar = read.stored.policy.calendar

    opened = calendar.zone.local(first_office_moment(calendar, read.stored.definition.issued_on))

    assert f"{opened:%m-%d %H:%M}" == "05-03 09:00"


@pytest.mark.parametrize(("all_day", "hours"), [(False, (540, 1020)), (True, (0, 1440))])
def test_the_calendar_covers_a_year_before_the_issue_and_five_after_the_last_milestone(
    plan_file: PlanFileWriter, all_day: bool, hours: tuple[int, int]
) -> None:
    file = plan_file("T-1,甲事,张三,市医保局,,,文件,2020年6月30日")

    read = read_plan_file(file, PlanOptions.model_validate({"issued_on": "2016-05-03"}), all_day=all_day)

    assert read.stored is not None
    calendar = read.stored.policy.calendar
    years = {day.year for day in calendar.holidays}
    assert (min(years), max(years)) == (2015, 2025)
    assert (calendar.opens, calendar.closes) == hours


def test_an_office_that_nobody_holds_is_an_error_before_anything_is_issued(
    plan_file: PlanFileWriter, tmp_path: Path
) -> None:
    organisation = tmp_path / "office.yaml"
    organisation.write_text("roles:\n  reform_office: []\n", encoding="utf-8")
    options = PlanOptions.model_validate({"issued_on": "2016-05-03", "organisation": organisation})

    read = read_plan_file(plan_file(ONE_TASK), options)

    assert read.stored is None
    assert any("改革办" in problem.problem and problem.value == "reform_office" for problem in read.problems)


def test_what_is_merged_into_another_task_ends_and_sets_nothing_off(starter: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    file.write_text(
        "编号,事项,牵头单位,完成时限,并入,拆分自\n"
        "T-1,甲事,市医保局,2016年6月30日,,\n"
        "T-2,乙事,市医保局,2016年6月30日,T-1,\n"
        "T-3,丙事,市医保局,2016年6月30日,,T-1\n",
        encoding="utf-8",
    )
    stated = (file, "--issued-on", "2016-05-03", "--until", "2016-12-31")
    rows = starter.json("rehearse", *stated)
    said = starter("rehearse", *stated)

    assert {row["task_code"] for row in rows} == {"T-1", "T-3"}
    assert "并入其他任务的 1 项随调整终止，没有推演" in said.stdout
    assert "starter.py amend 加 --dry-run" in said.stdout
