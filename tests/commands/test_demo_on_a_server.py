"""The demonstration for real: its first three weeks on the development server, with the real worker."""

import os
import subprocess
import sys
from pathlib import Path

import openpyxl

STARTER = Path(__file__).resolve().parents[2] / "starter.py"
WITHIN_SECONDS = 180


def test_the_first_weeks_come_out_as_foretold_and_touch_nobody_elses_ledger_or_server(
    temporal_program: Path, tmp_path: Path
) -> None:
    assert temporal_program.exists()
    folder = tmp_path / "demo"
    run = subprocess.run(
        [sys.executable, STARTER, "demo", "--output", folder, "--until", "2022-05-05", "--speed", "1"],
        capture_output=True,
        text=True,
        timeout=WITHIN_SECONDS,
        check=False,
        env={
            **os.environ,
            "TEMPORAL_ADDRESS": "127.0.0.1:1",
            "DUBAN_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nowhere",
            "DUBAN_HOME": str(tmp_path / "theirs"),
        },
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "预演与台账完全一致" in run.stdout
    assert "BT-09 书面提醒：发出（05-01到期，滞后31天）" in run.stdout
    assert not (tmp_path / "theirs").exists()
    sheet = openpyxl.load_workbook(folder / "ledger.xlsx").active
    assert sheet is not None
    assert [cell.value for cell in sheet[4]][:4] == ["序号", "任务编号", "改革事项", "牵头领导"]
    assert [sheet.cell(4 + number, 1).value for number in (1, 90, 91)] == [1, 90, None]
    # In the text, not in the names: on a slow machine more notices go into one letter.
    letters = [file.read_text(encoding="utf-8") for file in (folder / "notices").glob("*.txt")]
    assert any("BT-09/1/e1/phone/市审批服务局" in letter for letter in letters)


def test_an_end_before_the_date_of_issue_is_refused(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, STARTER, "demo", "--output", tmp_path / "demo", "--until", "2022-04-14"],
        capture_output=True,
        text=True,
        timeout=WITHIN_SECONDS,
        check=False,
    )
    assert run.returncode == 1
    assert "应晚于印发日期" in run.stderr
    assert not (tmp_path / "demo").exists()
