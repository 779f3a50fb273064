"""A new version of a plan beside what its tasks have on record: what differs, and what cannot be carried out."""

from typing import Any

import pytest

from duban.changes.amending import Decision, foresee_all, message_of, next_reminder, order_of
from duban.changes.comparing import AmendmentKind, Comparison, compare_plan
from duban.changes.nodes import pair_nodes
from duban.contracts import StoredPlan, TaskInput
from duban.ledger.plans.amendments import RegisteredTask
from duban.orders import TargetKind
from duban.supervision.bodies.organisation import Body, Organisation, Person
from duban.supervision.plans.plan import PlanDefinition, PlannedMilestone, TaskDefinition
from duban.supervision.rules.authority import Act
from duban.supervision.rules.parts import PersonRole
from duban.supervision.tasks.messages import Amend, AmendedMilestone
from tests.supervision.supervised import HANDLING, LEAD, OFFICE, SUPERVISOR, Supervised, day

TODAY = day("2016-08-10")
DECISION = Decision(body=OFFICE, person="张三", reason="年中调整", document="市改发〔2016〕9号")


def nodes(*dated: tuple[str, str]) -> tuple[PlannedMilestone, ...]:
    return tuple(
        PlannedMilestone(number=number, phrase=phrase, due_on=day(due_on))
        for number, (phrase, due_on) in enumerate(dated, 1)
    )


def row(code: str = "T-1", *dated: tuple[str, str], **fields: Any) -> TaskDefinition:
    fields = {"title": "医保支付方式改革", "lead_body": LEAD, "handling_body": HANDLING, **fields}
    return TaskDefinition(code=code, milestones=nodes(*dated) or nodes(("年底完成", "2016-12-31")), **fields)


def under_supervision(definition: TaskDefinition) -> Supervised:
    return Supervised(*definition.milestones, **definition.model_dump(exclude={"milestones"}))


def compared(registered: list[TaskDefinition | Supervised], *rows: TaskDefinition) -> Comparison:
    tasks = [each if isinstance(each, Supervised) else under_supervision(each) for each in registered]
    known = [RegisteredTask(code=t.state.code, is_open=not t.state.stage.is_final, state=t.state) for t in tasks]
    plan = PlanDefinition(code="T", title="方案", issued_on=day("2016-05-03"), tasks=rows)
    return compare_plan(known, plan, TODAY)


# The same


def test_the_same_file_is_no_difference() -> None:
    assert compared([row("T-1"), row("T-2")], row("T-1"), row("T-2")) == Comparison()


def test_what_an_extension_has_moved_is_no_difference() -> None:
    task = under_supervision(row("T-1", ("半年", "2016-06-30"), ("年底", "2016-12-31"))).until("2016-06-20 12:00")
    task.extend(1, "2016-09-30")
    assert compared([task], row("T-1", ("半年", "2016-06-30"), ("年底", "2016-12-31"))) == Comparison()


def test_what_was_amended_is_no_difference_any_more() -> None:
    task = under_supervision(row()).until("2016-06-20 12:00")
    node = AmendedMilestone(number=1, due_on=day("2017-03-31"), phrase="三月底")
    task.tell(Amend(**task.said(SUPERVISOR), reason="调整", milestones=(node,), title="新名"))
    assert compared([task], row("T-1", ("三月底", "2017-03-31"), title="新名")) == Comparison()


def test_a_lead_body_that_does_the_work_itself_may_be_written_twice_or_once() -> None:
    assert compared([row(handling_body="")], row(handling_body=LEAD)) == Comparison()


# Task by task


def test_each_difference_has_its_kind() -> None:
    found = compared(
        [row("T-1"), row("T-2"), row("T-3"), row("T-4"), row("T-5")],
        row("T-1", ("三月底", "2017-03-31")),
        row("T-2a", split_from="T-2"),
        row("T-2b", split_from="T-2"),
        row("T-3", merged_into="T-1"),
        row("T-5", title="新名", lead_body="市财政局", handling_body="市预算中心"),
        row("T-6"),
    )
    assert found.problems == ()
    assert {d.code: d.kind for d in found.differences} == {
        "T-1": AmendmentKind.CHANGED,
        "T-2a": AmendmentKind.NEW,
        "T-2b": AmendmentKind.NEW,
        "T-3": AmendmentKind.MERGED,
        "T-5": AmendmentKind.CHANGED,
        "T-6": AmendmentKind.NEW,
        "T-2": AmendmentKind.SPLIT,
        "T-4": AmendmentKind.WITHDRAWN,
    }
    by_code = {d.code: d for d in found.differences}
    assert by_code["T-2"].successors == ("T-2a", "T-2b")
    assert by_code["T-3"].successors == ("T-1",)
    assert by_code["T-1"].absorbed == ("T-3",)
    assert [(f.field, f.old, f.new) for f in by_code["T-5"].fields] == [
        ("title", "医保支付方式改革", "新名"),
        ("lead_body", LEAD, "市财政局"),
        ("handling_body", HANDLING, "市预算中心"),
    ]


