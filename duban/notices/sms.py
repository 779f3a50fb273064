"""SMS by template over HTTP: a request as the office's provider wants it, described in the channels file.

Providers let nobody write a text: a message is a template that they have approved, and its parameters. So the file
holds the request with placeholders, and says by which field of the answer success is known. A body's numbers are asked
one by one. A provider knows no idempotency: the message's number is among the parameters.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from functools import partial
from urllib.parse import urlencode

from duban.contracts import Delivery, DeliveryOutcome
from duban.notices.answers import said_in, words_in
from duban.notices.channel import SendResult
from duban.notices.gateway import Answer, Gateway, by_status
from duban.notices.identity import printed_id
from duban.notices.letter import Letter
from duban.notices.parts import notice_line
from duban.notices.plain_text import one_line
from duban.notices.sms_template import LONGEST_TEXT, SECRET, SHORTEST_TEXT, Expected, SmsRequest, Template, fill, filled


class SmsChannel:
    """Sends a short message to the numbers of a body."""

    def __init__(
        self,
        request: SmsRequest,
        gateway: Gateway,
        timeout: float,
        *,
        phones: Mapping[str, Sequence[str]],
        secrets: Mapping[str, str] | None = None,
    ) -> None:
        """Takes what it uses.

        Args:
            timeout: Seconds that all numbers of one body may take together.
            phones: Numbers by body.
            secrets: By name.
        """
        self._request, self._gateway, self._timeout, self._phones = request, gateway, timeout, phones
        self._secrets = {f"{SECRET}{name}": value for name, value in (secrets or {}).items()}

    async def send(self, delivery: Delivery, letter: Letter) -> SendResult:
        """Makes one attempt at every number; what reached one person of a body has reached the body."""
        phones = self._phones.get(delivery.recipient, ())
        if not phones:
            return SendResult.undeliverable("渠道文件中没有该单位的手机号，请在 bodies 下补上 phones")
        results: list[SendResult] = []
        try:
            async with asyncio.timeout(self._timeout):
                for phone in phones:
                    results.append(await self._send_to(phone, delivery, letter))  # noqa: PERF401 - kept when time is up
        except TimeoutError:
            results.append(SendResult.retry(f"短信网关在{self._timeout:g}秒内没有收完"))
        return _of_all(results)

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._gateway.aclose()

    async def _send_to(self, phone: str, delivery: Delivery, letter: Letter) -> SendResult:
        values = {**values_of(delivery, letter, phone), **self._secrets}
        body = fill(self._request.body, values)
        headers = {name: filled(text, values) for name, text in self._request.headers.items()}
        if self._request.as_form:
            content, kind = urlencode(_flat(body)), "application/x-www-form-urlencoded"
        else:
            content, kind = json.dumps(body, ensure_ascii=False), "application/json; charset=utf-8"
        return await self._gateway.post(
            content.encode(), {"Content-Type": kind, **headers}, meaning=partial(_meant, self._request.success)
        )


def values_of(delivery: Delivery, letter: Letter, phone: str) -> dict[str, str]:
    """What the placeholders stand for, each on one line."""
    identity = printed_id(delivery)
    line = notice_line(delivery.notices[0]) if len(delivery.notices) == 1 else letter.title
    return {
        "phone": phone,
        "title": one_line(letter.title),
        "number": letter.numbers[0] if letter.numbers else identity,
        "id": identity,
        "recipient": letter.recipient,
        "count": str(len(delivery.notices)),
        "text_short": _shortened(line, LONGEST_TEXT),
        "text_tiny": _shortened(letter.title, SHORTEST_TEXT),
        "dated_on": letter.dated_on.isoformat(),
    }


def _flat(body: Template) -> dict[str, str]:
    """A form's fields; what has levels of its own travels as JSON, as providers want parameters in a form."""
    fields = body if isinstance(body, dict) else {}
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in fields.items()
    }


def _meant(expected: Expected | None, answer: Answer) -> SendResult:
    if expected is None or not 200 <= answer.status < 300:
        return by_status(answer)
    said = said_in(answer.body) or {}
    value = _at(said, expected.path)
    if value == expected.equals:
        return SendResult.delivered(f"短信网关已接收（{expected.path}＝{value}）")
    words = words_in(said)
    told = f"{expected.path}＝{one_line(value)[:LONGEST_TEXT] if value is not None else '没有'}"
    told = f"{told}，“{words}”" if words else told
    if value is None or value in expected.busy:
        # An answer without the field may be a proxy's: nobody knows whether it was taken.
        return SendResult.retry(f"短信网关暂时没有接收：{told}")
    return SendResult.undeliverable(f"短信网关没有接收：{told}。请按网关的说明处理后重新发送")


def _at(said: object, path: str) -> str | None:
    """The value at a path as text; None where there is none."""
    for step in path.split("."):
        match said:
            case dict() if step in said:
                said = said[step]
            case list() if step.isdigit() and int(step) < len(said):
                said = said[int(step)]
            case _:
                return None
    match said:
        case str():
            return said
        case None | bool() | int() | float():
            return json.dumps(said)
        case _:
            return None


def _of_all(results: Sequence[SendResult]) -> SendResult:
    """What came of a body's numbers together: delivered where one took it, else the most hopeful failure."""
    taken = [result for result in results if result.outcome is DeliveryOutcome.DELIVERED]
    failed = [result for result in results if result.outcome is not DeliveryOutcome.DELIVERED]
    if taken and failed:
        return SendResult.delivered(f"{len(results)}个号码中{len(taken)}个已接收；其余：{failed[0].reason}")
    if taken:
        return taken[0] if len(taken) == 1 else SendResult.delivered(f"短信网关已接收（{len(taken)}个号码）")
    return next((result for result in failed if result.outcome is DeliveryOutcome.RETRY), failed[0])


def _shortened(text: str, most: int) -> str:
    line = one_line(text)
    return line if len(line) <= most else f"{line[: most - 1]}…"
