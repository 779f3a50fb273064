"""`progress CODE`: a body reports how far it is."""

from typing import Annotated

import typer

from duban.commands.acting import Actor, add_acting_command
from duban.commands.conversation import Conversation, Said, TaskCode, converse
from duban.commands.sending import Sender, tell_by_signal
from duban.supervision.rules.authority import Act


def register(app: typer.Typer) -> None:
    """Add the command."""
    add_acting_command(app, "progress", progress, summary="报告进展。写明节点序号和依据的报告才算完成节点。")


def progress(
    actor: Actor,
    code: TaskCode = "",
    percent: Annotated[int | None, typer.Option("--percent", help="自报进度，0 至 100")] = None,
    note: Annotated[str, typer.Option("--note", help="说明")] = "",
    milestone: Annotated[list[int] | None, typer.Option("--milestone", help="已完成的节点序号，可重复写")] = None,
    evidence: Annotated[str, typer.Option("--evidence", help="完成节点的依据：文号、链接或材料名称")] = "",
    by_signal: Annotated[bool, typer.Option("--signal", help="以信号送出，不等答复")] = False,
) -> None:
    """Report progress."""

    def compose(talk: Conversation) -> Said:
        talk.who(Act.PROGRESS)
        facts: dict[str, object] = {"percent": percent, "note": note}
        numbers = tuple(str(number) for number in milestone or ())
        if talk.asking and percent is None and not note:
            numbers = _met(talk, numbers)
            if not numbers:
                facts["percent"] = _whole(talk.text("--percent", "自报进度，0 至 100", "", needed=False))
                facts["note"] = talk.text("--note", "进展情况", "")
        proof = talk.wanted("--evidence", "完成节点的依据：文号、链接或材料名称", evidence) if numbers else evidence
        return Act.PROGRESS, {**facts, "milestones": tuple(_whole(number) for number in numbers), "evidence": proof}

    if not by_signal:
        converse(code, actor, compose)
        return
    talk = Conversation(code, actor)
    _, facts = compose(talk)
    talk.refuse_missing()
    tell_by_signal(talk.code, Sender(body=talk.body, person=talk.person, id=talk.id), **facts)


def _met(talk: Conversation, stated: tuple[str, ...]) -> tuple[str, ...]:
    """The milestones that are reported as met."""
    nodes = talk.present.unmet(interim=True)
    if not nodes and not stated:
        return ()
    return talk.several("--milestone", "完成了哪些节点，没有则直接回车", stated, nodes, needed=False, others=True)


def _whole(text: str) -> object:
    """A number where it is one; what it is otherwise, the rules say."""
    return int(text) if text.isdecimal() else text or None
