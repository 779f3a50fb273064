"""What bodies answer: acceptance, explanation, records of work done, the wish for more time, the strike-off request."""

from typing import Annotated

import typer

from duban.commands.acting import Actor, add_acting_command
from duban.commands.asking import Choice
from duban.commands.conversation import Conversation, Said, TaskCode, converse
from duban.commands.deciding import Approve, decision
from duban.supervision.rules.authority import Act
from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.messages import DUTY_OF, Action
from duban.supervision.tasks.state import Stage
from duban.supervision.words import ACTION_WORDS

Note = Annotated[str, typer.Option("--note", help="说明")]
OWN, OTHERS = "request", "decide"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    add_acting_command(app, "accept", accept, summary="签收任务（承办单位）。")
    add_acting_command(
        app, "explain", explain, summary="提交书面说明（牵头单位），或期限之前说明能否按期办结（--ahead）。"
    )
    add_acting_command(app, "record", record, summary="登记通话、现场、约谈或整改的记录。")
    add_acting_command(app, "extend", extend, summary="申请延期，批准之前期限不变；或审批延期申请。")
    add_acting_command(app, "strike-off", strike_off, summary="申请销号，须有成果；或核验销号申请。")


def accept(actor: Actor, code: TaskCode = "", note: Note = "") -> None:
    """Take the task on."""

    def compose(talk: Conversation) -> Said:
        talk.who(Act.ACCEPT)
        return Act.ACCEPT, {"note": note}

    converse(code, actor, compose)


def explain(
    actor: Actor,
    code: TaskCode = "",
    text: Annotated[str, typer.Option("--text", help="说明全文，或文号和链接；期前说明写原因")] = "",
    ahead: Annotated[bool, typer.Option("--ahead", help="期前说明：期限之前说明能否按期办结")] = False,
    on_time: Annotated[bool | None, typer.Option("--on-time/--late", help="期前说明：能，或不能按期办结")] = None,
    progress: Annotated[str, typer.Option("--progress", help="期前说明：进展情况，不能按期办结的必填")] = "",
) -> None:
    """Give the written explanation, or the word before the deadline."""

    def compose(talk: Conversation) -> Said:
        talk.who(Act.SUBMIT_EXPLANATION)
        if ahead or on_time is not None or progress or _only_ahead(talk):
            return _ahead(talk, text, on_time, progress)
        return Act.SUBMIT_EXPLANATION, {"text": talk.text("--text", "说明全文，或文号和链接", text)}

    converse(code, actor, compose)


def _only_ahead(talk: Conversation) -> bool:
    """Whether the word before the deadline is all that the body owes of explanations."""
    if not talk.asking:
        return False
    return bool(talk.present.owed(talk.body, Duty.ADVANCE_EXPLANATION)) and not talk.present.owed(
        talk.body, Duty.EXPLANATION
    )


def _ahead(talk: Conversation, text: str, on_time: bool | None, progress: str) -> Said:
    verdict = talk.yes("--on-time/--late", "能否按期办结", on_time)
    facts: dict[str, object] = {"on_time": verdict}
    words = "目前进展和把握" if verdict else "不能按期办结的原因"
    facts["text"] = talk.text("--text", words, text)
    facts["progress"] = talk.wanted("--progress", "进展情况", progress) if verdict is False else progress
    return Act.SUBMIT_EXPLANATION, facts


def record(
    actor: Actor,
    code: TaskCode = "",
    action: Annotated[
        Action | None,
        typer.Argument(metavar="ACTION", help="call 通话、visit 现场、interview 约谈、rectification 整改"),
    ] = None,
    content: Annotated[str, typer.Option("--content", help="谈了什么、对方如何答复，或整改了什么")] = "",
    with_whom: Annotated[str, typer.Option("--with", help="对象：与谁通话、会面或约谈了谁")] = "",
    problems: Annotated[str, typer.Option("--problems", help="约谈：指出的问题")] = "",
    requirements: Annotated[str, typer.Option("--requirements", help="约谈：提出的要求")] = "",
    rectify_by: Annotated[str, typer.Option("--rectify-by", metavar="DATE", help="约谈：整改期限")] = "",
) -> None:
    """Keep the record of work that a reminder sets people to."""

    def compose(talk: Conversation) -> Said:
        talk.who(Act.RECORD_ACTION)
        kind = talk.choice("ACTION", "登记什么", action.value if action else "", _actions(talk))
        facts: dict[str, object] = {"action": kind, "rectify_by": None}
        if kind != Action.RECTIFICATION.value:
            facts["with_whom"] = talk.wanted("--with", "对象：与谁通话、会面或约谈了谁", with_whom)
        facts["content"] = talk.text("--content", "谈了什么、对方如何答复，或整改了什么", content)
        if kind == Action.INTERVIEW.value:
            facts["problems"] = talk.wanted("--problems", "指出的问题", problems)
            facts["requirements"] = talk.wanted("--requirements", "提出的要求", requirements)
            if talk.asking or rectify_by:
                facts["rectify_by"] = talk.day("--rectify-by", "整改期限", rectify_by)
        else:  # as stated: the task says what it does not take
            facts |= {"problems": problems, "requirements": requirements, "rectify_by": rectify_by or None}
        return Act.RECORD_ACTION, facts

    converse(code, actor, compose)


