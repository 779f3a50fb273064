"""Stretches of lag: opening, ending, going on after a return; and what an outage does to them."""

from datetime import datetime, timedelta, timezone
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from duban.supervision.plans.plan import GivenReminder, Level
from duban.supervision.tasks.entries import EntryKind, NoticeIntent, NoticeKind, NoticesWithdrawn, ReminderChange
from duban.supervision.tasks.messages import Decide, ReportProgress, Resume, ReturnForRework, Terminate
from duban.supervision.tasks.state import RungStatus
from tests.supervision.supervised import GROUP, HANDLING, OFFICE, SUPERVISOR, Reminder, Supervised, day, node

LATE = "2016-12-31"


def test_progress_made_in_time_but_handled_after_an_outage_counts_in_time() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-06-28").asleep_until("2016-08-20 10:00")
    task.report(1, at="2016-06-30 23:00")
    task.wake().until("2016-09-30")
    assert task.state.episodes == ()
    assert task.given() == []


def test_what_had_fallen_due_before_progress_made_during_an_outage_is_on_record_as_not_issued() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-10").asleep_until("2016-08-20 10:00")
    task.report(1, at="2016-08-05 09:00")
    assert task.given() == []
    assert task.reasons() == dict.fromkeys(("e1/phone", "e1/written"), "发出之前已报告完成")
    assert task.state.episodes[-1].ended_on == day("2016-08-05")
    entry = task.of_kind(EntryKind.PROGRESS)[-1]
    assert (entry.at, entry.recorded_at) == (task.moment("2016-08-05 09:00"), task.moment("2016-08-20 10:00"))


def test_a_reminder_due_on_the_very_day_of_the_report_is_on_record_as_not_issued() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-16 10:00")  # a Saturday, phone due, the office closed
    task.report(1)
    assert task.levels() == {"e1/phone": RungStatus.NOT_ISSUED}


def test_two_messages_kept_waiting_by_an_outage_each_count_at_their_own_moment() -> None:
    task = Supervised("2016-06-30", "2016-07-20", LATE).until("2016-06-20").asleep_until("2016-09-05 10:00")
    task.report(1, at="2016-07-05 10:00")
    task.report(2, at="2016-07-25 10:00")
    ended = [(e.opened_on, e.ended_on) for e in task.state.episodes]
    assert ended == [(day("2016-06-30"), day("2016-07-05")), (day("2016-07-20"), day("2016-07-25"))]
    assert task.wake().given() == []


def test_messages_in_the_wrong_order_lose_no_milestone() -> None:
    task = Supervised("2016-06-30", "2016-07-20", LATE).until("2016-06-20").asleep_until("2016-09-05 10:00")
    task.report(2, at="2016-07-25 10:00")
    task.report(1, at="2016-07-05 10:00")
    assert [m.met_at for m in task.state.milestones][:2] == [task.moment("2016-07-25 10:00")] * 2
    assert task.state.episode is None


def test_a_message_is_never_dated_before_the_last_transition_nor_after_now() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-20 12:00")
    last = task.state.last_at
    task.report(percent=10, at="2016-07-02 10:00")
    assert task.entries[-1].at == last
    task.report(percent=20, at="2016-09-01 10:00")
    assert task.entries[-1].at == task.now


def test_moments_are_entered_in_utc_whatever_zone_they_were_said_in() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-05-10").asleep_until("2016-05-11 10:00")
    eight_hours_east = timezone(timedelta(hours=8))
    said = {**task.said(HANDLING), "occurred_at": datetime(2016, 5, 11, 9, tzinfo=eight_hours_east)}
    task.tell(ReportProgress(**said, percent=10))
    assert task.entries[-1].at.isoformat() == task.state.last_at.isoformat() == "2016-05-11T01:00:00+00:00"


def test_a_clock_that_lags_behind_does_not_take_the_task_back() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-05-10 12:00")
    task.report(percent=10)
    last = task.state.last_at
    task.now = last - timedelta(hours=3)
    task.report(percent=20, at="2016-05-10 08:00")
    assert (task.state.last_at, task.entries[-1].recorded_at) == (last, last)


