"""The life of a task, from registration to strike-off, and the ways back."""

import pytest

from duban.supervision.tasks.entries import EntryKind, MilestoneChange, NoticeIntent, NoticesWithdrawn, ReportChange
from duban.supervision.tasks.messages import Accept, ReportProgress, Returned, Terminate, Verify
from duban.supervision.tasks.moments import next_moment
from duban.supervision.tasks.state import REMEMBERED_MESSAGES, RungStatus, Stage
from tests.supervision.supervised import HANDLING, LEAD, OFFICE, SUPERVISOR, Reminder, Supervised, day

LATE = "2016-12-31"


def test_a_task_goes_from_hand_over_to_strike_off_by_what_people_do() -> None:
    task = Supervised("2016-06-30", LATE)
    stages = [task.state.stage]
    task.until("2016-05-04 10:00").accept()
    stages.append(task.state.stage)
    task.until("2016-05-16 10:00").report(1)
    stages.append(task.state.stage)
    task.until("2016-10-10 10:00").ask_strike_off()
    stages.append(task.state.stage)
    task.until("2016-10-12 10:00").verify()
    stages.append(task.state.stage)
    assert stages == [
        Stage.ASSIGNED,
        Stage.ACCEPTED,
        Stage.UNDER_WAY,
        Stage.STRIKE_OFF_REQUESTED,
        Stage.STRUCK_OFF,
    ]
    assert task.kinds() == [
        EntryKind.REGISTERED,
        EntryKind.ASSIGNED,
        EntryKind.ACCEPTED,
        EntryKind.PROGRESS,
        EntryKind.STRIKE_OFF_REQUESTED,
        EntryKind.STRUCK_OFF,
    ]
    assert next_moment(task.state, task.policy) is None


def test_the_hand_over_tells_handling_and_lead_body_and_asks_the_handling_body_to_sign() -> None:
    task = Supervised(LATE, measures="总额预付", deadline_text="年底前")
    told = list(task.changes(NoticeIntent))
    assert [(n.recipient, n.respond_by) for n in told] == [(HANDLING, day("2016-05-06")), (LEAD, None)]
    assert told[0].facts["deadline"] == "年底前"
    assert task.state.version == 2


def test_a_report_of_a_supporting_body_answers_for_nobody_else() -> None:
    task = Supervised("2016-06-30", LATE, supporting_bodies=("市财政局",))
    task.tell(ReportProgress(**task.said("市财政局"), note="经费已下达"))
    assert {o.id for o in task.state.obligations} == {"assignment/acceptance", "assignment/feedback"}
    task.accept()
    assert task.state.stage is Stage.ACCEPTED


def test_a_plan_issued_on_a_holiday_is_handed_over_when_the_office_opens() -> None:
    task = Supervised(LATE, entered="2016-05-01")
    assert {task.delivered(n) for n in task.changes(NoticeIntent)} == {"2016-05-03"}


def test_time_alone_or_an_interim_report_never_closes_a_task() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-06-20 10:00")
    task.report(1, percent=100)
    task.until("2017-12-01")
    assert task.state.stage is Stage.UNDER_WAY


def test_the_strike_off_request_meets_the_final_milestone_and_stops_the_count() -> None:
    task = Supervised("2016-06-30").until("2016-07-20 10:00")
    task.ask_strike_off()
    assert task.state.episode is None
    assert task.until("2016-12-31").given() == [Reminder("phone", "2016-07-16", "2016-07-18")]
    assert task.chases("strike_off/0/verification") == ["2016-07-28", "2016-08-04", "2016-08-11"]


def test_a_strike_off_request_that_is_returned_goes_on_with_the_same_episode() -> None:
    task = Supervised("2016-06-30").until("2016-07-20 10:00")
    task.ask_strike_off()
    task.until("2016-07-26 10:00").verify(passed=False)
    episode = task.state.episode
    assert episode is not None
    assert (task.state.stage, episode.number, task.lag("2016-07-26")) == (Stage.UNDER_WAY, 1, 26)
    assert task.until("2016-08-01").given() == [
        Reminder("phone", "2016-07-16", "2016-07-18"),
        Reminder("written", "2016-07-31", "2016-08-01"),
    ]
    task.ask_strike_off()
    task.verify()
    assert task.state.stage is Stage.STRUCK_OFF


