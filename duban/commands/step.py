"""`step CODE`: the step that waits is taken; or whoever presses it gives it another last day."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import typer

from duban.commands.acting import Actor, add_acting_command
from duban.commands.asking import Choice
from duban.commands.connecting import reading_ledger
from duban.commands.conversation import Conversation, Said, TaskCode, converse
from duban.commands.counting import AsStated, Stating, counter_of
from duban.commands.fact_options import stated_facts
from duban.commands.known_registers import opened_register
from duban.commands.sending import known_task
from duban.figures import About, Counter
from duban.ledger import Ledger
from duban.settings import load_settings
from duban.supervision.rules.authority import Act
from duban.supervision.rules.procedures import Fact, Outcome, Procedure, Step
from duban.supervision.steps.stating import Facts
from duban.supervision.steps.step_rules import lacking
from duban.supervision.steps.steps import obligation_of
from duban.supervision.tasks.state import StepRun, TaskState


def register(app: typer.Typer) -> None:
    """Add the command."""
    add_acting_command(app, "step", step, summary="办理按步骤进行的事项的当前步骤；或由督察责任主体调整其期限。")


def step(
    actor: Actor,
    code: TaskCode = "",
    which: Annotated[str, typer.Option("--step", help="哪一步（见 status）；不写则为正在等待的一步")] = "",
    outcome: Annotated[str, typer.Option("--outcome", help="结果；只有一种时可不写")] = "",
    fact: Annotated[
        list[str] | None,
        typer.Option("--fact", metavar="NAME=VALUE", help="须写明的事项，可重复写；可写多个值的，每个值写一次"),
    ] = None,
    note: Annotated[str, typer.Option("--note", help="说明")] = "",
    move_to: Annotated[str, typer.Option("--move-to", metavar="DATE", help="不办理，而把期限改到这一天")] = "",
    reason: Annotated[str, typer.Option("--reason", help="调整期限的理由")] = "",
    as_stated: AsStated = "",
) -> None:
    """Take the step that waits, or move its last day."""
    stated = stated_facts(fact or ())

    def compose(talk: Conversation) -> Said:
        if move_to:
            talk.who(Act.AMEND)
            why = talk.text("--reason", "调整期限的理由", reason)
            return Act.AMEND, {"step_due_on": talk.day("--move-to", "新期限", move_to), "reason": why}
        talk.who(Act.TAKE_STEP)
        waiting = _waiting(talk)
        if waiting is None or not waiting.is_meant(which):
            return Act.TAKE_STEP, {"step": which, "outcome": outcome, "facts": stated, "note": note}
        ended, chosen = _outcome(talk, waiting.step, outcome)
        with reading_ledger(load_settings()) as ledger:
            stating = Stating(talk, _counter(ledger, talk), stated, as_stated)
            wanted = tuple(_wanted(waiting, chosen, stated)) if chosen is not None else ()
            about = About(facts=waiting.state.facts, concerns=waiting.state.definition.concerns, item=talk.code)
            stating.state(wanted, about, only_counted=not talk.asking)
        said = talk.text("--note", "说明，可以不写", note, needed=False) if talk.asking else note
        facts = {"step": which, "outcome": ended, "facts": stating.facts, "note": said}
        return Act.TAKE_STEP, facts | stating.message

    converse(code, actor, compose)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """The step that waits, and its rules."""

    state: TaskState
    run: StepRun
    procedure: Procedure
    step: Step

    def is_meant(self, which: str) -> bool:
        """Whether this step is the one that is named, or none is."""
        return which in ("", self.run.key, self.run.step, obligation_of(self.run))


def _waiting(talk: Conversation) -> _Waiting | None:
    """What waits; None where the ledger does not know the rules, or nothing waits."""
    state, policy = talk.present.state, talk.present.policy
    run = state.open_step if state is not None else None
    procedure = policy.procedure if policy is not None else None
    found = procedure.step(run.step) if procedure is not None and run is not None else None
    if state is None or procedure is None or run is None or found is None:
        return None
    if talk.asking:
        typer.echo(f"{procedure.title}：{run.words}（{talk.present.due(run.due_on)}）")
    return _Waiting(state, run, procedure, found)


def _outcome(talk: Conversation, taken: Step, outcome: str) -> tuple[str, Outcome | None]:
    """How it ends, as it is said, asked for where that was left out; None where there is no such outcome."""
    if len(taken.ends) > 1 and talk.asking:
        choices = tuple(Choice(one.name, one.title) for one in taken.ends)
        outcome = talk.choice("--outcome", "结果", outcome, choices, others=True)
    if len(taken.ends) == 1 and not outcome:
        return outcome, taken.ends[0]
    return outcome, next((one for one in taken.ends if outcome in (one.name, one.title)), None)


def _counter(ledger: Ledger, talk: Conversation) -> Counter | None:
    """What counts; the rules of the register that the item belongs to, where it belongs to one."""
    task = known_task(ledger, talk.code)
    row = ledger.plans.plan_row(task.plan_code)
    if row is None:
        return None
    return counter_of(ledger, row, opened_register(ledger, row).rulebook if row.is_register else None)


def _wanted(waiting: _Waiting, end: Outcome, stated: Facts) -> Iterator[Fact]:
    """The step's own facts, its outcome's, and what the next step needs; of a part of it only the outcome's."""
    own = end.facts if end.goes_on else (*waiting.step.facts, *end.facts)
    yield from own
    following = waiting.procedure.following(waiting.step, end)
    names = {fact.name for fact in own}
    if following is not None:
        known = {**waiting.state.facts, **stated, **dict.fromkeys(names, ("",))}
        yield from (fact for fact in lacking(waiting.procedure, following, known) if fact.name not in names)
