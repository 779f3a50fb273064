"""A task as it stands now, for questions about it: what is owed, what is open, who may do what."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from duban.commands.asking import Choice
from duban.commands.sending import known_task, refuse_unreachable
from duban.ledger import Ledger
from duban.supervision.model import Frozen
from duban.supervision.rules.authority import ACT_OF, Act
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.policy import Policy
from duban.supervision.tasks.granting import roles_that_may
from duban.supervision.tasks.state import Milestone, Obligation, TaskState
from duban.supervision.words import DUTY_WORDS, owed_words, role_words


class Present(Frozen):
    """A task at this moment, as the ledger has it.

    Attributes:
        state, policy: None where the ledger has no state of it: then nothing can be offered.
        today: Business date.
    """

    code: str
    title: str
    state: TaskState | None = None
    policy: Policy | None = None
    today: date

    def bodies(self, act: Act) -> tuple[Choice, ...]:
        """Who may do this, those first who owe it."""
        if self.state is None or self.policy is None:
            return ()
        owing = self.owing(*(duty for duty, by in ACT_OF.items() if by is act))
        may = self.state.roles.of(*roles_that_may(self.state, act, self.policy))
        if act is Act.TAKE_STEP and self.state.open_step is not None:
            may = tuple(dict.fromkeys((*owing, *self.state.roles.of(self.state.open_step.by))))
        names = dict.fromkeys(name for name in (*owing, *may) if name in may)
        return tuple(Choice(name, f"{name}（{self._roles(name, owing)}）") for name in names)

    def owing(self, *duties: Duty) -> tuple[str, ...]:
        """Who owes any of these."""
        return tuple(dict.fromkeys(o.owed_by for o in self.state.owing(*duties))) if self.state else ()

    def persons(self, body: str) -> tuple[Choice, ...]:
        """Who may speak for a body; empty where anybody may."""
        known = self.state.roles.persons.get(body, ()) if self.state else ()
        return tuple(Choice(name) for name in known)

    def owed(self, body: str, *duties: Duty) -> tuple[Obligation, ...]:
        """What a body owes of these duties, what is due first at the front."""
        owed = [o for o in self.state.owing(*duties) if o.owed_by == body] if self.state else []
        return tuple(sorted(owed, key=lambda one: (one.due_on, one.id)))

    def requests(self, body: str, *duties: Duty) -> tuple[Choice, ...]:
        """What of that can be named in an answer."""
        return tuple(
            Choice(o.id, f"{self._about(o)}（{o.id}，{self.due(o.due_on)}）") for o in self.owed(body, *duties)
        )

    def unmet(self, *, interim: bool = False) -> tuple[Choice, ...]:
        """Milestones not met.

        Args:
            interim: Without the final one, which only a strike-off request meets.
        """
        nodes = self.state.unmet if self.state else ()
        return tuple(
            Choice(str(m.number), f"第{m.number}个节点 {m.phrase}（{self.due(m.due_on)}）")
            for m in nodes
            if not (interim and m.final)
        )

    def due(self, day: date) -> str:
        """A limit and how far it is from today."""
        days = (self.today - day).days
        return f"{day} 到期，" + (f"已逾期{days}天" if days > 0 else "今天到期" if days == 0 else f"还有{-days}天")

    def _about(self, obligation: Obligation) -> str:
        words = owed_words(self.state, obligation) if self.state else DUTY_WORDS[obligation.duty]
        return "：".join((words, *self._wish(obligation))) if obligation.duty is Duty.EXTENSION_DECISION else words

    def _wish(self, obligation: Obligation) -> Iterator[str]:
        for wish in self.state.extensions if self.state else ():
            if wish.obligation == obligation.id:
                node: Milestone | None = self.state.milestone(wish.milestone) if self.state else None
                now = f"，现为{node.due_on}" if node else ""
                yield f"第{wish.milestone}个节点延至{wish.new_due_on}{now}，{wish.reason}"

    def _roles(self, body: str, owing: tuple[str, ...]) -> str:
        held = self.state.roles.held_by(body) if self.state else ()
        waiting = ("等待其办理",) if body in owing else ()
        return "、".join((*(role_words(role) for role in held), *waiting))


def present(ledger: Ledger, code: str) -> Present:
    """A task that can be told something.

    Raises:
        Refused: It is unknown, not started yet, or over.
    """
    task = known_task(ledger, code)
    refuse_unreachable(task)
    plan = ledger.plans.plan_row(task.plan_code)
    if plan is None:  # the database forbids it
        raise LookupError(task.plan_code)
    begun = ledger.standings.beginning(task.task_code)
    return Present(
        code=task.task_code,
        title=task.title,
        state=begun.given.state if begun else None,
        policy=begun.given.policy if begun else None,
        today=plan.zone.local_date(plan.clock.business(datetime.now(UTC))),
    )
