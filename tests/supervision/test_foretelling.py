"""The word before the deadline (期限内不能办结的,承办单位要提前向交办单位报告原因和进展情况; Bozhou 2015, 28)."""

from typing import Any

import pytest

from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.entries import EntryKind, NoticeKind, ObligationChange, ObligationStatus, RecordChange
from duban.supervision.tasks.messages import Amend, AmendedMilestone, SubmitExplanation
from tests.supervision.supervised import HANDLING, SUPERVISOR, Supervised, day, policy_of

UNTIL_THE_LAST_DAY = "2016-06-15"  # a Wednesday: asked on Wednesday the 8th
LAPSED = ObligationStatus.LAPSED


def bozhou(*due_on: str, **task: Any) -> Supervised:
    return Supervised(*due_on or (UNTIL_THE_LAST_DAY,), regime="bozhou", supervisor=SUPERVISOR, **task)


def asked(task: Supervised) -> list[str]:
    return [task.delivered(n) for n in task.notices(NoticeKind.REQUEST) if n.duty is Duty.ADVANCE_EXPLANATION]


def no(task: Supervised, **more: Any) -> SubmitExplanation:
    return SubmitExplanation(
        **task.said(HANDLING), **{"text": "专家论证推迟", "on_time": False, "progress": "初稿已成", **more}
    )


def became(task: Supervised) -> list[tuple[ObligationStatus, str]]:
    owed = (c for c in task.changes(ObligationChange) if c.duty is Duty.ADVANCE_EXPLANATION)
    return [(c.status, c.reason) for c in owed if c.closed_at]


def test_seven_days_before_the_last_deadline_the_handling_body_is_asked_whether_it_will_be_met() -> None:
    task = bozhou().until("2016-06-08")
    (notice,) = [n for n in task.notices(NoticeKind.REQUEST) if n.duty is Duty.ADVANCE_EXPLANATION]
    assert (task.delivered(notice), notice.recipient, notice.issuer) == ("2016-06-08", HANDLING, SUPERVISOR)
    assert notice.respond_by == day(UNTIL_THE_LAST_DAY)
    cited = notice.explanation.citation
    assert (cited.paragraph, cited.sentence[:10]) == (28, "期限内不能办结的,承")


def test_on_a_day_off_it_is_asked_on_the_working_day_before() -> None:
    assert asked(bozhou("2016-06-18").until("2016-06-17")) == ["2016-06-08"]  # the 9th to 11th are a holiday


def test_an_explanation_in_time_is_kept_with_reasons_and_progress_and_extends_nothing() -> None:
    task = bozhou().until("2016-06-10 10:00")
    task.tell(no(task))
    assert became(task) == [(ObligationStatus.MET, "")]
    (record,) = task.changes(RecordChange)
    assert record.facts == {"on_time": "否", "text": "专家论证推迟", "progress": "初稿已成", "due_on": "2016-06-15"}
    assert task.state.milestones[0].due_on == day(UNTIL_THE_LAST_DAY)
    told = task.notices(NoticeKind.OTHER)[-1]
    assert (told.recipient, told.issuer) == (SUPERVISOR, HANDLING)
    assert "不能按期办结" in told.facts["text"]
    assert task.until("2016-06-16").lag("2016-06-17") == 2
    assert not task.of_kind(EntryKind.FORETELLING)[1:]


def test_whoever_will_not_make_it_says_how_far_he_is() -> None:
    task = bozhou().until("2016-06-10 10:00")
    assert "须写明原因（text）和进展情况（progress）" in task.refuses(no(task, progress=""))
    task.tell(no(task, on_time=True, progress="", text="已定稿，等待印发"))
    assert became(task) == [(ObligationStatus.MET, "")]


def test_what_did_not_come_in_time_is_on_record_and_is_not_chased() -> None:
    task = bozhou().until("2016-06-17")
    assert became(task) == [(LAPSED, "期限之前未作说明")]
    assert "未在期限（2016年6月15日）之前说明" in task.of_kind(EntryKind.FORETELLING)[-1].text
    zone = task.policy.calendar.zone
    assert zone.local_date(task.of_kind(EntryKind.FORETELLING)[-1].at) == day("2016-06-16")
    assert not [n for n in task.notices(NoticeKind.CHASE) if n.duty is Duty.ADVANCE_EXPLANATION]


def test_an_explanation_after_the_deadline_is_kept_as_what_it_is() -> None:
    task = bozhou().until(UNTIL_THE_LAST_DAY).asleep_until("2016-06-16 08:00")
    task.tell(no(task))
    assert became(task) == [(LAPSED, "期限之前未作说明")]
    assert "在期限之后提出，不作为期前说明" in task.of_kind(EntryKind.EXPLAINED)[-1].text


