"""`step CODE`: the step that waits is taken; or whoever presses it gives it another last day."""

from collections.abc import Iterator, Mapping
from typing import Annotated

import typer

from duban.commands.acting import Actor, add_acting_command
from duban.commands.asking import Choice
from duban.commands.conversation import Conversation, Said, TaskCode, converse
from duban.commands.fact_options import Stated, ask_fact, stated_facts
from duban.supervision.authority import Act
from duban.supervision.procedures import Fact, Outcome, Procedure, Step
from duban.supervision.step_rules import lacking


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
) -> None:
    """Take the step that waits, or move its last day."""
    stated = stated_facts(fact or ())

    def compose(talk: Conversation) -> Said:
        if move_to:
            talk.who(Act.AMEND)
            why = talk.text("--reason", "调整期限的理由", reason)
            return Act.AMEND, {"step_due_on": talk.day("--move-to", "新期限", move_to), "reason": why}
        talk.who(Act.TAKE_STEP)
        waiting = _waiting(talk) if talk.asking else None
        if waiting is None:
            return Act.TAKE_STEP, {"step": which, "outcome": outcome, "facts": stated, "note": note}
        return _asked(talk, *waiting, which=which, outcome=outcome, stated=stated, note=note)

    converse(code, actor, compose)


def _waiting(talk: Conversation) -> tuple[Procedure, Step] | None:
    """The step that waits and its rules; None where the ledger does not know them, or nothing waits."""
    state, policy = talk.present.state, talk.present.policy
    run = state.open_step if state is not None else None
    procedure = policy.procedure if policy is not None else None
    found = procedure.step(run.step) if procedure is not None and run is not None else None
    if procedure is None or run is None or found is None:
        return None
    typer.echo(f"{procedure.title}：{run.words}（{talk.present.due(run.due_on)}）")
    return procedure, found


def _asked(
    talk: Conversation, procedure: Procedure, taken: Step, *, which: str, outcome: str, stated: Stated, note: str
) -> Said:
    """What the command line left out is asked for: the outcome, and what has to be stated in its case."""
    end = taken.ends[0]
    if len(taken.ends) > 1:
        choices = tuple(Choice(one.name, one.title) for one in taken.ends)
        chosen = talk.choice("--outcome", "结果", outcome, choices, others=True)
        end = next((one for one in taken.ends if chosen in (one.name, one.title)), end)
        outcome = chosen
    facts = dict(stated)
    for wanted in _wanted(talk, procedure, taken, end, stated):
        answer = ask_fact(talk, wanted, stated.get(wanted.name, ()))
        facts[wanted.name] = tuple(value for value in answer if value)
    said = talk.text("--note", "说明，可以不写", note, needed=False)
    return Act.TAKE_STEP, {"step": which, "outcome": outcome, "facts": facts, "note": said}


def _wanted(
    talk: Conversation, procedure: Procedure, taken: Step, end: Outcome, stated: Mapping[str, tuple[str, ...]]
) -> Iterator[Fact]:
    """The step's own facts, its outcome's, and what the next step needs."""
    yield from taken.facts
    yield from end.facts
    state, following = talk.present.state, procedure.following(taken, end)
    own = {fact.name for fact in (*taken.facts, *end.facts)}
    if state is not None and following is not None:
        known = {**state.facts, **stated, **dict.fromkeys(own, ("",))}
        yield from (fact for fact in lacking(procedure, following, known) if fact.name not in own)
