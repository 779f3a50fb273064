"""The demonstration as somebody sees it who runs it for the first time: in the terminal, and in Temporal's own pages.

One demonstration serves all: it takes minutes. What the tests look for is what a supervisor would: the reminders of all
five levels, which tasks are behind, what a task waits for and since when.
"""

import re
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.async_api import Page, expect

from duban.ledger import Ledger
from tests.browser.terminal import Fonts, Terminal, running

COLUMNS, ROWS = 118, 70
PLAYED_WITHIN = 1200.0
LEVELS = ("电话提醒", "书面提醒", "现场提醒", "通报提醒", "约谈提醒")
ALL_LEVELS_TASK = "BT-09"


@dataclass(frozen=True)
class Demo:
    """A demonstration that has been played; its server and pages stay open."""

    terminal: Terminal
    ui: str
    folder: Path


@pytest.fixture(scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    """The bundled plan, from April to June."""
    folder = tmp_path_factory.mktemp("demo") / "output"
    command = ("starter.py", "demo", "--keep", "--output", str(folder))
    async with running(*command, columns=COLUMNS, rows=ROWS) as terminal:
        await terminal.shows("按 Ctrl-C 停止", within=PLAYED_WITHIN)
        ui = re.search(r"http://127\.0\.0\.1:\d+", terminal.text)
        assert ui, terminal.text
        yield Demo(terminal, ui[0], folder)


async def take_picture(page: Page, file: Path) -> None:
    """Of what a window shows; a page that has not been drawn would be a small file."""
    await page.screenshot(path=file)
    assert file.stat().st_size > 10_000, "the picture shows next to nothing"


async def test_the_terminal_shows_every_level_and_that_all_came_as_foretold(
    demo: Demo, page: Page, fonts: Fonts, pictures: Path
) -> None:
    assert "预演与台账完全一致" in demo.terminal.text
    for level in LEVELS:
        assert level in demo.terminal.text
    shown = demo.terminal.page(fonts, "make demo", first="已下发", last="通知：已送达")
    await page.set_content(shown)
    await page.locator("figure").screenshot(path=pictures / "demo.png")


async def test_the_list_of_tasks_that_are_behind_holds_those_of_the_ledger(
    demo: Demo, page: Page, pictures: Path
) -> None:
    query = quote('WorkflowType = "ReformTask" AND BehindSince IS NOT NULL')
    await page.goto(f"{demo.ui}/namespaces/default/workflows?query={query}")
    shown = page.get_by_role("link", name=re.compile(r"^BT-\d+$"))
    await expect(page.get_by_role("link", name=ALL_LEVELS_TASK, exact=True)).to_be_visible()
    with closing(Ledger.open(f"sqlite:///{next(demo.folder.rglob('duban.db'))}")) as ledger:
        rows = ledger.rows.ledger_rows(datetime.now(UTC), plan="BT")
    behind = {row.task_code for row in rows if row.behind_since is not None and row.status != "struck_off"}
    await expect(shown).to_have_count(len(behind))
    assert set(await shown.all_inner_texts()) == behind
    await take_picture(page, pictures / "temporal-tasks.png")


async def test_a_tasks_page_says_in_words_how_it_stands_and_what_it_waits_for(
    demo: Demo, page: Page, pictures: Path
) -> None:
    await page.goto(f"{demo.ui}/namespaces/default/workflows/{ALL_LEVELS_TASK}")
    await page.get_by_role("link", name="User Metadata").or_(page.get_by_role("tab", name="User Metadata")).click()
    details = page.locator("iframe").last.content_frame  # the UI shows our Markdown in a frame of its own
    for words in ("牵头单位", "滞后起算日", "约谈提醒", "等待1"):
        await expect(details.get_by_text(words).first).to_be_visible()
    await take_picture(page, pictures / "temporal-task.png")
