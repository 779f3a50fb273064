"""What a person forgets is asked for at a terminal, and nowhere else."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from duban.commands import issue
from duban.commands.issuing import issue_plan
from duban.server import DevServer
from tests.commands.conftest import CommandLine, PlanFileWriter
from tests.commands.serving import STARTER, serving
from tests.commands.terminal import at_a_terminal
from tests.everyday import evening, works_every_day

BODY, OFFICE, LEADERS = "市医保局", "市委改革办", "市委全面深化改革领导小组"
WHO = ("--person", "李四")


@pytest.fixture(scope="module")
def served(temporal_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home of a `serve` that runs for all tests here; each issues a plan of its own."""
    assert temporal_program.exists()
    home = tmp_path_factory.mktemp("served") / "home"
    works_every_day(home)
    with serving(home):
        yield home


@pytest.fixture
def starter(served: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line beside that server."""
    monkeypatch.setenv("DUBAN_HOME", str(served))
    return CommandLine()


def _day(days: int) -> str:
    return (datetime.now(ZoneInfo("Asia/Shanghai")).date() + timedelta(days=days)).isoformat()


def _row(task: str, days: int) -> str:
    year, month, day = _day(days).split("-")
    return f"{task},甲事,张三,{BODY},,,文件,{year}年{int(month)}月{int(day)}日"


@pytest.fixture
def task(starter: CommandLine, plan_file: PlanFileWriter) -> str:
    """A task that is due in a hundred days."""
    plan = f"P{uuid4().hex[:6]}"
    assert starter("issue", plan_file(_row(f"{plan}-1", 100))).exit_code == 0
    return f"{plan}-1"


def _in_the_evening(monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue plans on a clock by which the office has closed for today: all that is due has been given."""
    monkeypatch.setattr(issue, "issue_plan", partial(issue_plan, clock=evening()))


@pytest.fixture
def late(starter: CommandLine, plan_file: PlanFileWriter, monkeypatch: pytest.MonkeyPatch) -> str:
    """A task that has been behind for eighty days: a circular and the grounds of an interview wait for a word."""
    _in_the_evening(monkeypatch)
    plan = f"L{uuid4().hex[:6]}"
    file = plan_file(_row(f"{plan}-1", -80))
    assert starter("issue", file, "--issued-on", _day(-100)).exit_code == 0
    return f"{plan}-1"


def _steps(starter: CommandLine, task: str, kind: str) -> list[str]:
    return [step["text"] for step in starter.json("timeline", task) if step["kind"] == kind]


def test_a_record_is_put_together_by_asking_for_all_that_was_forgotten(starter: CommandLine, late: str) -> None:
    with at_a_terminal("record") as terminal:
        terminal.sees("任务编号")
        terminal.types("没有的")
        terminal.sees("台账中没有任务 没有的，请核对编号。")
        terminal.types(late)
        terminal.sees("甲事")
        terminal.sees("以哪个单位的名义（序号）")
        terminal.types(OFFICE)
        terminal.sees("经办人")
        terminal.types("王五")
        terminal.sees("登记什么（序号）")
        terminal.types("9")
        terminal.sees("请回答序号 1 至 4。")
        terminal.types("1")
        terminal.sees("对象")
        terminal.types("")
        terminal.sees("这一项不能空。")
        terminal.types("李四")
        terminal.sees("谈了什么")
        terminal.types("答复本周上报")
        terminal.sees("已受理：登记工作记录。")
        assert terminal.ends() == 0

    assert _steps(starter, late, "record_kept") == [f"{OFFICE}登记电话提醒记录：答复本周上报"]


def test_what_the_task_refuses_is_asked_again_with_the_answers_of_before(starter: CommandLine, task: str) -> None:
    with at_a_terminal("extend", task, "--body", BODY, *WHO) as terminal:
        terminal.sees("延期哪个节点（序号）［1］")
        terminal.types("")
        terminal.sees("新期限")
        terminal.types("明年")
        terminal.sees("“明年”不是日期")
        terminal.types(_day(50))
        terminal.sees("理由")
        terminal.types("材料未齐")
        terminal.sees("延期后的日期须晚于现行期限")
        terminal.sees("改一改再报？")
        terminal.types("y")
        terminal.sees("以哪个单位的名义（序号）［1］")
        terminal.types("")
        terminal.sees("经办人［李四］")
        terminal.types("")
        terminal.sees("延期哪个节点（序号）［1］")
        terminal.types("")
        terminal.sees(f"［{_day(50)}］")
        terminal.types(_day(150))
        terminal.sees("理由［材料未齐］")
        terminal.types("")
        terminal.sees("已受理：申请延期。")
        assert terminal.ends() == 0

    [asked] = _steps(starter, task, "extension_requested")
    assert asked.endswith("：材料未齐")

    with at_a_terminal("extend", task) as terminal:
        terminal.sees("要办理（序号）")
        terminal.types("1")
        terminal.sees("以哪个单位的名义（序号）［1］")
        terminal.types("")
        terminal.sees("经办人")
        terminal.types("王五")
        terminal.sees(f"第1个节点延至{_day(150)}，现为{_day(100)}，材料未齐")
        terminal.types("y")
        terminal.sees("已受理：作出决定。")
        assert terminal.ends() == 0

    assert starter.json("status", task)["due_on"] == _day(150)


def test_a_strike_off_is_asked_for_by_one_side_and_checked_by_the_other(starter: CommandLine, task: str) -> None:
    with at_a_terminal("strike-off", task, "--body", BODY, *WHO) as terminal:
        terminal.sees("成果")
        terminal.types("市医保〔2026〕1号")
        terminal.sees("已受理：申请销号。")
        assert terminal.ends() == 0

    with at_a_terminal("strike-off", task, "--body", OFFICE, *WHO) as terminal:
        terminal.sees("申请销号的成果：市医保〔2026〕1号")
        terminal.sees("核验是否通过")
        terminal.types("n")
        terminal.sees("不通过的原因")
        terminal.types("没有印发")
        terminal.sees("已受理：核验销号。")
        assert terminal.ends() == 0

    assert _steps(starter, task, "returned")[0].endswith("：没有印发")
    assert starter("strike-off", task, "--body", BODY, *WHO, "--deliverable", "〔2026〕1号").exit_code == 0
    assert starter("strike-off", task, "--body", OFFICE, *WHO, "--passed").exit_code == 0
    assert starter.json("status", task)["status"] == "struck_off"


def test_a_circular_is_confirmed_with_its_scope_and_nothing_else_is_decided(starter: CommandLine, late: str) -> None:
    leaders = ("--body", LEADERS, *WHO)
    waiting = {one["request"] for one in starter.json("status", late)["awaiting"]}
    assert {"e1/circular/confirmation", "e1/interview/grounds"} <= waiting

    unasked = starter.refused("confirm", late, "--approve", "--body", OFFICE, *WHO)
    scoped = starter("confirm", late, "--approve", *leaders, "--scope", "各县（市、区）", "--scope", "市直各单位")
    again = starter.refused("confirm", late, "--approve", *leaders)

    assert unasked == f"任务 {late} 没有等待{OFFICE}办理的通报确认。"
    assert scoped.exit_code == 0, scoped.stderr
    assert again == f"任务 {late} 没有等待{LEADERS}办理的通报确认。"
    circulars = starter.json("notices", "--task", late, "--level", "circular", "--kind", "reminder")
    assert {row["recipient"] for row in circulars} == {"各县（市、区）", "市直各单位"}
    assert "e1/interview/grounds" in {one["request"] for one in starter.json("status", late)["awaiting"]}


def test_grounds_of_an_interview_are_chosen_at_a_terminal(starter: CommandLine, late: str) -> None:
    with at_a_terminal("decide", late, "--body", OFFICE, *WHO) as terminal:
        terminal.sees("待决定：约谈情形核实")
        terminal.types("y")
        terminal.sees("约谈情形")
        terminal.sees("可写多个")
        terminal.types("1 3")
        terminal.sees("已受理：作出决定。")
        assert terminal.ends() == 0

    [decided] = _steps(starter, late, "decided")
    assert "思想上不重视、效果上不明显" in decided


def test_without_a_terminal_or_where_it_is_not_wanted_the_missing_options_are_named(
    starter: CommandLine, task: str
) -> None:
    result = starter("record", task)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "缺少 --body、--person、ACTION、--content。" in result.stderr
    assert "record --help" in result.stderr

    with at_a_terminal("suspend", task, "--no-input", "--body", OFFICE) as terminal:
        assert terminal.ends() == 2
        assert "缺少 --person、--reason。" in terminal.shown


def test_a_refusal_of_what_was_said_in_full_asks_nothing(task: str, served: Path) -> None:
    arguments = ("urge", task, "--body", BODY, *WHO, "--text", "快")
    with at_a_terminal(*arguments, env={"DUBAN_HOME": str(served)}) as terminal:
        assert terminal.ends() == 1
        assert "无权催办" in terminal.shown
        assert "改一改再报" not in terminal.shown


def test_who_acts_may_stand_in_the_settings(starter: CommandLine, task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_BODY", BODY)
    monkeypatch.setenv("DUBAN_PERSON", "李四")

    assert starter("accept", task).exit_code == 0
    assert starter("verify", task).exit_code == 0, "without an outcome it checks the ledger"

    [step] = [one for one in starter.json("timeline", task) if one["kind"] == "accepted"]
    assert (step["body"], step["person"]) == (BODY, "李四")


def test_demand_interview_and_carry_over_have_commands_of_their_own(starter: CommandLine, task: str) -> None:
    office = ("--body", OFFICE, *WHO)

    demanded = starter("demand", task, "--body", LEADERS, *WHO, "--text", "月底前拿出方案")
    raised = starter("raise-interview", task, *office, "--ground", "passive", "--reason", "多次不到会")
    groundless = starter("raise-interview", task, *office, "--reason", "多次不到会")
    subjective = starter.refused(
        "carry-over", task, *office, "--to", _day(400), "--cause", "subjective", "--reason", "x"
    )
    carried = starter("carry-over", task, *office, "--to", _day(400), "--reason", "上级政策调整")

    assert [result.exit_code for result in (demanded, raised, groundless, carried)] == [0, 0, 2, 0]
    assert "缺少 --ground" in groundless.stderr
    assert "查办" in subjective
    assert starter.json("status", task)["due_on"] == _day(400)
    assert "demanded" in {step["kind"] for step in starter.json("timeline", task)}


def test_today_names_what_comes_next_and_its_commands_run_as_they_are_printed(
    starter: CommandLine, plan_file: PlanFileWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    _in_the_evening(monkeypatch)
    plan, body = f"T{uuid4().hex[:6]}", f"某局{uuid4().hex[:6]}"
    row = _row(f"{plan}-1", -20).replace(BODY, body)
    assert starter("issue", plan_file(row), "--issued-on", _day(-40)).exit_code == 0

    found = starter.json("today", "--body", body, "--person", "李四")

    late, accept = (
        found["items"][0],
        next(one for one in found["items"] if one["command"].startswith("starter.py accept")),
    )
    assert (late["kind"], late["lag_days"], late["next_level"], late["next_level_on"]) == (
        "late", 20, "书面提醒", _day(11),
    )  # fmt: skip
    assert late["command"] == f"starter.py strike-off {plan}-1 --body {body} --person 李四"
    assert found["counts"]["late"] == 1

    said = starter("today", "--body", body, "--person", "李四").stdout
    assert accept["command"] in said
    printed = next(line.strip() for line in said.splitlines() if " accept " in line)
    run = subprocess.run(printed, shell=True, cwd=STARTER.parent, capture_output=True, text=True, check=False)  # noqa: S602 - as a person pastes it
    assert run.stdout == "已受理：签收任务。\n", run.stderr


def test_today_of_nobody_is_an_error_of_usage_and_of_a_stranger_a_refusal(starter: CommandLine, task: str) -> None:
    assert starter("today").exit_code == 2
    assert "是否应为" in starter.refused("today", "--body", BODY[:-1] + "居")
    assert starter.json("today", "--role", "leading_group")["bodies"] == [LEADERS]
    assert "没有单位担任" in starter.refused("today", "--role", "special_group")
    assert task in {one["task_code"] for one in starter.json("today", "--body", BODY, "--days", 120)["items"]}


@contextmanager
def _worker(environment: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("w") as output:
        worker = subprocess.Popen(
            [sys.executable, str(STARTER.with_name("worker.py"))],
            env={**os.environ, **environment},
            stdout=output,
            stderr=output,
        )
        try:
            end = time.monotonic() + 60
            while "worker.started" not in log.read_text() and time.monotonic() < end:
                time.sleep(0.1)
            yield
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.wait(60)


def test_what_nobody_answered_is_sent_again_as_the_same_message(
    dev_server: DevServer, home: Path, plan_file: PlanFileWriter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plan = f"P{uuid4().hex[:6]}"
    settings = {
        "TEMPORAL_ADDRESS": dev_server.address,
        "TEMPORAL_NAMESPACE": dev_server.namespace,
        "DUBAN_TASK_QUEUE": plan,
        "DUBAN_HOME": str(home),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    starter, task = CommandLine(), f"{plan}-1"
    with _worker(settings, tmp_path / "first.log"):
        issued = starter("issue", plan_file(_row(task, 100)))
        assert "全部启动" in issued.stdout, issued.output

    with at_a_terminal("progress", task, "--body", BODY, "--percent", 10, "--id", "r-1") as terminal:
        terminal.sees("经办人")
        terminal.types("李四")
        terminal.sees("--id r-1")
        terminal.sees("再发一次？")
        with _worker(settings, tmp_path / "second.log"):
            terminal.types("y")
            terminal.sees("已受理：报告进展。")
            assert terminal.ends() == 0

    [report] = [step for step in starter.json("timeline", task) if step["kind"] == "progress"]
    assert report["message_id"] == "r-1"
