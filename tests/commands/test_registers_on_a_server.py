"""Registers on the command line, on the real development server with the real worker."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.commands.conftest import CommandLine, PlanFileWriter
from tests.commands.serving import serving
from tests.own_office import ASKING, ORGANISATION, write_office

ACTOR = ("--body", "区督查室", "--person", "张三")
WANTED = ("--fact", "topic=城东路内涝点整治", "--fact", "department=水务局")


@pytest.fixture(scope="module")
def served(temporal_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    assert temporal_program.exists()
    home = tmp_path_factory.mktemp("served") / "home"
    with serving(home):
        yield home


@pytest.fixture
def starter(served: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.setenv("DUBAN_HOME", str(served))
    return CommandLine()


def test_a_register_is_begun_filled_shown_and_closed(starter: CommandLine, tmp_path: Path) -> None:
    regime, organisation = write_office(tmp_path)
    begin = ("register", "begin", "--regime", regime, "--organisation", organisation, "--year", 2026, "--code", "QY")

    begun = starter(*begin)
    assert begun.exit_code == 0, begun.stderr
    assert "登记簿 QY《青岩区2026年登记簿》已建立。" in begun.stdout
    assert "此前已建立，内容相同，没有改动" in starter(*begin).stdout
    organisation.write_text(ORGANISATION.replace("区水务局, 区民政局", "区水务局"), encoding="utf-8")
    assert "这一次的内容与它不同（1 处）" in starter.refused(*begin)

    procedures = {row["key"]: row for row in starter.json("register", "procedures")}
    assert procedures["instruction"]["opened_by"] == ["区督查室", "区政府"]
    assert [fact["name"] for fact in procedures["instruction"]["facts"]][:2] == ["topic", "department"]
    assert procedures["study"]["opened_by"] == []

    opened = starter("open", "instruction", *WANTED, *ACTOR, "--id", "m1")
    assert opened.exit_code == 0, opened.stderr
    assert starter("open", "领导批示", *WANTED, *ACTOR, "--id", "m1").stdout == opened.stdout  # once more, not twice
    refused = starter.refused("open", "instruction", *WANTED, *ACTOR)
    assert "已有相似的事项" in refused
    assert "《领导批示：城东路内涝点整治》（相似度100%）" in refused
    assert starter("open", "instruction", *WANTED, *ACTOR, "--anyway", "另一位领导批示").exit_code == 0

    shown = starter.json("register", "show", "QY")
    by_hand = [item for item in shown["items"] if item["body"]]
    assert [(item["lead_body"], item["anyway"]) for item in by_hand] == [
        ("区水务局", ""),
        ("区水务局", "另一位领导批示"),
    ]
    assert by_hand[1]["alike"] == [by_hand[0]["task_code"]]
    assert by_hand[0]["task_code"] in opened.stdout
    assert "另有相似" in starter("register", "show").stdout

    assert "确需办结，请写明 --anyway" in starter.refused("register", "close", "QY", *ACTOR, "--reason", "撤并")
    closed = starter("register", "close", "QY", *ACTOR, "--reason", "撤并", "--anyway")
    assert closed.exit_code == 0, closed.stderr
    assert "登记簿已由区督查室 张三办结：撤并" in starter("register", "show", "QY").stdout
    assert "已经办结" in starter.refused(*begin)
    assert "QY" in starter.refused("open", "instruction", *WANTED, *ACTOR, "--register", "QY")


def test_what_an_outcome_does_to_tasks_is_shown_and_what_was_refused_is_left_at_that_by_the_office(
    starter: CommandLine, plan_file: PlanFileWriter, tmp_path: Path
) -> None:
    regime, organisation = write_office(tmp_path, ASKING)
    office = ("--regime", regime, "--organisation", organisation)
    file = plan_file("T1,清淤,张局长,区水务局,,清淤,清淤报告,2027年12月底前")
    about = ("--code", "FA", "--title", "防汛方案", "--issued-on", "2026-11-02", "--supervising-body", "区督查室")
    issued = starter("issue", file, *office, *about)
    assert issued.exit_code == 0, issued.stderr
    assert starter("register", "begin", *office, "--year", 2027, "--code", "ASK").exit_code == 0
    tasks = ("--fact", "tasks=FA-T1", "--fact", "tasks=FA-T9")
    assert starter("open", "stocktaking", *tasks, *ACTOR, "--register", "ASK").exit_code == 0
    item = next(row["task_code"] for row in starter.json("register", "show", "ASK")["items"])
    stated = ("--fact", "cause=汛期提前", "--fact", "new_deadline=2028-06-30")
    assert starter("step", item, "--outcome", "settled", *stated, *ACTOR).exit_code == 0

    until(lambda: all(row["outcome"] != "waiting" for row in starter.json("register", "show", "ASK")["asked"]))
    asked = starter.json("status", item)["asked"]
    assert [(row["target"], row["act"], row["outcome"]) for row in asked] == [
        ("FA-T1", "amend", "done"),
        ("FA-T9", "amend", "refused"),
        ("FA-T1", "mark", "done"),
        ("FA-T9", "mark", "refused"),
    ]
    assert starter.json("status", "FA-T1")["due_on"] == "2028-06-30"
    for shown in (starter("status", item), starter("timeline", item), starter("register", "show", "ASK")):
        assert "台账中没有任务 FA-T9" in shown.stdout

    order = asked[1]["order"]
    today = starter.json("today", "--body", "区督查室")
    assert [line["command"] for line in today["items"] if line["request"] == order] == [
        f"starter.py changes resume {order}"
    ]
    assert "由区督查室决定不再办理，区水务局无权决定" in starter.refused(
        "changes", "drop", order, "--body", "区水务局", "--person", "王五", "--reason", "编号写错"
    )
    assert starter("changes", "drop", order, *ACTOR, "--reason", "编号写错").exit_code == 0
    assert starter.json("today", "--body", "区督查室")["counts"]["refused"] == 1  # the list
    [dropped] = [row for row in starter.json("status", item)["asked"] if row["outcome"] == "dropped"]
    assert dropped["reason"] == "台账中没有任务 FA-T9；区督查室 张三决定不再办理：编号写错"


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.2)


def test_what_is_missing_is_named_all_at_once(starter: CommandLine, tmp_path: Path) -> None:
    regime, organisation = write_office(tmp_path)
    organisation.write_text(ORGANISATION.replace("  departments: [区水务局, 区民政局]\n", "").replace("roles:\n", ""))
    refused = starter.refused("register", "begin", "--regime", regime, "--organisation", organisation, "--code", "QX")
    assert "有 1 个角色没有指明是哪个单位" in refused
    assert "departments" in refused
    assert "没有登记簿 QX（台账中没有）" in starter.refused("register", "show", "QX")