def test_what_time_brought_about_is_not_laid_at_the_door_of_the_next_speaker() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-06-28").asleep_until("2016-07-05 10:00")
    task.report(percent=10)
    opened = task.of_kind(EntryKind.EPISODE_OPENED)[0]
    assert (opened.body, opened.person, opened.message_id) == ("", "", "")


def test_a_returned_report_goes_on_with_the_same_episode_and_what_was_issued_stays_issued() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-20 10:00")
    task.report(1)
    assert task.state.episode is None
    task.until("2016-08-03 10:00")
    task.send_back()
    episode = task.state.episode
    assert episode is not None
    assert (episode.number, episode.opened_on) == (1, day("2016-06-30"))
    task.until("2016-08-16")
    assert task.given() == [
        Reminder("phone", "2016-07-16", "2016-07-18"),
        Reminder("written", "2016-08-03", "2016-08-03"),  # lag 34, due on the day of the return
        Reminder("onsite", "2016-08-15", "2016-08-15"),
    ]


def test_a_report_made_in_time_and_returned_after_the_deadline_counts_from_the_deadline() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-06-29 10:00")
    task.report(1)
    task.until("2016-08-19 10:00")
    task.send_back()
    assert task.lag("2016-08-19") == 50
    task.until("2016-08-25")
    assert task.given() == [Reminder("onsite", "2016-08-19", "2016-08-19")]
    assert set(task.reasons()) == {"e1/phone", "e1/written"}


def test_a_report_returned_before_its_deadline_opens_nothing() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-06-20 10:00")
    task.report(1)
    task.send_back()
    assert task.state.episodes == ()
    assert [m.number for m in task.state.unmet] == [1, 2]


def test_a_report_is_returned_once() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-06-20 10:00")
    task.report(1, id="r-1")
    task.send_back()
    again = ReturnForRework(**task.said(SUPERVISOR), report="r-1", reason="依据不足")
    assert "没有找到可退回的节点完成报告" in task.refuses(again)


def test_a_return_while_another_episode_has_opened_joins_the_two() -> None:
    task = Supervised("2016-06-30", "2016-07-20", LATE).until("2016-07-19 10:00")
    task.report(1)
    task.until("2016-08-08 10:00")  # a second episode since 07-20, lag 19, its own phone reminder given
    assert task.given() == [
        Reminder("phone", "2016-07-16", "2016-07-18"),
        Reminder("phone", "2016-08-05", "2016-08-05"),
    ]
    task.send_back()
    assert [(e.number, e.opened_on, e.ended_on) for e in task.state.episodes] == [(1, day("2016-06-30"), None)]
    task.until("2016-08-16")
    assert [r.level for r in task.given()] == ["phone", "phone", "written", "onsite"]
    assert task.lag("2016-08-16") == 47


def test_a_milestone_due_on_the_day_another_was_met_begins_a_stretch_of_its_own() -> None:
    """As if never reported: on 07-20 nothing was overdue any more, so the count begins anew."""
    task = Supervised("2016-06-30", "2016-07-20", LATE).until("2016-07-15 10:00")
    task.report(2, id="second")
    task.until("2016-07-20 10:00")
    task.report(1)
    task.until("2016-08-01 10:00")
    task.send_back(report="second")
    episode = task.state.episode
    assert episode is not None
    assert (episode.number, episode.opened_on) == (2, day("2016-07-20"))


def test_a_proposal_that_lapsed_is_proposed_again_under_a_new_key_after_a_return() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-09-02 10:00")
    task.report(1)
    assert task.levels()["e1/circular"] is RungStatus.NOT_ISSUED
    confirmation = Decide(**task.said(GROUP), approve=True, request="e1/circular")
    assert "没有待决定的事项" in task.refuses(confirmation)
    task.until("2016-09-05 10:00")
    task.send_back()
    task.until("2016-09-06 10:00")
    assert task.levels()["e1/circular/2"] is RungStatus.AWAITING_APPROVAL
    task.decide(GROUP, True, request="e1/circular/2")
    assert task.given()[-1] == Reminder("circular", "2016-09-05", "2016-09-06")