def test_a_task_that_goes_on_with_a_smaller_scope_names_its_parts() -> None:
    found = compared([row("T-1")], row("T-1", measures="只管一半"), row("T-1a", split_from="T-1"))
    assert [(d.code, d.kind, d.successors) for d in found.differences] == [
        ("T-1", AmendmentKind.CHANGED, ("T-1a",)),
        ("T-1a", AmendmentKind.NEW, ()),
    ]


def test_a_task_that_is_over_is_left_alone_and_said_so() -> None:
    task = under_supervision(row()).until("2016-05-20 12:00")
    task.ask_strike_off()
    task.verify()
    assert compared([task]) == Comparison()
    found = compared([task], row(title="新名"))
    assert found.differences == ()
    assert found.notes == ("T-1：已办结，文件中的改动不再采用",)


# Milestones


def test_moved_and_renamed_milestones_are_recognised() -> None:
    old = (("报送方案", "2016-09-30"), ("印发文件", "2016-10-31"), ("全部完成", "2016-12-31"))
    new = (("报送方案", "2016-10-15"), ("印发实施意见", "2016-10-31"), ("全部完成", "2017-03-31"))
    [difference] = compared([row("T-1", *old)], row("T-1", *new)).differences
    assert [(n.number, n.old_on, n.new_on, n.new_phrase) for n in difference.milestones] == [
        (2, day("2016-10-31"), day("2016-10-31"), "印发实施意见"),
        (1, day("2016-09-30"), day("2016-10-15"), "报送方案"),
        (3, day("2016-12-31"), day("2017-03-31"), "全部完成"),
    ]


def test_dates_that_moved_with_their_words_are_paired_in_order() -> None:
    pairs = pair_nodes(
        nodes(("9月底", "2016-09-30"), ("12月底", "2016-12-31")),
        nodes(("10月底", "2016-10-31"), ("3月底", "2017-03-31")),
    )
    assert pairs is not None
    assert [(p.old.number, p.new.number) for p in pairs if p.old and p.new] == [(1, 1), (2, 2)]


def test_what_cannot_be_told_apart_is_asked_about_and_not_guessed() -> None:
    old = (("9月底", "2016-09-30"), ("12月底", "2016-12-31"))
    found = compared([row("T-1", *old)], row("T-1", ("11月底", "2016-11-30")))
    assert "看不出哪个对应哪个" in found.problems[0]
    assert "请分两次调整" in found.problems[0]


def test_milestones_that_come_and_go_are_told() -> None:
    old = (("报送方案", "2016-09-30"), ("全部完成", "2016-12-31"))
    [gone] = compared([row("T-1", *old)], row("T-1", old[1])).differences
    assert [(n.number, n.new_on) for n in gone.milestones] == [(1, None)]
    [come] = compared([row("T-1", old[1])], row("T-1", *old)).differences
    assert [(n.number, n.new_on) for n in come.milestones] == [(None, day("2016-09-30"))]


def test_a_date_in_the_past_is_refused_with_the_remedy() -> None:
    found = compared([row()], row("T-1", ("七月底", "2016-07-31")))
    assert "早于今天" in found.problems[0]
    assert "请改为今天或以后的日期" in found.problems[0]


def test_what_is_done_is_left_alone_and_said_so() -> None:
    task = under_supervision(row("T-1", ("报送方案", "2016-06-30"), ("全部完成", "2016-12-31"))).until(
        "2016-06-20 12:00"
    )
    task.report(1)
    found = compared([task], row("T-1", ("全部完成", "2016-12-31")))
    assert found.differences == ()
    assert "第1个节点已完成" in found.notes[0]


# Kin


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ((row("T-1"), row("T-2", split_from="T-9")), "方案中没有这项任务"),
        ((row("T-1"), row("T-2", merged_into="T-1")), "不能并入T-1"),
        ((row("T-1", merged_into="T-9"),), "文件中没有这项继续办理的任务"),
        ((row("T-1", merged_into="T-1"),), "文件中没有这项继续办理的任务"),
        ((row("T-1"), row("T-2", ("七月底", "2016-07-31"))), "在“拆分自”一栏写明原任务"),
        ((row("T-1"), row("T-2", ("七月底", "2016-07-31"), split_from="T-1")), "早于今天"),
    ],
)
def test_kin_that_is_none_is_refused_with_the_remedy(rows: tuple[TaskDefinition, ...], why: str) -> None:
    [problem] = compared([row("T-1")], *rows).problems
    assert why in problem


def test_a_part_may_keep_the_overdue_date_of_the_whole() -> None:
    whole = under_supervision(row("T-1", ("六月底", "2016-06-30"))).until("2016-08-10 12:00")
    assert compared([whole], row("T-2", ("六月底", "2016-06-30"), split_from="T-1")).problems == ()


