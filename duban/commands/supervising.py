"""What supervisors and leaders do: decide, urge and demand, return, suspend, carry over, terminate, close a plan."""

from typing import Annotated

import typer

from duban.commands.acting import Actor, add_acting_command
from duban.commands.asking import Choice, Questions, on_a_terminal
from duban.commands.conversation import Conversation, Said, TaskCode, converse
from duban.commands.deciding import Approve, Grounds, Request, Scope, Why, decision
from duban.commands.sending import Sender, tell_plan_to_close
from duban.settings import load_settings
from duban.supervision.plans.plan import Found, ListKind
from duban.supervision.rules.authority import Act
from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.inspecting import NO, YES
from duban.supervision.tasks.messages import Cause, Returned
from duban.supervision.words import CAUSE_WORDS, FOUND_WORDS, GROUND_WORDS, LIST_WORDS

Reason = Annotated[str, typer.Option("--reason", help="理由")]
RETURNED_WORDS = {Returned.REPORT: "报告", Returned.EXPLANATION: "书面说明", Returned.STRIKE_OFF: "销号申请"}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    add_acting_command(app, "decide", decide, summary="对提请的事项作出决定：通报确认、约谈情形、约谈决定、延期等。")
    add_acting_command(app, "confirm", confirm, summary="确认通报及其范围（领导小组）。")
    add_acting_command(app, "urge", urge, summary="催办。")
    add_acting_command(app, "demand", demand, summary="提出整改要求（领导要求）。")
    add_acting_command(app, "raise-interview", raise_interview, summary="提出约谈建议（改革办），须写明情形。")
    add_acting_command(
        app, "inspect", inspect, summary="登记督查结果：已完成、已启动未完成、未启动；指出的问题限期整改。"
    )
    add_acting_command(app, "return", return_for_rework, summary="退回重办：报告、说明或销号申请。")
    add_acting_command(app, "suspend", suspend, summary="暂停计时。")
    add_acting_command(app, "resume", resume, summary="恢复计时。")
    add_acting_command(app, "carry-over", carry_over, summary="结转：因客观原因未完成的，改入下一年度，期限另定。")
    add_acting_command(app, "mark", mark, summary="列入清单，或移出清单：年度、重点、基层、试点、问题。")
    add_acting_command(app, "terminate", terminate, summary="终止任务。")
    add_acting_command(app, "close-plan", close_plan, summary="方案销账：领导小组决定，全部任务办结之后。")


def decide(
    actor: Actor,
    code: TaskCode = "",
    approve: Approve = None,
    request: Request = "",
    reason: Why = "",
    ground: Grounds = None,
    scope: Scope = None,
) -> None:
    """Decide what was asked."""
    converse(code, actor, lambda talk: decision(talk, approve, request, reason, grounds=ground, scope=scope))


def confirm(
    actor: Actor,
    code: TaskCode = "",
    approve: Approve = None,
    request: Request = "",
    reason: Why = "",
    scope: Scope = None,
) -> None:
    """Confirm a circular, or refuse it; nothing else that waits for a decision is touched."""
    only = (Duty.CONFIRMATION,)
    converse(code, actor, lambda talk: decision(talk, approve, request, reason, scope=scope, duties=only))


def urge(
    actor: Actor,
    code: TaskCode = "",
    text: Annotated[str, typer.Option("--text", help="催办内容")] = "",
) -> None:
    """Urge by hand."""
    _state(actor, code, Act.URGE, "--text", "催办内容", text, field="text")


def demand(
    actor: Actor,
    code: TaskCode = "",
    text: Annotated[str, typer.Option("--text", help="整改要求的内容")] = "",
) -> None:
    """A leader's explicit demand for rectification."""
    _state(actor, code, Act.DEMAND, "--text", "整改要求的内容", text, field="text")


def terminate(actor: Actor, code: TaskCode = "", reason: Reason = "") -> None:
    """End the task without its being done."""
    _state(actor, code, Act.TERMINATE, "--reason", "理由", reason, field="reason")


def _state(actor: Actor, code: str, act: Act, option: str, words: str, given: str, *, field: str) -> None:
    """Say what takes one text."""

    def compose(talk: Conversation) -> Said:
        talk.who(act)
        return act, {field: talk.text(option, words, given)}

    converse(code, actor, compose)


def inspect(
    actor: Actor,
    code: TaskCode = "",
    found: Annotated[
        Found | None, typer.Option("--found", help="认定：completed 已完成、started 已启动未完成、not_started 未启动")
    ] = None,
    on_schedule: Annotated[
        bool | None, typer.Option("--on-schedule/--behind", help="进度符合要求，或滞后；已完成的不必写")
    ] = None,
    content: Annotated[str, typer.Option("--content", help="看了什么、核了什么，结果如何")] = "",
    problems: Annotated[str, typer.Option("--problems", help="指出的问题；须同时写 --rectify-by")] = "",
    rectify_by: Annotated[str, typer.Option("--rectify-by", metavar="DATE", help="整改期限")] = "",
) -> None:
    """Put on record what an inspection found."""

    def compose(talk: Conversation) -> Said:
        talk.who(Act.INSPECT)
        states = tuple(Choice(one.value, words) for one, words in FOUND_WORDS.items())
        facts: dict[str, object] = {"found": talk.choice("--found", "认定", found.value if found else "", states)}
        if facts["found"] != Found.COMPLETED.value:
            schedules = (Choice(YES, "符合要求"), Choice(NO, "滞后"))
            said = {True: YES, False: NO, None: ""}[on_schedule]
            facts["on_schedule"] = talk.choice("--on-schedule/--behind", "进度", said, schedules) == YES
        facts["content"] = talk.text("--content", "看了什么、核了什么，结果如何", content)
        facts["problems"] = problems
        facts["rectify_by"] = talk.day("--rectify-by", "整改期限", rectify_by) if problems or rectify_by else None
        return Act.INSPECT, facts

    converse(code, actor, compose)


