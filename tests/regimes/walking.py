"""An item of a bundled regime, walked step by step as its workflow would walk it: exact days, no server."""

from functools import cache
from typing import NamedTuple

from duban.calendars import compile_calendar
from duban.regimes.loading import load_rulebook
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.plans.plan import PlanDefinition, TaskDefinition
from duban.supervision.registers.coming_round import AtHand, items_of
from duban.supervision.registers.occurrences import occurrences
from duban.supervision.rules.policy import Policy
from duban.supervision.rules.procedures import FactKind
from duban.supervision.rules.rulebook import Rulebook
from duban.supervision.tasks.advance import Transition
from duban.supervision.tasks.begin import begin
from duban.supervision.tasks.entries import AskChange, NoticeIntent, NoticeKind, OpeningChange
from duban.supervision.tasks.messages import TakeStep
from duban.supervision.tasks.state import Stage
from tests.supervision.supervised import Supervised, day

Stated = str | tuple[str, ...]


class Waiting(NamedTuple):
    """A step that waits: its id, who owes it, its last day."""

    step: str
    body: str
    due_on: str


@cache
def rulebook_of(regime: str) -> Rulebook:
    return load_rulebook(regime)


@cache
def policy_for(regime: str, procedure: str) -> Policy:
    rulebook = rulebook_of(regime)
    calendar = compile_calendar(rulebook.zone, 2014, 2020)
    return Policy(regime=rulebook.regime, calendar=calendar, procedure=rulebook.procedures[procedure])


def opened_in(regime: str, rhythm: str, first_on: str, last_on: str) -> list[tuple[str, str]]:
    """The periods of a rhythm that open their items in a stretch of local days, each with its day."""
    known, calendar = rulebook_of(regime).rhythms[rhythm], compile_calendar("Asia/Shanghai", 2014, 2020)
    return [(one.key, one.opens_on.isoformat()) for one in occurrences(known, day(first_on), day(last_on), calendar)]


def items_in(regime: str, rhythm: str, first_on: str, last_on: str, at_hand: AtHand) -> list[TaskDefinition]:
    """The items that a rhythm opens in a stretch of local days."""
    rulebook, calendar = rulebook_of(regime), compile_calendar("Asia/Shanghai", 2014, 2020)
    known = rulebook.rhythms[rhythm]
    return [
        item
        for one in occurrences(known, day(first_on), day(last_on), calendar)
        for item in items_of(
            rhythm, known, rulebook.procedures[known.procedure], one, at_hand, scope=rulebook.evaluation
        )
    ]


def tuples(facts: dict[str, Stated]) -> dict[str, tuple[str, ...]]:
    return {name: (value,) if isinstance(value, str) else value for name, value in facts.items()}


class Item(Supervised):
    """One item under its procedure.

    Args of its making:
        owner: To whom it belongs, where neither a fact nor one office says so.
        concerns: Codes of what it is about.
        organisation: Says by its roles who keeps the register, where that is not the reform office.
    """

    def __init__(
        self,
        regime: str,
        procedure: str,
        entered: str,
        /,
        *,
        owner: str = "",
        organisation: Organisation | None = None,
        concerns: tuple[str, ...] = (),
        **facts: Stated,
    ) -> None:
        rulebook = rulebook_of(regime)
        known = rulebook.procedures[procedure]
        self.policy = policy_for(regime, procedure)
        self.now = self.moment(f"{entered} 10:00")
        stated = tuples(facts)
        file = organisation or Organisation()
        offices = file.offices(rulebook.regime)
        named = {fact.name for fact in known.facts if fact.kind is FactKind.BODY}
        by_fact = stated.get(known.handled_by, ()) if known.handled_by in named else ()
        lead = owner or next(iter((*by_fact, *offices.get(known.handled_by, ()))))
        definition = TaskDefinition(
            code="D-1",
            title=known.title,
            lead_body=lead,
            handling_body=lead,
            procedure=procedure,
            facts=stated,
            concerns=concerns,
        )
        roles = file.roles_for(definition, file.supervising_body("", rulebook.regime), rulebook.regime)
        plan = PlanDefinition(code="D", title="登记簿", issued_on=day(entered), regime=regime)
        begun = begin(definition, plan, roles, self.policy, self.now)
        self.state, self.entries = begun.state, list(begun.entries)
        self._said = 0

    def at(self, text: str) -> "Item":
        """Time passes until ten o'clock of a local day."""
        self.until(f"{text} 10:00")
        return self

    def step(self, body: str, outcome: str = "", /, **facts: Stated) -> Transition:
        return self.tell(TakeStep(**self.said(body), outcome=outcome, facts=tuples(facts)))

    def refuses_step(self, body: str, outcome: str = "", /, **facts: Stated) -> str:
        return self.refuses(TakeStep(**self.said(body), outcome=outcome, facts=tuples(facts)))

    def refuses_to_skip_to(self, step: str, body: str, outcome: str = "") -> str:
        """Why a step that does not wait yet may not be taken."""
        return self.refuses(TakeStep(**self.said(body), step=step, outcome=outcome))

    @property
    def waiting(self) -> Waiting | None:
        """What waits now; None where the item is over."""
        run = self.state.open_step
        if run is None:
            return None
        (owed,) = (o for o in self.state.obligations if o.id == f"{run.key}/step")
        return Waiting(run.step, owed.owed_by, run.due_on.isoformat())

    @property
    def is_over(self) -> bool:
        return self.state.stage is Stage.CLOSED

    @property
    def opens(self) -> list[tuple[str, dict[str, tuple[str, ...]]]]:
        """Items that it has asked for, with what they are opened with."""
        return [(change.procedure, change.facts) for change in self.changes(OpeningChange)]

    @property
    def asks(self) -> list[tuple[str, tuple[str, ...], dict[str, object]]]:
        """What it has asked of tasks and plans: act, of which, and what is said beside why."""
        return [
            (ask.act.value, ask.targets, {n: v for n, v in ask.fields.items() if n != ask.act.why_field})
            for ask in self.changes(AskChange)
        ]

    def told(self) -> list[tuple[str, str]]:
        """Who was told what came of a step, and on which paper."""
        found = (n for n in self.changes(NoticeIntent) if n.facts.get("what") == "step_result")
        return [(notice.recipient, notice.paper or "") for notice in found]

    def announced(self) -> list[str]:
        """Local dates on which a last day was called to mind."""
        return [self.delivered(notice) for notice in self.notices(NoticeKind.ADVANCE_NOTICE)]

    def chased(self) -> list[str]:
        """Local dates on which a step was chased."""
        return [self.delivered(notice) for notice in self.notices(NoticeKind.CHASE)]

    def sent(self, on: str) -> list[tuple[str, str, str]]:
        """Kind, recipient and issuer of what goes out on a local day."""
        found = (n for n in self.changes(NoticeIntent) if self.delivered(n) == on)
        return [(n.kind.value, n.recipient, n.issuer) for n in found]

    def papers(self) -> list[tuple[str, str]]:
        """Numbered papers and who gets them, in order."""
        return [(n.paper, n.recipient) for n in self.changes(NoticeIntent) if n.paper]
