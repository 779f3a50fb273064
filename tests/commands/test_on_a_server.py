"""The command line on the real development server with the real worker, as `serve` runs them."""

import asyncio
import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import openpyxl
import pytest
from temporalio.client import Client

from duban.attributes import register_search_attributes
from duban.commands import issuing, sending
from duban.contracts import DeliveryOutcome
from duban.ledger import Ledger, migrate
from duban.names import REFORM_TASK, dispatch_workflow_id
from duban.server import DevServer
from duban.supervision.days.clock import TaskClock
from tests.commands.conftest import CommandLine, PlanFileWriter
from tests.commands.serving import READY_WITHIN_SECONDS, STARTER, serving
from tests.ledger.building import batch, entry, notice, real, register, registration
from tests.ledger.building import plan as plan_of
from tests.ledger.building import task as task_of

BODY, PERSON = "市医保局", "李四"
OFFICE = ("--body", "市委改革办", "--person", "王五")
LEADERS = ("--body", "市委全面深化改革领导小组", "--person", "赵六")
ACTOR = ("--body", BODY, "--person", PERSON)


@pytest.fixture(scope="module")
def served(temporal_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home of a `serve` that runs for all tests here; each issues plans of its own."""
    assert temporal_program.exists()
    home = tmp_path_factory.mktemp("served") / "home"
    with serving(home):
        yield home


@pytest.fixture
def starter(served: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line beside that server, which it finds without any setting."""
    monkeypatch.setenv("DUBAN_HOME", str(served))
    return CommandLine()


@pytest.fixture
def plan() -> str:
    """A plan code that no other test has."""
    return f"P{uuid4().hex[:6]}"


def _due(days: int) -> str:
    day = datetime.now(UTC).date() + timedelta(days=days)
    return f"{day.year}年{day.month}月{day.day}日"


def _tasks(plan: str, *, title: str = "甲事") -> tuple[str, ...]:
    return (
        f"{plan}-1,{title},张三,{BODY},,,文件,{_due(100)}",
        f"{plan}-2,=1+1,张三,市财政局,,,文件,{_due(200)}",
    )


def test_a_plan_is_issued_accepted_reported_on_and_seen_everywhere(
    starter: CommandLine, plan_file: PlanFileWriter, plan: str, tmp_path: Path
) -> None:
    task = f"{plan}-1"

    issued = starter("issue", plan_file(*_tasks(plan)))
    accepted = starter("accept", task, *ACTOR)
    reported = starter("progress", task, *ACTOR, "--percent", 30, "--note", "已起草")

    assert (issued.exit_code, accepted.exit_code, reported.exit_code) == (0, 0, 0)
    assert f"方案 {plan}《plan》已下发，2 项任务全部启动。" in issued.stdout
    assert "已启动 2/2 项任务。" in issued.stderr
    assert accepted.stdout.strip() == "已受理：签收任务。"

    status = starter.json("status", task)
    assert (status["status"], status["percent"], status["lag_days"], status["source"]) == (
        "under_way", 30, 0, "workflow"
    )  # fmt: skip
    assert starter.json("status", plan)["open_tasks"] == 2

    rows = starter.json("ledger", "--plan", plan)
    assert [(row["task_code"], row["title"], row["status"]) for row in rows] == [
        (task, "甲事", "under_way"),
        (f"{plan}-2", "=1+1", "assigned"),
    ]
    assert set(rows[0]) == {
        "task_code", "plan_code", "title", "lead_body", "handling_body", "supporting_bodies",
        "due_on", "status", "lag_days", "behind_since", "reminder_level", "light", "roles",
    }  # fmt: skip
    assert [row["task_code"] for row in starter.json("ledger", "--plan", plan, "--body", BODY)] == [task]

    notices = starter.json("notices", "--plan", plan)
    assert [(row["task_code"], row["kind"], row["recipient"]) for row in notices] == [
        (task, "other", BODY),
        (f"{plan}-2", "other", "市财政局"),
    ]
    assert {
        "task_code", "kind", "level", "episode", "lag_days", "milestone_due_on", "reminder_due_on", "issued_at",
        "delivered_at", "issuer", "recipient", "channel", "status", "idempotency_key",
    } <= set(notices[0])  # fmt: skip

    assert starter.json("stats", "--plan", plan)["by_status"] == {"assigned": 1, "under_way": 1}
    assert [step["kind"] for step in starter.json("timeline", task)] == [
        "registered", "assigned", "accepted", "progress",
    ]  # fmt: skip

    workbook = tmp_path / "ledger.xlsx"
    assert starter("ledger", "--plan", plan, "--xlsx", workbook).exit_code == 0
    sheet = openpyxl.load_workbook(workbook).active
    assert sheet is not None
    assert (sheet["C6"].value, sheet["C6"].data_type) == ("=1+1", "s")
    for command in (["status", task], ["status", plan], ["ledger"], ["notices"], ["stats"], ["timeline", task]):
        assert starter(*command).exit_code == 0


def test_the_same_plan_again_changes_nothing_and_a_differing_one_is_refused(
    starter: CommandLine, plan_file: PlanFileWriter, plan: str
) -> None:
    file = plan_file(*_tasks(plan))
    assert starter("issue", file).exit_code == 0
    before = starter.json("ledger", "--plan", plan)

    again = starter("issue", file)
    reason = starter.refused("issue", plan_file(*_tasks(plan, title="乙事")))

    assert again.exit_code == 0
    assert "内容相同，没有改动" in again.stdout
    assert f"任务 {plan}-1：标题：由“甲事”变为“乙事”" in reason
    assert starter.json("ledger", "--plan", plan) == before


def test_the_same_plan_as_a_workbook_or_in_yaml_is_the_plan_that_was_issued(
    starter: CommandLine, plan_file: PlanFileWriter, plan: str, tmp_path: Path
) -> None:
    file = plan_file(*_tasks(plan))
    heading, *tasks = csv.reader(file.read_text(encoding="utf-8").splitlines())
    book = openpyxl.Workbook()
    for row in (heading, *tasks):
        book.worksheets[0].append(row)
    for cell in book.worksheets[0]["B"]:
        cell.data_type = "s"  # a text that begins like a formula, as in the file
    book.save(tmp_path / "plan.xlsx")
    listed = {"tasks": [dict(zip(heading, task, strict=True)) for task in tasks]}
    (tmp_path / "plan.yaml").write_text(json.dumps(listed, ensure_ascii=False), encoding="utf-8")
    first = starter("issue", tmp_path / "plan.xlsx")
    again = [starter("issue", tmp_path / name) for name in ("plan.csv", "plan.yaml")]

    assert f"方案 {plan}《plan》已下发，2 项任务全部启动。" in first.stdout
    assert [(result.exit_code, "内容相同，没有改动" in result.stdout) for result in again] == [(0, True)] * 2


def test_a_plan_whose_task_codes_belong_to_another_is_refused_and_may_be_issued_once_mended(
    starter: CommandLine, plan_file: PlanFileWriter, plan: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, free = (f"{plan}-A-{number},甲事,张三,{BODY},,,文件,{_due(50)}" for number in (1, 2))
    assert starter("issue", plan_file(taken), "--code", plan).exit_code == 0

    before = starter.refused("issue", plan_file(taken, free), "--code", f"{plan}-A")
    with monkeypatch.context() as hurried:  # as if the other plan had been registered only after the look
        hurried.setattr(issuing, "_refuse_clashes", lambda *_: None)
        reason = starter.refused("issue", plan_file(taken, free), "--code", f"{plan}-A")
    mended = starter("issue", plan_file(free), "--code", f"{plan}-A")

    assert f"编号 {plan}-A-1 已是方案 {plan} 的任务编号" in before
    assert f"方案未登记：编号 {plan}-A-1 已是方案 {plan} 的任务编号" in reason
    assert mended.exit_code == 0, mended.stderr
    assert [row["task_code"] for row in starter.json("ledger", "--plan", f"{plan}-A")] == [f"{plan}-A-2"]


def test_one_code_is_never_a_plan_and_a_task(starter: CommandLine, plan_file: PlanFileWriter, plan: str) -> None:
    first = plan_file(f"{plan}-1,甲事,张三,{BODY},,,文件,{_due(50)}")
    assert starter("issue", first, "--code", plan).exit_code == 0

    as_plan = starter.refused("issue", plan_file(f"1,甲事,张三,{BODY},,,文件,{_due(50)}"), "--code", f"{plan}-1")
    as_task = starter.refused("issue", plan_file(f"{plan},甲事,张三,{BODY},,,文件,{_due(50)}"), "--code", plan[:-1])

    assert f"编号 {plan}-1 已是方案 {plan} 的任务编号" in as_plan
    assert f"编号 {plan} 已是方案的编号" in as_task


def test_a_plan_with_errors_or_without_a_code_of_its_own_issues_nothing(
    starter: CommandLine, plan_file: PlanFileWriter, plan: str
) -> None:
    broken = starter.refused("issue", plan_file(*_tasks(plan), f"{plan}-3,丙事,张三,,,,文件,及时"))
    nameless = starter.refused("issue", plan_file(f"1,甲事,张三,{BODY},,,文件,{_due(9)}", name=f"{plan}.csv"))

    assert "没有下发任何任务" in broken
    assert f"--code {plan}" in nameless
    assert "台账中没有方案" in starter.refused("ledger", "--plan", plan)


def test_what_is_refused_is_refused_in_words_and_changes_nothing(
    starter: CommandLine, plan_file: PlanFileWriter, plan: str
) -> None:
    task = f"{plan}-1"
    assert starter("issue", plan_file(*_tasks(plan))).exit_code == 0
    assert starter("accept", task, *ACTOR).exit_code == 0
    before = starter.json("timeline", task)
    refusals = {
        ("accept", f"{plan}-2", *ACTOR): "无权",
        ("progress", f"{plan}-9", *ACTOR): "没有任务",
        ("progress", plan, *ACTOR): "请写明其中的任务编号",
        ("progress", task, *ACTOR, "--percent", 130): "130%",
        ("progress", task, *ACTOR, "--milestone", 7, "--evidence", "文号"): "没有第7个节点",
        ("decide", task, *LEADERS, "--approve"): "没有提请决定的事项",
        ("extend", task, *ACTOR, "--milestone", 1, "--to", "2020-01-01", "--reason", "忙"): "晚于",
        ("extend", task, *ACTOR, "--milestone", 1, "--to", "明天", "--reason", "忙"): "不是有效日期",
        ("strike-off", task, *ACTOR): "成果",
        ("urge", task, *ACTOR, "--text", "快"): "无权",
        ("send", task, "demand", "{}", *LEADERS): "缺少内容",
        ("close-plan", plan, *LEADERS): "不能销账",
    }

    told = {command: starter.refused(*command) for command in refusals}

    assert {command: words for command, words in refusals.items() if words not in told[command]} == {}
    assert starter.json("timeline", task) == before


def test_a_task_is_struck_off_and_the_plan_closed_before_the_leading_group(
    starter: CommandLine, plan_file: PlanFileWriter, plan: str
) -> None:
    task, file = f"{plan}-1", plan_file(_tasks(plan)[0])
    assert starter("issue", file, "--code", plan).exit_code == 0
    assert starter("accept", task, *ACTOR).exit_code == 0
    assert starter("strike-off", task, *ACTOR, "--deliverable", "市医保〔2026〕1号").exit_code == 0

    own = starter.refused("verify", task, *ACTOR, "--passed")
    verified = starter("verify", task, *OFFICE, "--passed")
    late = starter.refused("progress", task, *ACTOR, "--percent", 100)

    assert "核验" in own
    assert verified.exit_code == 0, verified.stderr
    assert late == f"任务 {task} 已销号，不再受理。"
    _until(lambda: starter.json("status", plan)["status"] == "in_strike_off")
    assert starter("close-plan", plan, *LEADERS, "--reason", "同意").exit_code == 0
    _until(lambda: starter.json("status", plan)["status"] == "closed")
    assert "已销账" in starter("issue", file, "--code", plan).stdout


def test_a_message_sent_twice_under_one_id_is_done_once(
    starter: CommandLine, plan_file: PlanFileWriter, plan: str
) -> None:
    assert starter("issue", plan_file(*_tasks(plan))).exit_code == 0
    report = ("progress", f"{plan}-1", *ACTOR, "--percent", 10, "--id", "r-1")

    first, second = starter(*report), starter(*report)

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert [step["kind"] for step in starter.json("timeline", f"{plan}-1")].count("progress") == 1


def test_progress_by_signal_is_taken_without_an_answer(
    starter: CommandLine, plan_file: PlanFileWriter, plan: str
) -> None:
    assert starter("issue", plan_file(*_tasks(plan))).exit_code == 0

    sent = starter("progress", f"{plan}-1", *ACTOR, "--percent", 20, "--signal")

    assert sent.exit_code == 0
    _until(lambda: starter.json("status", f"{plan}-1")["percent"] == 20)


def test_serve_started_again_goes_on_where_it_was_and_without_it_the_ledger_answers(
    temporal_program: Path,
    home: Path,
    plan_file: PlanFileWriter,
    plan: str,
) -> None:
    assert temporal_program.exists()
    starter, task = CommandLine(), f"{plan}-1"
    with serving(home):
        assert starter("issue", plan_file(*_tasks(plan))).exit_code == 0

    asked = starter("status", task, "--json")
    refused = starter.refused("accept", task, *ACTOR)

    assert (asked.exit_code, json.loads(asked.stdout)["source"]) == (0, "ledger")
    assert "以下为台账所记" in asked.stderr
    assert "starter.py serve" in refused
    with serving(home):
        assert starter("accept", task, *ACTOR).exit_code == 0
        assert starter.json("status", task)["status"] == "accepted"


@pytest.fixture
async def dev_attributes(dev_client: Client) -> None:
    await register_search_attributes(dev_client)


@pytest.fixture
def workless(dev_server: DevServer, home: Path, plan: str, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line with a server on which no worker polls our task queue."""
    assert not home.exists()
    monkeypatch.setenv("TEMPORAL_ADDRESS", dev_server.address)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", dev_server.namespace)
    monkeypatch.setenv("DUBAN_TASK_QUEUE", plan)
    return CommandLine()


@pytest.mark.usefixtures("dev_attributes")
def test_without_a_worker_a_plan_is_kept_by_the_server_and_that_is_said(
    workless: CommandLine, plan_file: PlanFileWriter, plan: str
) -> None:
    issued = workless("issue", plan_file(*_tasks(plan)))
    again = workless("issue", plan_file(*_tasks(plan)))
    differing = workless.refused("issue", plan_file(*_tasks(plan, title="乙事")))

    assert (issued.exit_code, again.exit_code) == (0, 0)
    assert "没有工作进程处理" in issued.stderr
    assert "由“甲事”变为“乙事”" in differing


def test_a_task_that_is_registered_and_not_started_yet_asks_for_patience(
    workless: CommandLine, plan: str, home: Path
) -> None:
    with _registered(home, plan):
        pass

    reason = workless.refused("accept", f"{plan}-1", *ACTOR)

    assert reason == f"任务 {plan}-1 正在下发，请稍后再试。"


@pytest.mark.usefixtures("dev_attributes")
async def test_a_message_that_nobody_answers_is_refused_with_the_id_to_try_again_with(
    workless: CommandLine, dev_client: Client, plan: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = f"{plan}-1"
    with _registered(home, plan) as ledger:
        ledger.tasks.mark_started([task], datetime.now(UTC))
    await dev_client.start_workflow(REFORM_TASK, id=task, task_queue=plan)
    monkeypatch.setattr(sending, "ANSWERED_WITHIN", timedelta(seconds=1))

    reason = await asyncio.to_thread(workless.refused, "accept", task, *ACTOR, "--id", "a-1")

    assert "没有工作进程答复" in reason
    assert "--id a-1" in reason
    await dev_client.get_workflow_handle(task).terminate()


async def test_what_could_not_be_delivered_is_listed_and_sent_again_under_the_same_id(
    workless: CommandLine, dev_client: Client, plan: str, home: Path
) -> None:
    body = f"{plan}统计局"
    url = f"sqlite:///{home / 'duban.db'}"
    migrate(url)
    ledger = Ledger.open(url)
    first = batch(f"{plan}-1", entry(1, notice("e1/phone", to=body)), plan_code=plan)
    register(ledger, plan_of(task_of(f"{plan}-1"), code=plan), [first])
    claimed = ledger.deliveries.claim(body, real(2))
    assert claimed is not None
    ledger.deliveries.settle(claimed.id, 1, DeliveryOutcome.UNDELIVERABLE, real(2), "404")
    ledger.close()

    listed = workless.json("notices", "undeliverable")
    sent = await asyncio.to_thread(workless, "notices", "send-again", claimed.id)
    unknown = await asyncio.to_thread(workless.refused, "notices", "send-again", "none")

    assert [(row["delivery_id"], row["recipient"], row["detail"]) for row in listed] == [(claimed.id, body, "404")]
    assert (sent.exit_code, sent.stdout.strip()) == (0, f"已安排重新发送给：{body}。")
    assert "none" in unknown
    assert workless.json("notices", "undeliverable") == []
    dispatch = dev_client.get_workflow_handle(dispatch_workflow_id(body))
    assert (await dispatch.describe()).workflow_type == "Dispatch"
    await dispatch.terminate()


def test_a_server_that_is_named_and_does_not_answer_is_an_error_in_words(
    home: Path, plan_file: PlanFileWriter, plan: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:9")

    assert "127.0.0.1:9" in CommandLine().refused("issue", plan_file(*_tasks(plan)))
    assert not home.exists()


@contextmanager
def _registered(home: Path, code: str) -> Iterator[Ledger]:
    """A ledger with a plan of one task, none of it started."""
    url = f"sqlite:///{home / 'duban.db'}"
    migrate(url)
    ledger = Ledger.open(url)
    stored = plan_of(task_of(f"{code}-1"), code=code)
    in_real_time = registration(stored, ledger.plans.store_plan(stored)).model_copy(update={"clock": TaskClock()})
    ledger.plans.register_plan(in_real_time)
    try:
        yield ledger
    finally:
        ledger.close()


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


DECIDED = ("--reason", "年中调整", "--document", "市改发〔2026〕9号")
KIN = "编号,事项,牵头领导,牵头单位,配合单位,任务措施,成果形式,完成时限,拆分自,并入"


def _amended_file(folder: Path, *rows: str, heading: str = KIN) -> Path:
    file = folder / "plan2.csv"
    file.write_text("\n".join((heading, *rows)) + "\n", encoding="utf-8")
    return file


def _six(plan: str) -> list[str]:
    return [f"{plan}-{number},事项{number},张三,{BODY},,,文件,{_due(100)}" for number in range(1, 7)]


def _new_version(folder: Path, plan: str) -> Path:
    """1 moves, 2 gets another lead body, 3 is split, 4 is merged into 1, 5 is withdrawn, 6 stays, 7 is new."""
    return _amended_file(
        folder,
        f"{plan}-1,事项1,张三,{BODY},,,文件,{_due(150)},,",
        f"{plan}-2,事项2,张三,市财政局,,,文件,{_due(100)},,",
        f"{plan}-3a,事项3上,张三,{BODY},,,文件,{_due(100)},{plan}-3,",
        f"{plan}-3b,事项3下,张三,{BODY},,,文件,{_due(120)},{plan}-3,",
        f"{plan}-4,事项4,张三,{BODY},,,文件,{_due(100)},,{plan}-1",
        f"{plan}-6,事项6,张三,{BODY},,,文件,{_due(100)},,",
        f"{plan}-7,事项7,张三,{BODY},,,文件,{_due(130)},,",
    )


def _statuses(starter: CommandLine, plan: str) -> dict[str, str]:
    rows = starter.json("ledger", "--plan", plan)
    return {row["task_code"].removeprefix(f"{plan}-"): row["status"] for row in rows}


AMENDED = {
    "1": "assigned",
    "2": "assigned",
    "3": "terminated",
    "4": "terminated",
    "5": "terminated",
    "6": "assigned",
    "3a": "assigned",
    "3b": "assigned",
    "7": "assigned",
}


def test_a_new_version_of_a_plan_is_shown_asked_about_and_carried_out(
    starter: CommandLine, plan_file: PlanFileWriter, plan: str, tmp_path: Path
) -> None:
    assert starter("issue", plan_file(*_six(plan))).exit_code == 0
    file = _new_version(tmp_path, plan)

    looked = starter("amend", file, "--code", plan, "--dry-run")
    found = starter.json("amend", file, "--code", plan)
    unsigned = starter("amend", file, "--code", plan)
    unasked = starter("amend", file, "--code", plan, *OFFICE, *DECIDED)

    assert looked.exit_code == 0
    assert "新增 3 项、调整 2 项、撤销 1 项、拆分 1 项、并入 1 项" in looked.stdout
    assert {each["code"].removeprefix(f"{plan}-"): each["kind"] for each in found["differences"]} == {
        "1": "changed", "2": "changed", "3a": "new", "3b": "new", "4": "merged", "7": "new", "3": "split",
        "5": "withdrawn",
    }  # fmt: skip
    assert (unsigned.exit_code, "--body、--person、--reason" in unsigned.stderr) == (1, True)
    assert (unasked.exit_code, "请加 --yes 运行" in unasked.stderr) == (1, True)
    assert set(_statuses(starter, plan).values()) == {"assigned"}

    done = starter("amend", file, "--code", plan, *OFFICE, *DECIDED, "--yes")
    assert done.exit_code == 0, done.stderr
    assert "已办理 6 项" in done.stdout
    assert _statuses(starter, plan) == AMENDED
    again = starter("amend", file, "--code", plan)
    assert (again.exit_code, again.stdout.strip()) == (0, f"方案 {plan} 与文件没有不同，无须调整。")
    assert "内容相同，没有改动" in starter("issue", file, "--code", plan, "--title", "plan").stdout
    assert [step["kind"] for step in starter.json("timeline", f"{plan}-1")] == ["registered", "assigned", "amended"]
    assert starter("verify", plan, "--rows").exit_code == 0


def test_killed_half_way_the_same_command_goes_on_and_does_nothing_twice(
    starter: CommandLine, served: Path, plan_file: PlanFileWriter, plan: str, tmp_path: Path
) -> None:
    assert starter("issue", plan_file(*_six(plan))).exit_code == 0
    file = _new_version(tmp_path, plan)
    command = ("amend", str(file), "--code", plan, *OFFICE, *DECIDED, "--yes")

    dying = subprocess.Popen(
        [sys.executable, STARTER, *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "DUBAN_HOME": str(served)},
    )
    ledger = Ledger.open(f"sqlite:///{served / 'duban.db'}")
    end = time.monotonic() + READY_WITHIN_SECONDS
    while dying.poll() is None and time.monotonic() < end:
        if any(plan in row.title for row in ledger.orders.order_rows()):
            break
        time.sleep(0.01)
    dying.kill()
    dying.wait()
    orders = [row.id for row in ledger.orders.order_rows() if plan in row.title]
    ledger.close()
    assert len(orders) == 1

    resumed = starter(*command)
    assert resumed.exit_code == 0, resumed.stderr
    finally_ = starter(*command)
    assert "没有不同" in finally_.stdout
    assert _statuses(starter, plan) == AMENDED
    for code, kind in (("1", "amended"), ("2", "amended"), ("3", "terminated"), ("4", "terminated")):
        kinds = [step["kind"] for step in starter.json("timeline", f"{plan}-{code}")]
        assert kinds.count(kind) == 1
    assert starter("verify", plan, "--rows").exit_code == 0


def test_a_file_that_cannot_be_carried_out_changes_nothing_and_says_what_to_do(
    starter: CommandLine, plan_file: PlanFileWriter, plan: str, tmp_path: Path
) -> None:
    rows = _six(plan)
    unissued = starter("amend", plan_file(*rows), "--code", plan)
    assert (unissued.exit_code, "还没有下发" in unissued.stderr) == (1, True)
    assert starter("issue", plan_file(*rows)).exit_code == 0

    unnumbered = _amended_file(tmp_path, f"事项1,{BODY},{_due(90)}", heading="事项,牵头单位,完成时限")
    reason = starter("amend", unnumbered, "--code", plan).stderr
    assert "有 1 行没有编号" in reason
    assert f"starter.py ledger --plan {plan}" in reason

    past = [f"{plan}-1,事项1,张三,{BODY},,,文件,{_due(-20)}", *rows[1:]]
    refused = starter(
        "amend", plan_file(*past), "--code", plan, "--issued-on", "2020-01-01", *OFFICE, *DECIDED, "--yes"
    )
    assert refused.exit_code == 1
    assert "早于今天" in refused.stderr
    not_allowed = starter("amend", plan_file(*rows[1:]), "--code", plan, *ACTOR, *DECIDED, "--yes")
    assert not_allowed.exit_code == 1
    assert f"{BODY}无权" in not_allowed.stderr
    first = starter("issue", _amended_file(tmp_path, f"{plan}9-1,甲,张三,{BODY},,,文件,{_due(9)},{plan}9-2,"))
    assert (first.exit_code, "请用 starter.py amend" in first.stderr) == (1, True)
    assert set(_statuses(starter, plan).values()) == {"assigned"}


def test_a_mistaken_record_is_corrected_by_whoever_made_it_and_shown_as_corrected(
    starter: CommandLine, plan_file: PlanFileWriter, plan: str
) -> None:
    task = f"{plan}-1"
    assert starter("issue", plan_file(*_tasks(plan))).exit_code == 0
    assert starter("progress", task, *ACTOR, "--percent", 30, "--note", "张局长").exit_code == 0
    assert starter("suspend", task, *OFFICE, "--reason", "上级政策调整").exit_code == 0
    wrong = next(step["version"] for step in starter.json("timeline", task) if step["kind"] == "progress")
    said = ("--version", wrong, "--text", "应为李局长")

    others = starter.refused("correct", task, *said, "--body", "市财政局", "--person", "李四")
    effect = starter.refused("correct", task, "--version", wrong + 1, "--text", "不应暂停", *OFFICE)
    unknown = starter.refused("correct", task, "--version", 99, "--text", "x", *OFFICE)
    corrected = starter("correct", task, *said, *ACTOR)

    assert f"第{wrong}条是{BODY}所作的记录" in others
    assert "starter.py resume" in effect
    assert "没有第99条记录" in unknown
    assert corrected.stdout.strip() == "已受理：更正记录。"
    steps = {step["version"]: step for step in starter.json("timeline", task)}
    newest = max(steps)
    assert (steps[wrong]["corrected_by"], steps[newest]["corrects"]) == (newest, wrong)
    assert "张局长" in steps[wrong]["text"]
    assert f"【已更正，见第{newest}条】" in starter("timeline", task).stdout
