"""Jincheng 2019: what lags is followed by a tracking slip, then by a coordination slip; an interview needs grounds."""

from typing import Any

import pytest

from duban.regimes import load_regime
from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.entries import NoticeKind
from duban.supervision.tasks.messages import Decide, Ground, SubmitExplanation
from tests.supervision.supervised import HANDLING, LEAD, Reminder, Supervised, day

INSPECTION_OFFICE, GROUP = "市委市政府督查办公室", "市委市政府督查工作领导小组"
LATE = "2016-12-31"


def jincheng(*due_on: str, **task: Any) -> Supervised:
    return Supervised(*due_on, regime="jincheng", supervisor=INSPECTION_OFFICE, **task)


@pytest.fixture
def behind() -> Supervised:
    """Due on Thursday 2016-06-30, nothing reported."""
    return jincheng("2016-06-30", LATE, supporting_bodies=("市财政局",))


def test_what_lags_gets_a_tracking_slip_on_the_day_after_its_deadline(behind: Supervised) -> None:
    assert behind.until("2016-06-30").given() == []
    assert behind.until("2016-07-01").given() == [Reminder("tracking_slip", "2016-07-01", "2016-07-01")]
    (slip,) = behind.notices(NoticeKind.REMINDER)
    assert (slip.issuer, slip.recipient, slip.paper) == (INSPECTION_OFFICE, HANDLING, "跟踪督查单")
    assert slip.explanation.citation.paragraph == 17


def test_the_body_says_in_three_working_days_how_it_speeds_up_or_is_chased(behind: Supervised) -> None:
    behind.until("2016-07-01")
    owed = behind.state.obligation("e1/tracking_slip/explanation")
    assert owed is not None
    assert (owed.owed_by, owed.due_on) == (HANDLING, day("2016-07-06"))
    behind.until("2016-07-07")
    assert behind.chases("e1/tracking_slip/explanation") == ["2016-07-07"]
    behind.tell(SubmitExplanation(**behind.said(HANDLING), text="已增派人手"))
    assert behind.state.obligation("e1/tracking_slip/explanation") is None


def test_after_fifteen_days_a_coordination_slip_goes_to_all_bodies_and_is_checked(behind: Supervised) -> None:
    behind.until("2016-07-15")
    assert [r.level for r in behind.given()] == ["tracking_slip"]
    behind.until("2016-07-18")  # lag 16 on Saturday 07-16
    assert behind.given()[-1] == Reminder("coordination_slip", "2016-07-16", "2016-07-18")
    slips = [n for n in behind.notices(NoticeKind.REMINDER) if n.level == "coordination_slip"]
    assert [slip.recipient for slip in slips] == [HANDLING, LEAD, "市财政局"]
    owed = {o.duty: (o.owed_by, o.due_on) for o in behind.state.obligations if o.subject == "e1/coordination_slip"}
    assert owed == {
        Duty.VISIT_RECORD: (INSPECTION_OFFICE, day("2016-07-25")),
        Duty.RECTIFICATION: (HANDLING, day("2016-08-01")),
    }


def test_what_has_caught_up_gets_no_coordination_slip(behind: Supervised) -> None:
    behind.until("2016-07-08 10:00").report(1)
    behind.until("2016-08-31")
    assert [r.level for r in behind.given()] == ["tracking_slip"]


def test_the_interview_is_asked_about_after_thirty_days_and_decided_by_the_leading_group(behind: Supervised) -> None:
    behind.until("2016-08-01")  # lag 31 on Sunday 07-31
    asked = behind.notices(NoticeKind.REQUEST)[-1]
    assert (asked.recipient, asked.duty, asked.explanation.due_on) == (INSPECTION_OFFICE, "grounds", day("2016-07-31"))
    behind.tell(Decide(**behind.said(INSPECTION_OFFICE), approve=True, grounds=(Ground.PASSIVE,), reason="推进不力"))
    assert behind.until("2016-08-02").notices(NoticeKind.DECISION)[-1].recipient == GROUP
    behind.tell(Decide(**behind.said(GROUP), approve=True))
    assert behind.until("2016-08-03").given()[-1].level == "interview"


def test_the_assignment_is_signed_in_three_working_days_as_the_slip_demands() -> None:
    acceptance = load_regime("jincheng").limits[Duty.ACCEPTANCE]
    assert acceptance.source.sentence == "将督查任务和事项进行书面告知,实行书面签字同意"
    task = jincheng(LATE).until("2016-05-09")  # assigned on Tuesday 05-03
    (owed,) = (o for o in task.state.obligations if o.duty is Duty.ACCEPTANCE)
    assert (owed.owed_by, owed.due_on) == (HANDLING, day("2016-05-06"))
