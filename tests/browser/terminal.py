"""A program in a terminal, and the terminal as a page: what it would look like in the window of the person at it."""

import asyncio
import fcntl
import html
import os
import pty
import shutil
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pyte
from pyte.screens import Char

ROOT = Path(__file__).parents[2]
COLOURS = {
    "default": "#d4d4d4",
    "black": "#5a5a5a",
    "red": "#f48771",
    "green": "#89d185",
    "brown": "#e2c08d",
    "blue": "#6cb6ff",
    "magenta": "#d7a8ff",
    "cyan": "#76d9e6",
    "white": "#e8e8e8",
}
READ_AT_ONCE = 65_536
STOPPED_WITHIN = 60.0


class Fonts(NamedTuple):
    """A font whose Chinese characters are two columns wide, exactly."""

    family: str


def chinese_fonts() -> Fonts | None:
    """The first that this machine has."""
    if shutil.which("fc-list") is None:
        return None
    listed = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=True)
    families = {line.split(",")[0] for line in listed.stdout.splitlines()}
    even = sorted(family for family in families if "Mono" in family)
    simplified = [family for family in even if family.endswith((" SC", " CN"))]
    return Fonts((simplified or even)[0]) if even else None


class Terminal:
    """A terminal window with a program in it."""

    def __init__(self, columns: int, rows: int) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._grown = asyncio.Event()
        self.ended = asyncio.Event()

    @property
    def lines(self) -> list[str]:
        """What stands on it, line by line."""
        return [line.rstrip() for line in self.screen.display]

    @property
    def text(self) -> str:
        """What stands on it. A character that takes two columns is followed by an empty one, which is left out."""
        return "\n".join(self.lines)

    def feed(self, data: bytes) -> None:
        """The program has written something."""
        self._stream.feed(data)
        self._grown.set()

    async def shows(self, text: str, *, within: float) -> None:
        """Wait until a text stands on it."""
        async with asyncio.timeout(within):
            while text not in self.text:
                if self.ended.is_set():
                    raise AssertionError(f"the program ended without showing “{text}”:\n{self.text}")
                self._grown.clear()
                await self._grown.wait()

    def page(self, fonts: Fonts, title: str, *, first: str, last: str) -> str:
        """A part of the window as a page.

        Args:
            first: Stands on the first line that is shown.
            last: Stands on the last one, after it.
        """
        begin = next(number for number, line in enumerate(self.lines) if first in line)
        end = next(number for number, line in enumerate(self.lines) if number >= begin and last in line)
        rows = "\n".join("".join(_spans(self._row(number))) for number in range(begin, end + 1))
        return PAGE.format(family=fonts.family, title=html.escape(title), rows=rows)

    def _row(self, number: int) -> list[Char]:
        row = self.screen.buffer[number]
        cells = [row[column] for column in range(self.screen.columns)]
        while cells and not cells[-1].data.strip():
            cells.pop()
        return cells


PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: #fff; display: inline-block; }}
figure {{ margin: 12px; border-radius: 8px; background: #1e1e1e; box-shadow: 0 4px 14px #0006; overflow: hidden; }}
figcaption {{ background: #333; color: #bbb; font: 13px '{family}', sans-serif; padding: 7px 14px; }}
pre {{ margin: 0; padding: 14px; font: 15px/1.35 '{family}', monospace; min-width: 80ch; }}
i {{ display: inline-block; width: .5em; text-indent: -.05em; }}
i {{ font: 15px/1.35 'DejaVu Sans Mono', 'Liberation Mono', monospace; }}
</style><figure><figcaption>{title}</figcaption><pre>{rows}</pre></figure>"""
"""Lines and corners are one column wide in a terminal and two in a Chinese font: each has a place of its own."""


def _spans(row: list[Char]) -> Iterator[str]:
    for (colour, bold), cells in groupby(row, key=lambda cell: (cell.fg, cell.bold)):
        text = "".join(f"<i>{cell.data}</i>" if _is_drawn(cell.data) else html.escape(cell.data) for cell in cells)
        shown = COLOURS.get(colour, f"#{colour}" if len(colour) == 6 else COLOURS["default"])
        yield f'<span style="color:{shown}{";font-weight:bold" if bold else ""}">{text}</span>'


def _is_drawn(character: str) -> bool:
    return "\u2500" <= character <= "\u259f"


@asynccontextmanager
async def running(
    *command: str, columns: int, rows: int, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Terminal]:
    """A program of ours in a terminal of this size; it gets a Ctrl-C at the end of the block."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    terminal = Terminal(columns, rows)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *command),
        cwd=ROOT,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", **(environment or {})},
        start_new_session=True,
    )
    os.close(theirs)
    loop = asyncio.get_running_loop()

    def read() -> None:
        try:
            data = os.read(ours, READ_AT_ONCE)
        except OSError:  # Linux says so when nobody holds the other end any more
            data = b""
        if data:
            terminal.feed(data)
        else:
            loop.remove_reader(ours)
            terminal.ended.set()
            terminal.feed(b"")

    loop.add_reader(ours, read)
    try:
        yield terminal
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        async with asyncio.timeout(STOPPED_WITHIN):
            await process.wait()
        loop.remove_reader(ours)
        os.close(ours)
