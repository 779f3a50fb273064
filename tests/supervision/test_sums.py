"""With every bound exhausted, what a task carries stays below the 2 MB of a payload: on these sums the door rests."""

from collections.abc import Iterator
from typing import Any

import pytest

from duban.contracts import RecordBatch, TaskInput, TimelineLine, pack_state
from duban.intake.rows.bounds import (
    LONGEST_DEADLINE,
    LONGEST_DELIVERABLE,
    LONGEST_MEASURES,
    LONGEST_TITLE,
    MOST_MILESTONES,
    MOST_SUPPORTING,
)
from duban.supervision.clauses import Source
from duban.supervision.plans.plan import PlannedMilestone, ReportCycle
from duban.supervision.rules.policy import Policy
from duban.supervision.tasks.door import (
    ENDS,
    LONGEST_NAME,
    LONGEST_SCOPE,
    MOST_EVIDENCE,
    MOST_IN_SCOPE,
    MOST_STATE,
    refuse_excess,
    refuse_growth,
    size_of,
)
from duban.supervision.tasks.entries import LedgerEntry
from duban.supervision.tasks.messages import (
    Action,
    Amend,
    AmendedMilestone,
    Decide,
    Ground,
    RecordAction,
    ReportProgress,
    RequestExtension,
    RequestStrikeOff,
    Suspend,
)
from duban.supervision.tasks.turn import Refusal
from duban.supervision.tasks.views import snapshot, status_view
from tests.supervision.supervised import GROUP, HANDLING, OFFICE, SUPERVISOR, Supervised, day, policy_of
from workflows.task_loop import BYTES_AT_ONCE
from workflows.task_messages import LINES_KEPT

PAYLOAD = 2_000_000
"""Bytes: above it the server refuses a payload."""
LONG = "督" * 4_000
NAME = "办" * LONGEST_NAME


def bytes_of(model: Any) -> int:
    return len(model.model_dump_json().encode())


def longest_words() -> Policy:
    """Kunming's rules with every sentence as long as a regime may have it."""
    policy = policy_of()
    cited = Source(paragraph=1, sentence="文" * 500)
    limits = {
        duty: limit.model_copy(update={"source": cited, "assumed": "定" * 500})
        for duty, limit in policy.regime.limits.items()
    }
    rungs = tuple(
        rung.model_copy(update={"source": cited, "assumed": "定" * 500, "title": "题" * 100})
        for rung in policy.regime.ladder.rungs
    )
    ladder = policy.regime.ladder.model_copy(update={"rungs": rungs})
    regime = policy.regime.model_copy(update={"limits": limits, "ladder": ladder})
    return policy.model_copy(update={"regime": regime})


def largest_task(policy: Policy | str = "kunming", **more: Any) -> Supervised:
    """A task of a plan in which every cell is as full as it may be."""
    nodes = [
        PlannedMilestone(number=n, phrase="底" * LONGEST_DEADLINE, due_on=day("2016-06-30"))
        for n in range(1, MOST_MILESTONES + 1)
    ]
    return Supervised(
        *nodes,
        regime=policy,
        title="改" * LONGEST_TITLE,
        measures="措" * LONGEST_MEASURES,
        deliverable="果" * LONGEST_DELIVERABLE,
        deadline_text="限" * LONGEST_DEADLINE,
        leader=NAME,
        supporting_bodies=tuple(f"{n:0{LONGEST_NAME}d}" for n in range(MOST_SUPPORTING)),
        open_ended=True,
        report_cycle=ReportCycle.MONTHLY,
        **more,
    )


def batch(task: Supervised, entries: tuple[LedgerEntry, ...]) -> int:
    return bytes_of(
        RecordBatch(
            task_code=task.state.code,
            plan_code=task.state.plan_code,
            round=1,
            entries=entries,
            snapshot=snapshot(task.state, task.policy),
            state=pack_state(task.state),
        )
    )


def test_the_fullest_row_of_a_plan_makes_a_task_that_can_be_started_and_recorded() -> None:
    task = largest_task(longest_words())
    assert size_of(task.state) < MOST_STATE
    assert batch(task, tuple(task.entries)) < PAYLOAD


