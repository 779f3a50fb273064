"""Registers on the command line, on the real development server with the real worker."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.conftest import CommandLine
from tests.commands.serving import serving
from tests.own_office import ORGANISATION, write_office

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


def test_what_is_missing_is_named_all_at_once(starter: CommandLine, tmp_path: Path) -> None:
    regime, organisation = write_office(tmp_path)
    organisation.write_text(ORGANISATION.replace("  departments: [区水务局, 区民政局]\n", "").replace("roles:\n", ""))
    refused = starter.refused("register", "begin", "--regime", regime, "--organisation", organisation, "--code", "QX")
    assert "有 1 个角色没有指明是哪个单位" in refused
    assert "departments" in refused
    assert "没有登记簿 QX（台账中没有）" in starter.refused("register", "show", "QX")
