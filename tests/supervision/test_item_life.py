"""What else may happen to an item that goes step by step: refused with what to do instead, or done as to any task."""

from typing import Any

import pytest

from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.entries import EntryKind, NoticeIntent, NoticeKind, ObligationStatus
from duban.supervision.tasks.messages import (
    Accept,
    Adopt,
    Amend,
    AmendedMilestone,
    AnyMessage,
    CarryOver,
    Cause,
    Correct,
    Demand,
    ReportProgress,
    RequestExtension,
    RequestStrikeOff,
    Resume,
    ReturnForRework,
    SubmitExplanation,
    TakeStep,
    Terminate,
    Urge,
    Verify,
)
from duban.supervision.tasks.moments import next_moment
from duban.supervision.tasks.state import Stage
from tests.supervision.items import DOCKING, Item, going_by, procedure
from tests.supervision.supervised import HANDLING, LEAD, OFFICE, SUPERVISOR, Supervised, day


def waiting_for_the_reply() -> Item:
    item = Item()
    item.take(OFFICE, at="2016-06-01 11:00")
    return item.until("2016-06-02 10:00")


OTHERS: list[tuple[type[Any], dict[str, Any], str]] = [
    (ReportProgress, {"note": "进展"}, "take_step"),
    (Accept, {}, "无须签收"),
    (SubmitExplanation, {"text": "说明"}, "take_step"),
    (RequestExtension, {"milestone": 1, "new_due_on": day("2016-12-31"), "reason": "推迟"}, "step_due_on"),
    (CarryOver, {"new_due_on": day("2017-12-31"), "cause": Cause.OBJECTIVE, "reason": "推迟"}, "step_due_on"),
    (RequestStrikeOff, {"deliverable": "成果"}, "最后一步办理完毕即办结"),
    (Verify, {"passed": True}, "最后一步办理完毕即办结"),
    (ReturnForRework, {"reason": "不符"}, "是否退回由下一步骤的结果决定"),
]


@pytest.mark.parametrize(("kind", "fields", "instead"), OTHERS, ids=[kind.__name__ for kind, _, _ in OTHERS])
def test_what_does_not_fit_says_what_to_do_instead(kind: Any, fields: dict[str, Any], instead: str) -> None:
    item = waiting_for_the_reply()
    message: AnyMessage = kind(**item.said(LEAD), **fields)
    said = item.refuses(message)
    assert "本事项按步骤办理" in said
    assert instead in said


def test_a_task_that_lives_by_its_milestones_has_no_steps_to_take() -> None:
    task = Supervised("2016-12-31")
    said = task.refuses(TakeStep(**task.said(HANDLING)))
    assert "本任务不按步骤办理：请用 progress 报告进展" in said
    assert "没有步骤的期限可调整" in task.refuses(
        Amend(**task.said(SUPERVISOR), reason="调整", step_due_on=day("2016-12-01"))
    )


def test_who_presses_a_step_moves_its_last_day_and_the_first_one_is_kept() -> None:
    item = waiting_for_the_reply()
    moved: dict[str, Any] = {"reason": "上级文件推迟", "step_due_on": day("2016-07-01")}
    item.tell(Amend(**item.said(SUPERVISOR), **moved))
    run = item.state.steps[-1]
    assert (item.waits()[2], run.baseline_on) == ("2016-07-01", day("2016-06-16"))
    told = [n for e in item.of_kind(EntryKind.AMENDED) for n in e.changes if isinstance(n, NoticeIntent)]
    assert [(n.recipient, n.facts["what"], n.respond_by) for n in told] == [(LEAD, "step_moved", day("2016-07-01"))]
    item.until("2016-07-04")
    assert item.sent(EntryKind.ADVANCE_NOTICE) == [("s2/reply/advance/2016-07-01/1", LEAD, "2016-06-28")]
    assert item.chases("s2/reply/step") == ["2016-07-04"]
    assert "原定2016年6月16日，已调整" in item.notices(NoticeKind.CHASE)[0].explanation.citation.rule
    assert f"{LEAD}无权调整任务" in item.refuses(Amend(**item.said(LEAD), **moved))
    assert "早于今天" in item.refuses(Amend(**item.said(SUPERVISOR), reason="调整", step_due_on=day("2016-07-01")))


def test_an_amendment_words_an_item_anew_and_leaves_its_steps_alone() -> None:
    item = waiting_for_the_reply()
    item.tell(Amend(**item.said(SUPERVISOR), reason="更名", title="省方案对接"))
    assert (item.state.definition.title, item.waits()[2]) == ("省方案对接", "2016-06-16")
    node = AmendedMilestone(due_on=day("2016-12-31"), phrase="新节点")
    changes: tuple[dict[str, Any], ...] = ({"milestones": (node,)}, {"lead_body": HANDLING}, {"absorbed": ("T-2",)})
    for changed in changes:
        assert "本事项按步骤办理" in item.refuses(Amend(**item.said(SUPERVISOR), reason="调整", **changed))