def heavy_messages(task: Supervised) -> Iterator[Any]:
    for number in range(1, 7):
        claimed = (number * 2 - 1, number * 2)
        said = task.said(HANDLING)
        evidence = "据" * (MOST_EVIDENCE // 3 // len(claimed))
        yield ReportProgress(**said, milestones=claimed, evidence=evidence, note=LONG, percent=50)
    for number in range(13, 31):
        yield RequestExtension(**task.said(HANDLING), milestone=number, new_due_on=day("2017-06-30"), reason=LONG)
    for number in range(8):
        content = {"with_whom": LONG, "content": LONG, "problems": LONG, "requirements": LONG}
        yield RecordAction(**{**task.said(SUPERVISOR), **content, "action": Action.CALL})
        if number < 3:
            yield Suspend(**task.said(SUPERVISOR), reason=LONG, until=day(f"2016-05-{4 + 7 * number:02d}"))


def test_what_people_say_fills_a_task_up_to_its_bound_and_no_further() -> None:
    task = largest_task()
    refused: list[Refusal] = []
    for message in heavy_messages(task):
        before = task.state
        assert refuse_excess(message) is None
        done = task.tried(message)
        if (refusal := refuse_growth(message.act, before, done.state)) is not None:
            refused.append(refusal)
            continue
        task.tell(message)
        assert max(map(bytes_of, done.entries)) < 100_000
    assert refused
    assert "已达上限" in refused[0].reason
    assert size_of(task.state) <= MOST_STATE
    lines = tuple(TimelineLine(version=n, at=task.now, text=LONG * 2 + NAME) for n in range(LINES_KEPT))
    carried = TaskInput(state=task.state, policy=task.policy, timeline=lines)
    assert bytes_of(carried) < PAYLOAD
    assert bytes_of(status_view(task.state, task.policy, task.now)) < PAYLOAD
    heaviest = sorted(task.entries, key=bytes_of)[-1:]
    assert BYTES_AT_ONCE + bytes_of(heaviest[0]) < PAYLOAD
    assert BYTES_AT_ONCE + len(pack_state(task.state)) < PAYLOAD


def test_a_full_task_can_still_be_brought_to_its_end() -> None:
    task = Supervised("2016-12-31")
    full = task.state.model_copy(update={"deliverable": "果" * MOST_STATE})
    after = full.model_copy(update={"deliverable": "果" * (MOST_STATE + 1)})
    act = RequestStrikeOff(**task.said(HANDLING), deliverable="文号").act
    assert act in ENDS
    assert refuse_growth(act, full, after) is None
    assert refuse_growth(ReportProgress(**task.said(HANDLING), note="x").act, full, after) is not None
    assert refuse_growth(ReportProgress(**task.said(HANDLING), note="x").act, after, full) is None


def test_a_circular_to_as_many_as_may_be_named_fits_into_one_record() -> None:
    task = Supervised("2016-06-30", regime=longest_words()).until("2016-09-20 10:00")
    scope = tuple(f"{n:0{LONGEST_SCOPE // MOST_IN_SCOPE}d}" for n in range(MOST_IN_SCOPE))
    decision = Decide(**task.said(GROUP), approve=True, request="e1/circular/confirmation", reason=LONG, scope=scope)
    assert refuse_excess(decision) is None
    task.tell(decision)
    assert all(batch(task, (entry,)) < PAYLOAD for entry in task.entries)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"milestones": (1, 2), "evidence": "据" * 3_500}, "随2个节点各存一份"),
        ({"milestones": tuple(range(1, 900)), "evidence": "据" * 10}, "随899个节点各存一份"),
    ],
)
def test_evidence_that_would_be_kept_many_times_over_is_refused(message: dict[str, Any], reason: str) -> None:
    refusal = refuse_excess(ReportProgress(**Supervised("2016-06-30").said(HANDLING), **message))
    assert refusal is not None
    assert reason in refusal.reason


@pytest.mark.parametrize("scope", [("甲局",) * 101, ("局" * 151,) * 10], ids=["many", "long"])
def test_a_scope_that_would_be_told_to_too_many_is_refused(scope: tuple[str, ...]) -> None:
    refusal = refuse_excess(Decide(**Supervised("2016-06-30").said(GROUP), approve=True, scope=scope))
    assert refusal is not None
    assert "通报范围（scope）最多100个单位、合计1500字" in refusal.reason


def test_grounds_with_a_long_reason_stay_small_enough() -> None:
    task = Supervised("2016-06-30", regime=longest_words()).until("2016-09-20 10:00")
    task.tell(Decide(**task.said(OFFICE), approve=True, grounds=(Ground.PASSIVE,), reason=LONG))
    task.tell(Decide(**task.said(GROUP), approve=True, request="e1/interview/decision", reason=LONG))
    assert all(batch(task, (entry,)) < PAYLOAD / 2 for entry in task.entries)


def test_an_amendment_of_everything_to_its_longest_fits_into_one_record_and_one_state() -> None:
    task = largest_task(longest_words())
    fullest = Amend(
        **task.said(SUPERVISOR),
        reason=LONG,
        document="文" * 200,
        title="新" * LONGEST_TITLE,
        leader=NAME,
        measures="新" * LONGEST_MEASURES,
        deliverable="新" * LONGEST_DELIVERABLE,
        deadline_text="新" * LONGEST_DEADLINE,
        lead_body=NAME,
        handling_body="承" * LONGEST_NAME,
        supporting_bodies=tuple(f"{n:0{LONGEST_NAME}d}" for n in range(1, MOST_SUPPORTING)),
        milestones=tuple(
            AmendedMilestone(number=n, due_on=day("2016-12-31"), phrase="新" * LONGEST_DEADLINE)
            for n in range(1, MOST_MILESTONES + 1)
        ),
        successors=tuple("号" * 200 for _ in range(100)),
        absorbed=tuple("号" * 200 for _ in range(100)),
    )
    assert refuse_excess(fullest) is None
    done = task.tell(fullest)
    assert refuse_growth(fullest.act, task.state, done.state) is None
    assert batch(task, done.entries) < PAYLOAD
    assert max(map(bytes_of, done.entries)) + BYTES_AT_ONCE < PAYLOAD