def test_a_task_waiting_for_its_verification_keeps_its_dates() -> None:
    task = under_supervision(row()).until("2016-05-20 12:00")
    task.ask_strike_off()
    assert "第1个节点已完成" in compared([task], row("T-1", ("三月底", "2017-03-31"))).notes[0]
    added = compared([task], row("T-1", ("年底完成", "2016-12-31"), ("验收", "2017-03-31")))
    assert "销号申请正在核验" in added.problems[0]


# What is told


def stored(*rows: TaskDefinition, **organisation: Any) -> StoredPlan:
    plan = PlanDefinition(code="T", title="方案", issued_on=day("2016-05-03"), supervising_body=SUPERVISOR, tasks=rows)
    return StoredPlan(
        definition=plan, organisation=Organisation(**organisation), policy=Supervised("2016-12-31").policy
    )


def test_the_plan_is_told_first_and_what_ends_last() -> None:
    rows = (row("T-2a", split_from="T-2"), row("T-3", merged_into="T-1"), row("T-1", title="新名"))
    found = compared([row("T-1"), row("T-2"), row("T-3")], *rows)
    task = Supervised("2016-12-31")
    order = order_of(stored(*rows), "d1", found, DECISION, task.now, task.now)
    assert [(i.target, i.target_kind, i.act) for i in order.items] == [
        ("T", TargetKind.PLAN, "amend"),
        ("T-1", TargetKind.TASK, "amend"),
        ("T-3", TargetKind.TASK, "terminate"),
        ("T-2", TargetKind.TASK, "terminate"),
    ]
    assert order.items[0].fields == {"digest": "d1", "document": "市改发〔2016〕9号"}
    assert order.items[1].fields == {"title": "新名", "document": "市改发〔2016〕9号", "absorbed": ["T-3"]}
    assert order.items[3].fields == {"reason": "年中调整（依据市改发〔2016〕9号）", "successors": ["T-2a"]}


def test_a_new_lead_comes_with_its_persons_and_with_who_does_the_work() -> None:
    finance = Body(name="市财政局", persons=(Person(name="李四", role=PersonRole.HEAD), Person(name="王五")))
    changed = row(lead_body="市财政局", handling_body="")
    [difference] = compared([row(handling_body="")], changed).differences
    act, fields = message_of(difference, changed, Organisation(bodies=(finance,)), DECISION)
    assert act is Act.AMEND
    assert fields == {
        "document": "市改发〔2016〕9号",
        "handling_body": "",
        "lead_body": "市财政局",
        "persons": {"市财政局": ["李四", "王五"]},
        "heads": {"市财政局": "李四"},
    }


def test_milestones_are_told_by_the_numbers_of_the_task() -> None:
    old = (("报送方案", "2016-09-30"), ("全部完成", "2016-12-31"))
    changed = row("T-1", ("报送方案", "2016-10-15"), ("全部完成", "2016-12-31"))
    [difference] = compared([row("T-1", *old)], changed).differences
    _, fields = message_of(difference, changed, Organisation(), DECISION)
    assert fields["milestones"] == [{"number": 1, "due_on": "2016-10-15", "kind": "other"}]


# What it sets off


def test_the_next_reminder_is_foretold_before_and_after() -> None:
    task = under_supervision(row("T-1", ("六月底", "2016-06-30"))).until("2016-08-10 12:00")
    changed = row("T-1", ("年底", "2016-12-31"))
    found = compared([task], changed)
    given = TaskInput(state=task.state, policy=task.policy)
    [foreseen], refused = foresee_all(
        stored(changed), found, {"T-1": given}, Decision(body="", person="", reason=""), task.now
    )
    assert refused == ()
    assert foreseen.next_reminder_before is not None
    assert foreseen.next_reminder_after is not None
    before, after = foreseen.next_reminder_before, foreseen.next_reminder_after
    assert (before.level, before.due_on) == ("onsite", day("2016-08-15"))
    assert (after.level, after.due_on) == ("phone", day("2017-01-16"))


def test_what_a_task_would_refuse_is_known_before_anything_is_kept() -> None:
    task = under_supervision(row()).until("2016-06-20 12:00")
    found = compared([task])
    given = {"T-1": TaskInput(state=task.state, policy=task.policy)}
    decided = DECISION.model_copy(update={"body": SUPERVISOR})
    _, [refusal] = foresee_all(stored(), found, given, decided, task.now)
    assert f"{SUPERVISOR}无权终止任务" in refusal


def test_a_task_that_is_over_reminds_of_nothing() -> None:
    task = under_supervision(row()).until("2016-05-20 12:00")
    task.ask_strike_off()
    task.verify()
    assert next_reminder(task.state, task.policy, task.now) is None
