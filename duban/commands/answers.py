"""What bodies answer: acceptance, explanation, records of work done, the wish for more time, the strike-off request."""

from typing import Annotated

import typer

from duban.commands.sending import ActingBody, ActingPerson, MessageId, Sender, TaskCode, tell
from duban.supervision.messages import Action
from duban.supervision.regime import Act

Note = Annotated[str, typer.Option("--note", help="说明")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("accept", help="签收任务（承办单位）。")(accept)
    app.command("explain", help="提交书面说明（牵头单位）。")(explain)
    app.command("record", help="登记通话、现场、约谈或整改的记录。")(record)
    app.command("extend", help="申请延期；批准之前期限不变。")(extend)
    app.command("strike-off", help="申请销号，须有成果。")(strike_off)


def accept(code: TaskCode, body: ActingBody, person: ActingPerson, note: Note = "", identity: MessageId = "") -> None:
    """Take the task on."""
    tell(code, Act.ACCEPT, Sender(body=body, person=person, id=identity), note=note)


def explain(
    code: TaskCode,
    body: ActingBody,
    person: ActingPerson,
    text: Annotated[str, typer.Option("--text", help="说明全文，或文号和链接")],
    identity: MessageId = "",
) -> None:
    """Give the written explanation."""
    tell(code, Act.SUBMIT_EXPLANATION, Sender(body=body, person=person, id=identity), text=text)


def record(
    code: TaskCode,
    action: Annotated[
        Action, typer.Argument(metavar="ACTION", help="call 通话、visit 现场、interview 约谈、rectification 整改")
    ],
    body: ActingBody,
    person: ActingPerson,
    content: Annotated[str, typer.Option("--content", help="谈了什么、对方如何答复，或整改了什么")],
    with_whom: Annotated[str, typer.Option("--with", help="对象：与谁通话、会面或约谈了谁")] = "",
    problems: Annotated[str, typer.Option("--problems", help="约谈：指出的问题")] = "",
    requirements: Annotated[str, typer.Option("--requirements", help="约谈：提出的要求")] = "",
    rectify_by: Annotated[str | None, typer.Option("--rectify-by", metavar="DATE", help="约谈：整改期限")] = None,
    identity: MessageId = "",
) -> None:
    """Keep the record of work that a reminder sets people to."""
    tell(
        code,
        Act.RECORD_ACTION,
        Sender(body=body, person=person, id=identity),
        action=action.value,
        with_whom=with_whom,
        content=content,
        problems=problems,
        requirements=requirements,
        rectify_by=rectify_by,
    )


def extend(
    code: TaskCode,
    body: ActingBody,
    person: ActingPerson,
    milestone: Annotated[int, typer.Option("--milestone", help="节点序号")],
    to: Annotated[str, typer.Option("--to", metavar="DATE", help="新期限")],
    reason: Annotated[str, typer.Option("--reason", help="理由")],
    identity: MessageId = "",
) -> None:
    """Ask for a later date."""
    sender = Sender(body=body, person=person, id=identity)
    tell(code, Act.REQUEST_EXTENSION, sender, milestone=milestone, new_due_on=to, reason=reason)


def strike_off(
    code: TaskCode,
    body: ActingBody,
    person: ActingPerson,
    deliverable: Annotated[str, typer.Option("--deliverable", help="成果：文号、链接或材料名称")] = "",
    note: Note = "",
    identity: MessageId = "",
) -> None:
    """Ask for the strike-off."""
    sender = Sender(body=body, person=person, id=identity)
    tell(code, Act.REQUEST_STRIKE_OFF, sender, deliverable=deliverable, note=note)
