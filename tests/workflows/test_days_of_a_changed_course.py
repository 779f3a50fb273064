"""Extension, suspension and return: what they do to the days of a running task."""

from duban.supervision.tasks.entries import EntryKind, NoticeKind
from tests.supervision.supervised import HANDLING, SUPERVISOR, Reminder
from tests.workflows.installation import OnSkippedTime

PHONE = Reminder("phone", "2016-07-16", "2016-07-18")
YEAR_END = "2016-12-20"


async def test_an_approved_extension_ends_the_lag_and_a_pending_one_changes_nothing(days: OnSkippedTime) -> None:
    await days.issue("2016-06-30", YEAR_END)
    await days.until("2016-07-20 10:00")
    await days.tell("request_extension", HANDLING, milestone=1, new_due_on="2016-09-30", reason="省里推迟")
    assert (await days.status()).lag_days == 20
    await days.until("2016-07-21 10:00")
    await days.tell("decide", SUPERVISOR, approve=True)
    status = await days.status()
    assert (status.lag_days, str(status.due_on)) == (0, "2016-09-30")
    assert str(status.milestones[0].baseline_on) == "2016-06-30"
    await days.until("2016-10-17")
    assert days.reminders() == [PHONE, Reminder("phone", "2016-10-16", "2016-10-17")]


async def test_suspended_days_do_not_count_and_resuming_flushes_nothing(days: OnSkippedTime) -> None:
    await days.issue("2016-06-30", YEAR_END)
    await days.until("2016-07-20 10:00")
    await days.tell("suspend", SUPERVISOR, reason="上级政策调整")
    await days.until("2016-08-20 10:00")
    assert (await days.status()).status == "suspended"
    await days.tell("resume", SUPERVISOR)
    await days.until("2016-08-20")
    assert (await days.status()).lag_days == 20  # 19 days until 19 July, and today
    assert days.reminders() == [PHONE]
    await days.until("2016-09-01")
    assert days.reminders() == [PHONE, Reminder("written", "2016-08-31", "2016-08-31")]


async def test_a_suspension_with_an_end_resumes_by_itself(days: OnSkippedTime) -> None:
    await days.issue("2016-06-30", YEAR_END)
    await days.until("2016-07-10 10:00")
    await days.tell("suspend", SUPERVISOR, reason="上级政策调整", until="2016-08-01")
    await days.until("2016-08-01")
    [resumed] = days.of_kind(EntryKind.RESUMED)
    assert days.local_date(resumed.at) == "2016-08-01"
    await days.until("2016-08-08")
    assert days.reminders() == [Reminder("phone", "2016-08-07", "2016-08-08")]  # 7 August is a Sunday


async def test_a_returned_report_leaves_the_milestone_unmet_as_if_never_reported(days: OnSkippedTime) -> None:
    await days.issue("2016-06-30", YEAR_END)
    await days.until("2016-07-08 10:00")
    await days.report(1, id="report-1")
    assert (await days.status()).lag_days == 0
    await days.until("2016-08-04 10:00")
    await days.tell("return_for_rework", SUPERVISOR, report="report-1", reason="依据不足")
    await days.until("2016-08-04")
    status = await days.status()
    assert (status.lag_days, status.episode) == (35, 1)
    assert days.reminders() == [Reminder("written", "2016-08-04", "2016-08-04")]
    assert (await days.levels())["e1/phone"] == "not_issued"


async def test_a_returned_strike_off_goes_on_lagging_from_the_old_date(days: OnSkippedTime) -> None:
    await days.issue("2016-06-30")
    await days.until("2016-06-29 10:00")
    await days.tell("request_strike_off", HANDLING, deliverable="市医保发〔2016〕9号")
    await days.until("2016-07-20 10:00")
    assert (await days.status()).lag_days == 0
    await days.tell("verify", SUPERVISOR, passed=False, note="成果不符")
    await days.until("2016-07-20")
    status = await days.status()
    assert (status.status, status.lag_days) == ("under_way", 20)
    assert days.reminders() == [Reminder("phone", "2016-07-20", "2016-07-20")]


async def test_an_amendment_in_the_middle_of_a_lag_ends_it_and_the_new_body_is_reminded_of_the_new_date(
    days: OnSkippedTime,
) -> None:
    await days.issue("2016-06-30", YEAR_END)
    await days.until("2016-07-20 10:00")
    assert days.reminders() == [PHONE]
    moved = [{"number": 1, "due_on": "2016-09-30"}]
    await days.tell("amend", SUPERVISOR, reason="方案调整", milestones=moved, handling_body="市财政局")
    status = await days.status()
    assert (status.lag_days, status.handling_body, str(status.due_on)) == (0, "市财政局", "2016-09-30")
    await days.until("2016-10-17")
    assert days.reminders() == [PHONE, Reminder("phone", "2016-10-16", "2016-10-17")]
    told = {n.recipient for n in days.notices() if n.level == "phone" and str(n.reminder_due_on) == "2016-10-16"}
    assert told == {"市财政局"}
    advance = [s for s in days.sent(NoticeKind.ADVANCE_NOTICE) if s.recipient == "市财政局"]
    assert [s.delivered_on for s in advance] == ["2016-09-23"]


async def test_an_amendment_that_leaves_something_overdue_leaves_the_count_alone(days: OnSkippedTime) -> None:
    await days.issue("2016-06-30", "2016-07-20", YEAR_END)
    await days.until("2016-08-03 10:00")
    await days.tell("amend", SUPERVISOR, reason="方案调整", milestones=[{"number": 1, "due_on": "2016-11-30"}])
    assert (await days.status()).lag_days == 34
    await days.until("2016-08-16")
    assert [reminder.level for reminder in days.reminders()] == ["phone", "written", "onsite"]
    assert days.reminders()[-1] == Reminder("onsite", "2016-08-15", "2016-08-15")
