"""What people see, in a real browser: Chromium, driven by Playwright. `make test-browser` runs it.

The pictures of the README are taken here: `make pictures` writes them into the tree, a plain run beside the tests' own
files, so that what the README shows is what a test has seen.
"""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.browser.terminal import Fonts, chinese_fonts

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""A browser under test talks to nobody but the page."""
WIDTH, HEIGHT = 1440, 900
PATIENCE_MS = 60_000


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The system's browser; these tests are asked for by name, so a machine without one is told, not passed over."""
    for name in CHROMIUMS:
        if found := shutil.which(name):
            return Path(found)
    pytest.fail("找不到 Chromium。请运行 make browser（Debian、Ubuntu，需要 root），或自行安装后重试。", pytrace=False)


@pytest.fixture(scope="session")
def fonts() -> Fonts:
    """Chinese fonts: without one a picture shows boxes."""
    if (found := chinese_fonts()) is None:
        pytest.fail(
            "找不到中文字体。请运行 make browser（Debian、Ubuntu，需要 root），或自行安装后重试。", pytrace=False
        )
    return found


@pytest.fixture(scope="session")
async def browser(chromium: Path, fonts: Fonts) -> AsyncIterator[Browser]:  # noqa: ARG001 - looked for first
    """Chromium without a window. As root it has no sandbox of its own; it opens pages of this machine only."""
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as driver:
        opened = await driver.chromium.launch(executable_path=chromium, args=[*QUIET, "--no-sandbox"])
        yield opened
        await opened.close()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A browser without cookies or memory, set to Chinese and to the office's time."""
    opened = await browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    await opened.close()


@pytest.fixture
async def page(context: BrowserContext) -> Page:
    """An empty page."""
    return await context.new_page()


@pytest.fixture(scope="session")
def pictures(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which pictures are taken."""
    chosen: Path | None = request.config.option.pictures
    if chosen is None:
        return tmp_path_factory.mktemp("pictures")
    chosen.mkdir(parents=True, exist_ok=True)
    return chosen
