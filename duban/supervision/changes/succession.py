"""Bodies are renamed, merged, handed over: what is owed goes on to whoever has the role now, with its dates.

What was given stays given. What was meant for a body that has no part in the task any more and is not delivered stays
here; its successor is told once, in one notice, what it takes over.
"""

from collections.abc import Iterator, Mapping

from duban.supervision.bodies.roles import TaskRoles
from duban.supervision.changes.takeover import hand_on, with_lag
from duban.supervision.levels.withdrawing import undelivered
from duban.supervision.plans.plan import TaskDefinition
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.parts import HANDLING_BODY, LEAD_BODY, SUPERVISING_BODY, SUPPORTING_BODIES
from duban.supervision.tasks.entries import Change, Explanation, NoticeIntent, NoticeKind, NoticesWithdrawn, TaskChange
from duban.supervision.tasks.state import Obligation, RungStatus, TaskState
from duban.supervision.tasks.turn import Turn, day_text
from duban.supervision.words import owed_words

ASKED_FOR = (NoticeKind.CHASE, NoticeKind.REQUEST, NoticeKind.DECISION, NoticeKind.REPORT_DUE)
MOST_TOLD = 10
"""Milestones, obligations and reminders in one notice, each; all of them stand in the ledger."""


def succeed(turn: Turn, roles: TaskRoles, successors: Mapping[str, str]) -> tuple[Change, ...]:
    """Put other bodies in their roles.

    Args:
        roles: Who is who from now on.
        successors: Who goes on with the work of a body that is called otherwise, merged or relieved. Where nobody
            is named, whoever has its role now.

    Returns:
        What changes with it: obligations, withdrawals, the task's own row, notices to the successors.
    """
    before = turn.state
    turn.update(roles=roles)
    heirs = {body: heir for body in _bodies(before.roles) if (heir := _heir(before.roles, roles, successors, body))}
    handed: dict[str, list[Obligation]] = {}
    changes: list[Change] = []
    for owed in turn.state.obligations:
        to = _owed_by_now(turn, before.roles, successors, owed)
        if to != owed.owed_by:
            changes.extend(_hand_on(turn, owed, to))
            handed.setdefault(to, []).append(owed)
    changes.extend(_withdrawn(before.roles, roles, heirs))
    changes.extend(_told(turn, before, heirs, handed))
    _rename(turn, heirs)
    if task_change(turn.state) != task_change(before):
        changes.append(task_change(turn.state))
    return tuple(changes)


def task_change(state: TaskState) -> TaskChange:
    """The task's row as it is issued now, under the names that its bodies have now."""
    task, roles = state.definition, state.roles
    return TaskChange(
        title=task.title,
        leader=task.leader,
        lead_body=roles.first(LEAD_BODY),
        handling_body=roles.first(HANDLING_BODY),
        supporting_bodies=roles.of(SUPPORTING_BODIES),
        measures=task.measures,
        deliverable=task.deliverable,
        deadline_text=task.deadline_text,
        open_ended=task.open_ended,
        list_kinds=task.list_kinds,
        supervising_body=roles.first(SUPERVISING_BODY),
    )


def _bodies(roles: TaskRoles) -> tuple[str, ...]:
    return roles.of(*roles.bodies)


def _heir(old: TaskRoles, roles: TaskRoles, successors: Mapping[str, str], body: str) -> str:
    """Who goes on with the work of a body that has left the task; empty where it has not, or nobody does."""
    if roles.held_by(body):
        return ""
    named = successors.get(body, "")
    in_its_roles = roles.of(*old.held_by(body))
    return named if named and roles.held_by(named) else next(iter(in_its_roles), "")


def _owed_by_now(turn: Turn, old: TaskRoles, successors: Mapping[str, str], owed: Obligation) -> str:
    """Who owes it now: whoever owed it while it has the role in which it did, else its successor in that role."""
    roles, held = turn.state.roles, old.held_by(owed.owed_by)
    run = turn.state.step_run(owed.subject) if owed.duty is Duty.STEP else None
    as_which = tuple(role for role in turn.regime.owing_roles(owed.duty) if role in held) or held
    as_which = (run.by,) if run is not None else as_which
    now = roles.of(*as_which)
    if owed.owed_by in now or not now:
        return owed.owed_by
    named = successors.get(owed.owed_by, "")
    return named if named in now else now[0]


