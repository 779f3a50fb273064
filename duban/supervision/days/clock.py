"""Business time: one clock per plan, stored with it."""

from datetime import UTC, datetime, timedelta

from pydantic import Field

from duban.supervision.model import Frozen

LATEST = datetime(9000, 1, 1, tzinfo=UTC)
"""As far as a clock goes: far beyond every date that is accepted, and short of what a date can hold."""

EARLIEST = datetime(2, 1, 1, tzinfo=UTC)
"""As far back as it goes, where a machine's clock has been put back by centuries."""


class TaskClock(Frozen):
    """Turns real moments into business moments and back.

    ``business = business_epoch + (real - real_epoch) * speed``. In an office the two are the
    same (speed 1, equal epochs); a demonstration runs months in minutes.

    Attributes:
        stops_at: Business moment at which the clock stands still for good, or None: a
            demonstration that is left to be looked at must not run on into later years.
    """

    business_epoch: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    real_epoch: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    speed: float = Field(default=1.0, gt=0)
    stops_at: datetime | None = None

    def business(self, real: datetime) -> datetime:
        """The business moment at a real moment (both aware); a fast clock read years later stands at ``LATEST``."""
        last = self.stops_at or LATEST
        passed = (real - self.real_epoch).total_seconds() * self.speed
        if passed >= (last - self.business_epoch).total_seconds():
            return last
        if passed <= (EARLIEST - self.business_epoch).total_seconds():
            return EARLIEST
        return self.business_epoch + (real - self.real_epoch) * self.speed

    def real(self, business: datetime) -> datetime:
        """The real moment at a business moment (both aware)."""
        return self.real_epoch + (business - self.business_epoch) / self.speed

    def reaches(self, business: datetime) -> bool:
        """Whether the clock ever stands at a business moment."""
        return self.stops_at is None or business <= self.stops_at

    def real_span(self, span: timedelta) -> timedelta:
        """How long a stretch of business time takes really."""
        return span / self.speed
