"""An item that goes step by step, on its server: exact days, answers, and what it costs."""

from duban.supervision.tasks.entries import EntryKind, NoticeKind
from tests.supervision.items import DOCKING, going_by, procedure
from tests.supervision.supervised import LEAD, OFFICE, SUPERVISOR
from tests.workflows.installation import OnSkippedTime, Sent

FACTS = {"document": ("省方案",), "meeting_on": ("2016-06-01",)}
EVENTS_OF_THREE_STEPS = 50
"""As for a task that is accepted, asked to be struck off and verified: three answered updates with their records."""


async def test_a_step_is_announced_and_chased_on_its_days_and_closed_by_the_last_record(days: OnSkippedTime) -> None:
    days.policy = going_by(procedure())
    await days.issue(entered="2016-06-01", procedure="docking", facts=FACTS, handling_body="")
    assert "无权办理“发出对接提示通知”" in await days.refused("take_step", await days.said(LEAD))
    await days.tell("take_step", OFFICE)
    await days.until("2016-06-17")
    row = await days.row()
    assert (str(row.due_on), str(row.behind_since), row.lag_days, row.awaiting) == (
        "2016-06-16",
        "2016-06-16",
        1,
        (LEAD,),
    )
    assert days.sent(NoticeKind.ADVANCE_NOTICE) == [Sent("advance_notice", LEAD, "2016-06-13", "2016-06-13")]
    assert days.sent(NoticeKind.CHASE) == [Sent("chase", LEAD, "2016-06-17", "2016-06-17")]
    await days.tell("amend", SUPERVISOR, reason="上级推迟", step_due_on="2016-06-30")
    await days.recorded()
    assert (await days.row()).lag_days == 0
    await days.tell("take_step", LEAD, facts={"plan": "分三步走"})
    await days.tell("take_step", OFFICE, person="李四", outcome="同意")
    assert await days.handle().result() == "closed"
    assert days.of_kind(EntryKind.ITEM_CLOSED)


async def test_an_item_of_three_steps_costs_no_more_than_a_task_on_its_quiet_path(days: OnSkippedTime) -> None:
    quiet = [{**step, "announce": None} for step in DOCKING["steps"]]
    days.policy = going_by(procedure(steps=quiet))
    await days.issue(entered="2016-06-01", procedure="docking", facts=FACTS, handling_body="")
    await days.tell("take_step", OFFICE)
    await days.at_rest()
    await days.tell("take_step", LEAD, facts={"plan": "分三步走"})
    await days.at_rest()
    await days.tell("take_step", OFFICE, person="李四", outcome="agreed")
    await days.handle().result()
    events = len((await days.handle().fetch_history()).events)
    assert events <= EVENTS_OF_THREE_STEPS
