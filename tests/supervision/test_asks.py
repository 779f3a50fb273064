"""What an outcome asks of tasks and plans, as its item puts it on record; and what tasks do with it."""

from typing import Any

import pytest

from duban.supervision.plans.plan import ListKind
from duban.supervision.rules.asks import AskedAct
from duban.supervision.rules.authority import Act
from duban.supervision.rules.procedures import Procedure
from duban.supervision.tasks.entries import AskChange, EntryKind
from duban.supervision.tasks.messages import Amend, Mark
from tests.supervision.items import ASSUMED, Item, of_one_step
from tests.supervision.supervised import HANDLING, LEAD, OFFICE, SUPERVISOR, Supervised, day

TASKS = {"name": "tasks", "title": "任务", "kind": "code", "several": True, "optional": True}
DATE = {"name": "deadline", "title": "新时限", "kind": "date", "optional": True}


def asking(*asks: dict[str, Any], given: tuple[dict[str, Any], ...] = (), **outcome: Any) -> Procedure:
    one = {"name": "some", "title": "列出", "asks": list(asks), **outcome}
    return of_one_step(
        given=list(given), limit={"days": 9, "source": ASSUMED}, outcomes=[one, {"name": "x", "title": "无"}]
    )


def asked(item: Item) -> list[AskChange]:
    return list(item.changes(AskChange))


def test_what_is_asked_stands_with_the_outcome_under_whoever_took_the_step() -> None:
    ask = {"act": "amend", "to": "tasks", "facts": {"new_due_on": "deadline"}, "always": {"document": "1号"}}
    item = Item(asking(ask, facts=[TASKS, DATE]), facts={})
    item.take(outcome="some", facts={"tasks": ("A-1", "A-2", "A-1"), "deadline": "2017-03-31"})
    (entry,) = [e for e in item.entries if e.kind is EntryKind.ACT_ASKED]
    (change,) = entry.changes
    assert isinstance(change, AskChange)
    assert (change.key, change.targets) == ("s1/only/asks/1", ("A-1", "A-2"))
    assert (change.body, change.person, change.at) == (LEAD, "张三", entry.at)
    assert change.fields == {
        "document": "1号",
        "new_due_on": "2017-03-31",
        "reason": f"事项“报告”列出；任务：A-1、A-2、A-1；新时限：2017-03-31（据事项 {item.state.code}）",
    }
    assert entry.text == f"“报告”的结果为“列出”，以{LEAD}名义对A-1、A-2办理：调整任务"


def test_where_nothing_is_named_nothing_is_asked_and_what_was_named_another_time_is_not_asked_again() -> None:
    ask = {"act": "mark", "to": "tasks", "always": {"lists": "key"}}
    item = Item(asking(ask, facts=[TASKS], goes_on=True), facts={})
    item.take(outcome="some", facts={"tasks": "A-1"})
    item.take(outcome="some")
    item.take(outcome="some", facts={"tasks": "A-2"})
    assert [(change.key, change.targets) for change in asked(item)] == [
        ("s1/only/part/1/asks/1", ("A-1",)),
        ("s1/only/part/3/asks/1", ("A-2",)),
    ]


def test_what_the_item_is_about_may_be_meant_without_being_stated() -> None:
    ask = {"act": "urge", "to": "concerns", "facts": {"text": "why"}}
    why = {"name": "why", "title": "原因"}
    item = Item(asking(ask, given=(why,)), facts={"why": ("材" * 4_000,)}, concerns=("A-7",))
    item.take(outcome="some")
    (change,) = asked(item)
    assert change.targets == ("A-7",)
    assert str(change.fields["text"]).endswith(f"材…（据事项 {item.state.code}）")
    assert len(str(change.fields["text"])) < 4_000


def test_what_is_asked_of_a_task_is_an_act_of_tasks() -> None:
    acts = {act.value for act in Act}
    assert [act.value for act in AskedAct if act.value not in acts] == ["strike_off_plan"]


def test_a_procedure_that_asks_nothing_is_kept_word_for_word_as_before() -> None:
    assert "asks" not in asking().model_dump_json()


def test_a_task_is_put_on_lists_and_taken_off_and_nobody_is_bothered() -> None:
    task = Supervised("2016-09-30", list_kinds=(ListKind.PILOT,))
    before = len(task.entries)
    task.tell(Mark(**task.said(OFFICE), lists=(ListKind.KEY, ListKind.PILOT, ListKind.KEY), reason="领导小组明确"))
    assert [kind.value for kind in task.state.definition.list_kinds] == ["pilot", "key"]
    (entry,) = task.entries[before:]
    assert entry.text == f"{OFFICE}将任务列入重点、试点清单：领导小组明确"
    assert [change.table for change in entry.changes] == ["task"]
    task.tell(Mark(**task.said(SUPERVISOR), lists=(ListKind.KEY,), reason="再次明确"))
    assert task.entries[-1].text.endswith("列入重点清单（此前已如此，没有变化）：再次明确")
    task.tell(Mark(**task.said(OFFICE), lists=(ListKind.PILOT,), remove=True, reason="试点结束"))
    assert [kind.value for kind in task.state.definition.list_kinds] == ["key"]
    assert "无权列入清单" in task.refuses(Mark(**task.said(HANDLING), lists=(ListKind.KEY,), reason="自荐"))


def test_another_last_day_for_the_whole_task_moves_what_is_overdue_and_the_last_milestone() -> None:
    task = Supervised("2016-06-30", "2016-08-31", "2016-12-31")
    task.until("2016-07-10 10:00")
    task.tell(Amend(**task.said(OFFICE), reason="盘点", new_due_on=day("2017-03-31")))
    assert [m.due_on.isoformat() for m in task.state.milestones] == ["2017-03-31", "2016-08-31", "2017-03-31"]
    assert [m.baseline_on.isoformat() for m in task.state.milestones] == ["2016-06-30", "2016-08-31", "2016-12-31"]
    assert task.state.milestones[2].final
    assert task.state.episode is None or task.state.episode.ended_on is not None


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"new_due_on": "2016-05-01"}, "早于今天"),
        ({"new_due_on": "2017-03-31", "milestones": [{"number": 1, "phrase": "改名"}]}, "不能同时写"),
        ({"new_due_on": "2016-12-31"}, "没有需要调整的内容"),
    ],
)
def test_another_last_day_that_cannot_be_is_refused(more: dict[str, Any], reason: str) -> None:
    task = Supervised("2016-12-31")
    assert reason in task.refuses(Amend(**task.said(OFFICE), reason="盘点", **more))


def test_a_task_whose_milestones_are_met_gets_no_other_last_day_and_an_item_by_its_step_only() -> None:
    task = Supervised(entered="2016-06-01", open_ended=True, report_cycle="quarterly")
    assert "没有未完成的节点" in task.refuses(Amend(**task.said(OFFICE), reason="盘点", new_due_on=day("2017-03-31")))
    item = Item(asking(), facts={})
    assert "step_due_on" in item.refuses(Amend(**item.said(OFFICE), reason="盘点", new_due_on=day("2017-03-31")))
