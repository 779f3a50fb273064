"""What a gateway's answer means: the one place where an HTTP status becomes an outcome."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from duban.notices.channel import SendResult

LONGEST_WAIT = timedelta(hours=1)
"""A gateway cannot silence us for longer by one answer: a reminder that waits for days has lost its use."""

_LATER = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})

_REMEDIES: dict[int, str] = {
    HTTPStatus.BAD_REQUEST: "网关不接受通知的内容，请核对网关的接口约定",
    HTTPStatus.UNAUTHORIZED: "网关不认可签名或身份，请核对签名密钥",
    HTTPStatus.FORBIDDEN: "网关拒绝访问，请核对权限和签名密钥",
    HTTPStatus.NOT_FOUND: "网关地址不存在，请核对网关地址",
    HTTPStatus.METHOD_NOT_ALLOWED: "网关地址不接受推送，请核对网关地址",
    HTTPStatus.GONE: "接收地址已停用（gone），请停止推送或更换网关地址",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "通知超过网关允许的大小，请调整网关的限制",
}


def result_of(status: int, retry_after: str | None, now: datetime) -> SendResult:
    """What an answer means. Total over whatever a gateway may send.

    2xx is delivered. 408, 425, 429 and 5xx pass by themselves: tried again, when the gateway says so. Everything else
    waits for a person, redirects too: a signed letter does not follow an unknown party to another address.

    Args:
        status: The status code.
        retry_after: The header `Retry-After`, if any.
        now: Real time, aware; what a date in `Retry-After` is counted from.
    """
    if 200 <= status < 300:
        return SendResult.delivered(f"网关已接收（HTTP {status}）")
    if status in _LATER or status >= 500:
        return SendResult.retry(f"网关暂时不能接收（HTTP {status}）", waiting_time(retry_after, now))
    if 300 <= status < 400:
        return SendResult.undeliverable(
            f"网关要求转到其他地址，本系统不跟随转址，请把网关地址改为最终地址（HTTP {status}）"
        )
    remedy = _REMEDIES.get(status, "网关拒收，请向网关管理方查询原因")
    return SendResult.undeliverable(f"{remedy}（HTTP {status}）")


def waiting_time(retry_after: str | None, now: datetime) -> timedelta | None:
    """How long `Retry-After` (seconds or an HTTP date) asks to wait, up to `LONGEST_WAIT`; None if unreadable."""
    text = (retry_after or "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return min(timedelta(seconds=int(text)), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError):  # what the standard library raises depends on what is wrong
        return None
    if moment.tzinfo is None:  # "-0000": UTC of unknown origin
        moment = moment.replace(tzinfo=UTC)
    try:
        return max(timedelta(), min(moment - now, LONGEST_WAIT))
    except OverflowError:  # a zone at the edge of the calendar
        return None
