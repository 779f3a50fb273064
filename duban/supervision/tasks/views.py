"""How a task stands, for people and for the ledger. Whatever may be shown in plain text is chosen here.

Titles, bodies, dates and states are shown; what people wrote (notes, explanations, records) is not.
"""

from datetime import date, datetime
from itertools import count

from duban.supervision.days.calendar import ONE_DAY, OfficeCalendar
from duban.supervision.days.provisional import shown
from duban.supervision.levels.lag import lag_on, suspended_days
from duban.supervision.model import Frozen
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.parts import HANDLING_BODY, LEAD_BODY, SUPERVISING_BODY
from duban.supervision.rules.policy import Policy
from duban.supervision.steps.steps import chased_since, overdue_since
from duban.supervision.tasks.entries import TaskSnapshot
from duban.supervision.tasks.moments import Moment, next_moment
from duban.supervision.tasks.state import Milestone, RungStatus, StepRun, TaskState
from duban.supervision.words import STAGE_WORDS, owed_words

SUSPENDED = "suspended"
SUSPENDED_WORDS = "暂停计时"
GIVEN = (RungStatus.ISSUED, RungStatus.GIVEN_BEFORE)


class MilestoneView(Frozen):
    """A milestone as shown."""

    number: int
    phrase: str
    due_on: date
    baseline_on: date
    met_on: date | None
    final: bool
    withdrawn_on: date | None = None


class Awaited(Frozen):
    """What is owed, by whom and by when. ``request`` names it in a decision.

    Attributes:
        provisional: The date rests on a year whose holidays have not been announced.
    """

    request: str
    what: str
    owed_by: str
    due_on: date
    chases: int
    provisional: bool = False


class ReminderView(Frozen):
    """A level as dealt with."""

    level: str
    title: str
    episode: int
    status: RungStatus
    due_on: date
    lag_days: int


class StepView(Frozen):
    """A step as shown.

    Attributes:
        outcome: How it ended, in words; empty while it waits, and where it could end in one way only.
        days_late: How many days after its last day it was taken, or that day is past.
    """

    key: str
    step: str
    title: str
    owed_by: str
    begun_on: date
    due_on: date
    baseline_on: date
    done_on: date | None = None
    outcome: str = ""
    days_late: int = 0


class StatusView(Frozen):
    """Everything a person needs to know of a task, as one JSON object.

    Attributes:
        as_of: Business moment for which day counts hold.
        behind_since: D0 of the open episode.
        lag_days: Lag on the local date of ``as_of``.
        next_moment_at: When time alone changes something next (business time).
        ledger_version: Version of the last entry decided; the ledger may still be writing it.
        calendar_known_until: The last day whose arrangement of holidays has been announced; later ones are provisional.
        next_moment_provisional: The next moment rests on a year that has not been announced.
        procedure, procedure_title: Of an item that goes step by step: by which rules.
        steps: Those that have begun, in order.
    """

    task_code: str
    plan_code: str
    title: str
    status: str
    status_text: str
    as_of: datetime
    lead_body: str
    handling_body: str
    supervising_body: str
    supporting_bodies: tuple[str, ...]
    due_on: date | None
    behind_since: date | None
    lag_days: int
    episode: int
    reminder_level: str | None
    percent: int | None
    incomplete: bool
    next_moment_at: datetime | None
    next_moment_why: str
    milestones: tuple[MilestoneView, ...]
    awaiting: tuple[Awaited, ...]
    reminders: tuple[ReminderView, ...]
    round: int
    ledger_version: int
    calendar_known_until: date | None = None
    next_moment_provisional: bool = False
    procedure: str = ""
    procedure_title: str = ""
    steps: tuple[StepView, ...] = ()


def status_of(state: TaskState) -> str:
    """The stage, or ``suspended`` while the count stands still."""
    standing = any(not s.over for s in state.suspensions)
    return SUSPENDED if standing and not state.stage.is_final else state.stage.value


def status_words(state: TaskState) -> str:
    """The status as people read it."""
    return SUSPENDED_WORDS if status_of(state) == SUSPENDED else STAGE_WORDS[state.stage]


