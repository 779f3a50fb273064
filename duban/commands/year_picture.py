"""The picture of a year ahead: how much falls to whom and when, supervisors and supervised apart.

Loaded only when a picture is asked for: the chart library takes a second to load.
"""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from duban.commands.reasons import Refused
from duban.commands.showing import readable
from duban.commands.year_load import SIDE_WORDS, BodyLoad, YearLoad, together
from duban.supervision.foresight.undertakings import Side

FONTS = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "PingFang SC", "Hiragino Sans GB", "Heiti SC",
    "Microsoft YaHei", "SimHei", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Noto Sans CJK JP", "Noto Serif CJK SC",
    "Noto Serif CJK JP", "SimSun", "Arial Unicode MS",
)  # fmt: skip
"""With Chinese letters, the best first. A collection of fonts is known by the first of its names."""
SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "duban",
    "axes.unicode_minus": False,
    "text.parse_math": False,  # a title with two dollar signs is no formula
}
MOST_BODIES = 40
"""Of a side; the others are drawn as one."""
COLOURS = {Side.SUPERVISING: "#1F5A96", Side.SUPERVISED: "#C8641E"}
MAPS = {Side.SUPERVISING: "Blues", Side.SUPERVISED: "Oranges"}
INK = "#222222"
WIDTH, ROW, WEEKS_HEIGHT, HEAD, FOOT = 13.0, 0.30, 2.9, 0.85, 0.3
"""Inches."""
DOTS = 150
"""An inch, of a PNG: enough for paper."""
LONGEST_NAME, DAYS_A_WEEK = 16, 7
DARK = 0.6
"""From this part of the greatest load on, figures are written in white."""


def draw_year(path: Path, load: YearLoad, title: str, notes: Sequence[str]) -> None:
    """Write the picture as SVG or PNG, in place of a file that is there.

    Args:
        path: The file; its ending says which.
        load: What is drawn.
        title: Above it.
        notes: Lines below it.

    Raises:
        Refused: The file cannot be written, or there is no font for it.
    """
    known = [font for font in FONTS if font in set(font_manager.get_font_names())]
    if path.suffix.lower() == ".png" and not known:
        raise Refused(
            f"本机没有中文字体，画出的字会是方框。请安装一种（如 Debian、Ubuntu 的 fonts-noto-cjk），"
            f"或改存为 {path.with_suffix('.svg').name}：SVG 用看图电脑的字体。"
        )
    with _lettering(known, others=path.suffix.lower() == ".svg"):
        _write(path, _figure(load, title, notes))


@contextmanager
def _lettering(known: Sequence[str], *, others: bool) -> Iterator[None]:
    """Fonts with Chinese letters; an SVG keeps its text, and names fonts of other machines as well.

    The library would tell of each font that is not here, and of each letter that the others do not have.
    """
    fonts = [*known, *(font for font in FONTS if others and font not in known), *(["sans-serif"] if others else [])]
    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with mpl.rc_context({"font.family": fonts, **SETTINGS}), warnings.catch_warnings():
            if not known:
                warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)


def _write(path: Path, figure: Figure) -> None:
    unfinished = path.with_name(f".{path.name}.part")
    try:
        with unfinished.open("wb") as file:
            # The same year gives the same file: the moment of writing is left out.
            metadata = {"Date": None} if path.suffix.lower() == ".svg" else {}
            figure.savefig(file, format=path.suffix.lower().removeprefix("."), metadata=metadata)
        unfinished.replace(path)
    except OSError as error:
        raise Refused(f"无法写出“{path}”（{error}）。请核对文件夹是否存在、文件是否正被打开。") from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _figure(load: YearLoad, title: str, notes: Sequence[str]) -> Figure:
    sides = [(side, _rows(load.of(side))) for side in Side if load.of(side)]
    heights = [WEEKS_HEIGHT, *(ROW * len(rows) + HEAD for _, rows in sides)]
    height = HEAD + sum(heights) + FOOT + 0.2 * len(notes)
    figure = Figure(figsize=(WIDTH, height), dpi=DOTS, facecolor="white")
    figure.text(0.02, 1 - 0.32 / height, readable(title), fontsize=16, fontweight="bold", color=INK, va="center")
    top = height - HEAD
    for number, part in enumerate(heights):
        axes = figure.add_axes((0.19, (top - part + 0.35) / height, 0.79, (part - HEAD) / height))
        top -= part
        if number == 0:
            _draw_weeks(axes, load)
        else:
            _draw_bodies(axes, load, *sides[number - 1])
    for number, line in enumerate(reversed(notes)):
        figure.text(0.02, (0.22 + 0.2 * number) / height, readable(line), fontsize=8.5, color="#555555", va="center")
    return figure


