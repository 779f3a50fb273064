"""Lives of tasks in any order of events, under any ladder: what Hypothesis draws."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, TypeAlias

from hypothesis import strategies as st

from duban.supervision.clauses import Limit, Source, Unit
from duban.supervision.plans.plan import Found, GivenReminder, Level, PlannedMilestone, ReportCycle, TaskDefinition
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.policy import Policy
from duban.supervision.rules.regime import Chasing
from duban.supervision.rules.rungs import Answer, Approval, Ladder, Rung, Urging
from duban.supervision.rules.triggers import (
    DemandTrigger,
    GroundsTrigger,
    LagTrigger,
    ReturnTrigger,
    Trigger,
    UrgingsTrigger,
)
from duban.supervision.tasks.duties import OF_THE_TASK
from duban.supervision.tasks.messages import (
    Accept,
    Action,
    Adopt,
    Amend,
    AmendedMilestone,
    CarryOver,
    Cause,
    Correct,
    Decide,
    Demand,
    Ground,
    Inspect,
    RaiseInterview,
    RecordAction,
    ReportProgress,
    RequestExtension,
    RequestStrikeOff,
    Resume,
    Returned,
    ReturnForRework,
    SubmitExplanation,
    Suspend,
    Urge,
    Verify,
)
from duban.supervision.tasks.state import TaskState
from tests.supervision.supervised import GROUP, HANDLING, LEAD, OFFICE, SUPERVISOR, policy_of, roles_of

ASSUMED = Source(assumed=True)
BODIES = (HANDLING, LEAD, SUPERVISOR, OFFICE, GROUP)
SUCCESSOR = "市医疗保障局"
"""Who may come to lead and do the work."""
FIRST_DAY = date(2016, 5, 3)
LAST_DAY = date(2018, 6, 30)
TOO_EARLY_AND_TOO_LATE = (date.min, date.max)

Said: TypeAlias = Callable[[dict[str, Any]], Any]
"""A message that waits for its envelope."""

days = st.dates(FIRST_DAY - timedelta(days=60), LAST_DAY)
due_dates = st.dates(FIRST_DAY - timedelta(days=50), FIRST_DAY + timedelta(days=150))
any_day = st.one_of(days, days, days, st.sampled_from(TOO_EARLY_AND_TOO_LATE))
limits = st.builds(Limit, days=st.integers(0, 12), unit=st.sampled_from(Unit), source=st.just(ASSUMED))


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    """Bands with and without gaps, in calendar or working days, and rungs of every other kind."""
    edges = draw(st.lists(st.integers(0, 60), min_size=2, max_size=5, unique=True).map(sorted))
    rungs = []
    for number, (above, through) in enumerate(zip(edges, [*edges[1:], None], strict=True)):
        included = draw(st.booleans())
        open_above = through is None or draw(st.integers(0, 4)) == 0
        band = LagTrigger(
            above=above,
            through=None if open_above else through,
            above_included=included,
            unit=draw(st.sampled_from(Unit)),
        )
        more = draw(st.lists(other_triggers(), max_size=1))
        rungs.append(draw(rung(f"l{number}", "lag", (band, *more))))
    if draw(st.booleans()):
        rungs.append(draw(rung("others", "others", (draw(other_triggers()),))))
    asked = GroundsTrigger(ask_above=draw(st.integers(0, 80)))
    approvals = (
        Approval(duty=Duty.GROUNDS, by="reform_office", source=ASSUMED),
        Approval(duty=Duty.DECISION, by="leading_group", source=ASSUMED),
    )
    rungs.append(draw(rung("interview", "interview", (asked,), approvals)))
    urging = draw(
        st.none() | st.builds(Urging, after=limits, every=limits, at_most=st.integers(1, 4), source=st.just(ASSUMED))
    )
    return Ladder(rungs=tuple(rungs), urging=urging)


@st.composite
def other_triggers(draw: st.DrawFn) -> Trigger:
    return draw(
        st.one_of(
            st.builds(UrgingsTrigger, count=st.integers(1, 3), wait=limits),
            st.just(ReturnTrigger()),
            st.builds(DemandTrigger, wait=limits),
        )
    )


@st.composite
def rung(
    draw: st.DrawFn,
    level: str,
    track: str,
    triggers: tuple[Trigger, ...],
    approvals: tuple[Approval, ...] | None = None,
) -> Rung:
    confirmed = draw(st.booleans())
    confirmation = (Approval(duty=Duty.CONFIRMATION, by="leading_group", source=ASSUMED),) if confirmed else ()
    answers = draw(
        st.sampled_from(
            [
                (),
                (Answer(duty=Duty.EXPLANATION, by="handling_body", source=ASSUMED),),
                (
                    Answer(duty=Duty.EXPLANATION, by="lead_body", source=ASSUMED),
                    Answer(duty=Duty.CALL_RECORD, by="supervising_body", source=ASSUMED),
                ),
                (Answer(duty=Duty.VISIT_RECORD, by="supervising_body", source=ASSUMED),),
            ]
        )
    )
    return Rung(
        level=level,
        title=level,
        track=track,
        triggers=triggers,
        source=ASSUMED,
        issuers=("supervising_body",),
        recipients=draw(st.sampled_from([("handling_body",), ("handling_body", "lead_body")])),
        approvals=confirmation if approvals is None else approvals,
        answers=answers,
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    base = policy_of(draw(st.sampled_from(["kunming", "kunming", "bozhou"])))
    offices = policy_of("kunming").regime
    if draw(st.integers(0, 3)) == 0:
        changes: dict[str, Any] = {}
    else:
        chasing = Chasing(every=draw(limits), at_most=draw(st.integers(1, 3)))
        changes = {"ladder": draw(ladders()), "chasing": chasing, "advance_notice": draw(limits)}
    if base.regime.name != "kunming":
        # Who may do what stays Kunming's, so that the same people can act under every ladder drawn.
        changes.setdefault("ladder", offices.ladder)
    regime = base.regime.model_copy(update={**changes, "offices": offices.offices, "authority": offices.authority})
    calendar = base.calendar
    if draw(st.booleans()):
        calendar = calendar.model_copy(update={"opens": 0, "closes": 1440})
    return Policy(regime=regime, calendar=calendar)


@st.composite
def definitions(draw: st.DrawFn) -> TaskDefinition:
    open_ended = draw(st.booleans())
    due = sorted(draw(st.lists(due_dates, min_size=0 if open_ended else 1, max_size=4)))
    met = draw(st.integers(0, max(len(due) - 1, 0)))
    nodes = tuple(
        PlannedMilestone(
            number=number,
            phrase=f"节点{number}",
            due_on=day,
            met_on=min(day, FIRST_DAY - timedelta(days=1)) if number <= met else None,
        )
        for number, day in enumerate(due, 1)
    )
    given = draw(st.lists(st.builds(GivenReminder, level=st.sampled_from(Level), given_on=days), max_size=2))
    return TaskDefinition(
        code=draw(st.sampled_from(["T-1", "T-2", "乙-17"])),
        title="任务",
        lead_body=LEAD,
        handling_body=draw(st.sampled_from(["", HANDLING])) or LEAD,
        milestones=nodes,
        open_ended=open_ended,
        report_cycle=draw(st.sampled_from(ReportCycle)) if open_ended else None,
        reminders_given=tuple(given),
        decided_above=draw(st.booleans()),
    )


def _said(kind: Any, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, dict[str, Any]]]:
    return st.tuples(st.just(kind), st.fixed_dictionaries(fields))


reason = st.just("理由")
numbers = st.integers(0, 5)
grounds = st.lists(st.sampled_from(Ground), max_size=2).map(tuple)

reports = _said(
    ReportProgress,
    milestones=st.lists(st.integers(1, 3), min_size=1, max_size=2, unique=True).map(tuple),
    evidence=st.just("文号"),
)
notes = _said(
    ReportProgress,
    milestones=st.lists(numbers, max_size=2).map(tuple),
    evidence=st.sampled_from(["", "文号"]),
    percent=st.none() | st.integers(-1, 101),
)
decisions = _said(
    Decide,
    approve=st.sampled_from([True, True, True, False]),
    reason=st.sampled_from(["", "理由", "理由"]),
    grounds=grounds,
    scope=st.lists(st.sampled_from(BODIES), max_size=3).map(tuple),
)
records = _said(
    RecordAction,
    action=st.sampled_from(Action),
    content=reason,
    with_whom=st.sampled_from(["", "李局长", "李局长"]),
    problems=reason,
    requirements=reason,
    rectify_by=st.none() | any_day,
)
extensions = _said(RequestExtension, milestone=st.integers(0, 4), new_due_on=any_day, reason=reason)
suspensions = _said(Suspend, reason=reason, until=st.none() | any_day)
returns = _said(ReturnForRework, what=st.sampled_from(Returned), reason=reason, report=st.just(""))
reports_returned = _said(ReturnForRework, reason=reason)
interviews = _said(RaiseInterview, grounds=grounds, reason=reason)
strike_offs = _said(RequestStrikeOff, deliverable=st.sampled_from(["", "成果", "成果"]))
verifications = _said(Verify, passed=st.sampled_from([True, False, False]), note=st.sampled_from(["", "不符", "不符"]))
carry_overs = _said(CarryOver, new_due_on=any_day, cause=st.sampled_from(Cause), reason=reason)
adoptions = _said(
    Adopt,
    reason=reason,
    policy=st.none() | policies(),
    roles=st.sampled_from([None, "renamed", "renamed", "succeeded", "vacant"]),
    successors=st.sampled_from([None, {}, {HANDLING: SUCCESSOR, LEAD: SUCCESSOR}]),
    reckon_anew=st.booleans(),
)
others = "市财政局"
"""A body that has no part in a task until it is amended."""
amended_nodes = st.builds(
    AmendedMilestone,
    number=st.none() | st.integers(1, 5),
    due_on=st.none() | any_day | days,
    phrase=st.sampled_from([None, "新节点", "新节点"]),
)
amendments = _said(
    Amend,
    reason=reason,
    title=st.sampled_from([None, None, "新任务"]),
    milestones=st.lists(amended_nodes, max_size=2).map(tuple),
    withdrawn_milestones=st.lists(st.integers(1, 4), max_size=1).map(tuple),
    lead_body=st.sampled_from([None, None, None, LEAD, HANDLING, others]),
    handling_body=st.sampled_from([None, None, None, "", HANDLING, others]),
    supporting_bodies=st.sampled_from([None, None, (), (HANDLING, others)]),
    open_ended=st.sampled_from([None] * 8 + [True, False]),
    report_cycle=st.none() | st.sampled_from(ReportCycle),
)
corrections = _said(Correct, version=st.integers(0, 30), text=reason)
inspections = _said(
    Inspect,
    found=st.sampled_from(Found),
    on_schedule=st.booleans(),
    content=reason,
    problems=st.sampled_from(["", "缺文件"]),
    rectify_by=st.none() | days,
)

often = (reports, reports, reports_returned, decisions, decisions, decisions, records, records)
sometimes = (
    notes,
    returns,
    extensions,
    suspensions,
    _said(Resume),
    _said(Urge, text=reason),
    interviews,
    strike_offs,
    amendments,
)
seldom = (
    _said(Accept),
    _said(SubmitExplanation, text=reason),
    _said(Demand, text=reason),
    verifications,
    carry_overs,
    adoptions,
    corrections,
    inspections,
)
messages: st.SearchStrategy[tuple[Any, dict[str, Any]]] = st.one_of(*often, *sometimes, *seldom)


def adopted_roles(choice: str | None, definition: TaskDefinition) -> Any:
    """The roles of an ``Adopt`` as drawn: unchanged, with renamed bodies, or with nobody for the leading group."""
    if choice is None:
        return None
    roles = roles_of(definition, policy_of())
    if choice == "succeeded":
        own = {"lead_body": (SUCCESSOR,), "handling_body": (SUCCESSOR,)}
        return roles.model_copy(update={"bodies": {**roles.bodies, **own}})
    group = () if choice == "vacant" else ("市委深改委",)
    return roles.model_copy(update={"bodies": {**roles.bodies, "leading_group": group}})


def whose_turn(state: TaskState, allowed: tuple[str, ...]) -> str:
    """Of those who may speak, one from whom something is awaited, if there is one."""
    bodies = state.roles.of(*allowed)
    awaited = [o.owed_by for o in state.obligations if o.owed_by in bodies and o.duty not in OF_THE_TASK]
    return (awaited or list(bodies))[-1]
