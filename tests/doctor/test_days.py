"""Calendar, regimes and zones."""

from datetime import date
from pathlib import Path

import pytest

from duban.doctor import State, days
from tests.doctor.conftest import Doctor


@pytest.mark.parametrize(
    ("today", "state", "words"),
    [
        (date(2025, 6, 1), State.OK, "2025、2026 年"),
        (date(2026, 11, 27), State.OK, "暂定"),
        (date(2026, 12, 2), State.WARNING, "升级 holidays"),
        (date(2040, 1, 2), State.FAULT, "升级 holidays"),
    ],
)
def test_the_calendar_is_judged_by_what_has_been_announced(today: date, state: State, words: str) -> None:
    judged = days.judged(today)
    assert judged.state is state
    assert words in judged.detail + judged.remedy


def test_a_machine_without_zones_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(days, "ZONE", "Asia/Nowhere")
    judged = days.judged(date(2026, 6, 1))
    assert judged.state is State.FAULT
    assert "tzdata" in judged.remedy


async def test_a_regime_file_that_cannot_be_read_is_named(
    doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ours.yaml").write_text("name: ours\nladder: 7\n", encoding="utf-8")
    monkeypatch.setenv("DUBAN_REGIME_DIR", str(tmp_path))
    found = (await doctor("regimes"))["regimes"]
    assert found.state is State.FAULT
    assert "ours.yaml" in found.detail


async def test_a_regime_folder_that_is_missing_is_named(
    doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_REGIME_DIR", str(tmp_path / "none"))
    assert (await doctor("regimes"))["regimes"].state is State.FAULT
