"""The five reminders of Kunming 2016: the worked dates, and what changes them."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duban.supervision.plans.plan import GivenReminder, Level, ListKind
from duban.supervision.tasks.entries import EntryKind, NoticeIntent, NoticeKind
from duban.supervision.tasks.messages import Ground
from duban.supervision.tasks.state import RungStatus
from tests.supervision.supervised import GROUP, HANDLING, LEAD, OFFICE, SUPERVISOR, Reminder, Supervised, day, node

PHONE = Reminder("phone", "2016-07-16", "2016-07-18")
WRITTEN = Reminder("written", "2016-07-31", "2016-08-01")
ONSITE = Reminder("onsite", "2016-08-15", "2016-08-15")


def test_the_worked_example_of_one_milestone_and_nothing_reported() -> None:
    task = Supervised("2016-06-30").until("2016-09-30")
    assert task.given() == [PHONE, WRITTEN, ONSITE]
    asked = [(n.duty, n.recipient, n.explanation.due_on, n.explanation.lag_days) for n in _approvals(task)]
    assert asked == [
        ("confirmation", GROUP, day("2016-08-30"), 61),
        ("grounds", OFFICE, day("2016-09-14"), 76),
    ]
    lags = [n.explanation.lag_days for n in task.notices(NoticeKind.REMINDER) if n.recipient == HANDLING]
    assert lags == [16, 31, 46]


def test_a_shifted_reminder_says_why() -> None:
    task = Supervised("2016-06-30").until("2016-08-20")
    phone, written, *_, onsite = (n.explanation for n in task.notices(NoticeKind.REMINDER))
    assert phone.shift == "2016年7月16日（星期六）为非工作日，顺延至2016年7月18日（星期一）"
    assert written.shift == "2016年7月31日（星期日）为非工作日，顺延至2016年8月1日（星期一）"
    assert onsite.shift == ""
    assert phone.milestone_due_on == phone.behind_since == day("2016-06-30")
    assert phone.citation.paragraph == 6


def test_each_reminder_goes_to_whom_the_document_names() -> None:
    task = Supervised("2016-06-30").until("2016-08-20")
    found = [(n.level, n.issuer, n.recipient, n.paper) for n in task.notices(NoticeKind.REMINDER)]
    assert found == [
        ("phone", SUPERVISOR, HANDLING, None),
        ("written", SUPERVISOR, HANDLING, "催办通知"),
        ("written", SUPERVISOR, LEAD, "催办通知"),
        ("onsite", SUPERVISOR, HANDLING, None),
    ]


@pytest.mark.parametrize("task", [{"decided_above": True}, {"list_kinds": (ListKind.KEY,)}])
def test_the_onsite_reminder_of_decisions_from_above_and_of_listed_items_is_a_joint_one(
    task: dict[str, Any],
) -> None:
    item = Supervised("2016-06-30", **task).until("2016-08-15")
    onsite = next(n for n in item.notices(NoticeKind.REMINDER) if n.level == "onsite")
    assert onsite.issuer == "市委改革办、市委目督办、市政府目督办"
    record = item.state.obligation("e1/onsite/visit_record")
    assert record is not None
    assert record.owed_by == OFFICE


def test_the_first_milestone_met_in_the_middle_brings_no_second_phone_reminder() -> None:
    task = Supervised("2016-06-30", "2016-07-20", "2016-12-31").until("2016-08-10 10:00")
    task.report(1)
    task.until("2016-08-20")
    assert task.given() == [PHONE, WRITTEN, ONSITE]


def test_a_second_episode_starts_the_ladder_anew() -> None:
    task = Supervised("2016-06-30", "2016-09-30", "2016-12-31").until("2016-08-05 10:00")
    task.report(1)
    task.until("2016-10-18")
    assert task.given() == [PHONE, WRITTEN, Reminder("phone", "2016-10-16", "2016-10-17")]
    assert [(e.number, e.opened_on, e.ended_on) for e in task.state.episodes] == [
        (1, day("2016-06-30"), day("2016-08-05")),
        (2, day("2016-09-30"), None),
    ]


@pytest.mark.parametrize("woken", ["2016-07-16 12:00", "2016-07-18 08:30"])
def test_a_task_woken_while_the_office_is_closed_gives_no_reminder_yet(woken: str) -> None:
    task = Supervised("2016-06-30").until("2016-07-10").asleep_until(woken).wake()
    assert task.levels() == {}
    assert task.until("2016-07-18").given() == [PHONE]


def test_a_task_taken_over_at_lag_50_gets_the_onsite_reminder_only_on_the_day_of_entry() -> None:
    task = Supervised("2016-06-30", entered="2016-08-19").until("2016-08-29")
    assert task.lag("2016-08-19") == 50
    assert task.given() == [Reminder("onsite", "2016-08-19", "2016-08-19")]
    assert task.levels() == {
        "e1/phone": RungStatus.NOT_ISSUED,
        "e1/written": RungStatus.NOT_ISSUED,
        "e1/onsite": RungStatus.ISSUED,
    }
    assert task.reasons() == dict.fromkeys(("e1/phone", "e1/written"), "纳入督办时滞后天数已超过本级，直接适用现场提醒")


def test_a_task_taken_over_far_behind_is_proposed_for_a_circular_and_asked_about_at_once() -> None:
    task = Supervised("2016-06-30", entered="2016-10-20").until("2016-10-21")
    assert task.given() == []
    assert [n.duty for n in _approvals(task)] == ["confirmation", "grounds"]


def test_after_an_outage_over_two_bands_only_the_current_reminder_goes_out() -> None:
    task = Supervised("2016-06-30").until("2016-07-10").asleep_until("2016-08-20 11:00").wake()
    assert task.given() == [Reminder("onsite", "2016-08-15", "2016-08-22")]  # 08-20 is a Saturday
    assert task.reasons() == {
        "e1/phone": "截至2016年8月20日已进入现场提醒区间，只发出当前一级",
        "e1/written": "截至2016年8月20日已进入现场提醒区间，只发出当前一级",
    }
    assert task.notices(NoticeKind.REMINDER)[0].explanation.shift == "应于2016年8月15日发出，实际于2016年8月22日发出"


@pytest.mark.parametrize(
    ("woken", "level"),
    [
        ("2016-07-30", "phone"),  # lag 30: "30天以内(含30天)"
        ("2016-07-31", "written"),
        ("2016-08-14", "written"),  # lag 45
        ("2016-08-15", "onsite"),
        ("2016-08-29", "onsite"),  # lag 60
    ],
)
def test_the_edges_of_the_bands(woken: str, level: str) -> None:
    task = Supervised("2016-06-30").until("2016-07-10").asleep_until(f"{woken} 16:59").wake().until("2016-09-05 08:00")
    assert task.given()[0].level == level


def test_nothing_is_given_on_the_fifteenth_day() -> None:
    task = Supervised("2016-06-29").until("2016-07-14")
    assert task.lag("2016-07-14") == 15
    assert task.given() == []
    assert task.until("2016-07-15").given() == [Reminder("phone", "2016-07-15", "2016-07-15")]


def test_reminders_given_before_the_take_over_are_not_given_again() -> None:
    given = (GivenReminder(level=Level.PHONE, given_on=day("2016-07-18")),)
    task = Supervised("2016-06-30", entered="2016-07-25", reminders_given=given).until("2016-08-02")
    assert task.given() == [WRITTEN]
    assert task.reasons() == {}


@pytest.mark.parametrize("given_on", ["2016-04-18", "2016-06-30"])  # the day of the deadline is not behind it
def test_a_reminder_given_in_an_earlier_stretch_of_lag_does_not_spare_the_next(given_on: str) -> None:
    given = (GivenReminder(level=Level.PHONE, given_on=day(given_on)),)
    met = node(1, "2016-03-31", met_on=day("2016-05-01"))
    task = Supervised(met, "2016-06-30", entered="2016-07-05", reminders_given=given).until("2016-07-18")
    assert task.given() == [PHONE]


def test_a_given_reminder_does_not_count_for_a_lag_that_begins_after_the_take_over() -> None:
    given = (GivenReminder(level=Level.PHONE, given_on=day("2016-05-01")),)
    task = Supervised("2016-06-30", entered="2016-06-30", reminders_given=given).until("2016-07-18")
    assert task.given() == [PHONE]


def test_a_late_confirmation_of_a_circular_still_issues_it_with_its_first_due_date() -> None:
    task = Supervised("2016-06-30").until("2016-09-26 10:00")
    task.decide(GROUP, True, request="e1/circular", scope=(LEAD, HANDLING, LEAD))
    assert task.given()[-1] == Reminder("circular", "2016-08-30", "2016-09-26")
    circulars = [n for n in task.notices(NoticeKind.REMINDER) if n.level == "circular"]
    assert [(n.recipient, n.issuer, n.paper) for n in circulars] == [(LEAD, OFFICE, "通报"), (HANDLING, OFFICE, "通报")]
    assert task.state.obligation("e1/circular/rectification") is not None


def test_a_reminder_that_waited_for_its_approvals_names_who_gave_them() -> None:
    task = Supervised("2016-06-30").until("2016-09-20 10:00")
    task.decide(OFFICE, True, grounds=[Ground.PASSIVE], reason="两次未回函")
    assert _approvals(task)[-1].explanation.shift == f"2016年9月14日到期，经{OFFICE}核实情形后于2016年9月20日发出"
    task.until("2016-09-26 10:00")
    task.decide(GROUP, True, request="e1/circular", scope=(LEAD, HANDLING))
    task.decide(GROUP, True, request="e1/interview")
    given = {n.level: n.explanation.shift for n in task.notices(NoticeKind.REMINDER)}
    assert given["circular"] == f"2016年8月30日到期，经{GROUP}确认后于2016年9月26日发出"
    assert given["interview"] == f"2016年9月14日到期，经{OFFICE}核实情形、{GROUP}决定后于2016年9月26日发出"


def test_a_request_for_an_approval_that_goes_out_in_time_has_waited_for_nobody() -> None:
    task = Supervised("2016-06-30").until("2016-08-30")
    assert _approvals(task)[-1].explanation.shift == ""


def test_a_circular_without_a_stated_scope_goes_to_the_handling_body() -> None:
    task = Supervised("2016-06-30").until("2016-09-01 10:00")
    task.decide(GROUP, True)
    assert [n.recipient for n in task.notices(NoticeKind.REMINDER) if n.level == "circular"] == [HANDLING]


def test_a_circular_that_is_refused_is_not_proposed_again_in_the_episode() -> None:
    task = Supervised("2016-06-30").until("2016-09-01 10:00")
    task.decide(GROUP, False)
    task.until("2016-12-31")
    assert task.levels()["e1/circular"] is RungStatus.REFUSED
    assert [n.key for n in _approvals(task)].count("e1/circular/confirmation") == 1
    assert "circular" not in {r.level for r in task.given()}


def test_the_interview_needs_stated_grounds_and_then_a_decision() -> None:
    task = Supervised("2016-06-30").until("2016-09-20 10:00")
    task.decide(OFFICE, True, grounds=[Ground.PASSIVE], reason="两次未回函")
    asked = _approvals(task)[-1]
    assert (asked.recipient, asked.facts["grounds"]) == (GROUP, "作为上不主动：两次未回函")
    task.until("2016-09-21 10:00").decide(GROUP, True, request="e1/interview")
    assert task.given()[-1] == Reminder("interview", "2016-09-14", "2016-09-21")


def test_grounds_that_do_not_hold_leave_the_leading_group_unasked() -> None:
    task = Supervised("2016-06-30").until("2016-09-20 10:00")
    task.decide(OFFICE, False)
    task.until("2017-03-01")
    assert task.levels()["e1/interview"] is RungStatus.REFUSED
    assert "decision" not in {n.duty for n in _approvals(task)}


def test_a_task_across_spring_festival_counts_calendar_days_and_waits_for_the_office() -> None:
    task = Supervised("2016-01-22", entered="2016-01-04").until("2016-02-20")
    # Lag 16 falls on the eve of Spring Festival; the office opens on Sunday 02-14, a working day in exchange.
    assert task.given() == [Reminder("phone", "2016-02-07", "2016-02-14")]
    assert task.notices(NoticeKind.REMINDER)[0].explanation.lag_days == 16


def test_versions_and_moments_of_the_whole_ladder_go_up() -> None:
    task = Supervised("2016-06-30").until("2017-01-31")
    assert [e.version for e in task.entries] == list(range(1, task.state.version + 1))
    assert all(one.at <= other.at for one, other in pairwise(task.entries))
    assert task.kinds().count(EntryKind.EPISODE_OPENED) == 1


@given(st.dates(day("2016-01-04"), day("2017-12-31")), st.text(max_size=4))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_whatever_the_deadline_each_level_falls_due_at_its_lag_and_goes_out_on_the_next_working_day(
    due_on: date, code: str
) -> None:
    task = Supervised(due_on.isoformat(), entered=(due_on - timedelta(days=20)).isoformat(), code=f"T-{code}")
    task.until((due_on + timedelta(days=80)).isoformat())
    expected = [
        (level, due_on + timedelta(days=lag)) for level, lag in (("phone", 16), ("written", 31), ("onsite", 46))
    ]
    calendar = task.policy.calendar
    assert task.given() == [
        Reminder(level, fell_due.isoformat(), calendar.working_day_from(fell_due).isoformat())
        for level, fell_due in expected
    ]


def _approvals(task: Supervised) -> list[NoticeIntent]:
    duties = ("confirmation", "grounds", "decision")
    intents = task.changes(NoticeIntent)
    return [n for n in intents if n.duty in duties and n.kind in (NoticeKind.DECISION, NoticeKind.REQUEST)]
