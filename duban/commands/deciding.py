"""A decision, put together: which request, yes or no, and what the request needs besides."""

from collections.abc import Sequence
from typing import Annotated, TypeAlias

import typer

from duban.commands.asking import Choice
from duban.commands.conversation import Conversation, Said
from duban.commands.reasons import Refused
from duban.supervision.rules.authority import Act
from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.decisions import DECIDED_BY_MESSAGE
from duban.supervision.tasks.messages import Ground
from duban.supervision.words import DUTY_WORDS, GROUND_WORDS

Approve: TypeAlias = Annotated[bool | None, typer.Option("--approve/--refuse", help="同意，或不同意")]
Request: TypeAlias = Annotated[str, typer.Option("--request", help="事项号（见 status）；只有一件时可不写")]
Why: TypeAlias = Annotated[str, typer.Option("--reason", help="理由；不同意时必填")]
Scope: TypeAlias = Annotated[list[str] | None, typer.Option("--scope", help="通报范围：单位名称，可重复写")]
Grounds: TypeAlias = Annotated[
    list[Ground] | None,
    typer.Option("--ground", help="约谈情形：inattentive 不重视、passive 不主动、ineffective 不明显，可重复写"),
]


def decision(
    talk: Conversation,
    approve: bool | None,
    request: str,
    reason: str,
    *,
    grounds: Sequence[Ground] | None = None,
    scope: Sequence[str] | None = None,
    duties: tuple[Duty, ...] = DECIDED_BY_MESSAGE,
) -> Said:
    """Put a decision together.

    Args:
        talk: With whoever decides.
        approve: As the command line says, like all that follows.
        request: Names what is decided.
        reason: Needed for a refusal.
        grounds: Of an interview.
        scope: Of a circular.
        duties: What may be meant; where it is less than everything, a request of these is looked for and no other
            will do.

    Raises:
        Refused: Nothing of the kind waits for this body.
    """
    talk.who(Act.DECIDE, duties)
    named = _request(talk, request, duties)
    duty = _duty(talk, named)
    verdict = talk.yes("--approve/--refuse", f"是否同意{f'（{DUTY_WORDS[duty]}）' if duty else ''}", approve)
    facts: dict[str, object] = {"approve": verdict, "request": named, "reason": reason}
    if verdict is False:
        facts["reason"] = talk.wanted("--reason", "不同意的理由", reason)
    stated = [ground.value for ground in grounds or ()]
    if duty is Duty.GROUNDS and verdict:
        choices = tuple(Choice(ground.value, words) for ground, words in GROUND_WORDS.items())
        facts["grounds"] = talk.several("--ground", "约谈情形", stated, choices)
    else:
        facts["grounds"] = tuple(stated)
    if duty is Duty.CONFIRMATION and verdict:
        words = "通报范围，不写则发给规定的受文单位"
        facts["scope"] = talk.several("--scope", words, scope, (), needed=False, others=True)
    else:
        facts["scope"] = tuple(scope or ())
    return Act.DECIDE, facts


def _request(talk: Conversation, request: str, duties: tuple[Duty, ...]) -> str:
    any_will_do = duties == DECIDED_BY_MESSAGE
    if request or not talk.body or (any_will_do and not talk.asking):
        return request
    choices = talk.present.requests(talk.body, *duties)
    if not choices and not any_will_do:
        what = "、".join(DUTY_WORDS[duty] for duty in duties)
        raise Refused(f"任务 {talk.code} 没有等待{talk.body}办理的{what}。")
    if len(choices) == 1:
        if talk.asking:
            typer.echo(f"待决定：{choices[0].words}")
        return choices[0].value
    return talk.choice("--request", "决定哪一件", "", choices) if talk.asking and choices else ""


def _duty(talk: Conversation, request: str) -> Duty | None:
    """What is decided, as far as anybody can be asked about it."""
    owed = talk.present.owed(talk.body, *DECIDED_BY_MESSAGE) if talk.asking else ()
    return next((one.duty for one in owed if request in (one.id, one.subject)), None)
