"""What is told beforehand: advance notices, and the reports of open-ended tasks."""

from duban.supervision.clauses import Unit
from duban.supervision.plans.plan import ReportCycle
from duban.supervision.tasks.entries import EntryKind, NoticeKind, NoticesWithdrawn
from duban.supervision.tasks.interim import end_of_period
from tests.supervision.supervised import HANDLING, Supervised, day, policy_of

LATE = "2016-12-31"


def announced(task: Supervised) -> list[str]:
    return [task.delivered(n) for n in task.notices(NoticeKind.ADVANCE_NOTICE)]


def asked(task: Supervised) -> list[tuple[str, str]]:
    return [(task.delivered(n), n.facts["period_ends_on"]) for n in task.notices(NoticeKind.REPORT_DUE)]


def test_a_milestone_is_announced_seven_days_before() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-01")
    assert announced(task) == ["2016-06-23"]
    notice = task.notices(NoticeKind.ADVANCE_NOTICE)[0]
    assert (notice.recipient, notice.respond_by) == (HANDLING, day("2016-06-30"))
    assert notice.explanation.citation.assumed


def test_an_announcement_that_falls_on_a_holiday_moves_to_the_working_day_before() -> None:
    policy = policy_of("kunming", 2021, 2023)
    task = Supervised("2022-05-08", "2022-12-30", entered="2022-04-14", regime=policy).until("2022-05-20")
    # 05-01 lies in the holidays of 04-30 to 05-04; the last working day before them is Friday 04-29.
    assert announced(task) == ["2022-04-29"]


def test_what_is_met_is_not_announced_and_a_waiting_announcement_is_withdrawn() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-06-10 10:00")
    task.report(1)
    assert announced(task.until("2016-07-31")) == []
    assert any("m1" in c.subjects for c in task.changes(NoticesWithdrawn))


def test_what_would_come_after_the_day_itself_is_not_announced_any_more() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-06-20").asleep_until("2016-07-04 10:00").wake()
    assert announced(task) == []
    assert task.of_kind(EntryKind.ADVANCE_NOTICE)[0].text == "第1个节点（节点1）的预告提醒未能在到期前发出，不再补发"


def test_a_late_announcement_that_still_comes_before_the_day_is_given() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-06-20").asleep_until("2016-06-29 10:00").wake()
    assert announced(task) == ["2016-06-29"]


def test_a_milestone_due_within_days_of_the_hand_over_is_announced_by_the_hand_over_itself() -> None:
    task = Supervised("2016-05-06", LATE).until("2016-05-06")
    assert announced(task) == []


def test_an_open_ended_task_reports_every_quarter_and_is_shown_as_incomplete() -> None:
    task = Supervised(open_ended=True, report_cycle=ReportCycle.QUARTERLY).until(LATE)
    assert asked(task) == [
        ("2016-06-23", "2016-06-30"),
        ("2016-09-23", "2016-09-30"),
        ("2016-12-23", "2016-12-31"),
    ]
    assert "不完整" in task.entries[0].text
    assert task.chases("report/2016-06-30/cycle_report") == ["2016-07-01", "2016-07-08", "2016-07-15"]


def test_any_report_answers_the_question_of_the_period() -> None:
    task = Supervised(open_ended=True, report_cycle=ReportCycle.QUARTERLY).until("2016-06-28 10:00")
    task.report(percent=30)
    assert task.until("2016-09-15").chases("report/2016-06-30/cycle_report") == []


def test_of_the_periods_missed_in_an_outage_only_the_last_is_asked_for() -> None:
    task = Supervised(open_ended=True, report_cycle=ReportCycle.QUARTERLY).asleep_until("2017-01-10 10:00").wake()
    assert asked(task) == [("2017-01-10", "2016-12-31")]
    owed = task.state.obligation("report/2016-12-31/cycle_report")
    assert owed is not None
    assert owed.due_on == day("2017-01-10")
    task.until("2017-03-31")
    assert asked(task)[1:] == [("2017-03-24", "2017-03-31")]


