"""An item goes step by step: who owes what by which day, and what follows from it."""

from typing import Any

import pytest

from duban.supervision.foresight.rehearsal import foresee, notices_of
from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.advance import Transition
from duban.supervision.tasks.entries import EntryKind, NoticeIntent, NoticeKind, ObligationChange, ObligationStatus
from duban.supervision.tasks.moments import next_moment
from duban.supervision.tasks.state import Stage
from duban.supervision.tasks.views import details, snapshot, status_view
from tests.supervision.items import ASSUMED, CITED, Item, of_one_step, procedure
from tests.supervision.supervised import GROUP, LEAD, OFFICE, SUPERVISOR, day


def replied(**more: Any) -> Item:
    """A docking item (opened on Wednesday 1 June 2016) up to the reform office's check."""
    item = Item(**more)
    item.take(OFFICE, at="2016-06-01 11:00")
    item.until("2016-06-06 10:00").take(facts={"plan": "分三步走"})
    return item


def test_the_first_step_waits_with_a_notice_and_nothing_of_a_task_is_owed() -> None:
    item = Item()
    assert item.waits() == ("s1/notify", OFFICE, "2016-06-04")
    assert [o.duty for o in item.state.obligations] == [Duty.STEP]
    assert item.kinds() == [EntryKind.REGISTERED, EntryKind.STEP_BEGUN]
    assert "会议日期：2016-06-01" in item.entries[0].text
    (notice,) = item.changes(NoticeIntent)
    assert (notice.kind, notice.recipient, notice.issuer, notice.respond_by) == (
        NoticeKind.REQUEST,
        OFFICE,
        SUPERVISOR,
        day("2016-06-04"),
    )
    assert notice.facts["title"] == "发出对接提示通知"
    assert notice.facts["上级方案"] == "省方案"
    assert notice.explanation.respond_by_rule is not None
    assert notice.explanation.respond_by_rule.sentence == CITED["sentence"]
    assert item.state.milestones == ()
    assert item.state.stage is Stage.UNDER_WAY


def test_a_limit_runs_after_the_stated_day_or_after_the_body_has_been_told() -> None:
    item = Item(facts={"document": ("省方案",), "meeting_on": ("2016-05-31",)})
    assert item.waits()[2] == "2016-06-03"
    item.until("2016-06-03 20:00").take(OFFICE)  # a Friday evening: told on Monday; then ten working days
    assert item.waits() == ("s2/reply", LEAD, "2016-06-21")  # 9 and 10 June are holidays, 12 June is worked
    assert item.sent(EntryKind.STEP_BEGUN)[-1] == ("s2/reply", LEAD, "2016-06-06")


def test_the_chain_is_walked_to_its_end_and_closes_by_the_last_record_alone() -> None:
    item = replied()
    assert item.walked() == ["s1/notify", "s2/reply", "s3/review"]
    item.until("2017-06-01")
    assert not item.state.stage.is_final
    item.take(OFFICE, person="李四", outcome="agreed", note="按此执行")
    assert item.state.stage is Stage.CLOSED
    assert item.state.obligations == ()
    assert next_moment(item.state, item.policy) is None
    assert item.kinds()[-2:] == [EntryKind.STEP_TAKEN, EntryKind.ITEM_CLOSED]
    assert "不再受理" in item.not_taken(OFFICE)


def test_what_is_returned_comes_back_as_a_new_run_of_the_same_step() -> None:
    item = replied()
    item.take(OFFICE, person="李四", outcome="退回", facts={"why": "没有时限"})
    assert item.waits()[:2] == ("s4/reply", LEAD)
    item.take(facts={"plan": "写明时限"})
    assert item.waits()[:2] == ("s5/review", OFFICE)
    assert item.state.facts["plan"] == ("写明时限",)
    statuses = {c.id: c.status for c in item.changes(ObligationChange)}
    assert statuses["s2/reply/step"] is ObligationStatus.MET
    assert statuses["s5/review/step"] is ObligationStatus.OPEN


def test_what_came_of_a_step_is_told_under_a_number_of_its_series() -> None:
    item = replied()
    item.take(OFFICE, person="李四", outcome="agreed", note="按此执行")
    told = [n for n in item.notices(NoticeKind.OTHER) if n.facts.get("what") == "step_result"]
    assert [(n.key, n.recipient, n.issuer, n.paper) for n in told] == [
        ("s3/review/result", GROUP, OFFICE, "简报"),
        ("s3/review/result", LEAD, OFFICE, "简报"),
    ]
    assert told[0].facts["outcome"] == "同意"
    assert told[0].facts["note"] == "按此执行"


