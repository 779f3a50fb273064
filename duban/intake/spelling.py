"""How a cell is written, made plain: one alphabet, no spaces, every position still known.

Offices paste from Word, PDF and chat windows: full-width digits, compatibility
characters, traditional forms, zero-width marks, circled bullets. The readers of
this room work on the plain form; what a person sees is always cut from the
original, which ``PlainText`` finds again.
"""

import re
import unicodedata
from typing import NamedTuple

_DASHES = "‐‑‒–—―−－─﹣"
_TILDES = "～〜∼"
_TRADITIONAL = "內個號後間開續長進優時盡儘適發佈兩壹貳叁參肆伍陸陆柒捌玖拾條從為實達過終"
_SIMPLIFIED = "内个号后间开续长进优时尽尽适发布两一二三三四五六六七八九十条从为实达过终"
_SAME_LENGTH = str.maketrans(
    dict.fromkeys(_DASHES, "-") | dict.fromkeys(_TILDES, "~") | dict(zip(_TRADITIONAL, _SIMPLIFIED, strict=True))
)
INVISIBLE = "".join(map(chr, (0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF)))
"""Zero-width marks and directions: two spellings of a body that nobody could tell apart, or a text shown backwards."""
_WITHOUT_INVISIBLE = dict.fromkeys(map(ord, INVISIBLE))
_UNUSUAL = re.compile(r"[^\x00-\x7e一-鿿]")
_BLANK = re.compile(r"\s+")
_NUMBERED_LINE = re.compile(r"(?:(?<=^)|(?<=[\n;；。]))\s{0,4}(?:\(?[0-9]{1,2}\)|[0-9]{1,2}[.、](?![0-9]{1,2}[.前日]))")


class PlainText(NamedTuple):
    """The plain form of a text, and for each of its characters the position in the original."""

    text: str
    positions: tuple[int, ...]
    original: str

    def written(self, start: int, end: int) -> str:
        """The original wording of the plain characters ``start`` to ``end``, without blanks around it."""
        if start >= end:
            return ""
        return self.original[self.positions[start] : self.positions[end - 1] + 1].strip()


def half_width(text: str) -> str:
    """Compatibility forms as ordinary characters, of the same length: position n stays position n."""
    if text.isascii():
        return text
    return _UNUSUAL.sub(_ordinary, text).translate(_SAME_LENGTH)


def _ordinary(found: re.Match[str]) -> str:
    char = found.group()
    category = unicodedata.category(char)
    if category == "No":
        return "\n"  # ①, ㈡: a bullet that must not melt into the number after it
    if category == "Cf":
        return " "
    folded = unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 else char


def plain(text: str) -> PlainText:
    """The text in one alphabet and without blanks; line breaks and the bullets of numbered lines become ``;``.

    A blank between two digits stays: ``1 2月`` is not December.
    """
    level = _without_bullets(half_width(text))
    kept: list[str] = []
    positions: list[int] = []
    at = 0
    for blank in _BLANK.finditer(level):
        kept.append(level[at : blank.start()])
        positions.extend(range(at, blank.start()))
        at = blank.end()
        stands_for = _stands_for(level, blank)
        if stands_for:
            kept.append(stands_for)
            positions.append(blank.start())
    kept.append(level[at:])
    positions.extend(range(at, len(level)))
    return PlainText("".join(kept), tuple(positions), text)


def _stands_for(level: str, blank: re.Match[str]) -> str:
    if "\n" in blank.group() or "\r" in blank.group():
        return ";"
    before, after = level[blank.start() - 1 : blank.start()], level[blank.end() : blank.end() + 1]
    return " " if before.isdigit() and after.isdigit() else ""


def _without_bullets(level: str) -> str:
    bullets = list(_NUMBERED_LINE.finditer(level))
    # A single "1、" may be a list of months ("1、7月"): only a numbering that goes on is one.
    if len(bullets) < 2:
        return level
    pieces: list[str] = []
    at = 0
    for bullet in bullets:
        pieces += [level[at : bullet.start()], "\n" * len(bullet.group())]
        at = bullet.end()
    return "".join([*pieces, level[at:]])


def compact(text: str) -> str:
    """Half-width, without any blank: for comparing headings, codes and short answers."""
    return "".join(half_width(text).split())


def without_invisible(text: str) -> str:
    """The text without zero-width marks and marks of direction."""
    return text if text.isascii() else text.translate(_WITHOUT_INVISIBLE)
