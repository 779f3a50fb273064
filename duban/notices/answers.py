"""What a gateway says inside an answer: many accept everything with 200, and refuse in the body.

The codes are those of WeCom (`errcode`), Feishu (`code`, `StatusCode`) and DingTalk (`errcode`), and of the common
envelope `{"code": …, "msg": …}` or `{"success": …}`. What cannot be read is no refusal: the status has spoken.
"""

import json
from typing import Any

from duban.notices.plain_text import one_line
from duban.supervision.model import Frozen

LONGEST_MESSAGE = 120
"""Characters of a gateway's own words that a reason quotes."""

_CODES = ("errcode", "code", "StatusCode")
_MESSAGES = ("errmsg", "msg", "message", "StatusMessage", "error")


class Refusal(Frozen):
    """A gateway's no.

    Attributes:
        code: Its code; None where it only says that there was no success.
        message: Its own words on one line, of bounded length; may be empty.
    """

    code: int | None
    message: str


def refusal_in(answer: bytes) -> Refusal | None:
    """The refusal that the body of a 2xx answer holds; None where it holds none."""
    said = said_in(answer)
    if said is None or said.get("success") is True:
        return None
    codes = [code for name in _CODES if (code := _number(said.get(name))) is not None]
    refusing = [code for code in codes if code != 0 and not 200 <= code < 300]
    if not refusing and said.get("success") is not False:
        return None
    return Refusal(code=refusing[0] if refusing else None, message=words_in(said))


def words_in(said: dict[str, Any]) -> str:
    """What an answer says in words, on one line, of bounded length; may be empty."""
    words = next((text for name in _MESSAGES if isinstance(text := said.get(name), str) and text.strip()), "")
    return _bounded(one_line(words))


def code_in(answer: bytes) -> int | None:
    """The code of an answer; None where it has none."""
    said = said_in(answer) or {}
    return next((code for name in _CODES if (code := _number(said.get(name))) is not None), None)


def said_in(answer: bytes) -> dict[str, Any] | None:
    """The JSON object of an answer, in whatever encoding; None where it is none."""
    try:
        text = answer.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = answer.decode("gb18030", "replace")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _number(value: object) -> int | None:
    """A code as a number; a word, a truth value and what is no whole number are not one."""
    match value:
        case bool():
            return None
        case int():
            return value
        case float() if value.is_integer():
            return int(value)
        case str() if value.isascii() and value.removeprefix("-").isdigit() and len(value) <= 12:
            return int(value)
        case _:
            return None


def _bounded(words: str) -> str:
    return words if len(words) <= LONGEST_MESSAGE else words[:LONGEST_MESSAGE] + "…"