def reminder_level(state: TaskState, policy: Policy) -> str | None:
    """The highest level given in the open episode."""
    episode = state.episode
    if episode is None:
        return None
    given = {r.level for r in state.rungs if r.episode == episode.number and r.status in GIVEN}
    return next((rung.level for rung in reversed(policy.regime.ladder.rungs) if rung.level in given), None)


def snapshot(state: TaskState, policy: Policy) -> TaskSnapshot:
    """The task's row in the ledger."""
    episode = None if state.stage.is_final else state.episode
    moment = next_moment(state, policy)
    standing = next((s for s in state.suspensions if not s.over), None)
    today = policy.calendar.zone.local_date(state.last_at)
    since = kept_behind_since(state)
    left_out = 0
    if since is not None:
        until = standing.from_on - ONE_DAY if standing else today
        left_out = suspended_days(state.suspensions, since, max(until, since))
    return TaskSnapshot(
        version=state.version,
        status=status_of(state),
        due_on=_due_on(state),
        behind_since=since,
        suspended_days=left_out,
        suspended_since=standing.from_on if standing and since else None,
        episode=episode.number if episode else 0,
        reminder_level=None if state.stage.is_final else reminder_level(state, policy),
        awaiting=awaiting_bodies(state),
        next_moment_at=moment.at if moment else None,
        next_moment_text=shown(moment.at, policy.calendar, moment.text) if moment else "",
        percent=state.percent,
        closed_at=state.last_at if state.stage.is_final else None,
    )


def awaiting_bodies(state: TaskState) -> tuple[str, ...]:
    """The bodies of which something is awaited, in the order of what is due first."""
    owed = sorted(state.obligations, key=lambda o: (o.due_on, o.id))
    return tuple(dict.fromkeys(o.owed_by for o in owed))


def kept_behind_since(state: TaskState) -> date | None:
    """Since when a task has been behind, as the ledger keeps it: D0 of the episode, or a step's day that was chased."""
    if state.stage.is_final:
        return None
    return state.episode.opened_on if state.episode is not None else chased_since(state)


def _behind_since(state: TaskState, day: date) -> date | None:
    """Since when it is behind on a local day."""
    if state.stage.is_final:
        return None
    return state.episode.opened_on if state.episode is not None else overdue_since(state, day)


def _due_on(state: TaskState) -> date | None:
    if state.open_step is not None:
        return state.open_step.due_on
    return state.unmet[0].due_on if state.unmet and not state.stage.is_final else None


def status_view(state: TaskState, policy: Policy, now: datetime) -> StatusView:
    """How a task stands at a business moment."""
    zone = policy.calendar.zone
    definition, episode = state.definition, None if state.stage.is_final else state.episode
    today = zone.local_date(now)
    since = _behind_since(state, today)
    moment = next_moment(state, policy)
    titles = {rung.level: rung.title for rung in policy.regime.ladder.rungs}
    return StatusView(
        task_code=state.code,
        plan_code=state.plan_code,
        title=definition.title,
        status=status_of(state),
        status_text=status_words(state),
        as_of=now,
        lead_body=state.roles.first(LEAD_BODY),
        handling_body=state.roles.first(HANDLING_BODY),
        supervising_body=state.roles.first(SUPERVISING_BODY),
        supporting_bodies=definition.supporting_bodies,
        due_on=_due_on(state),
        behind_since=since,
        lag_days=lag_on(today, since, state.suspensions) if since else 0,
        episode=episode.number if episode else 0,
        reminder_level=None if state.stage.is_final else reminder_level(state, policy),
        percent=state.percent,
        incomplete=not definition.procedure and (definition.open_ended or not state.milestones),
        next_moment_at=moment.at if moment else None,
        next_moment_why=moment.text if moment else "",
        milestones=tuple(_milestone_view(m, policy) for m in state.milestones),
        awaiting=tuple(
            Awaited(
                request=o.id,
                what=owed_words(state, o),
                owed_by=o.owed_by,
                due_on=o.due_on,
                chases=o.chases,
                provisional=policy.calendar.is_provisional(o.due_on),
            )
            for o in state.obligations
        ),
        reminders=tuple(
            ReminderView(
                level=r.level,
                title=titles.get(r.level, r.level),
                episode=r.episode,
                status=r.status,
                due_on=r.due_on,
                lag_days=r.lag_days,
            )
            for r in state.rungs
        ),
        round=state.round,
        ledger_version=state.version,
        calendar_known_until=policy.calendar.known_until,
        next_moment_provisional=moment is not None and policy.calendar.is_provisional(zone.local_date(moment.at)),
        procedure=definition.procedure,
        procedure_title=policy.procedure.title if definition.procedure and policy.procedure else "",
        steps=tuple(_step_view(run, state, policy, today) for run in state.steps),
    )