def raise_interview(actor: Actor, code: TaskCode = "", ground: Grounds = None, reason: Reason = "") -> None:
    """Raise an interview of one's own accord."""

    def compose(talk: Conversation) -> Said:
        talk.who(Act.RAISE_INTERVIEW)
        stated = [one.value for one in ground or ()]
        choices = tuple(Choice(one.value, words) for one, words in GROUND_WORDS.items())
        facts: dict[str, object] = {
            "grounds": talk.several("--ground", "约谈情形", stated, choices),
            "reason": talk.text("--reason", "具体情况", reason),
        }
        return Act.RAISE_INTERVIEW, facts

    converse(code, actor, compose)


def return_for_rework(
    actor: Actor,
    code: TaskCode = "",
    reason: Reason = "",
    what: Annotated[
        Returned | None, typer.Option("--what", help="退回什么：report 报告、explanation 说明、strike_off 销号申请")
    ] = None,
    report: Annotated[str, typer.Option("--report", help="哪一份报告（消息编号）；不写则为最近一份")] = "",
) -> None:
    """Refuse an answer for quality."""

    def compose(talk: Conversation) -> Said:
        talk.who(Act.RETURN_FOR_REWORK)
        chosen = what.value if what else Returned.REPORT.value
        if what is None and talk.asking and not reason:
            choices = tuple(Choice(one.value, words) for one, words in RETURNED_WORDS.items())
            chosen = talk.choice("--what", "退回什么", "", choices)
        facts: dict[str, object] = {
            "what": chosen,
            "report": report,
            "reason": talk.text("--reason", "退回的理由", reason),
        }
        return Act.RETURN_FOR_REWORK, facts

    converse(code, actor, compose)


def suspend(
    actor: Actor,
    code: TaskCode = "",
    reason: Reason = "",
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="从哪一天起恢复；不写则另行恢复")] = "",
) -> None:
    """Stop the count."""

    def compose(talk: Conversation) -> Said:
        talk.who(Act.SUSPEND)
        why = talk.text("--reason", "暂停的理由", reason)
        again = talk.day("--until", "从哪一天起恢复，不写则另行恢复", until, needed=False)
        return Act.SUSPEND, {"reason": why, "until": again or None}

    converse(code, actor, compose)


def resume(actor: Actor, code: TaskCode = "", reason: Reason = "") -> None:
    """Let the count run again."""

    def compose(talk: Conversation) -> Said:
        talk.who(Act.RESUME)
        return Act.RESUME, {"reason": talk.text("--reason", "理由，可以不写", reason, needed=False)}

    converse(code, actor, compose)


def carry_over(
    actor: Actor,
    code: TaskCode = "",
    to: Annotated[str, typer.Option("--to", metavar="DATE", help="结转后的期限")] = "",
    cause: Annotated[
        Cause, typer.Option("--cause", help="原因：objective 客观、subjective 主观；主观原因的不予结转，按查办程序处理")
    ] = Cause.OBJECTIVE,
    reason: Reason = "",
) -> None:
    """Into next year's list, with a new date."""

    def compose(talk: Conversation) -> Said:
        talk.who(Act.CARRY_OVER)
        facts: dict[str, object] = {
            "new_due_on": talk.day("--to", "结转后的期限", to),
            "cause": cause.value,
            "reason": talk.text("--reason", f"理由（{CAUSE_WORDS[cause]}）", reason),
        }
        return Act.CARRY_OVER, facts

    converse(code, actor, compose)


def mark(
    actor: Actor,
    code: TaskCode = "",
    lists: Annotated[
        list[ListKind] | None,
        typer.Option("--list", help="清单：annual 年度、key 重点、grassroots 基层、pilot 试点、problem 问题；可写多个"),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="移出，而不是列入")] = False,
    reason: Reason = "",
) -> None:
    """Put a task on lists, or take it off them."""

    def compose(talk: Conversation) -> Said:
        talk.who(Act.MARK)
        choices = tuple(Choice(kind.value, words) for kind, words in LIST_WORDS.items())
        facts: dict[str, object] = {
            "lists": talk.several("--list", "清单", [kind.value for kind in lists or ()], choices),
            "remove": remove,
            "reason": talk.text("--reason", "理由", reason),
        }
        return Act.MARK, facts

    converse(code, actor, compose)


def close_plan(
    actor: Actor,
    code: Annotated[str, typer.Argument(metavar="CODE", help="方案编号")] = "",
    reason: Reason = "",
) -> None:
    """Close a plan before the leading group."""
    settings, asking = load_settings(), Questions(asking=actor.may_ask and on_a_terminal())
    plan = asking.text("CODE", "方案编号", code)
    body = asking.text("--body", "以哪个单位的名义", actor.body or settings.body)
    person = asking.text("--person", "经办人", actor.person or settings.person)
    asking.refuse_missing()
    tell_plan_to_close(plan, Sender(body=body, person=person), reason)
