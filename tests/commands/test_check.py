"""`check`: all problems at once, an exit code that can be trusted, JSON of the public surface."""

from pathlib import Path

import pytest

from tests.commands.conftest import CommandLine, PlanFileWriter

PLAN = Path(__file__).resolve().parents[2] / "plans" / "baotou-2022.csv"
ORGANISATION = PLAN.with_name("baotou-2022.organisation.yaml")


def test_the_bundled_plan_can_be_issued_with_warnings_only(starter: CommandLine) -> None:
    read = starter.json(
        "check", PLAN, "--issued-on", "2022-04-14", "--organisation", ORGANISATION,
        "--lead-rule", "first-listed", "--open-ended-report", "quarterly",
    )  # fmt: skip

    assert len(read["tasks"]) == 90
    assert read["tasks"][0] == {
        "code": "BT-01",
        "title": "政务事项网上全流程可办",
        "lead_body": "市审批服务局",
        "supporting_bodies": [],
        "milestones": [{"phrase": "5月底取得明显成效并持续推进", "due_on": "2022-05-31"}],
        "open_ended": True,
    }
    assert {problem["severity"] for problem in read["problems"]} == {"warning"}
    assert set(read["problems"][0]) == {"severity", "sheet", "row", "column", "value", "problem", "suggestion"}


def test_every_problem_is_named_at_once_with_its_place_and_remedy(
    starter: CommandLine, plan_file: PlanFileWriter
) -> None:
    file = plan_file(
        "T-1,甲事,张三,,,,文件,2026年6月底",
        "T-2,乙事,张三,市医保局,,,文件,及时",
        "T-2,丙事,张三,市医保局,,,文件,2026年13月",
    )

    result = starter("check", file, "--issued-on", "2026-01-05")

    assert result.exit_code == 1
    for row in (2, 3, 4):
        assert f"[错误] 第{row}行" in result.stderr
    assert "“T-2”与第3行重复" in result.stderr
    assert "甲事" in result.stdout


def test_a_file_with_errors_gives_json_and_exit_code_1(starter: CommandLine, plan_file: PlanFileWriter) -> None:
    result = starter("check", plan_file("T-1,甲事,张三,市医保局,,,文件,"), "--json")

    assert result.exit_code == 1
    assert result.stdout.startswith("{")
    assert result.stderr.strip() == "方案文件有错误，不能下发。"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("plan.csv", b"", "是空的"),
        ("plan.csv", b"%PDF-1.7 ...", "PDF"),
        ("plan.xls", b"\xd0\xcf\x11\xe0" + bytes(600), "旧版 Office"),
        ("plan.csv", b"<html><table></table></html>", "网页"),
        ("plan.csv", bytes(range(256)) * 20, "plan.csv"),
    ],
    ids=["empty", "pdf", "old-workbook", "web-page", "bytes"],
)
def test_a_file_that_is_not_what_its_name_says_is_an_error_in_words(
    starter: CommandLine, tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)

    assert reason in starter.refused("check", file)


def test_a_file_that_is_missing_or_a_folder_is_an_error_in_words(starter: CommandLine, tmp_path: Path) -> None:
    assert "找不到文件" in starter.refused("check", tmp_path / "none.csv")
    assert "是文件夹" in starter.refused("check", tmp_path)


def test_an_unknown_regime_is_an_error_that_names_the_known_ones(
    starter: CommandLine, plan_file: PlanFileWriter
) -> None:
    reason = starter.refused("check", plan_file("T-1,甲事,张三,市医保局,,,文件,2026年6月底"), "--regime", "atlantis")

    assert "kunming" in reason


def test_an_organisation_file_with_problems_is_an_error_that_lists_them(
    starter: CommandLine, plan_file: PlanFileWriter, tmp_path: Path
) -> None:
    organisation = tmp_path / "office.yaml"
    organisation.write_text("bodis: []\n", encoding="utf-8")

    reason = starter.refused(
        "check", plan_file("T-1,甲事,张三,市医保局,,,文件,2026年6月底"), "--organisation", organisation
    )

    assert "是否应为 bodies" in reason


def test_bodies_are_told_by_the_organisations_names(
    starter: CommandLine, plan_file: PlanFileWriter, tmp_path: Path
) -> None:
    organisation = tmp_path / "office.yaml"
    organisation.write_text("bodies:\n  - name: 市医疗保障局\n    aliases: [市医保局]\n", encoding="utf-8")
    file = plan_file("T-1,甲事,张三,市医保局,,,文件,2026年6月底")

    read = starter.json("check", file, "--organisation", organisation, "--issued-on", "2026-01-05")
    refused = starter(
        "check", file, "--organisation", organisation, "--issued-on", "2026-01-05", "--supervising-body", "市改革办"
    )

    assert read["tasks"][0]["lead_body"] == "市医疗保障局"
    assert refused.exit_code == 1
    assert "机构文件里没有这个交办单位" in refused.stderr


