"""An office that works every day, and in whose day it is evening: what tests in real time expect holds at any hour."""

from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from duban.ledger import Ledger, migrate
from duban.settings import Settings
from duban.supervision.days.announced_year import AnnouncedYear
from duban.supervision.days.clock import TaskClock

SATURDAY = 5
AFTER_HOURS = 20
SHANGHAI = ZoneInfo("Asia/Shanghai")


def works_every_day(home: Path) -> None:
    """Let the ledger of a home know years without a day off, so that levels do not wait for Monday."""
    url = Settings(home=home).database_url
    migrate(url)
    now = datetime.now(UTC)
    with closing(Ledger.open(url)) as ledger:
        for year in (now.year - 1, now.year, now.year + 1):
            first = date(year, 1, 1)
            days = (first + timedelta(days=number) for number in range((date(year + 1, 1, 1) - first).days))
            worked = tuple(day for day in days if day.weekday() >= SATURDAY)
            announced = AnnouncedYear(year=year, source="测试：天天上班", holidays=(), worked_weekends=worked)
            ledger.years.adopt(announced, "市委改革办", "李四", now)


def evening() -> TaskClock:
    """A clock by which it is the evening of today now: whatever falls due today has been given in office hours."""
    now = datetime.now(SHANGHAI)
    return TaskClock(
        business_epoch=now.replace(hour=AFTER_HOURS, minute=0, second=0).astimezone(UTC),
        real_epoch=now.astimezone(UTC),
    )
