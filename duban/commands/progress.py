"""`progress CODE`: a body reports how far it is."""

from typing import Annotated

import typer

from duban.commands.sending import ActingBody, ActingPerson, MessageId, Sender, TaskCode, tell, tell_by_signal
from duban.supervision.regime import Act


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("progress", help="报告进展。写明节点序号和依据的报告才算完成节点。")(progress)


def progress(
    code: TaskCode,
    body: ActingBody,
    person: ActingPerson,
    percent: Annotated[int | None, typer.Option("--percent", help="自报进度，0 至 100")] = None,
    note: Annotated[str, typer.Option("--note", help="说明")] = "",
    milestone: Annotated[list[int] | None, typer.Option("--milestone", help="已完成的节点序号，可重复写")] = None,
    evidence: Annotated[str, typer.Option("--evidence", help="完成节点的依据：文号、链接或材料名称")] = "",
    by_signal: Annotated[bool, typer.Option("--signal", help="以信号送出，不等答复")] = False,
    identity: MessageId = "",
) -> None:
    """Report progress."""
    sender = Sender(body=body, person=person, id=identity)
    facts = {"percent": percent, "note": note, "milestones": tuple(milestone or ()), "evidence": evidence}
    if by_signal:
        tell_by_signal(code, sender, **facts)
    else:
        tell(code, Act.PROGRESS, sender, **facts)
