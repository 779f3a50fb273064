"""What has to be stated at the opening and with a step, and what hangs on it."""

from typing import Any

import pytest
from pydantic import ValidationError

from duban.supervision.plans.plan import TaskDefinition
from duban.supervision.rules.procedures import Procedure
from duban.supervision.steps.items import opened
from duban.supervision.tasks.entries import EntryKind, RecordChange
from duban.supervision.tasks.state import Stage
from duban.supervision.tasks.turn import Refusal
from tests.supervision.items import ASSUMED, DOCKING, Item, going_by, of_one_step, procedure
from tests.supervision.supervised import GROUP, HANDLING, LEAD, OFFICE, day, roles_of

TEN_DAYS: dict[str, Any] = {"limit": {"days": 10, "source": ASSUMED}, "source": ASSUMED}


def refused(steps: Procedure, lead: str = LEAD, **facts: tuple[str, ...]) -> str:
    """Why an item cannot be opened."""
    policy = going_by(steps)
    task = TaskDefinition(code="T-1", title="事项", lead_body=lead, procedure="p", facts=facts)
    done = opened(task, roles_of(task, policy), policy, day("2016-06-01"))
    assert isinstance(done, Refusal), done
    return done.reason


def test_an_opening_names_all_that_is_missing_and_how_it_is_written() -> None:
    said = refused(procedure(), secret=("x",))
    assert (
        said == "不认识的事项“secret”（可写：上级方案（document，文字）、会议日期（meeting_on，日期，如 2016-06-30）、"
        "起始日（period_from，日期，如 2016-06-30）、截止日（period_to，日期，如 2016-06-30））"
    )
    assert refused(procedure()) == "还须写明：上级方案（document，文字）、会议日期（meeting_on，日期，如 2016-06-30）"
    with pytest.raises(ValueError, match="还须写明：上级方案"):
        Item(facts={})


MEASURES = {"oral": "口头告诫", "circular": "通报批评"}
KINDS: list[dict[str, Any]] = [
    {"name": "on", "title": "日期", "kind": "date", "optional": True},
    {"name": "count", "title": "人数", "kind": "number", "optional": True},
    {"name": "measure", "title": "措施", "kind": "choice", "choices": MEASURES, "optional": True},
    {"name": "target", "title": "对象", "kind": "body", "several": True, "optional": True},
    {"name": "task", "title": "任务", "kind": "code", "optional": True},
]  # fmt: skip


@pytest.mark.parametrize(
    ("fact", "value", "why"),
    [
        ("on", "6月30日", "不是有效日期，请按 2016-06-30 填写"),
        ("on", "2116-06-30", "过于遥远，请核对年份"),
        ("count", "十二", "不是数字"),
        ("count", "NaN", "不是数字"),
        ("measure", "拘留", "不在可选范围内（可写：oral 口头告诫、circular 通报批评）"),
        ("target", "某\n局", "不能用"),
        ("task", "T" * 101, "不能用"),
    ],
)
def test_what_is_stated_fits_its_kind(fact: str, value: str, why: str) -> None:
    item = Item(of_one_step(facts=KINDS, **TEN_DAYS))
    assert why in item.not_taken(facts={fact: value})


def test_what_fits_is_kept_with_the_record() -> None:
    item = Item(of_one_step(facts=KINDS, **TEN_DAYS))
    facts = {"on": "2016-06-30", "count": "12", "measure": "通报批评", "target": ["甲局", "乙局"], "task": "T-9"}
    item.take(facts=facts)
    (record,) = item.changes(RecordChange)
    assert (record.kind, record.id, record.body, record.person) == ("step", "step/s1/only", LEAD, "张三")
    assert record.facts == {
        "step": "only", "outcome": "done", "due_on": "2016-06-16", "fact.on": "2016-06-30", "fact.count": "12",
        "fact.measure": "circular", "fact.target": "甲局、乙局", "fact.task": "T-9",
    }  # fmt: skip
    assert "日期：2016-06-30；人数：12；措施：通报批评；对象：甲局、乙局" in item.of_kind(EntryKind.STEP_TAKEN)[0].text


def test_one_value_is_one_and_all_problems_are_told_at_once() -> None:
    item = Item(of_one_step(facts=KINDS, **TEN_DAYS))
    said = item.not_taken(facts={"on": ["2016-06-30", "2016-07-01"], "count": "x"})
    assert "日期（on）只能写一个" in said
    assert "人数（count）“x”不是数字" in said
    assert "所写事项过长" in item.not_taken(facts={"target": ["局" * 90] * 100})


# Who takes it


def accountability() -> Procedure:
    choices = {"oral": "口头告诫", "organisational": "组织处理"}
    return Procedure.model_validate(
        {
            "title": "追责问责",
            "source": ASSUMED,
            "handled_by": "target",
            "supervised_by": "reform_office",
            "facts": [{"name": "target", "title": "对象", "kind": "body"}],
            "steps": [
                {"id": "decide", "title": "决定", "by": "leading_group", "facts": [
                    {"name": "measure", "title": "措施", "kind": "choice", "choices": choices}], **TEN_DAYS},
                {"id": "carry_out", "title": "实施", "by": [
                    {"by": "leading_group", "when": {"measure": ["organisational"]}, "source": ASSUMED},
                    {"by": "reform_office", "when": {"measure": ["oral"]}, "source": ASSUMED}], **TEN_DAYS},
                {"id": "rectify", "title": "整改", "by": "target", **TEN_DAYS},
            ],
        }
    )  # fmt: skip