def _step_view(run: StepRun, state: TaskState, policy: Policy, today: date) -> StepView:
    step = policy.procedure.step(run.step) if policy.procedure else None
    ends = {end.name: end.title for end in step.outcomes} if step is not None else {}
    done_on = policy.calendar.zone.local_date(run.done_at) if run.done_at else None
    waits = run is state.open_step
    owed = state.obligation(f"{run.key}/{Duty.STEP.value}")
    return StepView(
        key=run.key,
        step=run.step,
        title=run.words,
        owed_by=run.body or (owed.owed_by if owed is not None else ""),
        begun_on=policy.calendar.zone.local_date(run.begun_at),
        due_on=run.due_on,
        baseline_on=run.baseline_on,
        done_on=done_on,
        outcome=ends.get(run.outcome, ""),
        days_late=max((done_on - run.due_on).days, 0) if done_on else max((today - run.due_on).days, 0) * waits,
    )


def _milestone_view(milestone: Milestone, policy: Policy) -> MilestoneView:
    met_at, withdrawn_at = milestone.met_at, milestone.withdrawn_at
    return MilestoneView(
        number=milestone.number,
        phrase=milestone.phrase,
        due_on=milestone.due_on,
        baseline_on=milestone.baseline_on,
        met_on=policy.calendar.zone.local_date(met_at) if met_at else None,
        final=milestone.final,
        withdrawn_on=policy.calendar.zone.local_date(withdrawn_at) if withdrawn_at else None,
    )


def details(state: TaskState, policy: Policy) -> str:
    """The current details in the Temporal UI: a Markdown table that needs no training.

    Holds dates, not day counts: a stored number would be wrong tomorrow.
    """
    moment = next_moment(state, policy)
    episode = None if state.stage.is_final else state.episode
    late = overdue_since(state, policy.calendar.zone.local_date(state.last_at))
    behind = f"{episode.opened_on}（第{episode.number}轮）" if episode else str(late or "未滞后")
    rows = [
        ("状态", status_words(state)),
        ("牵头单位", state.roles.first(LEAD_BODY)),
        ("承办单位", state.roles.first(HANDLING_BODY)),
        ("最近未完成期限", str(_due_on(state) or "无")),
        ("滞后起算日", behind),
        ("已发最高一级提醒", _level_title(state, policy)),
        ("下一时点", _moment_text(moment, policy.calendar) if moment else "无，等待来件"),
        *(
            (
                f"等待{n}",
                f"{o.owed_by}：{owed_words(state, o)}（{_day_text(o.due_on, policy.calendar)}前，事项号 {o.id}）",
            )
            for n, o in zip(count(1), state.obligations, strict=False)
        ),
    ]
    lines = [f"| {name} | {_cell(text)} |" for name, text in rows]
    return "\n".join(["| 项目 | 内容 |", "| --- | --- |", *lines])


def _moment_text(moment: Moment, calendar: OfficeCalendar) -> str:
    written = f"{calendar.zone.local(moment.at):%Y-%m-%d %H:%M}"
    return f"{shown(moment.at, calendar, written)} {moment.text}"


def _day_text(day: date, calendar: OfficeCalendar) -> str:
    return shown(day, calendar, str(day))


def headline(state: TaskState) -> str:
    """The static summary of the workflow: one line, at most 200 bytes as the server demands."""
    text = f"{state.code} {state.definition.title}（{state.definition.lead_body}）"
    while len(text.encode()) > 200:
        text = text[:-2] + "…"
    return text


def _level_title(state: TaskState, policy: Policy) -> str:
    level = None if state.stage.is_final else reminder_level(state, policy)
    rung = policy.regime.ladder.rung(level) if level else None
    return rung.title if rung else "无"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "｜").split())
