"""`verify [CODE]`: whether the ledger is as it was written; heads to be filed elsewhere, and held against it later.

With an actor and an outcome (`verify CODE --body … --person … --passed`) it is the check of a strike-off request: the
field has one word for both.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from duban.commands.acting import Actor, acting
from duban.commands.answers import verification
from duban.commands.asking import on_a_terminal
from duban.commands.connecting import reading_ledger
from duban.commands.conversation import converse
from duban.commands.pacing import pacing
from duban.commands.plan_options import AsJson
from duban.commands.reasons import Refused
from duban.commands.shared_options import with_shared
from duban.commands.showing import complain, say, show_json
from duban.ledger import Ledger
from duban.ledger.proof.verifying import Finding, Head
from duban.settings import load_settings

TOLD = 200
"""Findings told one by one; `--json` gives all."""

Chosen = Annotated[str, typer.Argument(metavar="[CODE]", help="方案或任务的编号；不写则核对整个台账")]
Rows = Annotated[bool, typer.Option("--rows", help="还按时间线重算节点、提醒、待办、通知等各表，逐行比对（较慢）")]
HeadsFile = Annotated[
    Path | None,
    typer.Option("--heads", metavar="FILE", help="核对无误后，把每项任务最新一步的序号和摘要写入文件，另处存放"),
]
AgainstFile = Annotated[
    Path | None, typer.Option("--against", metavar="FILE", help="与此前 --heads 写出的文件比对：当时的每一步都应还在")
]
Passed = Annotated[bool | None, typer.Option("--passed/--failed", help="核验销号申请：通过，或不通过")]
Note = Annotated[str, typer.Option("--note", help="核验销号申请：核验意见")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "verify",
        help="核对台账是否被改动、删减或增添；有问题时逐处列出，退出码为 1。"
        "写明 --body、--person 和 --passed 或 --failed 时，是核验任务的销号申请；不得由申请人核验。",
        short_help="核对台账是否被改动、删减或增添；或核验销号申请。",
    )(with_shared(verify, acting, "actor"))


def verify(
    actor: Actor,
    code: Chosen = "",
    rows: Rows = False,
    heads: HeadsFile = None,
    against: AgainstFile = None,
    as_json: AsJson = False,
    passed: Passed = None,
    note: Note = "",
) -> None:
    """Check the ledger, or a strike-off request; exit code 1 where the ledger is not as it was written."""
    if actor.body or actor.person or passed is not None:
        if passed is None and not (actor.may_ask and on_a_terminal()):
            raise typer.BadParameter("核验销号申请须写明任务编号、--body、--person，以及 --passed 或 --failed。")
        converse(code, actor, lambda talk: verification(talk, passed, note))
        return
    _verify_ledger(code, heads, against, rows=rows, as_json=as_json)


def _verify_ledger(code: str, heads: Path | None, against: Path | None, *, rows: bool, as_json: bool) -> None:
    filed = tuple(_read_heads(against)) if against else ()
    with reading_ledger(load_settings()) as ledger:
        tasks, found = _check(ledger, code, filed, rows=rows)
        if heads is not None and not found:
            _write_heads(heads, ledger.proofs.heads())
    if as_json:
        show_json(found)
    elif not found:
        say(f"已核对 {tasks} 项任务，记录完整，没有改动。")
        if heads is not None:
            say(f"各任务最新一步的摘要已写入 {heads}：请打印、签字或存放到别处，日后用 --against 比对。")
    for finding in found[:TOLD]:
        complain(str(finding))
    if found:
        rest = f"，以上只列 {TOLD} 处（--json 列出全部）" if len(found) > TOLD else ""
        complain(f"共 {len(found)} 处与写入时不符{rest}。请查明原因，与备份比对；确需恢复时用 starter.py restore。")
        raise typer.Exit(1)


def _check(ledger: Ledger, code: str, filed: tuple[Head, ...], *, rows: bool) -> tuple[int, list[Finding]]:
    plan, codes = None, None
    if code and ledger.plans.plan_row(code) is not None:
        plan = code
    elif code:
        codes = (code,)
    total = ledger.proofs.count(codes, plan=plan)
    if code and total == 0 and plan is None:
        raise Refused(f"台账中没有任务或方案 {code}，请核对编号。")
    found: list[Finding] = []
    with pacing("核对任务", total) as advance:
        for tasks, some in ledger.proofs.check(codes, plan=plan, rows=rows):
            found.extend(some)
            advance(tasks)
    if not code:
        found.extend(ledger.proofs.check_strangers())
    if filed:
        wanted = [head for head in filed if not code or head.task_code == code or _is_of(head, plan)]
        seen = {(finding.task_code, finding.round, finding.version) for finding in found}
        missed = ledger.proofs.against(wanted)
        found.extend(one for one in missed if (one.task_code, one.round, one.version) not in seen)
    return total, found


def _is_of(head: Head, plan: str | None) -> bool:
    return plan is not None and head.task_code.startswith(plan)


def _write_heads(file: Path, heads: Iterator[Head]) -> None:
    unfinished = file.with_name(f".{file.name}.part")
    try:
        with unfinished.open("w", encoding="utf-8") as lines:
            lines.writelines(f"{head.model_dump_json()}\n" for head in heads)
            lines.flush()
            os.fsync(lines.fileno())
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def _read_heads(file: Path) -> Iterator[Head]:
    with file.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield Head.model_validate_json(line)
            except ValidationError:
                raise Refused(
                    f"“{file}”第 {number} 行不是任务的摘要。请使用 starter.py verify --heads 写出的文件。"
                ) from None