@pytest.mark.parametrize(("measure", "by"), [("oral", OFFICE), ("organisational", GROUP)])
def test_who_carries_out_hangs_on_what_was_decided(measure: str, by: str) -> None:
    item = Item(accountability(), facts={"target": (HANDLING,)}, lead_body=HANDLING)
    item.take(GROUP, facts={"measure": measure})
    assert item.waits()[:2] == ("s2/carry_out", by)
    item.take(by)
    assert item.waits()[:2] == ("s3/rectify", HANDLING)
    item.until("2016-07-01")
    assert (item.state.roles.first("supervising_body"), item.chases("s3/rectify/step")[0]) == (OFFICE, "2016-06-17")
    item.take(HANDLING)
    assert item.state.stage is Stage.CLOSED


def test_whoever_is_named_at_a_step_owes_the_next_one_and_has_to_be_named() -> None:
    named = {"name": "inspected", "title": "受检单位", "kind": "body", "optional": True}
    steps = [
        {"id": "plan", "title": "排定", "by": "reform_office", "facts": [named], **TEN_DAYS},
        {"id": "answer", "title": "答复", "by": "inspected", **TEN_DAYS},
    ]
    item = Item(procedure(facts=[], steps=steps))
    assert "还须写明：受检单位（inspected，单位全称）" in item.not_taken(OFFICE)
    item.take(OFFICE, facts={"inspected": "市水务局"})
    assert item.waits()[:2] == ("s2/answer", "市水务局")
    assert "应由市水务局办理" in item.not_taken(LEAD)


def test_the_date_of_the_next_step_has_to_be_stated_before_it_begins() -> None:
    steps = [
        {"id": "plan", "title": "排定", "by": "reform_office", **TEN_DAYS},
        {"id": "go", "title": "督察", "by": "lead_body", "due": "on", "source": ASSUMED,
         "facts": [{"name": "on", "title": "督察日期", "kind": "date", "optional": True}]},
    ]  # fmt: skip
    item = Item(procedure(facts=[], steps=steps))
    assert "还须写明：督察日期（on，日期，如 2016-06-30）" in item.not_taken(OFFICE)
    item.take(OFFICE, facts={"on": "2016-08-01"})
    assert item.waits() == ("s2/go", LEAD, "2016-08-01")


def test_a_role_that_nobody_holds_is_found_at_the_opening() -> None:
    steps = [*DOCKING["steps"], {"id": "file", "title": "归档", "by": "archive", **TEN_DAYS}]
    said = refused(procedure(steps=steps), document=("省方案",), meeting_on=("2016-06-01",))
    assert said == "没有单位担任：archive。请在机构文件的 roles 中写明，再立项"


def test_an_item_belongs_to_a_body_that_may_have_it() -> None:
    said = refused(procedure(handled_by="leading_group"), document=("省方案",), meeting_on=("2016-06-01",))
    assert f"{LEAD}不是“对接提示”的承办单位：应为领导小组（{GROUP}）" in said


def test_of_several_bodies_of_a_role_the_item_belongs_to_one() -> None:
    policy = going_by(of_one_step(by="groups", **TEN_DAYS).model_copy(update={"handled_by": "groups"}))
    offices = {**policy.regime.offices, "groups": ("经济组", "文化组")}
    regime = policy.regime.model_copy(update={"offices": offices})
    item = Item(policy=policy.model_copy(update={"regime": regime}), lead_body="文化组", facts={})
    assert item.waits()[:2] == ("s1/only", "文化组")
    assert "应由文化组办理" in item.not_taken("经济组")


def test_a_period_that_ends_before_it_begins_is_none() -> None:
    said = refused(of_one_step(times=2), period_from=("2016-12-31",), period_to=("2016-01-01",))
    assert "晚于截止日" in said
    assert "截止日（period_to" in refused(of_one_step(times=2))


# What opens another item


def test_an_outcome_opens_another_item_once_with_what_is_known() -> None:
    opens = [{"procedure": "accountability", "facts": {"target": "who", "x": "none"}}]
    ends = [
        {"name": "found", "title": "查实", "opens": opens},
        {"name": "clear", "title": "不成立", "then": "closed"},
    ]
    given: list[dict[str, Any]] = [
        {"name": "who", "title": "对象", "kind": "body"},
        {"name": "none", "title": "未写", "optional": True},
    ]
    chain = of_one_step(outcomes=ends, given=given, **TEN_DAYS)
    item = Item(chain, facts={"who": (LEAD,)})
    item.take(outcome="found")
    assert item.take_again().repeated
    (opening,) = item.opens()
    assert (opening.key, opening.procedure, opening.facts) == ("s1/only/opens/1", "accountability", {"target": (LEAD,)})
    assert item.kinds()[-3:] == [EntryKind.STEP_TAKEN, EntryKind.ITEM_OPENED, EntryKind.ITEM_CLOSED]
    clear = Item(chain, facts={"who": (LEAD,)})
    clear.take(outcome="clear")
    assert clear.opens() == []


# What does not load


@pytest.mark.parametrize(
    ("routes", "why"),
    [
        ([{"by": "lead_body", "when": {"document": ["x"]}, "source": ASSUMED}], "须是已定义的选项"),
        ([{"by": "lead_body", "when": {"kind": ["a"]}, "source": ASSUMED}], "kind=b 时没有写由谁办理"),
    ],
)
def test_a_step_that_nobody_would_take_does_not_load(routes: list[dict[str, Any]], why: str) -> None:
    given: list[dict[str, Any]] = [
        {"name": "document", "title": "文件"},
        {"name": "kind", "title": "类别", "kind": "choice", "choices": {"a": "甲", "b": "乙"}},
    ]
    with pytest.raises(ValidationError, match=why):
        of_one_step(by=routes, given=given, **TEN_DAYS)