def test_a_task_with_a_dated_milestone_that_goes_on_reports_from_the_milestones_period() -> None:
    task = Supervised("2016-08-15", open_ended=True, report_cycle=ReportCycle.QUARTERLY).until("2016-12-31")
    assert [period for _, period in asked(task)] == ["2016-09-30", "2016-12-31"]
    assert [r.level for r in task.given()] == ["phone", "written", "onsite"]


def test_periods_end_with_their_last_calendar_day() -> None:
    cycles = {cycle: end_of_period(cycle, day("2016-02-10")).isoformat() for cycle in ReportCycle}
    assert cycles == {
        ReportCycle.MONTHLY: "2016-02-29",
        ReportCycle.TWO_MONTHLY: "2016-02-29",
        ReportCycle.QUARTERLY: "2016-03-31",
        ReportCycle.HALF_YEARLY: "2016-06-30",
        ReportCycle.YEARLY: "2016-12-31",
    }


def test_a_distance_in_working_days_is_counted_in_working_days() -> None:
    kunming = policy_of()
    ten = kunming.regime.advance_notice.model_copy(update={"days": 10, "unit": Unit.WORKING})
    regime = kunming.regime.model_copy(update={"advance_notice": ten, "cycle_notice": ten})
    policy = kunming.model_copy(update={"regime": regime})
    # Back from Thursday 2016-06-30: Dragon Boat is past, the ten working days reach Thursday 06-16.
    assert announced(Supervised("2016-06-30", LATE, regime=policy).until("2016-07-01")) == ["2016-06-16"]
    cyclic = Supervised(open_ended=True, report_cycle=ReportCycle.QUARTERLY, regime=policy).until("2016-07-01")
    assert asked(cyclic) == [("2016-06-16", "2016-06-30")]


def test_a_distance_in_working_days_from_a_holiday_skips_it() -> None:
    kunming = policy_of()
    one = kunming.regime.advance_notice.model_copy(update={"days": 1, "unit": Unit.WORKING})
    policy = kunming.model_copy(update={"regime": kunming.regime.model_copy(update={"advance_notice": one})})
    # Due on Saturday 10-08, worked in exchange: the working day before lies before National Day.
    assert announced(Supervised("2016-10-08", LATE, regime=policy).until("2016-10-09")) == ["2016-09-30"]


def test_without_a_distance_a_milestone_on_a_weekend_is_announced_on_the_working_day_before() -> None:
    kunming = policy_of()
    for unit in Unit:
        none = kunming.regime.advance_notice.model_copy(update={"days": 0, "unit": unit})
        policy = kunming.model_copy(update={"regime": kunming.regime.model_copy(update={"advance_notice": none})})
        assert announced(Supervised("2016-06-26", LATE, regime=policy).until("2016-06-26")) == ["2016-06-24"]


def test_an_announcement_across_spring_festival_goes_out_before_it() -> None:
    task = Supervised("2016-02-18", LATE, entered="2016-01-04").until("2016-02-18")
    # 02-11 lies in the holidays of 02-07 to 02-13; Saturday 02-06 before them is worked.
    assert announced(task) == ["2016-02-06"]


def test_an_extension_to_a_date_within_days_is_announced_at_once() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-06-29 10:00")
    task.extend(1, "2016-07-04")
    assert announced(task.until("2016-07-04")) == ["2016-06-23", "2016-06-29"]


def test_each_milestone_is_announced_on_its_own() -> None:
    task = Supervised("2016-06-30", "2016-09-30", LATE).until(LATE)
    assert announced(task) == ["2016-06-23", "2016-09-23", "2016-12-23"]


def test_an_announcement_on_the_day_itself_still_comes_before_its_end() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-06-20").asleep_until("2016-06-30 10:00").wake()
    assert announced(task) == ["2016-06-30"]


def test_what_is_to_be_announced_on_the_day_of_the_hand_over_is_announced_beside_it() -> None:
    assert announced(Supervised("2016-05-10", LATE).until("2016-05-10")) == ["2016-05-03"]


def test_a_task_handed_over_in_the_last_days_of_a_period_reports_from_the_next() -> None:
    task = Supervised(open_ended=True, report_cycle=ReportCycle.QUARTERLY, entered="2016-06-24").until("2016-09-30")
    assert [period for _, period in asked(task)] == ["2016-09-30"]
