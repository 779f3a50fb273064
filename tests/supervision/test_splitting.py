"""A task is split, or merged into another: what its lag hands on."""

from typing import Any

from duban.supervision.plans.plan import Origin, PlannedMilestone, TaskDefinition
from duban.supervision.tasks.entries import EntryKind, NoticesWithdrawn
from duban.supervision.tasks.messages import Terminate
from duban.supervision.tasks.splitting import origin_of
from duban.supervision.tasks.state import RungStatus, Stage
from tests.supervision.supervised import GROUP, HANDLING, LEAD, OFFICE, Supervised, node


def successor(task: Supervised, *due_on: str | PlannedMilestone, entered: str, **more: Any) -> Supervised:
    """A task that is split off from another on a day."""
    nodes = tuple(d if isinstance(d, PlannedMilestone) else node(i, d) for i, d in enumerate(due_on, 1))
    row = TaskDefinition(code="T-2", title="子任务", lead_body=LEAD, handling_body=HANDLING, milestones=nodes)
    origin = origin_of(task.state, row, task.now)
    return Supervised(*due_on, entered=entered, code="T-2", split_from="T-1", origin=origin, **more)


def test_a_task_that_keeps_an_overdue_date_enters_at_the_lag_of_the_one_it_comes_from() -> None:
    whole = Supervised("2016-06-30", "2016-07-20", "2016-12-31").until("2016-08-10 12:00")
    whole.report(1)
    part = successor(whole, "2016-07-20", "2016-12-31", entered="2016-08-11").wake()
    assert part.lag("2016-08-11") == 42


def test_levels_that_were_given_are_not_given_again_and_the_next_one_is() -> None:
    whole = Supervised("2016-06-30").until("2016-08-10 12:00")
    assert [r.level for r in whole.given()] == ["phone", "written"]
    part = successor(whole, "2016-06-30", entered="2016-08-10").until("2016-08-14")
    assert part.given() == []
    assert {r.level: r.status for r in part.state.rungs} == {
        "phone": RungStatus.GIVEN_BEFORE,
        "written": RungStatus.GIVEN_BEFORE,
    }
    part.until("2016-08-15")
    assert part.given() == [("onsite", "2016-08-15", "2016-08-15")]


def test_a_reminder_that_was_never_delivered_is_given_by_the_task_that_goes_on() -> None:
    whole = Supervised("2016-06-30").asleep_until("2016-07-18 20:00").wake()
    assert whole.levels() == {"e1/phone": RungStatus.ISSUED}
    part = successor(whole, "2016-06-30", entered="2016-07-18").until("2016-07-19")
    assert [r.level for r in part.given()] == ["phone"]


def test_a_level_that_was_refused_is_not_proposed_again() -> None:
    whole = Supervised("2016-06-30").until("2016-09-01 12:00")
    whole.decide(GROUP, False, request="e1/circular/confirmation")
    part = successor(whole, "2016-06-30", entered="2016-09-02").until("2016-09-10")
    assert "e1/circular" not in part.levels()


def test_a_level_that_was_only_proposed_is_asked_for_anew() -> None:
    whole = Supervised("2016-06-30").until("2016-09-01 12:00")
    part = successor(whole, "2016-06-30", entered="2016-09-02").until("2016-09-10")
    assert part.levels()["e1/circular"] is RungStatus.AWAITING_APPROVAL


def test_days_that_were_suspended_stay_out_of_the_count() -> None:
    whole = Supervised("2016-06-30").until("2016-07-05 12:00")
    whole.suspend(until="2016-07-15")
    whole.until("2016-08-01 12:00")
    assert whole.lag("2016-08-01") == 22
    part = successor(whole, "2016-06-30", entered="2016-08-01").wake()
    assert part.lag("2016-08-01") == 22


def test_a_suspension_that_is_not_over_goes_on() -> None:
    whole = Supervised("2016-12-31").until("2016-07-05 12:00")
    whole.suspend(until="2016-09-01")
    part = successor(whole, "2016-07-31", entered="2016-07-20")
    assert part.state.suspended_on(part.policy.calendar.zone.local_date(part.now))
    part.until("2016-08-31")
    assert part.state.episode is None or part.lag("2016-08-31") == 0
    part.until("2016-09-01")
    assert EntryKind.RESUMED in part.kinds()


def test_a_task_with_dates_of_its_own_begins_without_any_lag() -> None:
    whole = Supervised("2016-06-30").until("2016-08-10 12:00")
    part = successor(whole, "2016-12-31", entered="2016-08-10").until("2017-01-05")
    assert part.lag("2017-01-05") == 5
    assert part.state.rungs == ()


def test_a_later_stretch_of_lag_is_its_own() -> None:
    whole = Supervised("2016-06-30").until("2016-08-10 12:00")
    part = successor(whole, "2016-06-30", "2016-09-30", entered="2016-08-10").wake()
    part.report(1)
    part.until("2016-10-17")
    assert part.given() == [("phone", "2016-10-16", "2016-10-17")]


def test_a_task_that_is_split_or_merged_ends_naming_who_goes_on_and_reminds_no_more() -> None:
    task = Supervised("2016-06-30").until("2016-09-01 12:00")
    said = task.said(OFFICE)
    task.tell(Terminate(**said, reason="方案调整", successors=("T-2", "T-3")))
    assert task.state.stage is Stage.TERMINATED
    assert task.entries[-1].text == f"{OFFICE}决定终止，由T-2、T-3接续：方案调整"
    assert ("",) in [w.subjects for w in task.changes(NoticesWithdrawn)]
    assert task.state.obligations == ()
    known = len(task.entries)
    task.until("2016-12-31")
    assert len(task.entries) == known


def test_a_task_written_by_an_earlier_release_has_no_origin() -> None:
    whole = Supervised("2016-12-31").until("2016-08-10 12:00")
    assert origin_of(whole.state, whole.state.definition, whole.now) is None
    assert Origin().behind_since is None
