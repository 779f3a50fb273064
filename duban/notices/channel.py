"""What a channel is: it carries one letter and says what came of it.

Delivery is at least once. A channel never decides whether a notice still holds, nor when to try again: it sends, and
answers with a value. It raises for a defect of ours only.
"""

from datetime import timedelta
from typing import Protocol, Self

from duban.contracts import Delivery, DeliveryOutcome
from duban.notices.letter import Letter
from duban.supervision.model import Frozen


class ChannelError(Exception):
    """A channel cannot be opened as it is set up; the text says what to mend, in Chinese, and holds no secret."""


class SendResult(Frozen):
    """What came of one attempt.

    Attributes:
        outcome: Delivered, to be tried again, or not deliverable as things are.
        reason: For people, in Chinese: where it went, or why it did not. Holds no secret, and no URL that may be one.
        retry_after: Real time that the receiver asked us to wait; None leaves it to the caller's own rhythm.
        channel: Name of the channel that made the attempt, where the caller could not know it.
    """

    outcome: DeliveryOutcome
    reason: str
    retry_after: timedelta | None = None
    channel: str = ""

    @classmethod
    def delivered(cls, reason: str) -> Self:
        """The letter is with its receiver."""
        return cls(outcome=DeliveryOutcome.DELIVERED, reason=reason)

    @classmethod
    def retry(cls, reason: str, after: timedelta | None = None) -> Self:
        """It may succeed later, without anybody doing anything here."""
        return cls(outcome=DeliveryOutcome.RETRY, reason=reason, retry_after=after)

    @classmethod
    def undeliverable(cls, reason: str) -> Self:
        """It will not succeed before somebody mends something; it is listed, and can be sent again."""
        return cls(outcome=DeliveryOutcome.UNDELIVERABLE, reason=reason)


class Channel(Protocol):
    """Carries letters."""

    async def send(self, delivery: Delivery, letter: Letter) -> SendResult:
        """Makes one attempt; ends in bounded time."""
        ...

    async def aclose(self) -> None:
        """Lets go of connections."""
        ...
