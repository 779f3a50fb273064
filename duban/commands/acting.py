"""Who acts: the options of every command that tells a task something."""

from collections.abc import Callable
from typing import Annotated, TypeAlias

import typer

from duban.commands.command_line import UsageError
from duban.commands.shared_options import with_shared
from duban.settings import load_settings, variable
from duban.supervision.model import Frozen


class Actor(Frozen):
    """Who says something, as the command line has it; what is empty is in the settings, or is asked for.

    Attributes:
        id: Of the message; empty for a new one.
        may_ask: Whether anything may be asked at all.
    """

    body: str = ""
    person: str = ""
    id: str = ""
    may_ask: bool = True


def acting(
    body: Annotated[str, typer.Option("--body", help="以哪个单位的名义；不写则用 DUBAN_BODY")] = "",
    person: Annotated[str, typer.Option("--person", help="经办人姓名；不写则用 DUBAN_PERSON")] = "",
    identity: Annotated[
        str, typer.Option("--id", help="消息编号；没有得到答复而重试时沿用上次的编号，不会重复办理")
    ] = "",
    no_input: Annotated[bool, typer.Option("--no-input", help="缺少什么也不询问，直接报错")] = False,
) -> Actor:
    """Who acts; these parameters are the list of options."""
    return Actor(body=body, person=person, id=identity, may_ask=not no_input)


def add_acting_command(app: typer.Typer, name: str, command: Callable[..., None], *, summary: str) -> None:
    """Adds a command that takes ``actor: Actor``.

    Args:
        app: The command line.
        name: Of the command.
        command: What runs.
        summary: One line for the list of commands.
    """
    app.command(name, short_help=summary, help=f"{summary}在终端上运行时，没有写明的会逐项询问。")(
        with_shared(command, acting, "actor")
    )


def _said_or_set(field: str, *, needed: bool) -> Callable[[str], str]:
    """Completes an option from the settings."""

    def complete(said: str) -> str:
        found = said or str(getattr(load_settings(), field))
        if needed and not found:
            raise UsageError(f"缺少 --{field}：请写明，或设置 {variable(field)}。")
        return found

    return complete


_BODY, _PERSON = "以哪个单位的名义；不写则用 DUBAN_BODY", "经办人姓名；不写则用 DUBAN_PERSON"
OrderingBody: TypeAlias = Annotated[str, typer.Option("--body", help=_BODY, callback=_said_or_set("body", needed=True))]
"""The body that orders something for many tasks at once; its parameter defaults to the empty text."""
OrderingPerson: TypeAlias = Annotated[
    str, typer.Option("--person", help=_PERSON, callback=_said_or_set("person", needed=True))
]
"""The person who does."""
DecidingBody: TypeAlias = Annotated[
    str, typer.Option("--body", help=_BODY, callback=_said_or_set("body", needed=False))
]
"""As ``OrderingBody``, for a command that first only shows: whether it is missing is for the command to say."""
DecidingPerson: TypeAlias = Annotated[
    str, typer.Option("--person", help=_PERSON, callback=_said_or_set("person", needed=False))
]
"""The person who does."""
