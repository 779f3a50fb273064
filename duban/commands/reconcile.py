"""`reconcile [PLAN]`: ledger and workflows compared, the differences listed, and mended on demand."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from duban.attributes import register_search_attributes
from duban.commands.connecting import connect_to_server, reading_ledger
from duban.commands.issuing import someone_works
from duban.commands.pacing import pacing
from duban.commands.plan_options import AsJson
from duban.commands.reasons import Refused
from duban.commands.showing import complain, say, show_json, show_table
from duban.reconciling.comparing import Comparison
from duban.reconciling.differences import REMEDIES, WORDS, Difference
from duban.reconciling.mending import Mender
from duban.settings import Settings, load_settings

Plan = Annotated[str, typer.Argument(metavar="[PLAN]", help="方案编号；不写则核对全部方案")]
Mend = Annotated[bool, typer.Option("--mend", help="修补：台账缺的从工作流历史补记，工作流缺的从台账重新启动")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "reconcile",
        help="对账：逐项核对台账与工作流，列出差异；有差异（或没有全部修补）时退出码为 1。",
        short_help="对账：核对台账与工作流，列出差异，加 --mend 修补。",
    )(reconcile)


def reconcile(plan: Plan = "", mend: Mend = False, as_json: AsJson = False) -> None:
    """Compare, and mend where told to; exit code 1 where differences remain."""
    tasks, found = asyncio.run(reconciled(load_settings(), plan or None, mend=mend))
    if as_json:
        show_json(found)
    elif found:
        _show(found)
    else:
        say(f"{tasks} 项任务，台账与工作流一致。")
    left = [difference for difference in found if not difference.mended]
    if found and mend and not left:
        complain(f"{len(found)} 处差异已修补。")
    if left:
        hint = "" if mend else "加 --mend 修补。"
        complain(f"有 {len(left)} 处差异{'没有修补' if mend else ''}。{hint}")
        raise typer.Exit(1)


async def reconciled(settings: Settings, plan: str | None, *, mend: bool) -> tuple[int, list[Difference]]:
    """How many tasks were compared, and what differs, with what was done about it."""
    with reading_ledger(settings) as ledger:
        if plan is not None and ledger.plans.plan_row(plan) is None:
            raise Refused(f"台账中没有方案 {plan}，请核对编号。")
        client = await connect_to_server(settings)
        if not await someone_works(client, settings.task_queue):
            raise Refused(
                f"没有工作进程在处理任务队列 {settings.task_queue}，工作流不能答复。"
                "请先运行 starter.py serve 或 worker.py，再对账。"
            )
        total = ledger.proofs.count(plan=plan)
        compared = Comparison(client, ledger, settings.task_queue, plan)
        with pacing("对账", total) as advance:
            tasks = await compared.tasks(advance)
        if mend and tasks:
            await register_search_attributes(client)
            tasks = await _mend_tasks(Mender(client, ledger, settings.task_queue), tasks)
        # After the tasks: the last one that was mended may have closed its plan.
        plans, strangers, undelivered = await compared.plans(), await compared.strangers(), await compared.undelivered()
        if mend:
            mender = Mender(client, ledger, settings.task_queue)
            plans = [await mender.mend_plan(difference) for difference in plans]
            undelivered = await mender.deliver(undelivered) if undelivered or tasks else []
    return total, [*tasks, *plans, *strangers, *undelivered]


async def _mend_tasks(mender: Mender, found: Sequence[Difference]) -> list[Difference]:
    mended = iter(await mender.mend_tasks([difference for difference in found if difference.can_be_mended]))
    return [next(mended) if difference.can_be_mended else difference for difference in found]


def _show(found: Sequence[Difference]) -> None:
    show_table(
        ("编号", "差异", "台账", "工作流", "处理"),
        [(d.code, WORDS[d.kind], d.ledger, d.workflow, d.mended or REMEDIES.get(d.kind, "未处理")) for d in found],
        title="对账：台账与工作流的差异",
    )
