"""`doctor`: everything that an installation rests on, line by line: well, or what to do."""

import asyncio

import typer

from duban.commands.connecting import connect_to_server
from duban.commands.plan_options import AsJson
from duban.commands.reasons import reason_of
from duban.commands.showing import complain, say, show_json
from duban.doctor import Finding, State, examine

STATE_WORDS = {
    State.OK: "正常",
    State.WARNING: "注意",
    State.FAULT: "要处理",
    State.UNEXAMINED: "未核对",
}
INDENT = "      "


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "doctor",
        help="检查安装：设置、服务器、工作进程、台账、渠道、密钥、日历、时钟，逐项说明正常或怎样处理；"
        "有要处理的，退出码为 1。不改动任何东西，不发送任何通知。",
        short_help="检查安装，逐项说明正常或怎样处理。",
    )(doctor)


def doctor(as_json: AsJson = False) -> None:
    """Look at everything, whatever is broken."""
    found = asyncio.run(examine(connect_to_server, reason_of))
    if as_json:
        show_json(found)
    else:
        _show(found)
    faults = _count(found, State.FAULT)
    if not as_json:
        complain(_summary(found, faults))
    if faults:
        raise typer.Exit(1)


def _show(found: list[Finding]) -> None:
    """Line by line; what could not be examined for one reason shares a line at the end."""
    unexamined: dict[str, list[str]] = {}
    for finding in found:
        if finding.state is State.UNEXAMINED:
            unexamined.setdefault(finding.detail, []).append(finding.title)
            continue
        say(f"{STATE_WORDS[finding.state]}  {finding.title}：{finding.detail}")
        if finding.remedy:
            say(f"{INDENT}→ {finding.remedy}")
    for reason, titles in unexamined.items():
        say(f"{STATE_WORDS[State.UNEXAMINED]}  {'、'.join(titles)}：{reason}")


def _summary(found: list[Finding], faults: int) -> str:
    warnings, unexamined = _count(found, State.WARNING), _count(found, State.UNEXAMINED)
    if not faults and not warnings and not unexamined:
        return f"{len(found)} 项都正常。"
    return f"{len(found)} 项：要处理 {faults} 项，注意 {warnings} 项，未核对 {unexamined} 项。"


def _count(found: list[Finding], state: State) -> int:
    return sum(finding.state is state for finding in found)