def test_control_characters_of_a_file_do_not_reach_the_terminal(
    starter: CommandLine, plan_file: PlanFileWriter
) -> None:
    result = starter(
        "check", plan_file("T-1,甲\x1b[2J事,张三,市医保局,,,文件,2026年6月底"), "--issued-on", "2026-01-05"
    )

    assert "\x1b" not in result.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check"], "缺少 FILE"),
        (["check", "x.csv", "--issued-on", "昨天"], "不是日期"),
        (["check", "x.csv", "--issued-on", "1066-10-14"], "请核对年份"),
        (["check", "x.csv", "--lead-rule", "loudest"], "--lead-rule"),
        (["issue", "x.csv", "--code", "督改/2026"], "请用文字、数字和短横"),
        (["check", "x.csv", "--jsn"], "--jsn"),
        (["chekc", "x.csv"], "chekc"),
        (["progress", "T-1", "--percent", "many", "--body", "a", "--person", "b"], "--percent"),
        (["send", "T-1", "urge", "{", "--body", "a", "--person", "b"], "不是 JSON"),
    ],
)
def test_wrong_usage_is_told_in_chinese_with_exit_code_2(
    starter: CommandLine, arguments: list[str], words: str
) -> None:
    result = starter(*arguments)

    assert result.exit_code == 2
    assert words in result.stderr
    assert "--help" in result.stderr
    assert result.stdout == ""


def test_a_mistyped_setting_is_an_error_and_not_an_empty_ledger(
    starter: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_DATABASE_ULR", "sqlite:////tmp/x.db")

    assert "DUBAN_DATABASE_URL" in starter.refused("ledger")


def test_checking_needs_no_home(starter: CommandLine, plan_file: PlanFileWriter, home: Path) -> None:
    starter.json("check", plan_file("T-1,甲事,张三,市医保局,,,文件,2026年6月底"), "--issued-on", "2026-01-05")

    assert not home.exists()


def test_offices_and_superiors_must_be_bodies_of_the_organisation_under_their_own_names(
    starter: CommandLine, plan_file: PlanFileWriter, tmp_path: Path
) -> None:
    organisation = tmp_path / "office.yaml"
    organisation.write_text(
        "roles:\n  reform_office: 市委改办\n  leading_group: 市医保局\n"
        "bodies:\n  - name: 市医疗保障局\n    aliases: [市医保局]\n    supervised_by: 市委改革委员会办公室\n",
        encoding="utf-8",
    )
    result = starter(
        "check", plan_file("T-1,甲事,张三,市医保局,,,文件,2026年6月底"), "--organisation", organisation,
        "--issued-on", "2026-01-05",
    )  # fmt: skip

    assert result.exit_code == 1
    assert "[错误] “--organisation”（“市医保局”）：leading_group 写的“市医保局”是别名" in result.stderr
    assert "[警告] “--organisation”（“市委改办”）：reform_office 写的“市委改办”不在 bodies 里" in result.stderr
    assert "[警告] “--organisation”（“市委改革委员会办公室”）" in result.stderr


@pytest.mark.parametrize("command", ["check", "rehearse", "issue"])
def test_the_options_of_a_plan_file_are_the_same_everywhere_and_readable_on_a_narrow_terminal(
    starter: CommandLine, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = starter(command, "--help").stdout

    for option in (
        *("--code", "--title", "--issued-on", "--regime", "--organisation", "--supervising-body"),
        *("--lead-rule", "--open-ended-report"),
    ):
        assert option in shown
    assert "…" not in shown
    assert "显示这段说明" in shown
    assert "Show this message" not in shown


def test_a_file_that_amends_an_issued_plan_is_not_said_to_be_ready_for_issue(
    starter: CommandLine, tmp_path: Path
) -> None:
    file = tmp_path / "plan.csv"
    file.write_text(
        "编号,事项,牵头领导,牵头单位,成果形式,完成时限,并入,拆分自\n"
        "T-1,甲事,张三,市医保局,文件,2026年6月30日,,\n"
        "T-2,乙事,张三,市医保局,文件,2026年6月30日,T-1,\n"
        "T-3,丙事,张三,市医保局,文件,2026年6月30日,,T-1\n",
        encoding="utf-8",
    )
    read = starter.json("check", file, "--issued-on", "2026-01-05")
    said = starter("check", file, "--issued-on", "2026-01-05")

    assert [(task.get("split_from"), task.get("merged_into")) for task in read["tasks"]] == [
        (None, None), (None, "T-1"), ("T-1", None),
    ]  # fmt: skip
    assert "任务 2 项，另有 1 项并入其他任务" in said.stdout
    assert "并入 T-1" in said.stdout
    assert "拆分自 T-1" in said.stdout
    assert "可以下发" not in said.stdout
    assert "starter.py amend" in said.stdout
