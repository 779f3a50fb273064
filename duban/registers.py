"""What crosses a boundary of a register: the input of its workflow, of its activities, and what they return.

Like ``duban.contracts``: every value outlives releases, is frozen, and a field added later has a default.
"""

from datetime import date, datetime, timedelta

from pydantic import Field

from duban.contracts import Answer, PlanStanding, StartInput
from duban.supervision.days.clock import TaskClock
from duban.supervision.model import Frozen
from duban.supervision.registers.occurrences import Occurrence
from duban.supervision.registers.registers import ComingRound, RegisterRules
from duban.supervision.registers.wanted_items import WantedItem


class Settled(Frozen):
    """What came of a message to a register.

    Attributes:
        code: Of the item that was opened.
        number: Of that item.
        reason: Why it was refused; empty where it was not.
    """

    code: str = ""
    number: int = 0
    reason: str = ""


class RegisterState(Frozen):
    """What a register knows, carried from run to run.

    Attributes:
        digest: Of the content that it goes by now.
        settled: The newest messages, by their ids.
        opened: How many items it has opened, as far as it has been told.
        highest: The highest number that it has given, as far as it has been told.
        again_at: Business moment of the next sweep, where something could not be told yet.
    """

    digest: str
    rules: RegisterRules
    coming: ComingRound
    settled: dict[str, Settled] = Field(default_factory=dict)
    opened: int = 0
    highest: int = 0
    again_at: datetime | None = Field(default=None, exclude_if=lambda moment: moment is None)

    @property
    def last_number(self) -> int:
        """No new item gets this number or a lower one, whatever a ledger that was taken back has."""
        return self.highest or self.opened  # earlier releases knew only how many they were

    def with_opened(self, count: int, *, number: int = 0) -> "RegisterState":
        """After items were opened.

        Args:
            number: The highest that is known to have been given; 0 where only the count is known.
        """
        highest = max(self.last_number + (count if not number else 0), number)
        return self.model_copy(update={"opened": self.opened + count, "highest": highest})


class RegisterInput(StartInput):
    """Input of ``Register``: its content is in the ledger.

    Attributes:
        digest: Of the stored content.
        continue_after: Continue as new after so many pieces of work; None leaves it to the server. For tests.
        carried: What an earlier run knew.
    """

    code: str
    title: str = ""
    digest: str
    clock: TaskClock = TaskClock()
    continue_after: int | None = None
    carried: RegisterState | None = None


class AtRegister(Frozen):
    """Which register an activity is about, under which content, and when.

    Attributes:
        at: Business moment at which it is done.
        after: The highest number that the register has given: the ledger may have been taken back behind it.
    """

    code: str
    digest: str
    at: datetime
    clock: TaskClock = TaskClock()
    after: int = 0


class RegisterBegun(Frozen):
    """What a register begins with, or goes on with after its workflow was lost.

    Attributes:
        digest: Of the content that it goes by now.
        to_come_from: As of ``ComingRound``, for the rhythms that the ledger knows to have been dealt with, or to have
            come with other rules.
        begun_on: Local day on which it was registered.
        opened: How many items it has opened.
        highest: The highest number that it has given.
        is_closed: It is over; nothing is left to do.
    """

    digest: str
    rules: RegisterRules
    begun_on: date
    to_come_from: dict[str, date] = Field(default_factory=dict)
    opened: int = 0
    highest: int = 0
    is_closed: bool = False


class PeriodOpening(AtRegister):
    """A rhythm's period whose items are to be opened.

    Attributes:
        rhythm: Its key.
        missed: Earlier periods that were not opened in their time.
    """

    rhythm: str
    opened: Occurrence
    missed: tuple[Occurrence, ...] = ()


class HandOpening(AtRegister):
    """An item that a person opens.

    Attributes:
        id: Of the message; an item is opened once for it.
        anyway: Why, although another one is like it.
    """

    id: str
    body: str
    person: str
    wanted: WantedItem
    anyway: str = ""


class RegisterAdopting(AtRegister):
    """The register is to go on under another content.

    Attributes:
        from_on: Local day from which rhythms hold that come with it; None: the day on which it is adopted.
    """

    id: str
    from_on: date | None = None


class RegisterClosure(AtRegister):
    """The office's decision to close a register.

    Attributes:
        anyway: Although items are open.
    """

    id: str
    body: str
    person: str
    reason: str
    anyway: bool = False


class Adopted(Frozen):
    """What came of a new content: the rules by it, or why it cannot be used."""

    rules: RegisterRules | None = None
    reason: str = ""


class Swept(Frozen):
    """What a sweep found.

    Attributes:
        opened: How many items it opened.
        highest: The highest number that the ledger has given.
        rules: Where they are others than those that the register decides by: the year's holidays are known now.
        again_after: Something could not be told yet; real time after which to sweep again.
    """

    opened: int = 0
    highest: int = 0
    rules: RegisterRules | None = None
    again_after: timedelta | None = Field(default=None, exclude_if=lambda wait: wait is None)


class Sweeping(AtRegister):
    """Looking after what other items asked for and what was registered and not started.

    Attributes:
        calendar: Digest of the calendar that the register reckons by.
    """

    calendar: str = ""


class Opened(Answer):
    """What a person is told who has opened an item.

    Attributes:
        code: Of the item; empty while it is still being written.
    """

    code: str = ""


class RegisterStanding(PlanStanding):
    """How a register stands, for the query; what it has opened is in the ledger.

    Attributes:
        next_at: Business moment at which it wakes by itself, and ``next_text`` what for.
        to_come_from: As of ``ComingRound``.
    """

    next_at: datetime | None = None
    next_text: str = ""
    to_come_from: dict[str, date] = Field(default_factory=dict)
