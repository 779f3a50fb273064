"""Rows that name their kind of matter: what they are due by, and what no date may go beyond."""

from datetime import date
from pathlib import Path

import pytest

from duban.calendars import compile_calendar
from duban.intake.options import IntakeOptions, IntakeResult
from duban.intake.problems import Severity
from duban.intake.reading import read_plan
from duban.regimes import load_regime
from duban.supervision.levels.lag import after
from duban.supervision.plans.plan import MilestoneKind, ReportCycle

BOZHOU = load_regime("bozhou")
CALENDAR = compile_calendar(BOZHOU.zone, 2014, 2017)
OPTIONS = IntakeOptions(
    code="JY",
    title="建议提案办理",
    issued_on=date(2015, 3, 2),
    regime="bozhou",
    matters=BOZHOU.matters,
    count_limit=lambda limit, day: after(limit, day, CALENDAR),
)
HEADING = "编号,事项,牵头单位,完成时限,事项类别,交办日期"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def result_of(folder: Path, *rows: str, heading: str = HEADING, options: IntakeOptions = OPTIONS) -> IntakeResult:
    path = folder / "建议.csv"
    path.write_text("\n".join([heading, *rows, ""]), encoding="utf-8")
    return read_plan(path, options)


def errors(result: IntakeResult) -> list[tuple[int | None, str | None, str]]:
    return [(p.row, p.column, p.problem) for p in result.problems if p.severity is Severity.ERROR]


def test_a_row_that_names_its_kind_needs_no_date(folder: Path) -> None:
    result = result_of(
        folder,
        "JY-01,关于公交的提案,市交通局,,提案,",
        "JY-02,网友反映路灯不亮,市城管局,,网友留言,",
        "JY-03,省政府文件,市发改委,,superior_documents,",
        "JY-04,议案,市发改委,无,人大议案,",
    )
    assert errors(result) == []
    assert result.plan is not None
    tasks = result.plan.tasks
    assert [task.matter for task in tasks] == ["proposals", "online_messages", "superior_documents", "motions"]
    assert [task.milestones[0].due_on for task in tasks] == [
        date(2015, 6, 2),
        date(2015, 3, 16),
        date(2015, 6, 2),
        date(2015, 9, 2),
    ]
    (node,) = tasks[0].milestones
    assert (node.kind, node.from_hand_over) == (MilestoneKind.COMPLETED, True)
    assert node.phrase.startswith("交办后3个月内答复建议提案人")


def test_a_date_that_is_written_counts_and_a_day_of_hand_over_moves_what_is_counted(folder: Path) -> None:
    result = result_of(folder, "JY-01,提案一,市交通局,4月底前,提案,", "JY-02,提案二,市交通局,,提案,2015年1月20日")
    assert result.plan is not None
    written, counted = result.plan.tasks
    assert [(n.due_on, n.from_hand_over) for n in written.milestones] == [(date(2015, 4, 30), False)]
    assert [(n.due_on, n.from_hand_over) for n in counted.milestones] == [(date(2015, 4, 20), False)]
    assert counted.handed_over_on == date(2015, 1, 20)


def test_the_kind_goes_before_the_rule_for_rows_without_a_date(folder: Path) -> None:
    by_rule = OPTIONS.model_copy(update={"open_ended_report": ReportCycle.QUARTERLY})
    result = result_of(folder, "JY-01,提案,市交通局,,提案,", "JY-02,其他,市交通局,,,", options=by_rule)
    assert result.plan is not None
    assert [task.open_ended for task in result.plan.tasks] == [False, True]


def test_a_plan_of_such_rows_needs_no_column_of_deadlines_and_every_row_without_a_kind_is_told(folder: Path) -> None:
    heading = "编号,事项,牵头单位,事项类别"
    result = result_of(folder, "JY-01,提案,市交通局,提案", "JY-02,其他,市交通局,", heading=heading)
    assert errors(result) == [(3, "完成时限", "没有写完成时限。")]


def test_a_date_beyond_the_longest_time_is_refused_with_the_clause(folder: Path) -> None:
    result = result_of(
        folder,
        "JY-01,提案一,市交通局,2015年9月2日,提案,",
        "JY-02,提案二,市交通局,2015年9月3日,提案,",
        "JY-03,提案三,市交通局,持续推进,提案,",
        "JY-04,提案四,市交通局,2015年7月底,提案,2015年1月20日",
    )
    most = "“人大代表建议、政协委员提案”自交办之日起最长6个月（第22段）"
    assert [e for e in errors(result) if "最长" in e[2]] == [
        (3, "完成时限", f"时限2015-09-03超过{most}，自印发日期2015年3月2日起最迟为2015-09-02。"),
        (4, "完成时限", f"{most}，不能持续推进。"),
        (5, "完成时限", f"时限2015-07-31超过{most}，自交办日期2015年1月20日起最迟为2015-07-20。"),
    ]


def test_an_unknown_kind_is_named_with_those_that_there_are(folder: Path) -> None:
    result = result_of(folder, "JY-01,信访件,市交通局,6月底,信访,", "JY-02,提案,市交通局,6月底,提案,某日")
    assert errors(result) == [
        (2, "事项类别", "制度里没有事项类别“信访”。"),
        (3, "交办日期", "看不出是哪一天交办的。"),
    ]
    told = next(p.suggestion for p in result.problems if p.column == "事项类别")
    assert "人大代表建议、政协委员提案" in told


def test_under_a_regime_without_kinds_the_column_is_told_of_and_not_used(folder: Path) -> None:
    bare = OPTIONS.model_copy(update={"matters": {}, "regime": "kunming"})
    result = result_of(folder, "JY-01,提案,市交通局,6月底,提案,", options=bare)
    assert result.plan is not None
    assert result.plan.tasks[0].matter == ""
    assert [p.problem for p in result.problems if p.column == "事项类别"] == [
        "制度“kunming”没有规定事项类别，没有采用。"
    ]
