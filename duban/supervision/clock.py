"""Business time: one clock per plan, stored with it."""

from datetime import UTC, datetime, timedelta

from pydantic import Field

from duban.supervision.model import Frozen

LATEST = datetime(9000, 1, 1, tzinfo=UTC)
"""As far as a clock goes: far beyond every date that is accepted, and short of what a date can hold."""


class TaskClock(Frozen):
    """Turns real moments into business moments and back.

    ``business = business_epoch + (real - real_epoch) * speed``. In an office the two are the
    same (speed 1, equal epochs); a demonstration runs months in minutes.
    """

    business_epoch: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    real_epoch: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    speed: float = Field(default=1.0, gt=0)

    def business(self, real: datetime) -> datetime:
        """The business moment at a real moment (both aware); a fast clock read years later stands at ``LATEST``."""
        passed = (real - self.real_epoch).total_seconds() * self.speed
        if passed >= (LATEST - self.business_epoch).total_seconds():
            return LATEST
        return self.business_epoch + (real - self.real_epoch) * self.speed

    def real(self, business: datetime) -> datetime:
        """The real moment at a business moment (both aware)."""
        return self.real_epoch + (business - self.business_epoch) / self.speed

    def real_span(self, span: timedelta) -> timedelta:
        """How long a stretch of business time takes really."""
        return span / self.speed
