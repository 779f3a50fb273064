"""An outage: time passes while no worker runs. What was said counts when it was said, what was passed is on record."""

import pytest

import worker as wiring
from duban.supervision.tasks.entries import EntryKind
from tests.supervision.supervised import HANDLING, Reminder
from tests.workflows.installation import EVIDENCE, OnSkippedTime

YEAR_END = "2016-12-20"


@pytest.fixture(autouse=True)
def _nothing_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test server would go on offering work to a worker that has stopped; so every wake is a replay as well."""
    monkeypatch.setattr(wiring, "CACHED_WORKFLOWS", 0)


async def test_after_an_outage_over_two_bands_only_the_present_reminder_goes_out(days: OnSkippedTime) -> None:
    await days.issue("2016-06-30", YEAR_END)
    await days.until("2016-07-10")
    await days.asleep_until("2016-08-17 10:00")
    await days.wake()
    assert days.reminders() == [Reminder("onsite", "2016-08-15", "2016-08-17")]
    assert await days.levels() == {"e1/phone": "not_issued", "e1/written": "not_issued", "e1/onsite": "issued"}
    passed = days.of_kind(EntryKind.REMINDER_NOT_ISSUED)
    assert [row.text[: row.text.index("（")] for row in passed] == ["电话提醒", "书面提醒"]
    days.check_ledger()


async def test_progress_made_during_an_outage_counts_at_its_own_moment(days: OnSkippedTime) -> None:
    await days.issue("2016-06-30", YEAR_END)
    await days.until("2016-07-10")
    await days.asleep_until("2016-08-20 10:00")
    message = await days.said(HANDLING, "2016-07-20 15:00", milestones=[1], evidence=EVIDENCE)
    await days.handle().signal("progress", message)
    await days.wake()

    [reported] = days.of_kind(EntryKind.PROGRESS)
    assert (reported.at, reported.recorded_at.date().isoformat()) == (days.moment("2016-07-20 15:00"), "2016-08-20")
    [ended] = days.of_kind(EntryKind.EPISODE_ENDED)
    assert days.local_date(ended.at) == "2016-07-20"
    # The phone reminder fell due before the report; the written one, due on 31 July, never did.
    assert await days.levels() == {"e1/phone": "not_issued"}
    assert days.reminders() == []
    assert (await days.status()).lag_days == 0


async def test_a_message_typed_without_a_moment_counts_when_it_is_handled_and_says_so(days: OnSkippedTime) -> None:
    await days.issue("2016-06-30", YEAR_END)
    await days.until("2016-07-10")
    await days.asleep_until("2016-08-20 10:00")
    typed = {"body": HANDLING, "person": "李四", "milestones": [1], "evidence": EVIDENCE}
    await days.handle().signal("progress", typed)
    await days.wake()

    [reported] = days.of_kind(EntryKind.PROGRESS)
    assert days.local_date(reported.at) == "2016-08-20"
    assert reported.text.endswith("（未注明发生时间，按受理时间计）")
    assert set((await days.levels()).values()) == {"not_issued"}
    assert list(await days.levels()) == ["e1/phone", "e1/written", "e1/onsite"]