def _actions(talk: Conversation) -> tuple[Choice, ...]:
    """What may be recorded; what is owed where anything is."""
    if not talk.asking:
        return ()
    owed = {o.duty: talk.present.due(o.due_on) for o in talk.present.owed(talk.body, *DUTY_OF.values())}
    known = [(action, owed.get(duty, "")) for action, duty in DUTY_OF.items() if not owed or duty in owed]
    return tuple(Choice(one.value, ACTION_WORDS[one] + (f"（{due}）" if due else "")) for one, due in known)


def extend(
    actor: Actor,
    code: TaskCode = "",
    milestone: Annotated[int | None, typer.Option("--milestone", help="节点序号")] = None,
    to: Annotated[str, typer.Option("--to", metavar="DATE", help="新期限")] = "",
    reason: Annotated[str, typer.Option("--reason", help="理由；审批时不同意必填")] = "",
    approve: Approve = None,
    request: Annotated[str, typer.Option("--request", help="审批：事项号；只有一件时可不写")] = "",
) -> None:
    """Ask for a later date, or decide who asked."""

    def compose(talk: Conversation) -> Said:
        stated = milestone is not None or bool(to)
        deciding = approve is not None or bool(request) or (not stated and _decides(talk))
        if deciding:
            return decision(talk, approve, request, reason, duties=(Duty.EXTENSION_DECISION,))
        talk.who(Act.REQUEST_EXTENSION)
        nodes = talk.present.unmet() if talk.asking else ()
        number = talk.choice("--milestone", "延期哪个节点", str(milestone or ""), nodes, others=True)
        facts: dict[str, object] = {
            "milestone": int(number) if number.isdecimal() else number,
            "new_due_on": talk.day("--to", "新期限", to),
            "reason": talk.text("--reason", "理由", reason),
        }
        return Act.REQUEST_EXTENSION, facts

    converse(code, actor, compose)


def _decides(talk: Conversation) -> bool:
    """Whether a wish that waits is meant, and not a new one."""
    if not talk.asking or talk.present.state is None or not talk.present.state.extensions:
        return False
    if talk.body:
        return bool(talk.present.owed(talk.body, Duty.EXTENSION_DECISION))
    choices = (Choice(OTHERS, "审批待定的延期申请"), Choice(OWN, "另行申请延期"))
    return talk.choice("--approve", "有待审批的延期申请，要办理", "", choices) == OTHERS


def strike_off(
    actor: Actor,
    code: TaskCode = "",
    deliverable: Annotated[str, typer.Option("--deliverable", help="成果：文号、链接或材料名称")] = "",
    note: Annotated[str, typer.Option("--note", help="说明，或核验意见")] = "",
    passed: Annotated[bool | None, typer.Option("--passed/--failed", help="核验：通过，或不通过")] = None,
) -> None:
    """Ask for the strike-off, or check one that was asked for."""

    def compose(talk: Conversation) -> Said:
        asked_for = talk.asking and talk.present.state is not None and _waits(talk)
        if passed is not None or (asked_for and not deliverable):
            return verification(talk, passed, note)
        talk.who(Act.REQUEST_STRIKE_OFF)
        done = talk.wanted("--deliverable", "成果：文号、链接或材料名称", deliverable)
        return Act.REQUEST_STRIKE_OFF, {"deliverable": done, "note": note}

    converse(code, actor, compose)


def _waits(talk: Conversation) -> bool:
    state = talk.present.state
    return state is not None and state.stage is Stage.STRIKE_OFF_REQUESTED


def verification(talk: Conversation, passed: bool | None, note: str) -> Said:
    """The check of a strike-off request, put together."""
    talk.who(Act.VERIFY)
    state = talk.present.state if talk.asking else None
    if state is not None and passed is None:
        typer.echo(f"申请销号的成果：{state.deliverable}")
    verdict = talk.yes("--passed/--failed", "核验是否通过", passed)
    why = talk.wanted("--note", "不通过的原因", note) if verdict is False else note
    return Act.VERIFY, {"passed": verdict, "note": why}