def test_a_pause_chases_nobody_and_what_was_due_runs_on_from_the_day_it_is_over() -> None:
    item = waiting_for_the_reply().until("2016-06-10 10:00")
    item.suspend()
    item.until("2016-06-27 10:00")
    assert item.chases("s2/reply/step") == []
    item.tell(Resume(**item.said(SUPERVISOR)))
    assert item.waits()[2] == "2016-07-04"  # 17 days stood still: 3 July is a Sunday
    item.until("2016-07-05")
    assert item.chases("s2/reply/step") == ["2016-07-05"]


def test_terminated_nothing_is_owed_any_more() -> None:
    item = waiting_for_the_reply()
    item.tell(Terminate(**item.said(OFFICE), reason="上级撤销"))
    assert (item.state.stage, item.state.obligations, item.state.open_step) == (Stage.TERMINATED, (), None)
    assert next_moment(item.state, item.policy) is None
    owed = {c.id: c.status for e in item.entries for c in e.changes if c.table == "obligation"}
    assert owed["s2/reply/step"] is ObligationStatus.LAPSED


def test_urged_is_whom_the_step_waits_for_and_a_record_is_corrected_as_ever() -> None:
    item = Item()
    item.tell(Urge(**item.said(SUPERVISOR), text="请抓紧"))
    item.tell(Demand(**item.said(OFFICE), text="请落实"))
    assert [n.recipient for n in item.notices(NoticeKind.OTHER) if n.facts["what"] == "urging"] == [OFFICE]
    item.tell(Correct(**item.said(SUPERVISOR), version=1, text="会议名称有误"))


# Changed rules and bodies


def test_a_changed_calendar_or_regime_leaves_the_procedure() -> None:
    item = waiting_for_the_reply()
    rules = item.policy.model_copy(update={"procedure": None})
    item.tell(Adopt(**item.said(OFFICE), reason="日历", policy=rules, reckon_anew=True))
    assert item.policy.procedure == procedure()
    item.take(facts={"plan": "安排"})
    assert item.waits()[:2] == ("s3/review", OFFICE)


def test_a_changed_procedure_applies_from_the_step_that_waits_on() -> None:
    item = waiting_for_the_reply()
    without = going_by(procedure(steps=[DOCKING["steps"][0]]))
    assert "没有正在办理的步骤“报送对接安排”" in item.refuses(Adopt(**item.said(OFFICE), reason="修订", policy=without))
    shorter = going_by(procedure(steps=DOCKING["steps"][:2]))
    item.tell(Adopt(**item.said(OFFICE), reason="修订", policy=shorter))
    item.take(facts={"plan": "安排"})
    assert item.state.stage is Stage.CLOSED


def test_a_renamed_body_owes_the_step_under_its_new_name() -> None:
    item = waiting_for_the_reply()
    own = {"lead_body": ("市医疗保障局",), "handling_body": ("市医疗保障局",)}
    roles = item.state.roles.model_copy(update={"bodies": {**item.state.roles.bodies, **own}})
    item.tell(Adopt(**item.said(OFFICE), reason="更名", roles=roles, successors={LEAD: "市医疗保障局"}))
    assert item.waits() == ("s2/reply", "市医疗保障局", "2016-06-16")
    item.take("市医疗保障局", facts={"plan": "安排"})


def test_a_body_that_was_stated_owes_under_its_new_name_too() -> None:
    named = {"name": "inspected", "title": "受检单位", "kind": "body"}
    steps = [{**DOCKING["steps"][0], "by": "inspected", "counts_from": ""}, DOCKING["steps"][1]]
    item = Item(procedure(facts=[named], steps=steps), facts={"inspected": ("市水利局",)})
    assert item.waits()[1] == "市水利局"
    bodies = {name: held for name, held in item.state.roles.bodies.items() if name != "inspected"}
    roles = item.state.roles.model_copy(update={"bodies": bodies})
    item.tell(Adopt(**item.said(OFFICE), reason="更名", roles=roles, successors={"市水利局": "市水务局"}))
    assert item.waits()[1] == "市水务局"
    assert item.state.facts["inspected"] == ("市水务局",)
    assert [o.duty for o in item.state.obligations] == [Duty.STEP]
    item.take("市水务局")


def test_a_role_that_the_steps_need_may_not_fall_vacant() -> None:
    item = waiting_for_the_reply()
    bodies = {**item.state.roles.bodies, "reform_office": ()}
    roles = item.state.roles.model_copy(update={"bodies": bodies})
    said = item.refuses(Adopt(**item.said(OFFICE), reason="撤销", roles=roles, successors={}))
    assert "没有单位担任：改革办" in said
