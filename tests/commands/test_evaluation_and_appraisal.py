"""`evaluation` and `appraisal`: what is in the ledger, by the rules of the office's own file."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from duban.ledger import Ledger, migrate
from duban.regimes.loading import BUNDLED, load_rulebook
from duban.supervision.tasks.entries import Citation, ReminderChange
from duban.supervision.tasks.state import RungStatus
from tests.commands.conftest import CommandLine
from tests.ledger.building import at, batch, entry, plan, register, task

SECTIONS = """
appraisal:
  rules:
    - {title: 电话提醒, counts: reminder, of: [phone], points: -2, source: {assumed: true}}
evaluation:
  source: {assumed: true}
"""


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The rules of Kunming, with what an office adds to them."""
    folder = tmp_path / "regimes"
    folder.mkdir()
    text = (BUNDLED / "kunming.yaml").read_text(encoding="utf-8")
    (folder / "kunming.yaml").write_text(text + SECTIONS, encoding="utf-8")
    monkeypatch.setenv("DUBAN_REGIME_DIR", str(folder))
    return folder


@pytest.fixture
def ledger(starter: CommandLine, home: Path) -> Iterator[Ledger]:
    """Three tasks: one was reminded by telephone, one is struck off, one has only been handed over."""
    assert "还没有台账" in starter.refused("ledger")
    url = f"sqlite:///{home / 'duban.db'}"
    migrate(url)
    opened = Ledger.open(url)
    register(opened, plan(task("P-1"), task("P-2", lead_body="教育局"), task("P-3")))
    given = ReminderChange(
        key="e1/phone",
        level="phone",
        episode=1,
        status=RungStatus.ISSUED,
        due_on=date(2022, 4, 16),
        lag_days=16,
        issued_at=at(2),
        citation=Citation(rule="电话提醒"),
    )
    opened.tasks.record(batch("P-1", entry(2, given)))
    opened.tasks.record(batch("P-2", entry(2), closes=True, closed_at=at(2)))
    opened.tasks.record(batch("P-3", entry(2), status="assigned"))
    yield opened
    opened.close()


@pytest.mark.usefixtures("ledger", "rules")
def test_points_are_shown_with_what_they_were_taken_for(starter: CommandLine, tmp_path: Path) -> None:
    asked = ("appraisal", "--year", "2022", "--regime", "kunming")
    [sheet] = starter.json(*asked)
    assert (sheet["body"], sheet["points"]) == ("统计局", "98")
    assert [(line["task_code"], line["rule"], line["points"]) for line in sheet["lines"]] == [("P-1", "电话提醒", "-2")]
    assert "第1次滞后，滞后16天时发出" in starter(*asked, "--body", "统计局").stdout
    file = tmp_path / "points.xlsx"
    starter(*asked, "--xlsx", file)
    assert openpyxl.load_workbook(file).sheetnames == ["得分", "由来"]
    assert "没有计分事项" in starter("appraisal", "--year", "2021", "--regime", "kunming").stdout


@pytest.mark.usefixtures("ledger", "rules")
def test_items_stand_in_three_states_and_a_scope_that_asks_for_nothing_is_every_plan(
    starter: CommandLine, tmp_path: Path
) -> None:
    figures = starter.json("evaluation", "--regime", "kunming")
    total = figures["total"]
    counts = (total["items"], total["completed"]["items"], total["started"]["items"], total["not_started"]["items"])
    assert (counts, total["preliminary"]) == ((3, 1, 1, 1), 2)
    file = tmp_path / "evaluation.xlsx"
    said = starter("evaluation", "--regime", "kunming", "--xlsx", file).stdout
    assert "评估范围：全部方案；范围为假定" in said
    book = openpyxl.load_workbook(file)
    assert [row[1].value for row in book["督察评估事项表"].iter_rows(min_row=5) if row[1].value] == [
        "P-1",
        "P-2",
        "P-3",
    ]


@pytest.mark.usefixtures("rules")
def test_items_of_a_register_are_no_plans_items(starter: CommandLine, ledger: Ledger) -> None:
    items = plan(task("R-1"), code="R", title="登记簿")
    register(ledger, items.model_copy(update={"rulebook": load_rulebook("kunming")}))

    figures = starter.json("evaluation", "--regime", "kunming")

    assert (figures["plans"], figures["total"]["items"]) == (1, 3)


@pytest.mark.usefixtures("ledger")
def test_rules_that_say_nothing_of_it_are_refused_with_what_to_write(starter: CommandLine) -> None:
    assert "没有考核规则" in starter.refused("appraisal", "--year", "2022", "--regime", "kunming")
    assert "没有规定评估范围" in starter.refused("evaluation", "--regime", "kunming")
