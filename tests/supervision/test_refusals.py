"""Bad input, and what it gets: a sentence, and nothing changed."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from duban.supervision.plans.plan import PlannedMilestone
from duban.supervision.rules.authority import Act
from duban.supervision.tasks.advance import note_refusal
from duban.supervision.tasks.entries import EntryKind
from duban.supervision.tasks.messages import (
    Accept,
    Action,
    Adopt,
    AnyMessage,
    CarryOver,
    Cause,
    Decide,
    Ground,
    Message,
    RaiseInterview,
    RecordAction,
    ReportProgress,
    RequestExtension,
    RequestStrikeOff,
    Resume,
    Returned,
    ReturnForRework,
    SubmitExplanation,
    Suspend,
    Terminate,
    Urge,
    Verify,
)
from duban.supervision.words import ACT_WORDS
from tests.supervision.supervised import GROUP, HANDLING, LEAD, OFFICE, SUPERVISOR, Supervised, day, policy_of

LATE = "2016-12-31"
FAR = date(9999, 12, 31)


def plain(task: Supervised) -> None:
    """Nothing has happened yet."""


def reported(task: Supervised) -> None:
    task.report(1)


def requested(task: Supervised) -> None:
    task.report(1)
    task.ask_strike_off()


def struck_off(task: Supervised) -> None:
    requested(task)
    task.verify()


def suspended(task: Supervised) -> None:
    task.suspend()


def extension_asked(task: Supervised) -> None:
    task.ask_extension(1, "2016-08-31")


def behind(task: Supervised) -> None:
    task.until("2016-09-20 10:00")


def say(kind: type[Message], body: str = HANDLING, **fields: Any) -> Callable[[Supervised], Any]:
    return lambda task: kind(**{**task.said(body), **fields})


INTERVIEW = {"action": Action.INTERVIEW, "with_whom": "局长", "content": "约谈"}

REFUSED: list[tuple[str, Callable[[Supervised], None], Callable[[Supervised], Any], str]] = [
    ("a body without a part in it", plain, say(ReportProgress, "市教育局", note="有进展"), "市教育局无权报告进展"),
    ("the handling body urging itself", plain, say(Urge, HANDLING, text="快"), "无权催办：本任务应由督察责任主体"),
    ("a moment without a zone", plain, say(Accept, occurred_at=datetime(2016, 6, 1)), "须带时区"),  # noqa: DTZ001
    ("an empty report", plain, say(ReportProgress), "报告内容为空"),
    ("over 100 %", plain, say(ReportProgress, percent=101), "进度101%不在0—100之间"),
    ("under 0 %", plain, say(ReportProgress, percent=-1), "进度-1%不在0—100之间"),
    (
        "no such milestone",
        plain,
        say(ReportProgress, milestones=(7,), evidence="文号"),
        "没有第7个节点（现有节点：1、2）",
    ),
    ("a claim without evidence", plain, say(ReportProgress, milestones=(1,)), "必须写明依据（evidence）"),
    (
        "a claim made twice",
        plain,
        say(ReportProgress, milestones=(1, 1), evidence="文号"),
        "同一节点在一次报告中出现了两次",
    ),
    ("the final one by report", plain, say(ReportProgress, milestones=(2,), evidence="文号"), "第2个节点是最终节点"),
    ("met already", reported, say(ReportProgress, milestones=(1,), evidence="文号"), "第1个节点已于2016年6月1日完成"),
    ("progress on a struck-off task", struck_off, say(ReportProgress, note="有进展"), "任务已销号，不再受理“报告进展”"),
    ("signing twice", reported, say(Accept), "无须再次签收"),
    ("a strike-off without deliverable", reported, say(RequestStrikeOff), "必须附成果（deliverable）"),
    (
        "a strike-off with open milestones",
        plain,
        say(RequestStrikeOff, deliverable="x"),
        "尚有节点未报告完成：第1个（节点1）",
    ),
    ("a strike-off asked for twice", requested, say(RequestStrikeOff, deliverable="x"), "无须重复提交"),
    ("verifying what was not asked", plain, say(Verify, SUPERVISOR, passed=True), "没有待核验的销号申请"),
    ("a no without reason", requested, say(Verify, SUPERVISOR, passed=False), "须写明原因（note）"),
    ("deciding what nobody asked", plain, say(Decide, GROUP, approve=True), "目前没有提请决定的事项"),
    (
        "a request that does not exist",
        behind,
        say(Decide, GROUP, approve=True, request="e9/circular"),
        "没有待决定的事项",
    ),
    ("a decision of the wrong body", behind, say(Decide, SUPERVISOR, approve=True), "市政府督查室没有待决定的事项"),
    ("a refusal without reason", behind, say(Decide, GROUP, approve=False), "不同意须写明理由"),
    (
        "a scope for anything but a circular",
        behind,
        say(Decide, OFFICE, approve=True, grounds=(Ground.PASSIVE,), scope=(LEAD,)),
        "只有确认通报时才能指定范围",
    ),
    ("an interview without grounds", behind, say(Decide, OFFICE, approve=True), "必须写明情形（grounds）"),
    ("raising without grounds", plain, say(RaiseInterview, OFFICE, grounds=(), reason="x"), "必须写明情形（grounds）"),
    (
        "raising what is under way",
        behind,
        say(RaiseInterview, OFFICE, grounds=(Ground.PASSIVE,), reason="x"),
        "正在办理中",
    ),
    (
        "no such milestone to extend",
        plain,
        say(RequestExtension, milestone=7, new_due_on=FAR, reason="x"),
        "没有第7个节点",
    ),
    (
        "an extension of what is met",
        reported,
        say(RequestExtension, milestone=1, new_due_on=day(LATE), reason="x"),
        "已完成，无须延期",
    ),
    (
        "an extension to an earlier date",
        plain,
        say(RequestExtension, milestone=1, new_due_on=day("2016-06-29"), reason="x"),
        "须晚于现行期限2016年6月30日",
    ),
    (
        "an extension to the same date",
        plain,
        say(RequestExtension, milestone=1, new_due_on=day("2016-06-30"), reason="x"),
        "须晚于现行期限2016年6月30日",
    ),
    (
        "an extension into the past",
        behind,
        say(RequestExtension, milestone=1, new_due_on=day("2016-07-31"), reason="x"),
        "早于今天",
    ),
    ("an extension for ever", plain, say(RequestExtension, milestone=1, new_due_on=FAR, reason="x"), "过于遥远"),
    (
        "a second wish",
        extension_asked,
        say(RequestExtension, milestone=1, new_due_on=day(LATE), reason="x"),
        "已有待审批的延期申请",
    ),
    ("suspending twice", suspended, say(Suspend, SUPERVISOR, reason="x"), "已处于暂停状态"),
    ("suspending until today", plain, say(Suspend, SUPERVISOR, reason="x", until=day("2016-06-01")), "须晚于今天"),
    ("suspending for ever", plain, say(Suspend, SUPERVISOR, reason="x", until=FAR), "过于遥远"),
    ("suspending a request", requested, say(Suspend, SUPERVISOR, reason="x"), "销号申请正在核验"),
    ("resuming what runs", plain, say(Resume, SUPERVISOR), "任务未处于暂停状态"),
    ("no report to return", plain, say(ReturnForRework, SUPERVISOR, reason="x"), "没有找到可退回的节点完成报告"),
    (
        "no such report",
        reported,
        say(ReturnForRework, SUPERVISOR, reason="x", report="r-9"),
        "没有找到可退回的节点完成报告",
    ),
    (
        "no request to return",
        plain,
        say(ReturnForRework, SUPERVISOR, reason="x", what=Returned.STRIKE_OFF),
        "没有可退回的销号申请",
    ),
    (
        "no explanation to return",
        plain,
        say(ReturnForRework, SUPERVISOR, reason="x", what=Returned.EXPLANATION),
        "没有可退回的书面说明",
    ),
    ("explaining unasked", plain, say(SubmitExplanation, LEAD, text="x"), "目前没有应提交的书面说明"),
    ("explaining for another", behind, say(SubmitExplanation, HANDLING, text="x"), "目前没有应提交的书面说明"),
    (
        "a call with nobody",
        plain,
        say(RecordAction, SUPERVISOR, action=Action.CALL, content="x"),
        "须写明对象（with_whom）",
    ),
    (
        "the handling body's own call",
        behind,
        say(RecordAction, HANDLING, action=Action.CALL, content="x", with_whom="y"),
        "应由市政府督查室登记",
    ),
    ("an interview without requirements", plain, say(RecordAction, OFFICE, **INTERVIEW), "指出的问题（problems）"),
    (
        "an interview that was not decided",
        plain,
        say(RecordAction, OFFICE, **INTERVIEW, problems="a", requirements="b", rectify_by=day(LATE)),
        "目前没有应登记的约谈记录",
    ),
    (
        "rectification by yesterday",
        plain,
        say(RecordAction, OFFICE, **INTERVIEW, problems="a", requirements="b", rectify_by=day("2016-05-31")),
        "早于今天",
    ),
    (
        "rectification for ever",
        plain,
        say(RecordAction, OFFICE, **INTERVIEW, problems="a", requirements="b", rectify_by=FAR),
        "过于遥远",
    ),
    (
        "carrying over for subjective reasons",
        plain,
        say(CarryOver, OFFICE, new_due_on=day("2017-06-30"), cause=Cause.SUBJECTIVE, reason="x"),
        "应按查办程序处理",
    ),
    (
        "carrying over to an earlier date",
        plain,
        say(CarryOver, OFFICE, new_due_on=day(LATE), cause=Cause.OBJECTIVE, reason="x"),
        "须晚于现行期限2016年12月31日",
    ),
    (
        "carrying over what is done",
        requested,
        say(CarryOver, OFFICE, new_due_on=day("2017-06-30"), cause=Cause.OBJECTIVE, reason="x"),
        "没有未完成的节点",
    ),
    (
        "carrying over for ever",
        plain,
        say(CarryOver, OFFICE, new_due_on=FAR, cause=Cause.OBJECTIVE, reason="x"),
        "过于遥远",
    ),
    ("adopting nothing", plain, say(Adopt, OFFICE, reason="x"), "没有给出新的规则"),
    ("ending it oneself", plain, say(Terminate, HANDLING, reason="x"), "无权终止任务"),
]


@pytest.mark.parametrize(
    ("before", "message", "why"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_it_is_refused_in_words_and_changes_nothing(
    before: Callable[[Supervised], None], message: Callable[[Supervised], Any], why: str
) -> None:
    task = Supervised("2016-06-30", LATE).until("2016-06-01 10:00")
    before(task)
    assert why in task.refuses(message(task))


def test_a_person_who_does_not_speak_for_the_body_is_refused() -> None:
    task = Supervised("2016-06-30", LATE)
    roles = task.state.roles.model_copy(update={"persons": {HANDLING: ("王科长",)}})
    task.tell(Adopt(**task.said(OFFICE), reason="补充人员", roles=roles))
    assert task.refuses(say(Accept)(task)) == "张三不在市医保中心的人员名单中（现有：王科长）"


def test_whoever_asked_for_the_strike_off_does_not_verify_it() -> None:
    task = Supervised(LATE, handling_body=SUPERVISOR)
    task.tell(RequestStrikeOff(**task.said(SUPERVISOR), deliverable="文号"))
    assert "不得核验自己的申请" in task.refuses(say(Verify, SUPERVISOR, passed=True)(task))
    task.tell(Verify(body=SUPERVISOR, person="李四", passed=True))


def test_whoever_asked_for_an_extension_does_not_decide_it() -> None:
    task = Supervised("2016-06-30", LATE, handling_body=SUPERVISOR)
    wish = {"milestone": 1, "new_due_on": day("2016-08-31"), "reason": "省里推迟"}
    task.tell(RequestExtension(**{**task.said(SUPERVISOR), **wish}))
    assert "不得审批自己的申请" in task.refuses(say(Decide, SUPERVISOR, approve=True)(task))
    task.tell(Decide(body=SUPERVISOR, person="李四", approve=True))
    assert task.state.milestones[0].due_on == day("2016-08-31")


def test_a_decision_among_several_must_be_named() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-09-20 10:00")
    task.decide(OFFICE, True, grounds=[Ground.PASSIVE])
    assert "请用 request 指明：e1/circular/confirmation、e1/interview/decision" in task.refuses(
        say(Decide, GROUP, approve=True)(task)
    )


def test_a_refused_signal_is_kept_on_record_and_binds_no_later_message() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-06-01 10:00")
    last = task.state.last_at
    kept = note_refusal(task.state, task.policy, task.now, "进度101%不在0—100之间")
    assert [(e.kind, e.version, e.text) for e in kept.entries] == [
        (EntryKind.REFUSED, task.state.version + 1, "进度101%不在0—100之间")
    ]
    assert kept.state == task.state.model_copy(update={"version": task.state.version + 1})
    assert kept.state.last_at == last


WRONG_BODIES = [
    (act, role)
    for act in Act
    for role in (*policy_of().regime.offices, "supervising_body", "lead_body", "handling_body", "supporting_bodies")
    if role not in policy_of().regime.authority.of(act) and act is not Act.TAKE_STEP
]


@pytest.mark.parametrize(("act", "role"), WRONG_BODIES, ids=[f"{act.value}-{role}" for act, role in WRONG_BODIES])
def test_whoever_has_no_part_in_an_act_may_not_do_it(act: Act, role: str) -> None:
    task = Supervised("2016-06-30", LATE, supporting_bodies=("市财政局",))
    (body, *_) = task.state.roles.of(role)
    fields = {
        "action": "call", "content": "x", "approve": True, "milestone": 1, "new_due_on": LATE, "reason": "x",
        "text": "x", "grounds": ["passive"], "passed": True, "cause": "objective", "deliverable": "x", "note": "x",
        "version": 1, "found": "completed", "lists": ["key"],
    }  # fmt: skip
    kind = next(k for k in get_args(get_args(AnyMessage)[0]) if k.model_fields["act"].default is act)
    taken = {name: value for name, value in fields.items() if name in kind.model_fields}
    message = kind.model_validate({"body": body, "person": "张三", **taken})
    assert f"{body}无权{ACT_WORDS[act]}" in task.refuses(message)


@pytest.mark.parametrize("due_on", [date.min, date.max])
def test_a_date_that_no_clock_reaches_is_no_milestone(due_on: date) -> None:
    with pytest.raises(ValidationError):
        PlannedMilestone(number=1, phrase="永远", due_on=due_on)
