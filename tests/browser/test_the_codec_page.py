"""Encrypted payloads in the Temporal UI: unreadable to whoever opens it, plain to whoever has signed in.

The real UI asks our endpoint from another origin with a cookie, so the browser itself is the judge of our answers.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from duban.encryption.keys import PayloadKey
from tests.browser.terminal import Terminal, running

TOKEN = "typed-by-a-person-into-a-page-0000000"
SECRET = "尚未公开的改革事项"
TASK = "CX-1"
PLAN = f"""编号,事项,牵头领导,牵头单位,配合单位,任务措施,成果形式,完成时限
{TASK},{SECRET},张三,市医保局,,,文件,2028年6月30日
"""
STARTED_WITHIN = 300.0
COLUMNS, ROWS = 160, 40


@dataclass(frozen=True)
class Office:
    """An installation that encrypts, with a task whose title is nobody's business.

    Attributes:
        ui: Origin of the Temporal UI.
        codec: Origin of the codec endpoint.
    """

    ui: str
    codec: str

    @property
    def task(self) -> str:
        """The task's page."""
        return f"{self.ui}/namespaces/default/workflows/{TASK}"


@pytest.fixture(scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    home = tmp_path_factory.mktemp("encrypted")
    settings = {"DUBAN_HOME": str(home), "DUBAN_PAYLOAD_KEYS": PayloadKey.new(date(2026, 3, 2)).line}
    serve = ("starter.py", "serve", "--port", "0", "--ui-port", "0")
    async with running(*serve, columns=COLUMNS, rows=ROWS, environment=settings) as serving:
        await serving.shows("正在运行", within=STARTED_WITHIN)
        ui = _address(serving, "网页界面：")
        codec = {**settings, "DUBAN_CODEC_TOKEN": TOKEN, "DUBAN_CODEC_ORIGINS": ui}
        command = ("starter.py", "codec", "serve", "--port", "0")
        async with running(*command, columns=COLUMNS, rows=ROWS, environment=codec) as endpoint:
            await endpoint.shows("允许的网页来源", within=STARTED_WITHIN)
            await _issue(home, settings)
            yield Office(ui, _address(endpoint, "解密服务："))


def _address(terminal: Terminal, after: str) -> str:
    found = re.search(rf"{after}(http://127\.0\.0\.1:\d+)", terminal.text)
    assert found, terminal.text
    return found[1]


async def _issue(home: Path, settings: dict[str, str]) -> None:
    file = home / "plan.csv"
    file.write_text(PLAN, encoding="utf-8")
    command = ("starter.py", "issue", str(file), "--code", "CX", "--title", "方案", "--issued-on", "2026-03-02")
    async with running(*command, columns=COLUMNS, rows=ROWS, environment=settings) as issuing:
        await issuing.shows("任务全部启动", within=STARTED_WITHIN)
        async with asyncio.timeout(STARTED_WITHIN):
            await issuing.ended.wait()


async def _set_codec(page: Page, codec: str) -> None:
    """As the signed-in page says it."""
    await page.get_by_test_id("data-encoder-status").click()
    await page.get_by_role("button", name="Use Cluster-level setting").click()
    await page.get_by_text("Use my browser setting").first.click()
    await page.get_by_role("button", name="Use my browser setting").click()  # unfolded, it lies over what comes below
    await page.get_by_placeholder("Paste your endpoint here").fill(codec)
    await page.get_by_text("Include cross-origin credentials").click()
    await page.get_by_role("button", name="Apply").click()


async def test_the_ui_shows_ciphertext_to_whoever_has_not_signed_in(office: Office, page: Page) -> None:
    await page.goto(office.task)
    await expect(page.get_by_text("encryption-key-id").first).to_be_visible()
    await expect(page.get_by_text(SECRET)).to_have_count(0)
    await _set_codec(page, office.codec)
    await page.reload()
    await expect(page.get_by_text("encryption-key-id").first).to_be_visible()
    assert SECRET not in await page.content()


async def test_whoever_signs_in_at_the_codec_page_reads_the_task_in_the_ui(
    office: Office, context: BrowserContext, pictures: Path
) -> None:
    door = await context.new_page()
    await door.goto(office.codec)
    await door.get_by_label("访问口令").fill("no such token, typed by mistake")
    await door.get_by_role("button", name="登录").click()
    await expect(door.get_by_role("alert")).to_be_visible()
    await door.get_by_label("访问口令").fill(TOKEN)
    await door.get_by_role("button", name="登录").click()
    await expect(door.get_by_text("已登录")).to_be_visible()

    page = await context.new_page()
    await page.goto(office.task)
    await _set_codec(page, office.codec)
    await page.reload()
    await expect(page.get_by_text(SECRET).first).to_be_visible()
    await page.screenshot(path=pictures / "codec.png")

    await door.get_by_role("button", name="退出登录").click()
    await page.reload()
    await expect(page.get_by_text("encryption-key-id").first).to_be_visible()
    assert SECRET not in await page.content()
