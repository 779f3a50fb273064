"""A year that the office has taken over, where no server is about."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from duban.calendars import library_year
from duban.ledger import Ledger, migrate
from tests.changes.years import year_2027
from tests.commands.conftest import CommandLine, PlanFileWriter


@pytest.mark.skipif(library_year(2027) is not None, reason="holidays knows 2027 by now: choose a later year")
def test_a_year_that_the_office_has_taken_over_holds_for_plans_that_are_read_later(
    home: Path, tmp_path: Path, plan_file: PlanFileWriter
) -> None:
    starter = CommandLine()
    plan = plan_file(
        "GG-1,甲事,张三,市医保局,,,文件,2027年2月19日", "GG-2,乙事,张三,市医保局,,,文件,自2026年12月30日起10个工作日内"
    )
    asked = ("rehearse", plan, "--issued-on", "2026-12-30", "--until", "2027-02-18")

    def announced() -> list[tuple[str, bool]]:
        rows = starter.json(*asked)
        return [
            (r["deliver_on"], r["provisional"])
            for r in rows
            if r["kind"] == "advance_notice" and r["task_code"] == "GG-1"
        ]

    assert announced() == [("2027-02-12", True)]
    assert "尚未公布，这一日期为暂定" in starter("check", plan, "--issued-on", "2026-12-30").output

    url = f"sqlite:///{home / 'duban.db'}"
    migrate(url)
    ledger = Ledger.open(url)
    ledger.years.adopt(year_2027(tmp_path), "市委改革办", "王五", datetime(2026, 11, 27, tzinfo=UTC))
    ledger.close()

    assert announced() == [("2027-02-04", False)]
    assert "为暂定" not in starter("check", plan, "--issued-on", "2026-12-30").output
    assert [line["year"] for line in starter.json("calendar") if line["announced"] and line["edition"]] == [2027]
