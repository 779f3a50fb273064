"""`send CODE ACT JSON`: any message to a task, as it would be typed into the Temporal UI."""

import json
from typing import Annotated, Any

import typer

from duban.commands.acting import Actor, acting
from duban.commands.conversation import Conversation, Said, TaskCode, converse
from duban.commands.shared_options import with_shared
from duban.supervision.rules.authority import Act
from duban.supervision.words import ACT_WORDS


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "send",
        help="以 JSON 发送任意一种消息，例如 demand、raise_interview、carry_over。",
        short_help="以 JSON 发送任意一种消息。",
    )(with_shared(send, acting, "actor"))


def _json_object(text: str) -> dict[str, Any]:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):  # brackets within brackets by the thousand
        raise typer.BadParameter('不是 JSON。例如：\'{"reason": "…"}\'') from None
    if not isinstance(read, dict):
        raise typer.BadParameter('应为 JSON 对象。例如：\'{"reason": "…"}\'')
    return read


def send(
    code: TaskCode,
    act: Annotated[
        Act, typer.Argument(metavar="ACT", help="、".join(f"{act.value} {words}" for act, words in ACT_WORDS.items()))
    ],
    facts: Annotated[dict[str, Any], typer.Argument(metavar="JSON", parser=_json_object, help="消息各栏")],
    actor: Actor,
) -> None:
    """Send a message of any kind."""
    # Who speaks and when is said once, by the options and the clock.
    stated = {name: value for name, value in facts.items() if name not in ("body", "person", "id", "occurred_at")}

    def compose(talk: Conversation) -> Said:
        talk.who(act)
        return act, stated

    converse(code, actor, compose)