def test_the_last_day_is_called_to_mind_and_then_chased_on_the_side_that_owes() -> None:
    item = Item()
    item.take(OFFICE, at="2016-06-01 11:00")
    assert item.waits()[2] == "2016-06-16"
    item.until("2016-07-05")
    assert item.sent(EntryKind.ADVANCE_NOTICE) == [("s2/reply/advance/2016-06-16/0", LEAD, "2016-06-13")]
    assert item.chases("s2/reply/step") == ["2016-06-17", "2016-06-24", "2016-07-01"]
    chase = item.notices(NoticeKind.CHASE)[0]
    assert (chase.issuer, chase.facts["owed"]) == (SUPERVISOR, "报送对接安排")
    assert "报送对接安排应于2016年6月16日前完成" in chase.explanation.citation.rule


def test_the_supervising_body_is_chased_by_the_reform_office() -> None:
    item = Item(of_one_step(by="supervising_body", limit={"days": 2, "source": ASSUMED}))
    assert item.waits() == ("s1/only", SUPERVISOR, "2016-06-03")
    item.until("2016-06-07")
    chase = item.notices(NoticeKind.CHASE)[0]
    assert (chase.recipient, chase.issuer) == (SUPERVISOR, OFFICE)


def test_taken_late_it_is_recorded_as_late() -> None:
    item = Item()
    item.until("2016-06-08 10:00").take(OFFICE)
    assert "逾期4天办理" in item.of_kind(EntryKind.STEP_TAKEN)[-1].text
    view = status_view(item.state, item.policy, item.now)
    assert [(s.step, s.days_late) for s in view.steps] == [("notify", 4), ("reply", 0)]


def test_after_an_outage_what_is_due_is_done_once() -> None:
    item = Item()
    item.take(OFFICE, at="2016-06-01 11:00")
    item.asleep_until("2016-08-15 12:00").wake()
    assert item.chases("s2/reply/step") == ["2016-08-15"]
    assert item.sent(EntryKind.ADVANCE_NOTICE) == []
    assert "不再补发" in item.of_kind(EntryKind.ADVANCE_NOTICE)[0].text


def test_a_day_that_was_over_before_is_due_at_once_and_chased_after_it_was_told() -> None:
    item = Item(facts={"document": ("省方案",), "meeting_on": ("2016-05-02",)})
    assert item.waits()[2] == "2016-05-05"
    assert "期限已过" in item.entries[-1].text
    item.until("2016-06-01 23:00")
    assert item.chases("s1/notify/step") == []
    item.until("2016-06-02")
    assert item.chases("s1/notify/step") == ["2016-06-02"]


# Often, by date, in months


PERIOD = {"period_from": ("2016-01-01",), "period_to": ("2016-12-31",)}


def test_twice_in_a_year_is_the_end_of_june_and_the_end_of_december() -> None:
    item = Item(of_one_step(times=2), entered="2016-01-04", facts=PERIOD)
    assert item.waits() == ("s1/only/1", LEAD, "2016-06-30")
    item.until("2016-03-10 10:00").take()
    assert item.waits() == ("s2/only/2", LEAD, "2016-12-31")
    assert status_view(item.state, item.policy, item.now).awaiting[0].what == "报告（第2次，共2次）"
    item.until("2016-12-01 10:00").take()
    assert item.state.stage is Stage.CLOSED


@pytest.mark.parametrize(
    ("first", "last", "times", "days"),
    [
        ("2016-01-01", "2016-12-31", 4, ["2016-03-31", "2016-06-30", "2016-09-30", "2016-12-31"]),
        ("2016-02-01", "2016-02-29", 2, ["2016-02-14", "2016-02-29"]),
        ("2016-06-01", "2016-06-01", 3, ["2016-06-01", "2016-06-01", "2016-06-01"]),
    ],
)
def test_times_are_spread_evenly(first: str, last: str, times: int, days: list[str]) -> None:
    facts = {"period_from": (first,), "period_to": (last,)}
    item, found = Item(of_one_step(times=times), entered="2016-01-04", facts=facts), []
    while item.state.open_step is not None:
        found.append(item.waits()[2])
        item.take()
    assert found == days


def test_a_step_is_due_on_the_date_that_was_stated_for_it() -> None:
    given = [{"name": "until", "title": "截止", "kind": "date"}]
    item = Item(of_one_step(due="until", given=given), facts={"until": ("2016-09-30",)})
    assert item.waits()[2] == "2016-09-30"


def test_three_months_after_the_end_of_november_end_with_february() -> None:
    given = [{"name": "received_on", "title": "收文日期", "kind": "date"}]
    limit = {"months": 3, "source": ASSUMED}
    item = Item(
        of_one_step(limit=limit, counts_from="received_on", given=given), facts={"received_on": ("2016-11-30",)}
    )
    assert item.waits()[2] == "2017-02-28"


# What is seen