def test_a_proposal_is_not_decided_any_more_when_a_return_joins_it_with_an_episode_that_had_the_circular() -> None:
    task = Supervised("2016-06-30", "2016-09-15", LATE).until("2016-08-31 10:00")
    task.decide(GROUP, True)
    task.until("2016-09-10 10:00")
    task.report(1)
    task.until("2016-11-18 10:00")
    assert task.levels()["e2/circular"] is RungStatus.AWAITING_APPROVAL
    task.send_back()
    assert task.levels()["e2/circular"] is RungStatus.NOT_ISSUED
    assert task.state.obligation("e2/circular/confirmation") is None
    task.until("2017-01-31")
    assert [r.level for r in task.given()].count("circular") == 1


def test_an_undelivered_reminder_is_withdrawn_when_the_lag_ends_before_the_office_opens() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-10").asleep_until("2016-07-23 10:00").wake()
    assert task.levels() == {"e1/phone": RungStatus.ISSUED}
    task.asleep_until("2016-07-24 10:00")
    task.report(1)
    assert task.levels() == {"e1/phone": RungStatus.WITHDRAWN}
    assert task.state.obligation("e1/phone/call_record") is None
    withdrawn = [c for c in task.changes(NoticesWithdrawn) if "e1/phone" in c.subjects]
    assert any(NoticeKind.REMINDER in c.kinds and NoticeKind.REQUEST in c.kinds for c in withdrawn)


def test_an_undelivered_urging_is_withdrawn_when_the_lag_ends() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-10 10:00")
    task.urge()
    urging = next(n for n in task.changes(NoticeIntent) if n.facts.get("what") == "urging")
    assert task.delivered(urging) == "2016-07-11"
    task.report(1)
    withdrawn = [c for c in task.changes(NoticesWithdrawn) if urging.subject.startswith(f"{c.subjects[0]}/")]
    assert len(withdrawn) == 1


steps = st.lists(
    st.tuples(st.integers(1, 25), st.sampled_from(["report", "return", "nothing"]), st.integers(1, 3)), max_size=14
)
gaps = st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))


@given(gaps, steps)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_the_count_is_that_of_a_clerk_who_strikes_out_returned_reports_and_counts_anew(
    gaps: tuple[int, int, int], steps: list[tuple[int, str, int]]
) -> None:
    first = day("2016-06-01")
    dates = [first + timedelta(days=sum(gaps[: n + 1])) for n in range(3)]
    task = Supervised(*(d.isoformat() for d in dates), "2018-01-31", entered="2016-05-03")
    met: dict[int, str] = {}
    today = day("2016-05-20")
    for pause, what, number in steps:
        today += timedelta(days=pause)
        task.until(f"{today} 10:00")
        if what == "report" and number not in met:
            task.report(number, id=f"{number}/{today}")
            met[number] = f"{number}/{today}"
        elif what == "return" and number in met:
            task.send_back(report=met.pop(number))
        task.until(f"{today} 20:00")

        reported = {n: day(name.split("/")[1]) for n, name in met.items()}
        behind = today
        while any(dates[n - 1] < behind and reported.get(n, behind + timedelta(1)) > behind for n in (1, 2, 3)):
            behind -= timedelta(days=1)
        episode = task.state.episode
        assert (episode.opened_on if episode else today) == behind
        assert all(one.number < other.number for one, other in pairwise(task.state.episodes))


def test_what_lagged_before_the_take_over_without_interruption_counts_from_its_first_day() -> None:
    """The count belongs to the item: the second milestone was overdue before the first was met."""
    met = node(1, "2016-06-10", met_on=day("2016-07-05"))
    task = Supervised(met, "2016-06-30", LATE, entered="2016-07-20").until("2016-07-20")
    assert task.lag("2016-07-20") == 40
    assert task.given() == [Reminder("written", "2016-07-20", "2016-07-20")]