def _rows(bodies: Sequence[BodyLoad]) -> list[BodyLoad]:
    if len(bodies) <= MOST_BODIES:
        return list(bodies)
    rest = bodies[MOST_BODIES:]
    return [*bodies[:MOST_BODIES], together(rest, f"其余{len(rest)}个单位合计")]


def _draw_weeks(axes: Axes, load: YearLoad) -> None:
    """By week: what falls due upwards, what is sent downwards."""
    numbers = range(len(load.weeks))
    above, below = [0] * len(load.weeks), [0] * len(load.weeks)
    for side in Side:
        due, sent = ([counts[side][week] for week in load.weeks] for counts in (load.due, load.sent))
        words = SIDE_WORDS[side]
        axes.bar(numbers, due, 0.78, bottom=above, color=COLOURS[side], label=f"{words}到期事项")
        axes.bar(
            numbers,
            [-count for count in sent],
            0.78,
            bottom=below,
            color=COLOURS[side],
            alpha=0.45,
            label=f"发给{words}的通知",
        )
        above = [a + b for a, b in zip(above, due, strict=True)]
        below = [a - b for a, b in zip(below, sent, strict=True)]
    starts = [_position(date(*month, 1), load) for month in load.months]
    axes.set_xticks(starts, [_month_words(month, load) for month in load.months], fontsize=9, ha="left")
    axes.yaxis.set_major_formatter(lambda value, _position: f"{abs(value):g}")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axes.tick_params(length=0)
    axes.tick_params(axis="y", labelsize=8.5)
    for start in starts[1:]:
        axes.axvline(start, color="#DDDDDD", linewidth=0.6, zorder=0)
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.grid(axis="y", color="#DDDDDD", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlim(-0.7, len(load.weeks) - 0.3)
    for edge in axes.spines.values():
        edge.set_visible(False)
    axes.set_title("逐周（件）：向上到期事项，向下发出的通知", loc="left", fontsize=10.5, color=INK)
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=4, fontsize=8.5, frameon=False, borderpad=0)


def _position(day: date, load: YearLoad) -> float:
    """Where a day lies among the weeks; a bar stands in the middle of its own."""
    return (day - load.weeks[0]).days / DAYS_A_WEEK - 0.5


def _draw_bodies(axes: Axes, load: YearLoad, side: Side, rows: Sequence[BodyLoad]) -> None:
    """By body and month: the darker, the more."""
    totals = [[row.due[month] + row.sent[month] for month in load.months] for row in rows]
    # Several bodies drawn as one are not what the others are measured by.
    most = max(1, *(count for line in totals[:MOST_BODIES] for count in line))
    axes.imshow(totals, aspect="auto", cmap=MAPS[side], vmin=0, vmax=most * 1.15)
    for y, row in enumerate(rows):
        for x, month in enumerate(load.months):
            if count := totals[y][x]:
                colour = "white" if count > DARK * most else INK
                axes.text(
                    x, y, f"{row.due[month]}/{row.sent[month]}", ha="center", va="center", fontsize=8, color=colour
                )
    axes.set_xticks(range(len(load.months)), [_month_words(month, load) for month in load.months], fontsize=9)
    axes.set_yticks(range(len(rows)), [_shortened(row.body) for row in rows], fontsize=9)
    axes.tick_params(length=0)
    axes.set_xticks([x - 0.5 for x in range(1, len(load.months))], minor=True)
    axes.set_yticks([y - 0.5 for y in range(1, len(rows))], minor=True)
    axes.grid(which="minor", color="white", linewidth=1.4)
    axes.tick_params(which="minor", length=0)
    for edge in axes.spines.values():
        edge.set_visible(False)
    axes.set_title(
        f"{SIDE_WORDS[side]}，逐单位逐月：到期事项/收到的通知（件）", loc="left", fontsize=10.5, color=COLOURS[side]
    )


def _month_words(month: tuple[int, int], load: YearLoad) -> str:
    year, number = month
    several = len({one for one, _ in load.months}) > 1
    return f"{year}-{number:02}" if several else f"{number}月"


def _shortened(name: str) -> str:
    clean = readable(name)
    return clean if len(clean) <= LONGEST_NAME else f"{clean[: LONGEST_NAME - 1]}…"
