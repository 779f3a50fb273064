"""Ladders that an office writes for itself: gaps, edges, working days."""

import pytest

from duban.supervision.clauses import Unit
from duban.supervision.plans.plan import GivenReminder, Level
from duban.supervision.rules.policy import Policy
from duban.supervision.rules.rungs import Ladder
from duban.supervision.rules.triggers import LagTrigger, ReturnTrigger, Trigger
from duban.supervision.tasks.state import RungStatus
from tests.supervision.supervised import Reminder, Supervised, day, policy_of

LATE = "2016-12-31"


def ladder_of(*triggers: Trigger) -> Policy:
    """Kunming with a ladder of the phone reminder alone, due by these triggers."""
    kunming = policy_of()
    phone = kunming.regime.ladder.rungs[0].model_copy(update={"triggers": triggers})
    regime = kunming.regime.model_copy(update={"ladder": Ladder(rungs=(phone,))})
    return kunming.model_copy(update={"regime": regime})


@pytest.mark.parametrize(
    ("band", "last", "too_late"),
    [
        (LagTrigger(above=15, through=30), "2016-07-30", "2016-07-31"),
        (LagTrigger(above=15, through=30, through_included=False), "2016-07-29", "2016-07-30"),
        (LagTrigger(above=5, through=10, unit=Unit.WORKING), "2016-07-14", "2016-07-15"),
    ],
)
def test_a_band_that_was_left_during_an_outage_is_not_given_though_nothing_lies_above_it(
    band: LagTrigger, last: str, too_late: str
) -> None:
    for woken, status in ((last, RungStatus.ISSUED), (too_late, RungStatus.NOT_ISSUED)):
        task = Supervised("2016-06-30", LATE, regime=ladder_of(band)).until("2016-07-01")
        task.asleep_until(f"{woken} 16:59").wake()
        assert task.levels() == {"e1/phone": status}
    assert task.reasons() == {"e1/phone": f"截至2016年7月{too_late[-2:]}日已越过本级区间"}


def test_a_level_that_is_due_otherwise_too_is_not_bound_to_its_band() -> None:
    policy = ladder_of(LagTrigger(above=15, through=30), ReturnTrigger())
    task = Supervised("2016-06-30", LATE, regime=policy).until("2016-07-01").asleep_until("2016-08-22 16:00").wake()
    assert task.levels() == {"e1/phone": RungStatus.ISSUED}


def test_fifteen_days_or_more_may_include_the_fifteenth() -> None:
    policy = ladder_of(LagTrigger(above=15, above_included=True))
    task = Supervised("2016-06-29", LATE, regime=policy).until("2016-07-20")
    assert task.given() == [Reminder("phone", "2016-07-14", "2016-07-14")]


def test_a_band_in_working_days_skips_weekends_and_holidays() -> None:
    policy = ladder_of(LagTrigger(above=10, unit=Unit.WORKING))
    task = Supervised("2016-09-09", LATE, regime=policy).until("2016-10-10")
    # 09-15 and 09-16 are Mid-Autumn, Sunday 09-18 is worked in exchange: 09-26 is the tenth.
    assert task.given() == [Reminder("phone", "2016-09-27", "2016-09-27")]


def test_a_reminder_due_in_the_holidays_waits_for_the_office_and_is_overtaken_by_what_falls_due_meanwhile() -> None:
    kunming = policy_of()
    narrow = [LagTrigger(above=2, through=4), LagTrigger(above=4, through=20)]
    rungs = tuple(
        rung.model_copy(update={"triggers": (band,)})
        for rung, band in zip(kunming.regime.ladder.rungs, narrow, strict=False)
    )
    regime = kunming.regime.model_copy(update={"ladder": Ladder(rungs=rungs)})
    task = Supervised("2016-09-29", LATE, regime=kunming.model_copy(update={"regime": regime})).until("2016-10-10")
    # National Day, 10-01 to 10-07: both bands are reached while the office is closed.
    assert task.given() == [Reminder("written", "2016-10-04", "2016-10-08")]
    assert task.levels()["e1/phone"] is RungStatus.NOT_ISSUED


def confirmed_first(*bands: LagTrigger) -> Policy:
    """Kunming's lowest levels on these bands, the first of them under the leading group's confirmation."""
    kunming = policy_of()
    circular = kunming.regime.ladder.rung("circular")
    assert circular is not None
    rungs = [
        rung.model_copy(update={"triggers": (band,)})
        for rung, band in zip(kunming.regime.ladder.rungs, bands, strict=False)
    ]
    rungs[0] = rungs[0].model_copy(update={"approvals": circular.approvals})
    regime = kunming.regime.model_copy(update={"ladder": Ladder(rungs=tuple(rungs))})
    return kunming.model_copy(update={"regime": regime})


def test_a_proposal_is_overtaken_by_the_next_level_and_not_decided_any_more() -> None:
    policy = confirmed_first(LagTrigger(above=15, through=30), LagTrigger(above=30))
    task = Supervised("2016-06-30", LATE, regime=policy).until("2016-07-20")
    assert task.levels() == {"e1/phone": RungStatus.AWAITING_APPROVAL}
    task.until("2016-08-02")
    assert task.levels() == {"e1/phone": RungStatus.NOT_ISSUED, "e1/written": RungStatus.ISSUED}
    assert task.reasons() == {"e1/phone": "批准之前已进入书面提醒区间"}
    assert task.state.obligation("e1/phone/confirmation") is None
    assert [r.level for r in task.given()] == ["written"]


def test_a_level_below_one_that_was_given_before_the_take_over_is_not_given_after_it() -> None:
    given = (GivenReminder(level=Level.WRITTEN, given_on=day("2016-07-12")),)
    task = Supervised("2016-06-30", LATE, entered="2016-07-14", reminders_given=given).until("2016-07-29")
    assert task.given() == []
    assert task.reasons() == {"e1/phone": "此前已发出更高一级提醒"}
    assert [r.level for r in task.until("2016-08-16").given()] == ["onsite"]
