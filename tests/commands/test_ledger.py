"""`ledger`: filters in the command line, extracts by body, workbooks."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from duban.ledger import Ledger, migrate
from duban.ledger.questions.reading import ReadingRepository
from duban.regimes import load_regime
from tests.commands.conftest import CommandLine
from tests.ledger.building import POLICY, batch, entry, plan, register, task


@pytest.fixture
def ledger(starter: CommandLine, home: Path) -> Iterator[Ledger]:
    """A plan of three tasks, of which one is behind since long ago."""
    assert "还没有台账" in starter.refused("ledger")
    url = f"sqlite:///{home / 'duban.db'}"
    migrate(url)
    opened = Ledger.open(url)
    tasks = (
        task("P-1", supporting_bodies=("../财政局/一",)),
        task("P-2", lead_body="教育局", leader="张三"),
        task("P-3", lead_body="教育局", handling_body="=电教馆"),
    )
    policy = POLICY.model_copy(update={"regime": load_regime("kunming")})
    register(opened, plan(*tasks, title="改革方案").model_copy(update={"policy": policy}))
    opened.tasks.record(batch("P-1", entry(2), due_on=date(2022, 4, 20), behind_since=date(2022, 4, 20)))
    yield opened
    opened.close()


def _codes(file: Path) -> list[object]:
    sheet = openpyxl.load_workbook(file)["台账"]
    return [row[1].value for row in sheet.iter_rows(min_row=5) if row[1].value]


@pytest.mark.usefixtures("ledger")
def test_filters_are_the_same_for_the_table_for_json_and_for_the_workbook(starter: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "ledger.xlsx"
    choice = ("ledger", "--plan", "P", "--body", "教育局", "--as", "lead", "--leader", "张")

    assert [row["task_code"] for row in starter.json(*choice)] == ["P-2"]
    assert starter(*choice, "--xlsx", file).stdout.strip() == f"已写出 {file}，共 1 项任务。"
    assert _codes(file) == ["P-2"]
    sheet = openpyxl.load_workbook(file)["台账"]
    assert sheet["A1"].value == "《改革方案》改革任务督办台账（教育局）"
    assert str(sheet["A2"].value).endswith("筛选：角色为牵头单位，牵头领导含“张”")
    assert "P-2" in starter(*choice).stdout
    assert [row["task_code"] for row in starter.json("ledger", "--overdue", "--light", "red")] == ["P-1"]
    assert starter.json("ledger", "--overdue", "--due-before", "2022-04-19") == []


@pytest.mark.usefixtures("ledger")
def test_each_body_gets_a_file_with_its_own_tasks_and_a_name_that_leads_nowhere_else(
    starter: CommandLine, tmp_path: Path
) -> None:
    folder = tmp_path / "extracts"

    said = starter("ledger", "--xlsx", folder, "--per-body")

    assert said.stdout.strip() == f"已在 {folder} 写出 4 个单位的台账。"
    assert {file.name: _codes(file) for file in folder.iterdir()} == {
        "统计局.xlsx": ["P-1"],
        "_财政局_一.xlsx": ["P-1"],
        "教育局.xlsx": ["P-2", "P-3"],
        "=电教馆.xlsx": ["P-3"],
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["extracts", "home"]


@pytest.mark.usefixtures("ledger")
def test_extracts_are_made_for_the_roles_and_filters_that_are_asked_for(starter: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "extracts"

    assert starter("ledger", "--xlsx", folder, "--per-body", "--as", "supervising", "--overdue").exit_code == 0

    assert {file.name: _codes(file) for file in folder.iterdir()} == {"改革办.xlsx": ["P-1"]}


@pytest.mark.parametrize(
    "arguments",
    [
        ("--per-body",),
        ("--as", "lead"),
        ("--body", "教育局", "--as", "观察员"),
        ("--light", "紫"),
        ("--due-before", "明天"),
    ],
)
@pytest.mark.usefixtures("ledger")
def test_filters_that_say_nothing_are_errors_of_usage(starter: CommandLine, arguments: tuple[str, ...]) -> None:
    assert starter("ledger", *arguments).exit_code == 2


@pytest.mark.usefixtures("ledger")
def test_a_status_that_is_none_is_no_empty_ledger_and_choices_are_printed_in_chinese(
    starter: CommandLine, tmp_path: Path
) -> None:
    wrong = starter("ledger", "--status", "under-way")
    assert (wrong.exit_code, "under_way" in wrong.stderr) == (2, True)

    file = tmp_path / "ledger.xlsx"
    assert starter("ledger", "--status", "suspended", "--list", "annual", "--xlsx", file).exit_code == 0
    assert str(openpyxl.load_workbook(file)["台账"]["A2"].value).endswith("筛选：状态为暂停计时，清单为年度")


@pytest.mark.usefixtures("ledger")
def test_the_reminders_of_a_plan_are_read_once_for_the_extracts_of_all_bodies(
    starter: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    read = ReadingRepository.reminder_rows

    def counted(self: ReadingRepository, **wanted: object) -> object:
        asked.append(wanted)
        return read(self, **wanted)  # type: ignore[arg-type] # as given

    monkeypatch.setattr(ReadingRepository, "reminder_rows", counted)
    assert starter("ledger", "--xlsx", tmp_path / "extracts", "--per-body").exit_code == 0
    assert asked == [{"plan": "P"}]


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("output", [(), ("--json",)])
def test_a_name_that_nobody_has_does_not_look_like_one_that_has_nothing(
    starter: CommandLine, output: tuple[str, ...]
) -> None:
    for command in ("ledger", "notices"):
        assert "台账中没有单位“教育居”，是否应为：教育局？" in starter.refused(command, "--body", "教育居", *output)
        assert "没有提醒级别“writen”，是否应为：written（书面提醒）" in starter.refused(
            command, "--level", "writen", *output
        )
        assert "phone（电话提醒）" in starter.refused(command, "--level", "电话", *output)
    assert "台账中没有任务 P-4，是否应为：P-" in starter.refused("notices", "--task", "P-4", *output)


@pytest.mark.usefixtures("ledger")
def test_who_exists_and_has_nothing_is_plainly_empty(starter: CommandLine, tmp_path: Path) -> None:
    assert starter.json("ledger", "--body", "教育局", "--level", "circular") == []
    assert starter.json("notices", "--body", "教育局") == starter.json("notices", "--task", "P-1") == []
    assert starter("ledger", "--body", "电教馆甲", "--xlsx", tmp_path / "none.xlsx").exit_code == 1
    assert not (tmp_path / "none.xlsx").exists()
