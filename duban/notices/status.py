"""What a gateway's answer means: the one place where a status, or a refusal inside a 200, becomes an outcome."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from duban.notices.answers import Refusal, code_in, refusal_in
from duban.notices.channel import SendResult
from duban.notices.gateway_codes import ANY_VENDOR, CODES, Code, Vendor

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


def result_of(status: int, retry_after: str | None, now: datetime, answer: bytes = b"") -> SendResult:
    """What an answer means. Total over whatever a gateway may send.

    2xx is delivered, unless the answer itself says no. 408, 425, 429 and 5xx pass by themselves: tried again, when the
    gateway says so. Everything else waits for a person, redirects too: a signed letter does not follow an unknown party
    to another address.

    Args:
        status: The status code.
        retry_after: The header `Retry-After`, if any.
        now: Real time, aware; what a date in `Retry-After` is counted from.
        answer: What was read of the body.
    """
    if 200 <= status < 300:
        if refusal := refusal_in(answer):
            return _refused_inside(refusal, status, waiting_time(retry_after, now))
        return SendResult.delivered(f"网关已接收（HTTP {status}）")
    if status in _LATER or status >= 500:
        return SendResult.retry(f"网关暂时不能接收（HTTP {status}）", waiting_time(retry_after, now))
    if 300 <= status < 400:
        return SendResult.undeliverable(
            f"网关要求转到其他地址，本系统不跟随转址，请把网关地址改为最终地址（HTTP {status}）"
        )
    remedy = _REMEDIES.get(status, "网关拒收，请向网关管理方查询原因")
    return SendResult.undeliverable(f"{remedy}（HTTP {status}）")


def robot_result_of(
    vendor: Vendor, attempt: int, status: int, retry_after: str | None, now: datetime, answer: bytes
) -> SendResult:
    """What a group robot's answer means. A code that its vendor documents decides, whatever the status.

    A success is only what says so: a page of some proxy in between is none, though it comes with 200.

    Args:
        vendor: Whose robot it is.
        attempt: Of the message, 1 for the first.
        status, retry_after, now, answer: As for `result_of`.
    """
    refusal, wait = refusal_in(answer), waiting_time(retry_after, now)
    if refusal is not None and refusal.code is not None and (known := CODES[vendor].get(refusal.code)):
        return _known(known, refusal, attempt, wait)
    if refusal is None and 200 <= status < 300 and code_in(answer) != 0:
        return SendResult.retry(f"机器人的答复看不出是否收到（HTTP {status}），请核对地址", wait)
    return result_of(status, retry_after, now, answer)


def _known(code: Code, refusal: Refusal, attempt: int, wait: timedelta | None) -> SendResult:
    reason = f"{code.remedy}（{_said(refusal)}）"
    if code.passes and (code.at_most is None or attempt < code.at_most):
        return SendResult.retry(reason, wait or code.wait)
    return SendResult.undeliverable(reason)


def _refused_inside(refusal: Refusal, status: int, wait: timedelta | None) -> SendResult:
    """What a refusal inside a success means. A code that is an HTTP status is read as one: many gateways mean it so."""
    code = refusal.code
    said = _said(refusal)
    told = f"：{said}" if said else ""
    if code is not None and (code in ANY_VENDOR or code in _LATER or 500 <= code < 600):
        return SendResult.retry(f"网关暂时不能接收{told}（HTTP {status}）", wait)
    return SendResult.undeliverable(f"网关没有接收{told}。请按网关的说明处理后重新发送（HTTP {status}）")


def _said(refusal: Refusal) -> str:
    """A refusal in the gateway's own terms; empty where it has none."""
    code = [f"代码 {refusal.code}"] if refusal.code is not None else []
    return "，".join([*code, *([f"“{refusal.message}”"] if refusal.message else [])])


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
