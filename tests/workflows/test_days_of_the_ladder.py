"""The ladder of Kunming 2016 in running workflows, day by day: the worked example and what changes it."""

from duban.supervision.tasks.entries import EntryKind, NoticeKind
from tests.supervision.supervised import GROUP, HANDLING, LEAD, OFFICE, SUPERVISOR, Reminder
from tests.workflows.installation import OnSkippedTime, Sent

PHONE = Reminder("phone", "2016-07-16", "2016-07-18")
WRITTEN = Reminder("written", "2016-07-31", "2016-08-01")
ONSITE = Reminder("onsite", "2016-08-15", "2016-08-15")
YEAR_END = "2016-12-20"


async def test_the_worked_example_runs_from_the_phone_call_to_the_interview(days: OnSkippedTime) -> None:
    await days.issue("2016-06-30")
    await days.until("2016-07-15")
    assert days.reminders() == []
    await days.until("2016-08-29")
    assert days.reminders() == [PHONE, WRITTEN, ONSITE]

    await days.until("2016-08-31")
    row = await days.row()
    assert (row.lag_days, row.reminder_level) == (62, "onsite")
    asked = next(awaited for awaited in (await days.status()).awaiting if awaited.owed_by == GROUP)
    assert asked.request == "e1/circular/confirmation"
    await days.until("2016-09-01 10:00")
    await days.tell("decide", GROUP, approve=True, scope=[HANDLING, LEAD])
    await days.until("2016-09-13")
    assert (await days.levels())["e1/circular"] == "issued"
    assert "e1/interview" not in await days.levels()

    await days.until("2016-09-20 10:00")
    assert (await days.levels())["e1/interview"] == "awaiting_approval"
    await days.tell("decide", OFFICE, approve=True, grounds=["passive"], reason="多次催办无进展")
    await days.until("2016-09-22 10:00")
    await days.tell("decide", GROUP, approve=True)
    await days.until("2016-09-22")

    circular = Reminder("circular", "2016-08-30", "2016-09-01")
    interview = Reminder("interview", "2016-09-14", "2016-09-22")
    assert days.reminders() == [PHONE, WRITTEN, ONSITE, circular, interview]
    assert days.sent(NoticeKind.DECISION) == [
        Sent("decision", GROUP, "2016-08-30", "2016-08-30"),
        Sent("decision", GROUP, "2016-09-14", "2016-09-20"),
    ]
    told = [row.recipient for row in days.notices() if row.level == "circular"]
    assert told == [HANDLING, LEAD]
    days.check_ledger()


async def test_both_sides_are_chased_for_what_does_not_come_back(days: OnSkippedTime) -> None:
    await days.issue("2016-06-30")
    await days.tell("accept", HANDLING)
    await days.report(percent=5)
    await days.until("2016-08-12")
    # Call record: 2 working days from Monday 18 July; explanation: 5 working days from Monday 1 August.
    assert days.sent(NoticeKind.CHASE) == [
        Sent("chase", SUPERVISOR, "2016-07-21", "2016-07-21"),
        Sent("chase", SUPERVISOR, "2016-07-28", "2016-07-28"),
        Sent("chase", SUPERVISOR, "2016-08-04", "2016-08-04"),
        Sent("chase", LEAD, "2016-08-09", "2016-08-09"),
    ]


async def test_what_comes_back_is_not_chased(days: OnSkippedTime) -> None:
    await days.issue("2016-06-30")
    await days.tell("accept", HANDLING)
    await days.report(percent=5)
    await days.until("2016-07-19 10:00")
    await days.tell("record_action", SUPERVISOR, action="call", with_whom="李主任", content="答复月底前报送")
    await days.until("2016-08-03 10:00")
    await days.tell("submit_explanation", LEAD, text="等待省级目录")
    await days.until("2016-08-12")
    assert days.sent(NoticeKind.CHASE) == []
    assert days.reminders() == [PHONE, WRITTEN]


async def test_catching_up_in_the_middle_ends_the_ladder(days: OnSkippedTime) -> None:
    await days.issue("2016-06-30", YEAR_END)
    await days.until("2016-08-10 10:00")
    await days.report(1)
    await days.until("2016-11-30")
    assert days.reminders() == [PHONE, WRITTEN]
    status = await days.recorded()
    assert (status.lag_days, status.behind_since, status.reminder_level) == (0, None, None)
    [ended] = days.of_kind(EntryKind.EPISODE_ENDED)
    assert days.local_date(ended.at) == "2016-08-10"


async def test_meeting_one_of_two_overdue_milestones_does_not_lower_the_count(days: OnSkippedTime) -> None:
    await days.issue("2016-06-30", "2016-07-20", YEAR_END)
    await days.until("2016-08-10 10:00")
    await days.report(1)
    await days.until("2016-08-11")
    row = await days.row()
    assert (row.lag_days, row.episode, str(row.behind_since)) == (42, 1, "2016-06-30")
    await days.until("2016-08-16")
    assert days.reminders() == [PHONE, WRITTEN, ONSITE]
    onsite = [row for row in days.notices() if row.level == "onsite"]
    assert [str(row.milestone_due_on) for row in onsite] == ["2016-07-20"]


async def test_a_later_slip_starts_the_ladder_anew(days: OnSkippedTime) -> None:
    await days.issue("2016-06-30", "2016-09-30", YEAR_END)
    await days.until("2016-07-20 10:00")
    await days.report(1)
    await days.until("2016-10-18")
    # 16 October is a Sunday.
    assert days.reminders() == [PHONE, Reminder("phone", "2016-10-16", "2016-10-17")]
    assert await days.levels() == {"e1/phone": "issued", "e2/phone": "issued"}


async def test_a_plan_imported_fifty_days_late_gets_the_onsite_reminder_alone(days: OnSkippedTime) -> None:
    await days.issue("2016-06-30", entered="2016-08-19")
    await days.until("2016-08-22")
    assert days.reminders() == [Reminder("onsite", "2016-08-19", "2016-08-19")]
    assert await days.levels() == {"e1/phone": "not_issued", "e1/written": "not_issued", "e1/onsite": "issued"}
    reasons = [row.text for row in days.of_kind(EntryKind.REMINDER_NOT_ISSUED)]
    assert len(reasons) == 2
    assert all("纳入督办时滞后天数已超过本级" in reason for reason in reasons)


async def test_a_late_confirmation_issues_the_circular_on_the_day_it_comes(days: OnSkippedTime) -> None:
    await days.issue("2016-06-30")
    await days.until("2016-10-10 10:00")
    assert (await days.levels())["e1/interview"] == "awaiting_approval"  # a track of its own, not held up
    await days.tell("decide", GROUP, approve=True, request="e1/circular/confirmation")
    await days.until("2016-10-11")
    assert days.reminders()[3:] == [Reminder("circular", "2016-08-30", "2016-10-10")]
    # 15 to 17 September are Mid-Autumn, Sunday the 18th is worked instead.
    chased = [sent for sent in days.sent(NoticeKind.CHASE) if sent.recipient == GROUP]
    assert [sent.delivered_on for sent in chased] == ["2016-09-07", "2016-09-14", "2016-09-22"]


async def test_what_falls_into_spring_festival_goes_out_on_the_first_working_day_after(days: OnSkippedTime) -> None:
    await days.issue("2017-01-11", entered="2016-12-01")
    await days.until("2017-02-02")
    assert days.reminders() == []
    await days.until("2017-02-03")
    assert days.reminders() == [Reminder("phone", "2017-01-27", "2017-02-03")]
