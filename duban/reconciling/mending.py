"""Mending: entries that the ledger lacks are recorded from the histories, workflows that lack something begin anew.

Everything here may be done twice and be broken off anywhere: an entry is recorded once, by its version; a workflow is
started only where none runs; and whether one is to be ended is looked at again just before. Nothing of it is an entry
of a timeline, which is the task's own: the reason stands in the history of the workflow that was ended, and in the log.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

import structlog
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from duban.contracts import PlanClosure, PlanInput
from duban.ledger import Ledger, LedgerConflict
from duban.ledger.plans.plans import PlanRow
from duban.ledger.tasks.standings import TaskStanding
from duban.names import REFORM_PLAN_FINISHED, SWEEP_SCHEDULE, plan_workflow_id, task_workflow_id
from duban.reconciling.continuing import continuation
from duban.reconciling.differences import Difference, DifferenceKind
from duban.reconciling.recorded import RecordedBatch, batches_after, newest_batch, plan_records
from duban.reconciling.seen import Presence, at_once, see_plan, see_task
from duban.registers import RegisterClosure, RegisterInput
from duban.schedules import ensure_sweep
from duban.starts import start_plan, start_register, start_task

ENDED = "reconcile：以台账为准，重新启动"
ENDED_FOR_GOOD = "reconcile：台账中已办结"
START_AGAIN = "start_again"
TOLD = 5

log = structlog.get_logger("duban.reconcile")


class NotMended(Exception):
    """Why a difference stays, in words."""


class Mender:
    """Mends differences between a ledger and the workflows of one server."""

    def __init__(self, client: Client, ledger: Ledger, task_queue: str) -> None:
        self._client, self._ledger, self._task_queue = client, ledger, task_queue

    async def mend_tasks(self, found: Sequence[Difference]) -> list[Difference]:
        """Mend what is different in tasks; returns the same differences, with what was done."""
        codes = [difference.code for difference in found]
        said = dict(zip(codes, await at_once(self._lacking, codes), strict=True))
        # In the order in which it was recorded the first time, so that papers get the numbers that they had.
        batches = sorted((each for some in said.values() for each in some), key=lambda each: each.at)
        recorded: dict[str, int] = {}
        contradicted: dict[str, list[str]] = {}
        for each in batches:
            await self._record(each, recorded, contradicted)

        async def mend(difference: Difference) -> Difference:
            code = difference.code
            return await self._mended(difference, recorded.get(code, 0), contradicted.get(code, []))

        return await at_once(mend, found)

    async def mend_plan(self, difference: Difference) -> Difference:
        """Mend what is different in a plan."""
        row = await asyncio.to_thread(self._ledger.plans.plan_row, difference.code)
        if row is None:
            return difference
        handle = self._client.get_workflow_handle(plan_workflow_id(row.code))
        match difference.kind:
            case DifferenceKind.PLAN_LOST:
                done = await self._start_plan(row)
            case DifferenceKind.PLAN_AHEAD:
                done = await self._record_plan(row.code)
            case DifferenceKind.PLAN_NOT_TOLD:
                await handle.signal(REFORM_PLAN_FINISHED)
                done = "已告知方案的工作流"
            case DifferenceKind.NOT_STARTED:
                await handle.signal(START_AGAIN)
                done = "已要求方案的工作流补启动"
            case DifferenceKind.PLAN_CLOSED_IN_LEDGER:
                await handle.terminate(ENDED_FOR_GOOD)
                done = "已结束多余的工作流"
            case _:
                return difference
        log.info("reconcile.plan", plan=row.code, kind=difference.kind.value)
        return difference.model_copy(update={"mended": done})

    async def deliver(self, found: Sequence[Difference]) -> list[Difference]:
        """See to it that somebody delivers what lies about."""
        await ensure_sweep(self._client, self._task_queue)
        await self._client.get_schedule_handle(SWEEP_SCHEDULE).trigger()
        return [difference.model_copy(update={"mended": "已要求立即送达"}) for difference in found]

    async def _lacking(self, code: str) -> list[RecordedBatch]:
        """What the histories have and the ledger has not."""
        task = await self._standing(code)
        return await batches_after(self._client, code, task.round, task.version)

    async def _record(self, each: RecordedBatch, recorded: dict[str, int], contradicted: dict[str, list[str]]) -> None:
        batch = each.batch
        if batch.task_code in contradicted:
            contradicted[batch.task_code] += [entry.text for entry in batch.entries]
            return
        before = (await self._standing(batch.task_code)).version
        again = partial(self._ledger.standings.record_again, batch, datetime.now(UTC))
        try:
            receipt = await asyncio.to_thread(again)
        except LedgerConflict:
            contradicted[batch.task_code] = [entry.text for entry in batch.entries]
            return
        recorded[batch.task_code] = recorded.get(batch.task_code, 0) + receipt.version - before
        log.info("reconcile.recorded", task=batch.task_code, from_version=before + 1, to_version=receipt.version)

    async def _mended(self, difference: Difference, recorded: int, contradicted: list[str]) -> Difference:
        try:
            done = await self._bring_together(difference.code, contradicted)
        except NotMended as reason:
            return difference.model_copy(update={"mended": "", "workflow": f"{difference.workflow}；{reason}"})
        parts = [f"补记 {recorded} 条"] if recorded else []
        parts += [done] if done else []
        if contradicted:
            told = "、".join(contradicted[:TOLD]) + ("等" if len(contradicted) > TOLD else "")
            parts.append(f"与台账不符而未补记的有 {len(contradicted)} 条：{told}")
        return difference.model_copy(update={"mended": "；".join(parts) or "已一致"})

    async def _bring_together(self, code: str, contradicted: list[str]) -> str:
        """Let the workflow stand where the ledger stands."""
        task = await self._standing(code)
        seen = await see_task(self._client, code)
        if seen.presence is Presence.RUNNING and not seen.answered:
            seen = await see_task(self._client, code)  # the first question may have gone to a worker that has stopped
        if seen.presence is Presence.RUNNING:
            if not seen.answered:
                raise NotMended("工作流没有答复，请待工作进程恢复后再对账")
            if not task.is_open and (seen.round, seen.version) <= (task.round, task.version):
                await self._end(code, ENDED_FOR_GOOD)
                return "已结束多余的工作流"
            differs = bool(contradicted) or (seen.contradicts and await self._differs(code, task))
            if (seen.round, seen.version) > (task.round, task.version) and not differs:
                return ""  # what it has decided meanwhile, it records itself
            is_same = (seen.round, seen.version, seen.status) == (task.round, task.version, task.status)
            if is_same and not differs:
                await asyncio.to_thread(self._ledger.tasks.mark_started, [code], datetime.now(UTC))
                return "" if task.is_started else "已补记启动凭证"
        if not task.is_open:
            return ""
        return await self._begin_anew(task, is_running=seen.presence is Presence.RUNNING)

    async def _differs(self, code: str, task: TaskStanding) -> bool:
        """Whether a workflow that fails to record would fail for ever, or succeeds now that the ledger is mended.

        Raises:
            NotMended: Entries between are lost.
        """
        newest = await newest_batch(self._client, code)
        if newest is None:
            return False
        if newest.entries[0].version > task.version + 1:
            lost = f"第 {task.version + 1} 至 {newest.entries[0].version - 1} 条"
            raise NotMended(f"{lost}记录已不在工作流的历史里（超过保留期），请用更新的备份恢复台账")
        try:
            await asyncio.to_thread(self._ledger.tasks.record, newest)
        except LedgerConflict:
            return True
        return False

    async def _begin_anew(self, task: TaskStanding, *, is_running: bool) -> str:
        beginning = await asyncio.to_thread(self._ledger.standings.beginning, task.code)
        going_on = continuation(beginning) if beginning is not None else None
        if going_on is None:
            raise NotMended("台账没有保存可供重新启动的状态（由旧版本登记），请用含 Temporal 状态的备份恢复")
        if is_running:
            await self._end(task.code, ENDED)
        if going_on.unrecorded is not None:
            await asyncio.to_thread(self._ledger.tasks.record, going_on.unrecorded)
        # The ledger has just said that it is open: whatever closed workflow has this name was not its end.
        started = await start_task(
            self._client, going_on.given, self._task_queue, reuse=WorkflowIDReusePolicy.ALLOW_DUPLICATE
        )
        if started:
            await asyncio.to_thread(self._ledger.tasks.mark_started, [task.code], datetime.now(UTC))
        log.info("reconcile.begun_anew", task=task.code, version=going_on.given.state.version, started=started)
        return f"已从台账第 {going_on.given.state.version} 条重新启动" if started else "另一处已重新启动"

    async def _end(self, code: str, reason: str) -> None:
        try:
            await self._client.get_workflow_handle(task_workflow_id(code)).terminate(reason)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise

    async def _standing(self, code: str) -> TaskStanding:
        task = await asyncio.to_thread(self._ledger.standings.standing, code)
        if task is None:
            raise NotMended("台账中没有这项任务")
        return task

    async def _start_plan(self, row: PlanRow) -> str:
        if row.is_register:
            begun = RegisterInput(code=row.code, title=row.title, digest=row.digest, clock=row.clock)
            await start_register(self._client, begun, self._task_queue, regime=row.regime)
            return "已重新启动登记簿的工作流"
        given = PlanInput(code=row.code, title=row.title, digest=row.digest, clock=row.clock)
        await start_plan(self._client, given, self._task_queue, regime=row.regime, tasks=row.tasks)
        return "已重新启动方案的工作流"

    async def _record_plan(self, code: str) -> str:
        done = []
        for said in await plan_records(self._client, code):
            if isinstance(said, PlanClosure):
                await asyncio.to_thread(self._ledger.plans.close_plan, said)
                done.append("销账")
            elif isinstance(said, RegisterClosure):
                # It was carried out once, whatever is open in the ledger of now.
                await asyncio.to_thread(self._ledger.registers.close, said.model_copy(update={"anyway": True}))
                done.append("办结")
            elif await asyncio.to_thread(self._ledger.plans.plan_finished, code, said.registered_at):
                done.append("转入销账")
        seen = await see_plan(self._client, code)
        return f"补记{'、'.join(done)}" if done else f"历史中没有可补记的内容（{seen.status}）"
