"""What supervisors and leaders do: decide, urge, return, verify, suspend, resume, terminate, close a plan."""

from typing import Annotated

import typer

from duban.commands.sending import (
    ActingBody,
    ActingPerson,
    MessageId,
    Sender,
    TaskCode,
    tell,
    tell_plan_to_close,
)
from duban.supervision.messages import Ground, Returned
from duban.supervision.regime import Act

Reason = Annotated[str, typer.Option("--reason", help="理由")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("decide", help="对提请的事项作出决定：通报确认、约谈情形、约谈决定、延期等。")(decide)
    app.command("urge", help="催办。")(urge)
    app.command("return", help="退回重办：报告、说明或销号申请。")(return_for_rework)
    app.command("suspend", help="暂停计时。")(suspend)
    app.command("resume", help="恢复计时。")(resume)
    app.command("terminate", help="终止任务。")(terminate)
    app.command("close-plan", help="方案销账：领导小组决定，全部任务办结之后。")(close_plan)


def decide(
    code: TaskCode,
    body: ActingBody,
    person: ActingPerson,
    approve: Annotated[bool, typer.Option("--approve/--refuse", help="同意，或不同意")],
    request: Annotated[str, typer.Option("--request", help="事项号（见 status）；只有一件时可不写")] = "",
    reason: Annotated[str, typer.Option("--reason", help="理由；不同意时必填")] = "",
    ground: Annotated[
        list[Ground] | None,
        typer.Option("--ground", help="约谈情形：inattentive 不重视、passive 不主动、ineffective 不明显，可重复写"),
    ] = None,
    scope: Annotated[list[str] | None, typer.Option("--scope", help="通报范围：单位名称，可重复写")] = None,
    identity: MessageId = "",
) -> None:
    """Decide what was asked."""
    tell(
        code,
        Act.DECIDE,
        Sender(body=body, person=person, id=identity),
        approve=approve,
        request=request,
        reason=reason,
        grounds=tuple(one.value for one in ground or ()),
        scope=tuple(scope or ()),
    )


def urge(
    code: TaskCode,
    body: ActingBody,
    person: ActingPerson,
    text: Annotated[str, typer.Option("--text", help="催办内容")],
    identity: MessageId = "",
) -> None:
    """Urge by hand."""
    tell(code, Act.URGE, Sender(body=body, person=person, id=identity), text=text)


def return_for_rework(
    code: TaskCode,
    body: ActingBody,
    person: ActingPerson,
    reason: Reason,
    what: Annotated[
        Returned, typer.Option("--what", help="退回什么：report 报告、explanation 说明、strike_off 销号申请")
    ] = Returned.REPORT,
    report: Annotated[str, typer.Option("--report", help="哪一份报告（消息编号）；不写则为最近一份")] = "",
    identity: MessageId = "",
) -> None:
    """Refuse an answer for quality."""
    sender = Sender(body=body, person=person, id=identity)
    tell(code, Act.RETURN_FOR_REWORK, sender, what=what.value, report=report, reason=reason)


def verify(
    code: TaskCode,
    body: ActingBody,
    person: ActingPerson,
    passed: Annotated[bool, typer.Option("--passed/--failed", help="通过，或不通过")],
    note: Annotated[str, typer.Option("--note", help="核验意见")] = "",
    identity: MessageId = "",
) -> None:
    """Check the deliverable."""
    tell(code, Act.VERIFY, Sender(body=body, person=person, id=identity), passed=passed, note=note)


def suspend(
    code: TaskCode,
    body: ActingBody,
    person: ActingPerson,
    reason: Reason,
    until: Annotated[str | None, typer.Option("--until", metavar="DATE", help="从哪一天起恢复；不写则另行恢复")] = None,
    identity: MessageId = "",
) -> None:
    """Stop the count."""
    tell(code, Act.SUSPEND, Sender(body=body, person=person, id=identity), reason=reason, until=until)


def resume(
    code: TaskCode,
    body: ActingBody,
    person: ActingPerson,
    reason: Annotated[str, typer.Option("--reason", help="理由")] = "",
    identity: MessageId = "",
) -> None:
    """Let the count run again."""
    tell(code, Act.RESUME, Sender(body=body, person=person, id=identity), reason=reason)


def terminate(code: TaskCode, body: ActingBody, person: ActingPerson, reason: Reason, identity: MessageId = "") -> None:
    """End the task without its being done."""
    tell(code, Act.TERMINATE, Sender(body=body, person=person, id=identity), reason=reason)


def close_plan(
    code: Annotated[str, typer.Argument(metavar="CODE", help="方案编号")],
    body: ActingBody,
    person: ActingPerson,
    reason: Annotated[str, typer.Option("--reason", help="理由")] = "",
) -> None:
    """Close a plan before the leading group."""
    tell_plan_to_close(code, Sender(body=body, person=person), reason)
