"""Times of day as people write them in settings and files: `20:00-08:00`, `10:30`."""

import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import BeforeValidator

from duban.supervision.bundling import QuietHours

_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:：]([0-5][0-9])")
_STRETCH = re.compile(rf"\s*({_TIME.pattern})\s*[-—－~至]\s*({_TIME.pattern})\s*")
_MINUTES_PER_HOUR = 60


class TimeError(ValueError):
    """A time cannot be read; the text says why, in Chinese, without a full stop."""


def quiet_hours(text: str) -> QuietHours | None:
    """The quiet hours that a text states; None for an empty one.

    Raises:
        TimeError: It is no stretch of a day.
    """
    if not text.strip():
        return None
    read = _STRETCH.fullmatch(text)
    if read is None:
        raise TimeError("应写成 20:00-08:00 的形式（当地时间，可跨过午夜）")
    begins, ends = _minute(read[2], read[3]), _minute(read[5], read[6])
    if begins == ends:
        raise TimeError("起止时间相同，等于全天不发送；要停止发送，请用 starter.py notices stop")
    return QuietHours(begins=begins, ends=ends)


def times_of_day(listed: str | Iterable[object]) -> tuple[int, ...]:
    """Minutes of the day of a comma-separated list, or of a list, in order and each once.

    Raises:
        TimeError: One is no time of day.
    """
    entries = listed.split(",") if isinstance(listed, str) else [str(each) for each in listed]
    minutes = set()
    for entry in (each.strip() for each in entries if each.strip()):
        read = _TIME.fullmatch(entry)
        if read is None:
            raise TimeError("应写成 10:30 的形式，文件中请加引号")
        minutes.add(_minute(read[1], read[2]))
    return tuple(sorted(minutes))


def time_text(minute: int) -> str:
    """A minute of the day as people write it."""
    return f"{minute // _MINUTES_PER_HOUR:02}:{minute % _MINUTES_PER_HOUR:02}"


def _minute(hour: str, minute: str) -> int:
    return int(hour) * _MINUTES_PER_HOUR + int(minute)


def _stretch(value: object) -> object:
    if isinstance(value, QuietHours):
        return value
    read = quiet_hours(str(value))
    if read is None:
        raise TimeError("是空的，不需要时请删去这一项")
    return read


def _times(value: object) -> object:
    if isinstance(value, tuple):
        return value
    return times_of_day(value if isinstance(value, str | list) else str(value))


DailyStretch = Annotated[QuietHours, BeforeValidator(_stretch)]
TimesOfDay = Annotated[tuple[int, ...], BeforeValidator(_times)]
