"""Kinds of matter with limits in their own units (Bozhou 2015, paragraphs 22, 23 and 28), day by day."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duban.supervision.clauses import Limit, Source
from duban.supervision.levels.lag import after
from duban.supervision.plans.plan import MilestoneKind, PlannedMilestone, ReportCycle
from duban.supervision.rules.matters import MatterKind
from duban.supervision.rules.policy import decode, digest, encode
from duban.supervision.tasks.advance import Transition, advance
from duban.supervision.tasks.entries import EntryKind
from duban.supervision.tasks.messages import Amend, AmendedMilestone, CarryOver, Cause, Decide, RequestExtension
from duban.supervision.tasks.splitting import origin_of
from duban.supervision.tasks.state import TaskState
from tests.supervision.supervised import HANDLING, Supervised, day, policy_of

OFFICE = "市政府督查室"
BOZHOU = policy_of("bozhou")


def by_kind(matter: str, entered: str = "2016-05-03", **task: Any) -> Supervised:
    """A task whose plan names its kind and no date: issued and handed over on one day unless said otherwise."""
    kind = BOZHOU.regime.matters[matter]
    counted = after(kind.limit, day(entered), BOZHOU.calendar)
    node = PlannedMilestone(
        number=1, phrase=kind.phrase, due_on=counted, kind=MilestoneKind.COMPLETED, from_hand_over=True
    )
    return Supervised(node, regime="bozhou", supervisor=OFFICE, entered=entered, matter=matter, **task)


@pytest.mark.parametrize(
    ("matter", "entered", "due_on"),
    [
        ("proposals", "2016-05-03", "2016-08-03"),
        ("proposals", "2016-11-30", "2017-02-28"),
        ("motions", "2016-05-03", "2016-11-03"),
        ("online_messages", "2016-05-03", "2016-05-17"),
        ("online_messages", "2016-09-26", "2016-10-13"),  # closed from the 1st to the 7th, open on the weekend after
        ("superior_documents", "2016-05-03", "2016-08-03"),
    ],
)
def test_each_kind_is_due_when_its_clause_says_from_the_day_of_the_hand_over(
    matter: str, entered: str, due_on: str
) -> None:
    task = by_kind(matter, entered)
    (node,) = task.state.milestones
    assert (node.due_on, node.baseline_on, node.final) == (day(due_on), day(due_on), True)


def test_the_limit_counts_from_the_hand_over_and_not_from_the_issue_of_the_plan() -> None:
    kind = BOZHOU.regime.matters["proposals"]
    issued = PlannedMilestone(number=1, phrase=kind.phrase, due_on=day("2016-07-20"), from_hand_over=True)
    late = Supervised(issued, regime="bozhou", supervisor=OFFICE, entered="2016-05-03", matter="proposals")
    assert late.state.milestones[0].due_on == day("2016-08-03")
    stated = issued.model_copy(update={"from_hand_over": False})
    taken_over = Supervised(
        stated, regime="bozhou", supervisor=OFFICE, matter="proposals", handed_over_on=day("2016-04-20")
    )
    assert taken_over.state.milestones[0].due_on == day("2016-07-20")
    assert taken_over.state.handed_over_on == day("2016-04-20")


def test_the_deadline_says_by_which_kind_and_clause_it_came_about() -> None:
    (node,) = by_kind("proposals").state.milestones
    assert node.phrase == "交办后3个月内答复建议提案人（按“人大代表建议、政协委员提案”办理时限，第22段）"


def extend(task: Supervised, to: str) -> RequestExtension:
    return RequestExtension(**task.said(HANDLING), milestone=1, new_due_on=day(to), reason="情况复杂")


def test_no_extension_goes_beyond_six_months_from_the_hand_over() -> None:
    task = by_kind("proposals").until("2016-07-20 10:00")
    refusal = task.refuses(extend(task, "2016-11-04"))
    assert "最长6个月，最迟为2016年11月3日，不能延至2016年11月4日" in refusal
    assert "第22段：“最长不得超过 6 个月”" in refusal
    task.tell(extend(task, "2016-11-03"))
    task.tell(Decide(body=OFFICE, person="李四", approve=True))
    assert task.state.milestones[0].due_on == day("2016-11-03")


def test_a_kind_without_a_longest_time_is_extended_as_ever() -> None:
    task = by_kind("superior_documents").until("2016-07-20 10:00")
    task.tell(extend(task, "2017-06-30"))


def test_neither_an_amendment_nor_a_carry_over_goes_beyond_it() -> None:
    task = by_kind("proposals").until("2016-07-20 10:00")
    beyond = AmendedMilestone(number=1, due_on=day("2016-12-31"))
    assert "最迟为2016年11月3日" in task.refuses(Amend(**task.said(OFFICE), reason="调整", milestones=(beyond,)))
    added = AmendedMilestone(due_on=day("2016-12-31"), phrase="补充答复")
    assert "最迟为2016年11月3日" in task.refuses(Amend(**task.said(OFFICE), reason="调整", milestones=(added,)))
    carried = CarryOver(**task.said(OFFICE), new_due_on=day("2017-06-30"), cause=Cause.OBJECTIVE, reason="跨年")
    assert "最迟为2016年11月3日" in task.refuses(carried)
    ends_never = Amend(**task.said(OFFICE), reason="调整", open_ended=True, report_cycle=ReportCycle.QUARTERLY)
    assert "不能持续推进" in task.refuses(ends_never)


def test_a_task_gets_another_kind_by_an_amendment_that_says_so() -> None:
    task = Supervised("2017-06-30", regime="bozhou", supervisor=OFFICE).until("2016-05-20 10:00")
    assert "没有事项类别“petition”" in task.refuses(Amend(**task.said(OFFICE), reason="调整", matter="petition"))
    assert "最迟为2016年11月3日" in task.refuses(Amend(**task.said(OFFICE), reason="调整", matter="proposals"))
    earlier = AmendedMilestone(number=1, due_on=day("2016-10-31"))
    task.tell(Amend(**task.said(OFFICE), reason="调整", matter="proposals", milestones=(earlier,)))
    assert "事项类别由“无”改为“人大代表建议、政协委员提案”" in task.of_kind(EntryKind.AMENDED)[-1].text


def test_splitting_gives_a_proposal_no_more_time() -> None:
    task = by_kind("proposals").until("2016-07-20 10:00")
    part = task.state.definition.model_copy(update={"code": "T-2", "split_from": "T-1"})
    origin = origin_of(task.state, part, task.now)
    assert origin is not None
    split = Supervised(
        *part.milestones, regime="bozhou", supervisor=OFFICE, entered="2016-07-20", matter="proposals", origin=origin
    )
    assert split.state.handed_over_on == day("2016-05-03")
    assert split.state.milestones[0].due_on == day("2016-08-03")


def test_a_regime_without_kinds_of_matter_keeps_its_text_and_its_name() -> None:
    for name in ("kunming", "bozhou"):
        policy = policy_of(name)
        bare = policy.model_copy(update={"regime": policy.regime.model_copy(update={"matters": {}})})
        assert "matters" not in encode(bare)
        assert encode(decode(encode(bare))) == encode(bare)
    assert digest(encode(policy_of("bozhou"))) != digest(encode(bare))
    plain = Supervised("2016-12-31").state
    text = plain.model_dump_json()
    assert "matter" not in text and "handed_over_on" not in text and "from_hand_over" not in text  # noqa: PT018
    assert TaskState.model_validate_json(text) == plain


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"limit": Limit(days=0, source=Source(assumed=True))}, "时限须大于0"),
        ({"at_most": Limit(months=2, source=Source(assumed=True))}, "at_most（最长时限）短于 limit"),
    ],
)
def test_a_kind_that_leaves_no_time_is_refused(fields: dict[str, Any], why: str) -> None:
    limit = Limit(months=3, source=Source(assumed=True))
    with pytest.raises(ValueError, match=why):
        MatterKind(**{"title": "提案", "task": "答复", "limit": limit, **fields})


@settings(deadline=None, max_examples=40)
@given(st.dates(day("2015-02-01"), day("2017-06-01")), st.lists(st.integers(0, 400), min_size=1, max_size=4))
def test_whatever_is_asked_for_nothing_is_ever_due_after_the_longest_time(entered: date, offsets: list[int]) -> None:
    task = by_kind("proposals", entered.isoformat())
    most = BOZHOU.regime.matters["proposals"].at_most
    assert most is not None
    latest = after(most, entered, BOZHOU.calendar)
    for offset in offsets:
        wished = entered + timedelta(days=offset)
        amended = Amend(**task.said(OFFICE), reason="调整", milestones=(AmendedMilestone(number=1, due_on=wished),))
        for message in (extend(task, wished.isoformat()), amended):
            if isinstance(done := advance(task.state, message, task.policy, task.now), Transition):
                task.state = done.state
        if task.state.extensions:
            task.decide(OFFICE, True)
        assert all(node.due_on <= latest for node in task.state.milestones)
