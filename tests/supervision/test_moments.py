"""When a task wakes next, and why, in words."""

from duban.supervision.plans.plan import ReportCycle
from duban.supervision.tasks.moments import next_moment
from tests.supervision.supervised import SUPERVISOR, Supervised, policy_of

LATE = "2016-12-31"


def waits_for(task: Supervised) -> tuple[str, str] | None:
    """Local date of the next moment and its reason."""
    coming = next_moment(task.state, task.policy)
    return (task.policy.calendar.zone.local_date(coming.at).isoformat(), coming.text) if coming else None


def diligent(*due_on: str, **more: object) -> Supervised:
    """A task whose hand-over has been answered, so that nobody is chased."""
    task = Supervised(*due_on, **more)  # type: ignore[arg-type]
    task.report(percent=0)
    return task


def test_first_the_hand_over_is_answered() -> None:
    assert waits_for(Supervised(LATE)) == ("2016-05-09", "市医保中心未完成签收承办即催报")


def test_then_the_milestone_is_announced() -> None:
    assert waits_for(diligent("2016-06-30", LATE)) == ("2016-06-23", "第1个节点（节点1）到期前预告提醒")


def test_then_the_day_after_it_is_due() -> None:
    task = diligent("2016-06-30", LATE).until("2016-06-25")
    assert waits_for(task) == ("2016-07-01", "第1个节点（节点1）到期未完成即开始计算滞后")


def test_then_the_next_reminder_on_the_working_day_on_which_it_goes_out() -> None:
    task = diligent("2016-06-30", LATE).until("2016-07-01")
    assert waits_for(task) == ("2016-07-18", "滞后满16天即电话提醒")


def test_a_level_that_no_count_leads_to_is_not_explained_by_days() -> None:
    bozhou = policy_of("bozhou")
    silent = bozhou.model_copy(update={"regime": bozhou.regime.model_copy(update={"interim_reports": None})})
    task = Supervised("2016-06-30", LATE, regime=silent, supervisor="市政府督查室")
    task.report(percent=0)
    task.until("2016-07-07")
    assert waits_for(task) == ("2016-07-12", "催办、退回或整改要求之后仍未落实即市政府督查室通报")


def test_a_suspension_without_an_end_is_waited_out_by_nobody_but_people() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-20 10:00")
    task.suspend()
    assert waits_for(task) is None


def test_a_suspension_with_an_end_is_looked_at_on_the_day_the_count_runs_again() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-20 10:00")
    task.suspend(until="2016-08-06")  # a Saturday: the count runs on every day
    assert waits_for(task) == ("2016-08-06", "暂停期满，恢复计时")


def test_an_open_ended_task_waits_for_its_report() -> None:
    task = diligent(open_ended=True, report_cycle=ReportCycle.QUARTERLY)
    assert waits_for(task) == ("2016-06-23", "通知报送定期进展报告")


def test_a_request_for_strike_off_waits_for_its_verification() -> None:
    task = diligent("2016-06-30").until("2016-06-29 10:00")
    task.ask_strike_off()
    assert waits_for(task) == ("2016-07-07", f"{SUPERVISOR}未完成销号核验即催报")


def test_when_all_is_owed_by_nobody_and_nothing_is_due_only_people_can_change_anything() -> None:
    assert waits_for(diligent(open_ended=True)) is None


def test_tasks_of_one_plan_do_not_all_wake_in_the_same_minute() -> None:
    moments = [next_moment(task.state, task.policy) for task in (Supervised(LATE, code=f"T-{n}") for n in range(20))]
    minutes = {moment.at.replace(second=0, microsecond=0) for moment in moments if moment}
    assert len(minutes) > 15
