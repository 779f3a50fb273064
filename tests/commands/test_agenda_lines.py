"""The order in which things await somebody, the reason on each line, and the command that settles it."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from duban.commands.agenda_line import LineKind, Speaker
from duban.commands.agenda_lines import agenda_lines
from duban.ledger.questions.agenda_rows import (
    Agenda,
    AgendaCounts,
    DeadLetterRow,
    DueTaskRow,
    OwedRow,
    RefusedRow,
    UndeliveredRow,
)
from duban.ledger.tables.notice_tables import NoticeStatus
from duban.supervision.rules.asks import AskedAct
from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.entries import NoticeKind

TODAY = date(2022, 4, 21)
OFFICE = Speaker(bodies=("改革办",), person="王 五")


def _owed(code: str, duty: Duty, over: int, by: str = "改革办", chases: int = 0) -> OwedRow:
    return OwedRow(
        task_code=code, plan_code="P", title="甲事", request=f"e1/x/{duty.value}", duty=duty, owed_by=by,
        due_on=TODAY - timedelta(days=over), chases=chases, today=TODAY,
    )  # fmt: skip


def _due(code: str, over: int, **fields: Any) -> DueTaskRow:
    usual = {
        "task_code": code, "plan_code": "P", "title": "甲事", "lead_body": "统计局", "handling_body": "电教馆",
        "supervised_by": "改革办", "status": "under_way", "due_on": TODAY - timedelta(days=over),
        "lag_days": max(over, 0), "behind_since": None, "reminder_level": None, "today": TODAY,
        "node": 2, "node_phrase": "6月底", "is_final": False,
    }  # fmt: skip
    return DueTaskRow.model_validate(usual | fields)


def _agenda(**rows: Any) -> Agenda:
    counts = rows.pop("counts", AgendaCounts())
    return Agenda(days=(TODAY,), counts=counts, **rows)


def test_what_others_wait_for_comes_first_then_the_own_lag_then_that_of_others() -> None:
    agenda = _agenda(
        owed=(_owed("O-3", Duty.CALL_RECORD, -2), _owed("O-1", Duty.DECISION, 1), _owed("O-2", Duty.VERIFICATION, 9)),
        late=(_due("L-1", 3), _due("L-2", 30, handling_body="改革办"), _due("L-3", 40)),
        to_chase=(_owed("C-1", Duty.EXPLANATION, 35, by="统计局"),),
        due_soon=(_due("S-1", -5), _due("S-2", 0)),
    )

    assert [line.task_code for line in agenda_lines(agenda, OFFICE)] == [
        "O-2", "O-1", "L-2", "O-3", "L-3", "C-1", "L-1", "S-2", "S-1",
    ]  # fmt: skip


def test_every_line_says_why_it_is_there() -> None:
    late = _due(
        "L-1", 20, reminder_level="phone", next_level="书面提醒", next_level_on=date(2022, 5, 1), provisional=True
    )
    agenda = _agenda(
        owed=(
            _owed("O-1", Duty.EXPLANATION, 3, chases=2),
            _owed("O-2", Duty.DECISION, 0),
            _owed("O-3", Duty.GROUNDS, -1),
        ),
        late=(late, _due("L-2", 1)),
        to_chase=(_owed("C-1", Duty.EXPLANATION, 2, by="统计局"),),
        due_soon=(_due("S-1", -5),),
    )

    assert {line.task_code: line.reason for line in agenda_lines(agenda, OFFICE)} == {
        "O-1": "应于2022-04-18前完成书面说明，已逾期3天，已催2次",
        "O-2": "应于2022-04-21前完成约谈决定，今天到期",
        "O-3": "应于2022-04-22前完成约谈情形核实，还有1天",
        "L-1": "第2个节点（6月底）应于2022-04-01完成，已发电话提醒，"
        "下一级书面提醒：2022-05-01（暂定，该年节假日安排尚未公布）",
        "L-2": "第2个节点（6月底）应于2022-04-20完成，尚未提醒",
        "C-1": "统计局应于2022-04-19前完成书面说明，已逾期2天",
        "S-1": "第2个节点（6月底）2022-04-26到期",
    }


@pytest.mark.parametrize(
    ("duty", "kind", "command"),
    [
        (Duty.ACCEPTANCE, LineKind.OWED, "accept T-1"),
        (Duty.FEEDBACK, LineKind.OWED, "progress T-1"),
        (Duty.CYCLE_REPORT, LineKind.OWED, "progress T-1"),
        (Duty.CALL_RECORD, LineKind.OWED, "record T-1 call"),
        (Duty.VISIT_RECORD, LineKind.OWED, "record T-1 visit"),
        (Duty.INTERVIEW_RECORD, LineKind.OWED, "record T-1 interview"),
        (Duty.RECTIFICATION, LineKind.OWED, "record T-1 rectification"),
        (Duty.EXPLANATION, LineKind.OWED, "explain T-1"),
        (Duty.GROUNDS, LineKind.DECISION, "decide T-1 --request e1/x/grounds"),
        (Duty.DECISION, LineKind.DECISION, "decide T-1 --request e1/x/decision"),
        (Duty.CONSENT, LineKind.DECISION, "decide T-1 --request e1/x/consent"),
        (Duty.CONFIRMATION, LineKind.DECISION, "confirm T-1 --request e1/x/confirmation"),
        (Duty.EXTENSION_DECISION, LineKind.DECISION, "extend T-1 --request e1/x/extension_decision"),
        (Duty.VERIFICATION, LineKind.VERIFICATION, "strike-off T-1"),
        (Duty.STEP, LineKind.OWED, "step T-1"),
    ],
)
def test_every_duty_has_the_command_that_fulfils_it(duty: Duty, kind: LineKind, command: str) -> None:
    [line] = agenda_lines(_agenda(owed=(_owed("T-1", duty, 0),)), OFFICE)

    assert (line.kind, line.command) == (kind, f"starter.py {command} --body 改革办 --person '王 五'")


def test_a_step_is_named_by_its_title_for_who_owes_it_and_for_who_presses_it() -> None:
    late = _due("T-1", 3, node=None, node_phrase="", step="报送对接安排", step_by="统计局")
    owed = _owed("T-1", Duty.STEP, 3, by="统计局").model_copy(update={"step": "报送对接安排"})

    own = agenda_lines(_agenda(owed=(owed,), late=(late,)), Speaker(bodies=("统计局",)))
    others = agenda_lines(_agenda(to_chase=(owed,), late=(late,)), OFFICE)

    assert [(line.what, line.command) for line in own] == [
        ("报送对接安排", "starter.py step T-1 --body 统计局"),
        ("滞后3天", "starter.py step T-1 --body 统计局"),
    ]
    assert own[1].reason == "“报送对接安排”应于2022-04-18完成"
    assert [line.what for line in others] == ["滞后3天（统计局）", "统计局未完成报送对接安排"]


def test_what_the_settings_say_need_not_be_said_again() -> None:
    speaker = Speaker(bodies=("改革办",), said_already="改革办")

    [line] = agenda_lines(_agenda(owed=(_owed("T-1", Duty.ACCEPTANCE, 0),)), speaker)

    assert line.command == "starter.py accept T-1"


@pytest.mark.parametrize(
    ("speaker", "fields", "command"),
    [
        ("电教馆", {}, "progress T-1 --milestone 2 --body 电教馆"),
        ("统计局", {"is_final": True}, "strike-off T-1 --body 统计局"),
        ("改革办", {}, "urge T-1 --body 改革办"),
    ],
)
def test_a_task_that_lags_is_reported_on_struck_off_or_urged(
    speaker: str, fields: dict[str, Any], command: str
) -> None:
    [line] = agenda_lines(_agenda(late=(_due("T-1", 9, **fields),)), Speaker(bodies=(speaker,)))

    assert line.command == f"starter.py {command}"


def test_notices_that_wait_for_their_hour_are_one_line_and_each_that_met_with_trouble_its_own() -> None:
    def row(status: NoticeStatus, delivery: str = "") -> UndeliveredRow:
        return UndeliveredRow(
            task_code="T-1", plan_code="P", title="甲事", kind=NoticeKind.REMINDER, level="phone", recipient="统计局",
            issuer="改革办", status=status, deliver_from=datetime.fromisoformat("2022-04-22T09:05"), delivery=delivery,
        )  # fmt: skip

    pending = NoticeStatus.PENDING
    agenda = _agenda(
        undelivered=(row(NoticeStatus.UNDELIVERABLE, "d-1"), row(pending), row(pending)),
        counts=AgendaCounts(undelivered=41),
    )

    assert [(line.what, line.command) for line in agenda_lines(agenda, OFFICE)] == [
        ("40件通知待送达", "starter.py notices --body 统计局 --status pending"),
        ("电话提醒无法送达", "starter.py notices resend d-1"),
    ]


def test_a_message_that_did_not_reach_a_body_is_one_line_of_its_sender_with_what_sends_it_again() -> None:
    def row(task: str, delivery: str) -> DeadLetterRow:
        return DeadLetterRow(
            task_code=task, plan_code="P", title="甲事", kind=NoticeKind.REMINDER, level="phone", issuer="改革办",
            recipient="统计局", delivery=delivery, detail="404",
        )  # fmt: skip

    lines = agenda_lines(_agenda(dead_letters=(row("T-1", "d-1"), row("T-9", "d-2"), row("T-2", "d-1"))), OFFICE)

    assert [(line.body, line.what, line.command) for line in lines] == [
        ("改革办", "电话提醒等2件无法送达统计局", "starter.py notices resend d-1"),
        ("改革办", "电话提醒无法送达统计局", "starter.py notices resend d-2"),
    ]
    assert "404" in lines[0].reason


def test_a_body_whose_item_waits_for_another_is_shown_it_as_its_own_and_can_only_look() -> None:
    step = {"node": None, "node_phrase": "", "step": "审定", "step_by": "改革办"}
    agenda = _agenda(late=(_due("T-1", 3, **step),), due_soon=(_due("T-2", -3, **step),))

    lines = agenda_lines(agenda, Speaker(bodies=("统计局",), person="王五"))

    assert [(line.body, line.command) for line in lines] == [
        ("统计局", "starter.py status T-1"),
        ("统计局", "starter.py status T-2"),
    ]


def test_what_a_task_refused_is_named_with_its_reason_and_both_ways_out() -> None:
    refused = RefusedRow(
        item="QY-0001", title="年末盘点", plan_code="QY", body="改革办", act=AskedAct.AMEND,
        targets=("P-1", "P-2"), reasons=("任务 P-1 已办结，不再受理", "早于今天"), order="0a1b",
    )  # fmt: skip
    [line] = agenda_lines(_agenda(refused=(refused,)), OFFICE)
    assert (line.kind, line.task_code, line.body) == (LineKind.REFUSED, "QY-0001", "改革办")
    assert line.what == "P-1等2项未受理调整任务"
    assert line.reason.startswith("任务 P-1 已办结，不再受理；早于今天。")
    assert "changes drop 0a1b" in line.reason
    assert line.command == "starter.py changes resume 0a1b"
