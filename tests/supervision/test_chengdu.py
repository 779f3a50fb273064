"""Chengdu 2016: what stays behind after urgings is found wanting, rectified, and brought before the leading group."""

from duban.supervision.bodies.organisation import Body, Organisation
from duban.supervision.tasks.entries import EntryKind, NoticeKind
from duban.supervision.tasks.messages import ReturnForRework
from tests.supervision.supervised import HANDLING, LEAD, Reminder, Supervised, day

OFFICE, GROUP = "市委深改小组办公室", "市委深改小组"
NOTICE, REPORT = "rectification_notice", "report_to_leading_group"


def chengdu(*due_on: str) -> Supervised:
    return Supervised(*due_on, regime="chengdu", supervisor=OFFICE)


def test_after_two_urgings_a_rectification_notice_goes_out_and_after_three_the_leading_group_is_told() -> None:
    task = chengdu("2016-06-30").until("2016-12-31")
    zone = task.policy.calendar.zone
    urged = [zone.local_date(e.at) for e in task.of_kind(EntryKind.URGED)]
    assert urged == [day("2016-07-07"), day("2016-07-21"), day("2016-08-04")]
    assert task.given() == [Reminder(NOTICE, "2016-07-28", "2016-07-28"), Reminder(REPORT, "2016-08-11", "2016-08-11")]
    notice, report = task.notices(NoticeKind.REMINDER)
    assert (notice.issuer, notice.recipient, notice.paper) == (OFFICE, HANDLING, "整改督办通知")
    assert (report.issuer, report.recipient) == (OFFICE, GROUP)


def test_the_responsible_body_owes_rectification_within_an_assumed_thirty_days() -> None:
    task = chengdu("2016-06-30").until("2016-07-28")
    owed = task.state.obligation(f"e1/{NOTICE}/rectification")
    assert owed is not None
    assert (owed.owed_by, owed.due_on) == (HANDLING, day("2016-08-27"))
    (notice,) = task.notices(NoticeKind.REMINDER)
    assert notice.explanation.citation is not None
    assert notice.explanation.citation.document == "中共成都市委《中共成都市委关于全面加强改革落实工作的实施意见》"
    assert "假定" in notice.explanation.citation.assumed


def test_a_returned_report_brings_the_notice_at_once() -> None:
    task = chengdu("2016-06-30", "2016-12-31").until("2016-06-29 10:00")
    task.report(1)
    task.until("2016-07-05 10:00")
    task.tell(ReturnForRework(**task.said(OFFICE), reason="依据不足"))
    assert task.until("2016-07-06").given() == [Reminder(NOTICE, "2016-07-05", "2016-07-05")]


def test_c10_the_special_group_to_whose_field_a_body_belongs_gets_a_copy_of_the_notice() -> None:
    organisation = Organisation(
        bodies=(Body(name="经济体制改革专项小组"), Body(name=LEAD, supervised_by="经济体制改革专项小组"))
    )
    task = chengdu("2016-06-30")
    roles = organisation.roles_for(task.state.definition, OFFICE, task.policy.regime)
    task.state = task.state.model_copy(update={"roles": roles})
    task.until("2016-12-31")
    copies = [n for n in task.notices(NoticeKind.OTHER) if n.facts.get("what") == "copy"]
    assert [(copy.recipient, task.delivered(copy)) for copy in copies] == [("经济体制改革专项小组", "2016-07-28")]