def test_a_body_may_say_so_before_it_is_asked_and_is_asked_no_more() -> None:
    task = bozhou().until("2016-05-20 10:00")
    task.tell(no(task))
    assert asked(task.until("2016-06-20")) == []
    assert became(task) == []


def test_a_task_that_is_done_is_not_asked_and_need_not_explain() -> None:
    early = bozhou().until("2016-06-01 10:00")
    early.ask_strike_off()
    assert asked(early.until("2016-06-20")) == []
    asked_already = bozhou().until("2016-06-10 10:00")
    asked_already.ask_strike_off()
    assert became(asked_already) == [(LAPSED, "第1个节点已完成")]


def test_only_the_last_deadline_is_asked_about() -> None:
    assert asked(bozhou("2016-05-25", "2016-09-30").until("2016-09-30")) == ["2016-09-23"]


def test_an_extension_is_asked_about_anew_before_its_own_date() -> None:
    task = bozhou().until("2016-06-10 10:00")
    task.extend(1, "2016-07-15")
    assert became(task) == [(LAPSED, "期限已改为2016年7月15日")]
    assert asked(task.until("2016-07-20")) == ["2016-06-08", "2016-07-08"]


def test_an_amendment_to_another_date_and_back_asks_again() -> None:
    task = bozhou().until("2016-06-08 18:00")
    for to in ("2016-08-31", UNTIL_THE_LAST_DAY):
        moved = AmendedMilestone(number=1, due_on=day(to))
        task.tell(Amend(**task.said(SUPERVISOR), reason="调整", milestones=(moved,)))
    assert asked(task.until("2016-06-14")) == ["2016-06-08", "2016-06-12"]
    keys = [n.key for n in task.notices(NoticeKind.REQUEST) if n.duty is Duty.ADVANCE_EXPLANATION]
    assert len(set(keys)) == 2


def test_a_task_that_begins_shortly_before_its_deadline_is_asked_on_the_first_working_day_after() -> None:
    assert asked(bozhou(entered="2016-06-13").until("2016-06-15")) == ["2016-06-14"]
    # Handed over on the last day it cannot be asked beforehand any more.
    assert asked(bozhou(entered="2016-06-15").until("2016-06-20")) == []
    assert asked(bozhou("2016-05-20", entered="2016-06-13").until("2016-06-20")) == []


def test_while_the_count_stands_still_nobody_is_asked_and_a_deadline_passed_meanwhile_needs_no_word() -> None:
    task = bozhou().until("2016-06-06 10:00")
    task.suspend(until="2016-06-13")
    assert asked(task.until("2016-06-15")) == ["2016-06-13"]
    stands = bozhou().until("2016-06-10 10:00")
    stands.suspend(until="2016-06-27")
    stands.until("2016-06-28")
    assert became(stands) == [(LAPSED, "期限在暂停期间，无须说明")]


def test_after_an_outage_over_the_deadline_it_is_on_record_that_nobody_could_be_asked() -> None:
    task = bozhou().until("2016-06-01").asleep_until("2016-06-20 10:00").wake()
    assert asked(task) == []
    assert "未能征询" in task.of_kind(EntryKind.FORETELLING)[-1].text


def test_where_the_rules_do_not_ask_nobody_is_asked_and_nothing_is_taken() -> None:
    task = Supervised(UNTIL_THE_LAST_DAY).until("2016-06-10 10:00")
    assert asked(task) == []
    lead = {**task.said("市医保局")}
    refused = task.refuses(SubmitExplanation(**lead, text="推迟", on_time=False, progress="初稿"))
    assert "没有规定期前说明" in refused


def test_a_body_that_leaves_hands_on_what_it_owed() -> None:
    task = bozhou().until("2016-06-10 10:00")
    task.tell(Amend(**task.said(SUPERVISOR), reason="调整", handling_body="市财政局"))
    (owed,) = task.state.owing(Duty.ADVANCE_EXPLANATION)
    assert owed.owed_by == "市财政局"


def test_a_regime_that_asks_must_let_the_handling_body_answer() -> None:
    regime = policy_of("bozhou").regime
    data = regime.model_dump(mode="json")
    data["authority"]["acts"]["submit_explanation"] = ["lead_body"]
    data["ladder"]["rungs"] = [r for r in data["ladder"]["rungs"] if r["level"] != "circular_by_government_office"]
    with pytest.raises(ValueError, match="advance_explanation 由 handling_body 办理"):
        type(regime).model_validate(data)
