"""A ladder on a real server through the night in which the clocks are put back: each level once, on its day."""

from tests.supervision.test_zones import NEW_YORK, policy_in
from tests.workflows.installation import OnSkippedTime


async def test_each_level_is_given_once_when_it_falls_due_in_the_hour_that_comes_twice(days: OnSkippedTime) -> None:
    days.policy = policy_in(NEW_YORK, 2016, opens=60, closes=120)  # one to two o'clock, which 6 November had twice
    await days.issue("2016-10-21", "2017-06-30", entered="2016-09-01")
    await days.until("2016-12-10")
    await days.recorded()
    given = {(reminder.level, reminder.due_on) for reminder in days.reminders()}
    assert given == {("phone", "2016-11-06"), ("written", "2016-11-21"), ("onsite", "2016-12-06")}
    assert len(days.reminders()) == 3
    days.check_ledger()