def test_the_ledger_and_the_status_show_the_step_that_waits_and_since_when_it_is_late() -> None:
    item = Item()
    before = snapshot(item.state, item.policy)
    assert (before.due_on, before.behind_since, before.awaiting) == (day("2016-06-04"), None, (OFFICE,))
    assert before.next_moment_at is not None
    item.until("2016-06-06")  # the Monday after
    late = snapshot(item.state, item.policy)
    assert (late.due_on, late.behind_since, late.status) == (day("2016-06-04"), day("2016-06-04"), "under_way")
    view = status_view(item.state, item.policy, item.moment("2016-06-07 10:00"))
    assert (view.lag_days, view.incomplete, view.procedure_title) == (3, False, "对接提示")
    assert view.awaiting[0].what == "发出对接提示通知"
    assert "发出对接提示通知" in details(item.state, item.policy)
    item.take(OFFICE)
    assert snapshot(item.state, item.policy).behind_since is None


def test_somebody_else_than_who_gave_notice_checks_the_answer() -> None:
    item = replied()
    assert "同一人不得再办理“审核对接安排”" in item.not_taken(OFFICE, outcome="agreed")
    item.take(OFFICE, person="李四", outcome="agreed")


def test_only_who_owes_a_step_takes_it() -> None:
    assert f"{LEAD}无权办理“发出对接提示通知”：应由{OFFICE}办理" in Item().not_taken(LEAD)


def test_a_wrong_step_is_told_which_one_waits() -> None:
    item = Item()
    assert "现在等待办理的是“发出对接提示通知”（notify）" in item.not_taken(OFFICE, step="review")
    item.take(OFFICE, step="s1/notify")
    assert f"已由{OFFICE}于2016年6月1日办理，现在等待的是“报送对接安排”（reply）" in item.not_taken(step="notify")
    item.take(step="s2/reply/step", facts={"plan": "安排"})


def test_an_outcome_is_asked_for_where_there_are_several() -> None:
    item = replied()
    assert "结果（outcome）：agreed 同意、returned 退回" in item.not_taken(OFFICE, person="李四")
    assert "没有结果“maybe”" in item.not_taken(OFFICE, person="李四", outcome="maybe")
    wanted = item.not_taken(OFFICE, person="李四", outcome="returned")
    assert "还须写明：退回原因（why，文字）" in wanted


# Later


def test_a_pause_lets_the_limit_stand_still_and_a_stated_date_not() -> None:
    item = Item()
    item.take(OFFICE, at="2016-06-01 11:00")
    item.until("2016-06-06 10:00").suspend(until="2016-06-20")
    item.until("2016-06-20")
    assert item.waits()[2] == "2016-06-30"
    assert item.state.steps[-1].baseline_on == day("2016-06-16")
    assert item.chases("s2/reply/step") == []
    given = [{"name": "until", "title": "截止", "kind": "date"}]
    dated = Item(of_one_step(due="until", given=given), facts={"until": ("2016-06-16",)})
    dated.until("2016-06-06 10:00").suspend(until="2016-06-20")
    assert dated.until("2016-06-20").waits()[2] == "2016-06-16"


def test_steps_of_a_procedure_need_not_follow_the_order_of_the_file() -> None:
    five_days = {"source": ASSUMED, "limit": {"days": 5, "source": ASSUMED}}
    no, yes = {"name": "no", "title": "不同意", "then": "closed"}, {"name": "yes", "title": "同意", "then": "act"}
    steps = [
        {"id": "decide", "title": "决定", "by": "leading_group", "outcomes": [no, yes], **five_days},
        {"id": "unused", "title": "不用", "by": "lead_body", **five_days},
        {"id": "act", "title": "执行", "by": "lead_body", **five_days},
    ]
    chain = procedure(facts=[], steps=steps)
    refused = Item(chain)
    refused.take(GROUP, outcome="no")
    assert (refused.state.stage, refused.walked()) == (Stage.CLOSED, ["s1/decide"])
    agreed = Item(chain)
    agreed.take(GROUP, outcome="yes")
    agreed.take()
    assert (agreed.state.stage, agreed.walked()) == (Stage.CLOSED, ["s1/decide", "s2/act"])


def test_foreseen_is_who_is_told_of_which_step_if_nobody_moves() -> None:
    item = Item()
    begun = Transition(state=item.state, entries=tuple(item.entries))
    entries = foresee(begun, item.policy, item.moment("2016-06-10")).entries
    told = notices_of(item.state.definition, entries, item.policy)
    assert [(n.kind, n.step, n.recipient, n.deliver_on) for n in told] == [
        (NoticeKind.REQUEST, "发出对接提示通知", OFFICE, day("2016-06-01")),
        (NoticeKind.CHASE, "发出对接提示通知", OFFICE, day("2016-06-06")),
    ]
