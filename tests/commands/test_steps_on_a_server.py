"""`step` beside a server and a worker: what waits is seen, taken, moved and closed from the command line."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from duban.commands.connecting import connect_to_server, opened_ledger
from duban.commands.issuing import issue_plan
from duban.contracts import StoredPlan
from duban.settings import load_settings
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.plans.plan import PlanDefinition, TaskDefinition
from tests.commands.conftest import CommandLine
from tests.commands.serving import serving
from tests.supervision.items import going_by, procedure
from tests.supervision.supervised import LEAD, OFFICE, SUPERVISOR, policy_of
from tests.workflows.installation import eventually

ITEM = "DJ26-01"
TODAY = datetime.now(UTC).date()
OFFICE_ACTS = ("--body", OFFICE, "--person", "王五", "--no-input")
LEAD_ACTS = ("--body", LEAD, "--person", "李四", "--no-input")


def _plan() -> StoredPlan:
    facts: dict[str, tuple[str, ...]] = {"document": ("省方案",), "meeting_on": (TODAY.isoformat(),)}
    item = TaskDefinition(code=ITEM, title="省方案对接", lead_body=LEAD, procedure="docking", facts=facts)
    plan = PlanDefinition(code="DJ26", title="对接台账", issued_on=TODAY, supervising_body=SUPERVISOR, tasks=(item,))
    policy = policy_of("kunming", TODAY.year - 1, TODAY.year + 2).model_copy(update={"procedure": procedure()})
    assert policy.procedure == going_by(procedure()).procedure
    return StoredPlan(definition=plan, organisation=Organisation(), policy=policy)


async def _issue() -> None:
    settings = load_settings()
    with opened_ledger(settings) as ledger:
        client = await connect_to_server(settings)
        await issue_plan(client, ledger, _plan(), settings.task_queue)

        async def is_under_way() -> bool:
            row = ledger.plans.plan_row("DJ26")
            return row is not None and row.unstarted_tasks == 0

        await eventually(is_under_way)


@pytest.fixture(scope="module")
def served(temporal_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    assert temporal_program.exists()
    home = tmp_path_factory.mktemp("steps") / "home"
    with serving(home):
        yield home


def test_an_item_is_walked_from_the_command_line(served: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_HOME", str(served))
    starter = CommandLine()
    asyncio.run(_issue())

    [waits] = [one for one in starter.json("today", "--body", OFFICE)["items"] if one["kind"] != "undelivered"]
    assert (waits["what"], waits["command"]) == ("发出对接提示通知", f"starter.py step {ITEM} --body {OFFICE}")
    assert "应由市委改革办办理" in starter.refused("step", ITEM, *LEAD_ACTS)
    assert "已受理：办理步骤" in starter("step", ITEM, *OFFICE_ACTS).stdout
    assert "还须写明：对接安排（plan，文字）" in starter.refused("step", ITEM, *LEAD_ACTS)
    later = (TODAY + timedelta(days=60)).isoformat()
    mover = ("--body", SUPERVISOR, "--person", "赵六", "--no-input")
    assert "已受理：调整任务" in starter("step", ITEM, *mover, "--move-to", later, "--reason", "推迟").stdout
    assert "已受理" in starter("step", ITEM, *LEAD_ACTS, "--fact", "plan=分三步走").stdout
    other = ("--body", OFFICE, "--person", "孙七", "--no-input")
    assert "已受理" in starter("step", ITEM, *other, "--outcome", "同意", "--note", "按此执行").stdout
    assert "已办结" in starter.refused("step", ITEM, *other)
    view = starter.json("status", ITEM)
    assert view["status"] == "closed"
    timeline = [row["text"] for row in starter.json("timeline", ITEM)]
    assert any("办理“审核对接安排”：同意；按此执行" in text for text in timeline)


def test_a_fact_is_written_with_its_name(served: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_HOME", str(served))
    said = CommandLine()("step", ITEM, *LEAD_ACTS, "--fact", "分三步走")
    assert said.exit_code == 2
    assert "--fact 须写成 名称=内容" in said.stderr
