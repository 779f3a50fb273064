"""Dates and ordinals as official letters write them."""

from datetime import date

from duban.supervision.levels.explaining import WEEKDAYS
from duban.supervision.tasks.turn import day_text

_DIGITS = "零一二三四五六七八九"


def with_weekday(day: date) -> str:
    """`2016年7月16日（星期六）`."""
    return f"{day_text(day)}（星期{WEEKDAYS[day.weekday()]}）"


def difference(later: date, earlier: date) -> str:
    """The subtraction of two dates as people check it: `07-16 − 06-30`, with years where they differ."""
    form = "%m-%d" if later.year == earlier.year else "%Y-%m-%d"
    return f"{later.strftime(form)} − {earlier.strftime(form)}"


def ordinal(number: int) -> str:
    """1 to 99 in Chinese numerals, as parts of a document are counted; beyond that in digits."""
    if not 1 <= number <= 99:
        return str(number)
    tens, ones = divmod(number, 10)
    return {0: "", 1: "十"}.get(tens, f"{_DIGITS[tens]}十") + (_DIGITS[ones] if ones else "")
