"""A meeting's decisions as one file: who, and by when, in every row, or nothing is issued."""

from datetime import date
from pathlib import Path

import pytest

from duban.commands.meeting import meeting
from duban.commands.plan_files import PlanFile, read_plan_file
from duban.commands.plan_option_values import PlanOptions
from duban.commands.reasons import Refused
from duban.intake import LeadRule, Severity
from duban.supervision.plans.plan import ReportCycle

HEAD = """\
code: CW12
meeting: 第12次常务会议
held_on: 2026-03-02
decided_by: 市政府
issued_on: 2026-03-03
regime: bozhou
"""
GOOD = """\
tasks:
  - {编号: CW12-1, 事项: 老旧小区改造, 牵头单位: 市住建局, 责任人: 刘局长, 完成时限: 2026年12月底前}
  - {编号: CW12-2, 事项: 公交线路调整, 牵头单位: 市交通局, 责任人: 陈局长, 完成时限: 2026年6月底前}
"""
BAD = """\
tasks:
  - {编号: CW12-1, 事项: 老旧小区改造, 牵头单位: 市住建局, 责任人: 刘局长, 完成时限: 2026年12月底前}
  - {编号: CW12-2, 事项: 公交线路调整, 牵头单位: 市交通局、市公安局, 责任人: 陈局长, 完成时限: 2026年6月底前}
  - {编号: CW12-3, 事项: 环境整治, 牵头单位: 市城管局, 责任人: 张局长, 完成时限: ''}
  - {编号: CW12-4, 事项: 人大代表建议, 牵头单位: 市城管局, 责任人: 张局长, 完成时限: '', 事项类别: 建议}
  - {编号: CW12-5, 事项: 消防检查, 牵头单位: 市消防局, 责任人: 赵局长, 完成时限: 2026年6月底前完成排查并持续推进}
  - {编号: CW12-6, 事项: 供水保障, 牵头单位: 市水务局, 责任人: '', 完成时限: 2026年6月底前}
"""


def read(folder: Path, text: str, **options: object) -> PlanFile:
    path = folder / "decisions.yaml"
    path.write_text(text, encoding="utf-8")
    return read_plan_file(path, PlanOptions.model_validate(options))


def errors(file: PlanFile) -> list[tuple[int | None, str | None, str]]:
    return [(p.row, p.column, p.problem) for p in file.problems if p.severity is Severity.ERROR]


def test_a_file_whose_head_names_the_meeting_is_divided_into_tasks(tmp_path: Path) -> None:
    file = read(tmp_path, HEAD + GOOD)
    assert errors(file) == []
    assert file.stored is not None
    plan = file.stored.definition
    assert plan.meeting is not None
    assert (plan.meeting.title, plan.meeting.held_on, plan.meeting.body) == (
        "第12次常务会议",
        date(2026, 3, 2),
        "市政府",
    )
    assert plan.title == "第12次常务会议决定事项"
    assert [task.milestones[0].due_on for task in plan.tasks] == [date(2026, 12, 31), date(2026, 6, 30)]


def test_every_row_without_responsibility_or_date_is_named_at_once(tmp_path: Path) -> None:
    file = read(tmp_path, HEAD + BAD)
    assert file.stored is None
    dated = "会议决定事项须逐项写明完成时限，不能持续推进，也不按事项类别推算。"
    assert errors(file) == [
        (9, "牵头单位", "牵头单位一栏列了2个单位，没有写明由谁牵头。"),
        (10, "完成时限", "没有写完成时限。"),
        (11, "完成时限", dated),
        (12, "完成时限", dated),
        (13, "责任人", "会议决定事项须落实到责任人。"),
    ]


def test_no_rule_stands_in_for_what_a_row_does_not_say(tmp_path: Path) -> None:
    by_rule = {"lead_rule": LeadRule.FIRST_LISTED, "open_ended_report": ReportCycle.QUARTERLY}
    found = errors(read(tmp_path, HEAD + BAD, **by_rule))
    assert [e[:2] for e in found[:2]] == [(None, "--lead-rule"), (None, "--open-ended-report")]
    assert (9, "牵头单位", "牵头单位一栏列了2个单位，没有写明由谁牵头。") in found
    assert (10, "完成时限", "没有写完成时限。") in found


def test_a_meeting_is_named_whole(tmp_path: Path) -> None:
    half = HEAD.replace("held_on: 2026-03-02\n", "").replace("decided_by: 市政府\n", "")
    assert errors(read(tmp_path, half + GOOD)) == [(None, "--meeting", "没有写明会议日期、决定机关。")]
    later = errors(read(tmp_path, HEAD.replace("2026-03-02", "2026-03-09") + GOOD))
    assert later == [(None, "--held-on", "会议日期2026-03-09晚于印发日期2026-03-03。")]


def test_the_command_line_may_name_it_for_a_table(tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    path.write_text("编号,事项,牵头单位,责任人,完成时限\nCW-1,改造,市住建局,刘局长,2026年12月底前\n", encoding="utf-8")
    named = {"meeting": "常务会议", "held_on": date(2026, 3, 2), "decided_by": "市政府"}
    file = read_plan_file(path, PlanOptions.model_validate({**named, "code": "CW", "issued_on": date(2026, 3, 3)}))
    assert file.stored is not None
    assert file.stored.definition.meeting is not None


def test_a_file_that_names_no_meeting_is_not_issued_as_one(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("code: GG\nissued_on: 2026-03-03\n" + GOOD, encoding="utf-8")
    with pytest.raises(Refused, match="没有写明是哪次会议"):
        meeting(path, PlanOptions())
