"""Group robots: a letter as text messages into a group of WeCom, DingTalk or Feishu.

Robots know no idempotency: the message's number stands in every part, and an attempt that broke off is repeated whole.
They silence whoever sends too much; so nothing is begun that would go beyond what a robot takes in a minute.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic
from typing import Protocol

from pydantic import Field

from duban.contracts import Delivery, DeliveryOutcome
from duban.notices.channel import SendResult
from duban.notices.gateway import Answer, Gateway
from duban.notices.gateway_codes import MINUTE, Vendor
from duban.notices.letter import Letter
from duban.notices.mentions import NOBODY, Mentions
from duban.notices.parts import parts_of
from duban.notices.status import robot_result_of
from duban.supervision.model import Frozen

_HEADERS = {"Content-Type": "application/json; charset=utf-8"}


class RobotRequest(Frozen):
    """One message as its vendor wants it.

    Attributes:
        query: What is added to the robot's address.
    """

    content: bytes
    query: dict[str, str] = Field(default_factory=dict)


class Robot(Protocol):
    """How a vendor's robots are spoken to."""

    vendor: Vendor
    most_bytes: int
    """What the text of one message may weigh."""
    per_minute: int
    """Messages that one robot takes in a minute."""

    def request(self, text: str, mentions: Mentions, now: datetime) -> RobotRequest:
        """A text message, signed for this moment."""
        ...


class RobotChannel:
    """Sends letters into one group."""

    def __init__(
        self,
        robot: Robot,
        gateway: Gateway,
        timeout: float,
        *,
        keyword: str = "",
        mentions: Mentions = NOBODY,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Takes what it uses.

        Args:
            timeout: Seconds that all parts of one letter may take together.
            keyword: The word that the robot's security settings demand, if any.
            mentions: Whom the first part calls.
            clock: Seconds that pass.
        """
        self._robot, self._gateway, self._timeout = robot, gateway, timeout
        self._keyword, self._mentions, self._clock = keyword, mentions, clock
        self._sent: deque[float] = deque()

    async def send(self, delivery: Delivery, letter: Letter) -> SendResult:
        """Makes one attempt at all parts; the first that is refused ends it."""
        parts = parts_of(delivery, letter, most_bytes=self._robot.most_bytes, keyword=self._keyword)
        if wait := self._until_there_is_room_for(len(parts)):
            return SendResult.retry(f"机器人每分钟至多接收{self._robot.per_minute}条，等候发送", wait)
        arrived = 0
        meaning = partial(self._meant, delivery.attempt)
        try:
            async with asyncio.timeout(self._timeout):
                for text in parts:
                    mentions = NOBODY if arrived else self._mentions
                    request = self._robot.request(text, mentions, datetime.now(UTC))
                    self._sent.append(self._clock())
                    result = await self._gateway.post(request.content, _HEADERS, query=request.query, meaning=meaning)
                    if result.outcome is not DeliveryOutcome.DELIVERED:
                        return _of(result, arrived, len(parts))
                    arrived += 1
        except TimeoutError:
            return _of(SendResult.retry(f"机器人在{self._timeout:g}秒内没有收完"), arrived, len(parts))
        return SendResult.delivered("机器人已接收" + (f"（共{len(parts)}部分）" if len(parts) > 1 else ""))

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._gateway.aclose()

    def _meant(self, attempt: int, answer: Answer) -> SendResult:
        return robot_result_of(self._robot.vendor, attempt, answer.status, answer.retry_after, answer.at, answer.body)

    def _until_there_is_room_for(self, count: int) -> timedelta | None:
        """How long to wait until so many messages may be sent; None for not at all."""
        now, minute = self._clock(), MINUTE.total_seconds()
        while self._sent and self._sent[0] <= now - minute:
            self._sent.popleft()
        too_many = len(self._sent) + count - self._robot.per_minute
        return timedelta(seconds=self._sent[too_many - 1] + minute - now) if too_many > 0 else None


def _of(result: SendResult, arrived: int, count: int) -> SendResult:
    """A result with how much of the letter had arrived before it."""
    if not arrived:
        return result
    return result.model_copy(update={"reason": f"{result.reason}（{count}部分中已收{arrived}部分，将整件重发）"})
