"""What the ledger counts is filled in, shown and compared; on the real development server with the real worker.

Two offices: Chengdu (grounds of accountability, points that were deducted) and Bozhou (a number at the opening of an
item). Each begins a register and issues a plan whose tasks are late.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.commands.conftest import HEADING, CommandLine
from tests.commands.serving import serving
from tests.commands.terminal import at_a_terminal

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
GROUP, OFFICE, BUREAU = "市委深改小组", "市委深改小组办公室", "市发改委"
SUPERVISION, CIVIL = "市政府督查室", "市民政局"
ORGANISATION = f"""
name: 试点市
roles:
  special_group: [经济体制改革专项小组]
  personnel_departments: [市委组织部]
  county_governments: [甲县政府]
bodies:
  - {{name: 经济体制改革专项小组}}
  - {{name: 市委组织部}}
  - {{name: 甲县政府}}
  - {{name: {BUREAU}, supervised_by: 经济体制改革专项小组}}
  - {{name: {CIVIL}}}
"""
ACTS = ("--body", OFFICE, "--person", "王五", "--no-input", "--register", "CD")
STEPS = ("--body", OFFICE, "--person", "王五", "--no-input")


def _row(code: str, body: str, days: int) -> str:
    day = TODAY + timedelta(days=days)
    return f"{code},事项{code},张三,{body},,,文件,{day.year}年{day.month}月{day.day}日"


def _begin(starter: CommandLine, folder: Path, regime: str, code: str, body: str) -> None:
    organisation, plan = folder / f"{code}.yaml", folder / f"{code}.csv"
    organisation.write_text(ORGANISATION, encoding="utf-8")
    rows = (_row(f"P{code}-1", body, -80), _row(f"P{code}-2", body, -70), _row(f"P{code}-3", body, 90))
    plan.write_text("\n".join((HEADING, *rows)) + "\n", encoding="utf-8")
    issued = (TODAY - timedelta(days=100)).isoformat()
    options = ("--regime", regime, "--organisation", organisation)
    for command in (
        ("issue", plan, "--code", f"P{code}", "--title", "方案", "--issued-on", issued, *options),
        ("register", "begin", "--code", code, *options),
    ):
        done = starter(*command)
        assert done.exit_code == 0, done.stderr


@pytest.fixture(scope="module")
def served(temporal_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    assert temporal_program.exists()
    folder = tmp_path_factory.mktemp("counted")
    with serving(folder / "home"), pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUBAN_HOME", str(folder / "home"))
        _begin(CommandLine(), folder, "chengdu", "CD", BUREAU)
        _begin(CommandLine(), folder, "bozhou", "BZ", CIVIL)
        yield folder / "home"


@pytest.fixture
def starter(served: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.setenv("DUBAN_HOME", str(served))
    return CommandLine()


def _office(body: str) -> tuple[str, ...]:
    return ("--body", body, "--person", "王五", "--no-input")


def _opened(starter: CommandLine, *arguments: object) -> str:
    said = starter("open", *arguments)
    assert said.exit_code == 0, said.stderr
    return said.stdout.strip().removesuffix("。").removeprefix("已开立 ")


def _accountable(starter: CommandLine, why: str) -> str:
    facts = ("--fact", f"body={BUREAU}", "--fact", f"circumstances={why}")
    return _opened(starter, "accountability", *ACTS, *facts, "--anyway", why)


def _texts(starter: CommandLine, code: str) -> list[str]:
    return [row["text"] for row in starter.json("timeline", code)]


def _proposed(starter: CommandLine, code: str, *more: object) -> Any:
    facts = ("target=department", "grounds=ledger_unfinished", "statement=见台账")
    stated = [part for fact in facts for part in ("--fact", fact)]
    return starter("step", code, *STEPS, "--outcome", "proposed", *stated, *more)


def test_what_speaks_against_a_body_is_seen_at_a_glance_with_every_task(starter: CommandLine) -> None:
    views = {view["fact"]: view for view in starter.json("grounds", BUREAU, "--regime", "chengdu")}
    late = [thing["task_code"] for thing in views["ledger_open"]["things"]]
    assert (views["ledger_open"]["number"], late) == ("2", ["PCD-1", "PCD-2"])
    assert views["ledger_open"]["paragraph"] == 40
    assert (views["points_open"]["number"], views["refused_items"]["number"]) == ("0", "0")
    of_the_group = {
        view["fact"]: view for view in starter.json("grounds", "经济体制改革专项小组", "--regime", "chengdu")
    }
    assert of_the_group["ledger_open"]["number"] == "2", "a special group answers for its field"
    shown = starter("grounds", BUREAU, "--regime", "chengdu").stdout
    assert "PCD-1" in shown
    assert "至今未完成" in shown
    assert "没有可对单位计数的事项" in starter.refused("grounds", BUREAU, "--regime", "sichuan")
    assert "是否应为" in starter.refused("grounds", f"{BUREAU[:-1]}居", "--regime", "chengdu")


def test_what_can_be_counted_is_filled_in_and_the_record_names_the_tasks(starter: CommandLine) -> None:
    code = _accountable(starter, "逾期未完成")
    said = _proposed(starter, code)
    assert said.exit_code == 0, said.stderr
    assert "据台账，未完成的工作台账任务数：2" in said.stderr
    [text] = [text for text in _texts(starter, code) if "办理“提请追责问责”" in text]
    assert "未完成的工作台账任务数：2（与台账一致：PCD-1、PCD-2）" in text


def test_another_number_is_shown_and_recorded_beside_the_ledgers_where_somebody_insists(starter: CommandLine) -> None:
    code = _accountable(starter, "另有未录入")
    differing = ("--fact", "ledger_open=3")
    refused = _proposed(starter, code, *differing)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "未完成的工作台账任务数（ledger_open）填写3，台账计2：PCD-1、PCD-2" in refused.stderr
    both = _proposed(starter, code, *differing, "--fact", "refused_items=1").stderr
    assert "拒不整改的件数（refused_items）填写1，台账计0" in both, "all that differs is told at once"
    insisted = _proposed(starter, code, *differing, "--as-stated", "一项尚未录入")
    assert insisted.exit_code == 0, insisted.stderr
    shown = "3（填报数；台账计2：PCD-1、PCD-2；不一致的理由：一项尚未录入）"
    assert any(shown in text for text in _texts(starter, code))


def test_points_that_were_deducted_by_decision_stand_in_the_appraisal_with_their_derivation(
    starter: CommandLine,
) -> None:
    code = _accountable(starter, "目标扣分")
    assert _proposed(starter, code).exit_code == 0
    leaders = ("--body", GROUP, "--person", "赵六", "--no-input")
    decided = starter("step", code, *leaders, "--outcome", "accountable", "--fact", "measure=deduction")
    assert decided.exit_code == 0, decided.stderr
    facts = ("--fact", f"carried_out_on={TODAY}", "--fact", "record=已扣分")
    assert "扣分（points，数字）" in starter.refused("step", code, *STEPS, *facts)
    assert starter("step", code, *STEPS, *facts, "--fact", "points=2.5").exit_code == 0

    sheets = {sheet["body"]: sheet for sheet in starter.json("appraisal", "--year", TODAY.year, "--regime", "chengdu")}
    [line] = [line for line in sheets[BUREAU]["lines"] if line["rule"] == "目标扣分"]
    assert (line["task_code"], line["points"], line["paragraph"]) == (code, "-2.5", 40)
    assert f"{GROUP}“领导小组决定”：予以追责问责" in line["text"]
    views = {view["fact"]: view for view in starter.json("grounds", BUREAU, "--regime", "chengdu")}
    assert code in [thing["task_code"] for thing in views["deducted"]["things"]]
    assert float(views["deducted"]["number"]) == -sum(
        float(each["points"]) for each in sheets[BUREAU]["lines"] if each["points"].startswith("-")
    )


def test_an_item_is_opened_at_a_terminal_by_asking_for_all_that_was_forgotten(starter: CommandLine) -> None:
    with at_a_terminal("open", "--register", "BZ") as terminal:
        terminal.sees("哪一种程序：")
        terminal.sees("哪一种程序（序号）")
        terminal.types("criticism")
        terminal.sees("以哪个单位的名义（序号）［1］")
        terminal.types("")
        terminal.sees("经办人")
        terminal.types("")
        terminal.sees("这一项不能空。")
        terminal.types("王五")
        terminal.sees("事项")
        terminal.types("低保提标")
        terminal.sees("被通报单位")
        terminal.types(CIVIL)
        terminal.sees("据台账，有节点逾期的任务数：2")
        terminal.sees("PBZ-1 事项PBZ-1")
        terminal.sees("有节点逾期的任务数［2］")
        terminal.types("5")
        terminal.sees("填写5，台账计2，两者不一致。")
        terminal.sees("仍按所填办理的理由")
        terminal.types("")
        terminal.sees("存在的问题")
        terminal.types("进展缓慢")
        terminal.sees("事项名称，可以不写")
        terminal.types("")
        terminal.sees("已开立 BZ-")
        assert terminal.ends() == 0

    [item] = [one for one in starter.json("register", "show", "BZ")["items"] if one["procedure"] == "criticism"]
    assert (item["title"], item["lead_body"], item["person"]) == ("通报批评：低保提标", CIVIL, "王五")
    assert "有节点逾期的任务数：2（与台账一致：PBZ-1、PBZ-2）" in _texts(starter, item["task_code"])[0]


def test_what_is_like_an_open_item_is_shown_at_a_terminal_and_opened_with_a_reason(starter: CommandLine) -> None:
    facts = ("--fact", f"body={CIVIL}", "--fact", "matter=危房改造", "--fact", "problems=未开工")
    first = _opened(starter, "criticism", "--register", "BZ", *_office(SUPERVISION), *facts)
    with at_a_terminal("open", "criticism", "--register", "BZ", *_office(SUPERVISION)[:4], *facts) as terminal:
        terminal.sees("有节点逾期的任务数［2］")
        terminal.types("3")
        terminal.sees("仍按所填办理的理由")
        terminal.types("一项未录入")
        terminal.sees("事项名称，可以不写")
        terminal.types("")
        terminal.sees("已有相似的事项：")
        terminal.sees(first)
        terminal.sees("仍要另行开立？")
        terminal.types("y")
        terminal.sees("另行开立的理由")
        terminal.types("另一处危房")
        terminal.sees("已开立 BZ-")
        assert terminal.ends() == 0
    items = [one for one in starter.json("register", "show", "BZ")["items"] if one["anyway"]]
    assert [(one["anyway"], one["alike"]) for one in items] == [("另一处危房", [first])]
    assert "不一致的理由：一项未录入" in _texts(starter, items[0]["task_code"])[0]


def test_a_step_is_taken_at_a_terminal_with_the_ledgers_numbers_offered(starter: CommandLine) -> None:
    code = _accountable(starter, "在终端上提请")
    with at_a_terminal("step", code) as terminal:
        terminal.sees("以哪个单位的名义")
        terminal.types("")
        terminal.sees("经办人")
        terminal.types("王五")
        terminal.sees("结果（序号）")
        terminal.types("1")
        terminal.sees("对象（序号）")
        terminal.types("3")
        for title, number in (
            ("未完成的年度工作要点任务数", "0"),
            ("未完成的工作台账任务数", "2"),
            ("逾期未提请审议的上会方案数", "0"),
        ):
            terminal.sees(f"据台账，{title}：{number}")
            terminal.sees(f"{title}［{number}］")
            terminal.types("")
        terminal.sees("考核年度内已扣分［")
        terminal.types("")
        terminal.sees("考核年度内拒不整改的件数［0］")
        terminal.types("")
        terminal.sees("追责问责的内容")
        terminal.types("2 4")
        terminal.sees("依据和说明")
        terminal.types("见台账")
        terminal.sees("说明，可以不写")
        terminal.types("")
        terminal.sees("已受理：办理步骤")
        assert terminal.ends() == 0
    assert any("未完成的工作台账任务数：2（与台账一致：PCD-1、PCD-2）" in text for text in _texts(starter, code))
