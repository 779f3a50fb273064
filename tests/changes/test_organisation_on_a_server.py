"""A new organisation file brought to running tasks and their plan by the command line, on the real server."""

import asyncio
from pathlib import Path

import pytest
from temporalio.client import WorkflowUpdateFailedError

from duban.contracts import PlanInput
from duban.ledger.tables.notice_tables import NoticeStatus
from duban.names import Attributes
from duban.supervision.tasks.entries import EntryKind, NoticeKind
from tests.commands.conftest import CommandLine
from tests.supervision.supervised import GROUP, HANDLING, LEAD, OFFICE, SUPERVISOR
from tests.workflows.installation import InFastTime

NEW_LEAD, NEW_HANDLING, COMMISSION = "市医疗保障局", "市医保事业中心", "市委全面深化改革委员会"
FILE = f"""
name: 机构改革之后
roles:
  leading_group: {COMMISSION}
bodies:
  - {{name: {NEW_LEAD}, formerly: [{LEAD}]}}
  - {{name: {NEW_HANDLING}, formerly: [{HANDLING}], persons: [{{name: 钱七, role: head}}, {{name: 孙八}}]}}
  - {{name: {COMMISSION}, formerly: [{GROUP}], persons: [{{name: 周九, role: head}}]}}
"""
ORDERED = ("--body", OFFICE, "--person", "王五", "--reason", "市编〔2016〕3号")


async def test_a_new_organisation_file_reaches_tasks_and_plan_and_what_is_owed_goes_on(
    fast: InFastTime, starter: CommandLine, tmp_path: Path
) -> None:
    await fast.issue(fast.task("2016-09-30"), fast.task("2016-09-30", number=2))
    await fast.tell("request_extension", HANDLING, 1, milestone=1, new_due_on="2016-12-30", reason="省里推迟")
    await fast.recorded(1)
    file = tmp_path / "organisation.yaml"
    file.write_text(FILE, encoding="utf-8")

    slip = tmp_path / "slip.yaml"
    handover = f"{{from_body: {SUPERVISOR}, to_body: {NEW_LEAD}, tasks: [X-9]}}"
    slip.write_text(f"{FILE}handovers: [{handover}]\n", encoding="utf-8")
    assert "X-9" in await asyncio.to_thread(starter.refused, "organisation", "compare", slip)
    listed = await asyncio.to_thread(starter.json, "organisation", "compare", file)
    asked = await asyncio.to_thread(starter, "organisation", "apply", file, *ORDERED)
    done = await asyncio.to_thread(starter, "organisation", "apply", file, *ORDERED, "--yes")
    again = await asyncio.to_thread(starter, "organisation", "apply", file, *ORDERED, "--yes")

    assert {(one["kind"], one["before"][0], one["after"][0]) for one in listed if one["kind"] == "renamed"} == {
        ("renamed", LEAD, NEW_LEAD),
        ("renamed", HANDLING, NEW_HANDLING),
        ("renamed", GROUP, COMMISSION),
    }
    assert asked.exit_code == 1
    assert "--yes" in asked.stderr
    assert done.exit_code == 0, done.output
    assert "共 3 项，已办理 3 项" in done.stdout
    assert f"方案 {fast.plan_code}：领导小组由{GROUP}改为{COMMISSION}" in done.stdout
    assert "没有需要变更的内容" in again.stdout

    status = await fast.recorded(1)
    assert (status.lead_body, status.handling_body) == (NEW_LEAD, NEW_HANDLING)
    owed = {one.what: (one.owed_by, one.due_on) for one in status.awaiting}
    assert owed["签收承办"][0] == NEW_HANDLING
    assert owed["延期审批"][0] == SUPERVISOR
    now = fast.clock.real(await fast.now())
    assert [row.task_code for row in fast.ledger.rows.ledger_rows(now, body=NEW_HANDLING)] == list(fast.tasks)
    assert fast.ledger.rows.ledger_rows(now, body=HANDLING) == ()
    shown = (await fast.handle(1).describe()).typed_search_attributes
    assert shown[Attributes.LEAD_BODY] == NEW_LEAD
    assert set(shown[Attributes.AWAITING_BODIES]) == {NEW_HANDLING, SUPERVISOR}

    told = [row for row in fast.notices(1) if row.recipient == NEW_HANDLING]
    assert [row.kind for row in told] == [NoticeKind.OTHER]
    assert fast.of_kind(EntryKind.ASSIGNED)[0].text == f"{SUPERVISOR}交办给{HANDLING}"
    assert not [
        row for row in fast.notices(1) if row.recipient in (LEAD, HANDLING) and row.status is NoticeStatus.PENDING
    ]
    await fast.tell("accept", NEW_HANDLING, 2, person="孙八")
    refused = await fast.refused("accept", await fast.said(HANDLING), 1)
    assert "无权" in refused

    verified = await asyncio.to_thread(starter, "verify", "--rows")
    assert verified.exit_code == 0, verified.output


async def test_the_new_leading_group_closes_a_plan_even_where_its_workflow_was_begun_anew(
    fast: InFastTime, starter: CommandLine, tmp_path: Path
) -> None:
    await fast.issue(fast.task("2016-09-30"))
    file = tmp_path / "organisation.yaml"
    file.write_text(FILE, encoding="utf-8")
    done = await asyncio.to_thread(starter, "organisation", "apply", file, *ORDERED, "--yes")
    assert done.exit_code == 0, done.output
    await fast.plan.terminate("lost")
    await fast.start(PlanInput(code=fast.plan_code, digest=fast.digest, clock=fast.clock))  # as `reconcile` does
    await fast.under_way()
    await fast.tell("terminate", OFFICE, 1, reason="上级取消")
    await fast.handle(1).result()

    async def refusal(body: str, person: str) -> str:
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await fast.plan.execute_update("close", {"body": body, "person": person})
        return str(refused.value.cause)

    while (await fast.plan.query("status"))["status"] != "in_strike_off":  # noqa: ASYNC110 - happens on a server
        await asyncio.sleep(0.1)
    assert f"由{COMMISSION}决定" in await refusal(GROUP, "张三")
    assert "张三不在" in await refusal(COMMISSION, "张三")
    await fast.plan.execute_update("close", {"body": COMMISSION, "person": "周九"})
    assert await fast.plan.result() == "closed"
    told = fast.ledger.orders.told_last(fast.plan_code, "adopt")
    assert told is not None
    assert told["leading_group"] == COMMISSION
