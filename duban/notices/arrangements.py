"""What an installation has arranged for its bodies: by which channel each is told, when, and how often."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Self

from duban.calendars import compile_calendar
from duban.notices.channels_file import NO_FILE, BodyEntry, ChannelsFile, secret_names
from duban.notices.channels_reading import read_channels_file
from duban.notices.clock_times import quiet_hours, time_text, times_of_day
from duban.notices.named_secrets import NamedSecrets
from duban.redaction import secrets_in_url
from duban.settings import Settings
from duban.supervision.bundling import SendingRules
from duban.supervision.days.calendar import OfficeCalendar
from duban.supervision.model import Frozen

FIRST_YEAR, YEARS_AHEAD = 2010, 3
"""Years whose working days are known here; outside them the office is at work on every Monday."""
ZONE = "Asia/Shanghai"
"""Of the calendar that says on which day a week begins; the days and hours of a plan are in its own zone."""


class Way(Frozen):
    """By which channel a body is told, and by which one where that cannot deliver."""

    channel: str
    fallback: str | None = None


class Arrangements:
    """The settings and the channels file, as one asks them about a body."""

    def __init__(self, settings: Settings, file: ChannelsFile) -> None:
        """Takes what has been read."""
        self.file, self._settings = file, settings
        self.usual_way = Way(channel=file.default or settings.channel.value)
        self._usual = SendingRules(
            quiet=quiet_hours(settings.quiet_hours),
            send_at=times_of_day(settings.sending_times),
            weekly=settings.weekly_messages or None,
        )

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Reads the channels file, if there is one.

        Raises:
            OfficeFileError: The file cannot be used.
        """
        if settings.channels_file is None:
            return cls(settings, NO_FILE)
        secrets = NamedSecrets(settings.secrets_dir)
        return cls(settings, read_channels_file(settings.channels_file, secrets, settings.channel.value))

    @property
    def own(self) -> str:
        """Name of the channel that the settings describe."""
        return self._settings.channel.value

    @property
    def channel_names(self) -> tuple[str, ...]:
        """All channels by which anything can go: that of the settings first, then those of the file."""
        return self.own, *self.file.channels

    def way_of(self, body: str) -> Way:
        """How a body is told."""
        entry = self.file.bodies.get(body)
        if entry is None:
            return self.usual_way
        return Way(channel=entry.channel or self.usual_way.channel, fallback=entry.fallback)

    def rules_for(self, body: str) -> SendingRules:
        """When and how often a body is told."""
        entry = self.file.bodies.get(body, BodyEntry())
        weekly = self._usual.weekly if entry.weekly is None else entry.weekly or None
        return SendingRules(
            quiet=entry.quiet or self._usual.quiet,
            send_at=self._usual.send_at if entry.send_at is None else entry.send_at,
            weekly=weekly,
            calendar=_calendar() if weekly is not None else None,
        )

    def usual_rules_in_words(self) -> str:
        """When and how often a body is told of which nothing else is said (Chinese)."""
        return in_words(self._usual)

    def longest_attempt(self) -> float:
        """Seconds that an attempt takes at most, at both channels of a body together."""
        stated = [channel.timeout for channel in self.file.channels.values() if channel.timeout is not None]
        longest = max([self._settings.webhook_timeout_seconds, *stated])
        return longest * (2 if any(entry.fallback for entry in self.file.bodies.values()) else 1)

    def secrets(self) -> Iterator[str]:
        """What no log line may hold: the secrets that the file names, and the tokens in the addresses among them."""
        named = NamedSecrets(self._settings.secrets_dir)
        for _, name in secret_names(self.file):
            value = named.get(name).get_secret_value()
            yield value
            yield from secrets_in_url(value)


def in_words(rules: SendingRules) -> str:
    """Rules as people read them."""
    times = "、".join(map(time_text, rules.send_at))
    said = [
        f"{times}集中发送" if times else "到时即发",
        f"{time_text(rules.quiet.begins)}至{time_text(rules.quiet.ends)}不发送" if rules.quiet else "",
        f"每周{rules.weekly}件，超过后不紧急的等到下周" if rules.weekly else "每周件数不限",
    ]
    return "；".join(part for part in said if part)


@cache
def _calendar() -> OfficeCalendar:
    return compile_calendar(ZONE, FIRST_YEAR, datetime.now(UTC).year + YEARS_AHEAD)