def test_a_request_made_in_time_and_returned_before_the_deadline_leaves_no_lag() -> None:
    task = Supervised("2016-06-30").until("2016-06-10 10:00")
    task.ask_strike_off()
    task.send_back(what=Returned.STRIKE_OFF)
    assert task.until("2016-06-30").state.episode is None
    assert task.until("2016-07-01").lag("2016-07-01") == 1


def test_a_task_is_not_struck_off_while_a_returned_report_leaves_a_milestone_open() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-06-10 10:00")
    task.report(1)
    task.ask_strike_off()
    task.send_back()
    assert "第1个（节点1）" in task.refuses(_verification(task))
    task.report(1)
    task.verify()
    assert task.state.stage is Stage.STRUCK_OFF


def test_a_returned_report_says_so_in_its_row_and_to_the_handling_body() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-06-10 10:00")
    task.report(1, id="r-1")
    task.send_back()
    row = list(task.changes(ReportChange))[-1]
    assert (row.id, row.returned_at, row.return_reason) == ("r-1", task.now, "依据不足")
    node = list(task.changes(MilestoneChange))[-1]
    assert (node.number, node.met_at, node.met_by, node.evidence) == (1, None, "", "")
    told = list(task.changes(NoticeIntent))[-1]
    assert (told.key, told.recipient) == ("return/1", HANDLING)


@pytest.mark.parametrize("stage", [Stage.STRUCK_OFF, Stage.TERMINATED])
def test_when_a_task_is_over_nothing_is_owed_and_what_is_undelivered_stays_here(stage: Stage) -> None:
    task = Supervised("2016-06-30").until("2016-09-20 10:00")
    if stage is Stage.STRUCK_OFF:
        task.ask_strike_off()
        task.verify()
    else:
        task.tell(Terminate(**task.said(OFFICE), reason="政策取消"))
    assert task.state.stage is stage
    assert task.state.obligations == ()
    assert next_moment(task.state, task.policy) is None
    assert list(task.changes(NoticesWithdrawn))[-1].subjects == ("",)
    assert task.levels()["e1/circular"] is RungStatus.NOT_ISSUED
    entries = len(task.entries)
    task.asleep_until("2017-06-30").wake()
    assert len(task.entries) == entries
    assert task.state.episode is None


def test_the_same_message_twice_is_one_message() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-06-10 10:00")
    message = ReportProgress(**task.said(HANDLING), milestones=(1,), evidence="文号")
    first = task.tell(message)
    again = task.tell(message)
    assert (first.repeated, again.repeated) == (False, True)
    assert again.version == first.version == task.state.version
    assert again.entries == ()


def test_a_message_sent_again_after_the_strike_off_is_still_known() -> None:
    task = Supervised(LATE).until("2016-06-10 10:00")
    task.ask_strike_off()
    request = task.state.requester
    task.verify()
    assert request is not None
    assert task.tell(Accept(body=HANDLING, person="张三", id=request.message)).repeated


def test_only_so_many_message_ids_are_carried_along() -> None:
    task = Supervised(LATE)
    for _ in range(REMEMBERED_MESSAGES + 5):
        task.report(percent=1)
    assert len(task.state.recent) == REMEMBERED_MESSAGES


def test_a_message_without_a_moment_counts_when_it_is_handled_and_the_record_says_so() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-06-25").asleep_until("2016-07-05 10:00")
    task.tell(ReportProgress(body=HANDLING, person="李四", milestones=(1,), evidence="文号"))
    entry = task.of_kind(EntryKind.PROGRESS)[0]
    assert entry.at == task.now
    assert entry.text.endswith("（未注明发生时间，按受理时间计）")
    assert [e for e in task.entries if "未注明发生时间" in e.text] == [entry]
    assert task.state.episodes[0].ended_on == day("2016-07-05")


def test_an_open_ended_task_may_be_struck_off_when_its_dated_milestones_are_met() -> None:
    task = Supervised(LATE, open_ended=True).until("2016-12-01 10:00")
    task.report(1)
    task.ask_strike_off()
    task.verify()
    assert task.state.stage is Stage.STRUCK_OFF


def _verification(task: Supervised) -> Verify:
    return Verify(**task.said(SUPERVISOR), passed=True)