def _hand_on(turn: Turn, owed: Obligation, to: str) -> Iterator[Change]:
    yield hand_on(turn, owed, to)
    if turn.state.roles.held_by(owed.owed_by):  # it stays, and does not owe this any more
        yield NoticesWithdrawn(
            subjects=(owed.id, owed.subject),
            kinds=ASKED_FOR,
            recipients=(owed.owed_by,),
            reason=f"{owed_words(turn.state, owed)}改由{to}办理",
        )


def _withdrawn(old: TaskRoles, roles: TaskRoles, heirs: Mapping[str, str]) -> Iterator[Change]:
    for body in _bodies(old):
        if not roles.held_by(body):
            goes_on = f"，由{heirs[body]}接续" if body in heirs else ""
            yield NoticesWithdrawn(subjects=("",), recipients=(body,), reason=f"{body}不再承担本任务{goes_on}")


def _told(
    turn: Turn, before: TaskState, heirs: Mapping[str, str], handed: Mapping[str, list[Obligation]]
) -> Iterator[Change]:
    """One notice to each body that takes something over: the work itself, or what is owed for it."""
    predecessors: dict[str, list[str]] = {}
    for body, heir in heirs.items():
        if set(before.roles.held_by(body)) & {LEAD_BODY, HANDLING_BODY}:
            predecessors.setdefault(heir, []).append(body)
    for heir, some in handed.items():
        known = predecessors.setdefault(heir, [])
        known.extend(body for body in dict.fromkeys(o.owed_by for o in some) if body not in known)
    key = f"takeover/{turn.state.version + 1}"
    for heir, bodies in predecessors.items():
        owed = sorted(handed.get(heir, ()), key=lambda o: (o.due_on, o.id))
        first = next((o for o in owed if o.due_on >= turn.today), None)
        yield NoticeIntent(
            key=key,
            kind=NoticeKind.OTHER,
            subject=key,
            recipient=heir,
            issuer=turn.state.roles.first(SUPERVISING_BODY),
            issued_at=turn.now,
            deliver_not_before=turn.deliver_from,
            duty=first.duty if first else None,
            respond_by=first.due_on if first else None,
            facts={"what": "takeover", "predecessors": "、".join(bodies), "text": _taken_over(turn, owed)},
            explanation=_why(turn),
        )


def _taken_over(turn: Turn, owed: list[Obligation]) -> str:
    lines = [f"未完成的节点：{m.phrase}（期限{day_text(m.due_on)}）" for m in turn.state.unmet[:MOST_TOLD]]
    lines += [
        f"应办理的事项：{owed_words(turn.state, o)}，{day_text(o.due_on)}前"
        f"{'（已逾期）' if o.due_on < turn.today else ''}，事项标识 {o.id}"
        for o in owed[:MOST_TOLD]
    ]
    episode = turn.state.episode
    number = episode.number if episode else 0
    for record in [r for r in turn.state.rungs if r.status is RungStatus.ISSUED and r.episode == number][:MOST_TOLD]:
        rung = turn.regime.ladder.rung(record.level)
        if rung is not None and episode is not None:
            told = "以本通知告知" if undelivered(turn, record) else "此前已发出，不再重复发出"
            lines.append(f"本轮滞后期间的提醒：{rung.title}（{day_text(record.due_on)}到期），{told}")
    return "\n".join(lines)


def _why(turn: Turn) -> Explanation:
    return with_lag(
        turn, Explanation(due_on=turn.today, citation=turn.cite("机构人员变更", turn.regime.authority.source))
    )


def _rename(turn: Turn, heirs: Mapping[str, str]) -> None:
    """What the task knows of bodies beside their roles, under the names that they have now."""
    state = turn.state
    requester = state.requester
    if requester is not None and requester.body in heirs:
        requester = requester.model_copy(update={"body": heirs[requester.body]})
    extensions = tuple(
        pending.model_copy(update={"body": heirs[pending.body]}) if pending.body in heirs else pending
        for pending in state.extensions
    )
    turn.update(requester=requester, extensions=extensions, definition=_named_anew(state.definition, state.roles))


def _named_anew(task: TaskDefinition, roles: TaskRoles) -> TaskDefinition:
    lead, handling = roles.first(LEAD_BODY), roles.first(HANDLING_BODY)
    return task.model_copy(
        update={
            "lead_body": lead,
            "handling_body": handling if task.handling_body or handling != lead else "",
            "supporting_bodies": roles.of(SUPPORTING_BODIES),
        }
    )