def test_a_chain_of_milestones_met_late_before_the_take_over_counts_from_the_first() -> None:
    chain = (node(1, "2016-05-20", met_on=day("2016-06-15")), node(2, "2016-06-10", met_on=day("2016-07-05")))
    task = Supervised(*chain, node(3, "2016-06-30"), node(4, LATE), entered="2016-07-20").until("2016-07-20")
    assert task.lag("2016-07-20") == 61


def test_what_was_caught_up_before_the_take_over_does_not_count() -> None:
    for caught_up in ("2016-06-20", "2016-06-30"):
        met = node(1, "2016-06-10", met_on=day(caught_up))
        task = Supervised(met, "2016-06-30", LATE, entered="2016-07-20").until("2016-07-20")
        assert task.lag("2016-07-20") == 20


def test_a_row_written_when_the_lag_ends_names_the_milestone_that_lagged() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-10").asleep_until("2016-08-20 10:00")
    task.report(1, at="2016-08-05 09:00")
    assert {c.milestone_due_on for c in task.changes(ReminderChange)} == {day("2016-06-30")}
    last = Supervised("2016-06-30").until("2016-07-10").asleep_until("2016-08-20 10:00")
    last.ask_strike_off(at="2016-08-05 09:00")
    assert {c.milestone_due_on for c in last.changes(ReminderChange)} == {day("2016-06-30")}


def test_what_had_fallen_due_before_the_end_of_a_task_is_on_record_as_not_issued() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-10").asleep_until("2016-08-20 10:00")
    task.tell(Terminate(**task.said(OFFICE, "2016-08-05 09:00"), reason="政策取消"))
    assert task.reasons() == dict.fromkeys(("e1/phone", "e1/written"), "发出之前任务已终止")


def test_two_minutes_of_a_suspension_across_midnight_leave_out_the_day_on_which_it_began() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-10 23:59")
    task.suspend()
    task.until("2016-07-11 00:01").tell(Resume(**task.said(SUPERVISOR)))
    assert task.lag("2016-07-11") == 10
    assert task.until("2016-07-18").given() == [Reminder("phone", "2016-07-17", "2016-07-18")]


def test_a_suspension_over_two_due_dates_counts_from_the_first_less_its_days() -> None:
    task = Supervised("2016-06-30", "2016-07-20", LATE).until("2016-06-25 10:00")
    task.suspend(until="2016-08-01")
    task.until("2016-08-15")
    episode = task.state.episode
    assert episode is not None
    assert (episode.opened_on, task.lag("2016-08-15")) == (day("2016-06-30"), 15)
    assert task.given() == []
    assert task.until("2016-08-16").given() == [Reminder("phone", "2016-08-16", "2016-08-16")]


def test_a_moment_before_the_issue_counts_from_the_issue() -> None:
    task = Supervised("2016-06-30", LATE)
    issued = task.now
    task.asleep_until("2016-05-04 10:00").report(1, at="2016-04-01 09:00")
    assert task.state.milestones[0].met_at == issued


def test_what_was_refused_stays_refused_when_a_returned_report_lets_the_episode_go_on() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-09-01 10:00")
    task.decide(GROUP, False)
    task.report(1)
    task.until("2016-09-05 10:00").send_back()
    assert task.until("2016-09-20").levels()["e1/circular"] is RungStatus.REFUSED
    assert "e1/circular/2" not in task.levels()


def test_what_was_given_before_the_take_over_stays_given_when_a_returned_report_lets_the_episode_go_on() -> None:
    given = (GivenReminder(level=Level.PHONE, given_on=day("2016-07-18")),)
    task = Supervised("2016-06-30", LATE, entered="2016-07-20", reminders_given=given).until("2016-07-21 10:00")
    task.report(1)
    task.until("2016-07-25 10:00").send_back()
    assert task.until("2016-07-30").given() == []
