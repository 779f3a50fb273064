"""What crosses a boundary: inputs of workflows and activities, and what they return.

Every value outlives releases: it is frozen, and a field added later has a default.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from pydantic import Field

from duban.supervision.bodies.organisation import Organisation
from duban.supervision.days.calendar import Zone
from duban.supervision.days.clock import TaskClock
from duban.supervision.model import Frozen
from duban.supervision.packing import packed, unpacked
from duban.supervision.plans.plan import PlanDefinition
from duban.supervision.rules.policy import PackedPolicy, SharedPolicy
from duban.supervision.rules.regime import Regime
from duban.supervision.rules.rulebook import Rulebook
from duban.supervision.tasks.entries import LedgerEntry, NoticeIntent, TaskSnapshot
from duban.supervision.tasks.state import TaskState

_MOST_BYTES_OF_STATE = 8_000_000
"""Of a state unpacked; the largest so far has a hundredth of it."""


class StoredPlan(Frozen):
    """A parsed plan with all that its tasks need, stored by the digest of its content.

    Attributes:
        definition: The plan with its tasks.
        organisation: Bodies, persons, offices.
        policy: Regime and calendar.
        rulebook: Of a register, with the procedures and rhythms by which it opens items; None for a plan, whose text
            is as it was before there were any.
    """

    definition: PlanDefinition
    organisation: Organisation
    policy: SharedPolicy
    rulebook: Rulebook | None = Field(default=None, exclude_if=lambda rulebook: rulebook is None)

    @property
    def is_register(self) -> bool:
        """Whether it is the home of what comes by no plan."""
        return self.rulebook is not None

    def under(self, rules: Regime) -> Self:
        """The same under other rules; a register's are a whole rulebook."""
        rulebook = rules if isinstance(rules, Rulebook) else None
        return self.model_copy(
            update={
                "definition": self.definition.model_copy(update={"regime": rules.name}),
                "policy": self.policy.model_copy(update={"regime": rulebook.regime if rulebook else rules}),
                "rulebook": rulebook if self.is_register else None,
            }
        )


class StartInput(Frozen):
    """What a workflow begins with. Its required fields never become more: by them ours are told from what is typed."""


class Unreadable(Frozen):
    """What somebody sent and nobody can decode; see ``duban.unreadable``.

    Attributes:
        reason: Why it is refused, in a sentence for the person who sent it.
    """

    reason: str


class PlanInput(StartInput):
    """Input of ``ReformPlan``: the plan itself is in the ledger, too large for a payload.

    Attributes:
        digest: Of the stored plan.
        continue_after: For the tasks; see ``TaskInput``.
    """

    code: str
    title: str = ""
    digest: str
    clock: TaskClock = TaskClock()
    continue_after: int | None = None


class PlanRegistered(Frozen):
    """What the ledger says to the registration of a plan.

    Attributes:
        leading_group: Who closes the plan, with the persons who may speak for it (empty: anyone).
        amenders: The bodies that may amend it, each with the persons who may speak for it; empty in a plan that was
            registered by an earlier release.
    """

    tasks: int
    regime: str
    reform_office: str
    leading_group: str
    persons: tuple[str, ...] = ()
    amenders: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    def under(self, *, leading_group: str, reform_office: str, persons: tuple[str, ...]) -> Self:
        """With other offices: what the reform office might do, the new one may."""
        office = {self.reform_office: reform_office}
        amenders = {office.get(body, body): speakers for body, speakers in self.amenders.items()}
        return self.model_copy(
            update={
                "leading_group": leading_group,
                "reform_office": reform_office,
                "persons": persons,
                "amenders": amenders,
            }
        )


class PlanStart(Frozen):
    """What the activities of a plan need: where the plan is, and when it was issued.

    Attributes:
        registered_at: Business moment of registration; the tasks begin there, however late they start.
        is_amendment: The content amends a plan at that moment: its new tasks were not to be handed over before.
    """

    code: str
    digest: str
    registered_at: datetime
    clock: TaskClock = TaskClock()
    continue_after: int | None = None
    is_amendment: bool = False


class PlanAmendment(Frozen):
    """A plan's new content, and who has decided on it.

    Attributes:
        id: Names the message that brought it; the same once more changes nothing.
        digest: Of the amended plan, stored.
        amended_at: Business moment; the tasks that come with it begin there.
        brings_rules: It brings other rules and no tasks: whatever amends the plan later begins its tasks by them.
    """

    code: str
    id: str
    digest: str
    amended_at: datetime
    clock: TaskClock = TaskClock()
    body: str
    person: str
    reason: str
    document: str = ""
    brings_rules: bool = False


RULES = "rules/"


def rules_id(message: str) -> str:
    """By which a version of a plan is known that brought other rules and no tasks."""
    return f"{RULES}{message}"


class AmendmentReceipt(Frozen):
    """What the ledger says to an amendment.

    Attributes:
        added: How many tasks came with it.
        reason: Why it is not registered.
        under: Who is who by the rules that it brought; None where it brought none.
    """

    registered: bool
    added: int = 0
    reason: str = ""
    under: PlanRegistered | None = None


class PlanClosure(Frozen):
    """The leading group's decision to close a plan.

    Attributes:
        item: Code of the item by which it was decided, where there is one.
    """

    code: str
    closed_at: datetime
    body: str
    person: str
    reason: str = ""
    item: str = Field(default="", exclude_if=lambda item: not item)


class PlanStanding(Frozen):
    """How a plan stands, for the query.

    Attributes:
        not_amended: Why amendments that were accepted could not be registered, by the ids of their messages.
    """

    code: str
    status: str
    tasks: int
    waits_for: str
    not_amended: dict[str, str] = Field(default_factory=dict)


class TimelineLine(Frozen):
    """A line of a task's recent timeline, for the query; the whole timeline is in the ledger."""

    version: int
    at: datetime
    text: str


class TaskInput(StartInput):
    """Input of ``ReformTask``; the ledger already holds the entries up to ``state.version``.

    Attributes:
        timeline: The latest lines.
        continue_after: Continue as new after so many messages; None leaves it to the server. For tests.
    """

    state: TaskState
    policy: PackedPolicy
    clock: TaskClock = TaskClock()
    timeline: tuple[TimelineLine, ...] = ()
    continue_after: int | None = None


class Answer(Frozen):
    """What a person is told when a message has been accepted.

    Attributes:
        version: Version of the ledger that shows the effect; the ledger may still be writing it.
        repeated: The same message had been accepted before; nothing happened twice.
    """

    text: str
    version: int
    repeated: bool = False


class AdoptedPolicy(Frozen):
    """Rules that a task has adopted, under the name by which its state calls them."""

    digest: str
    policy: PackedPolicy


def pack_state(state: TaskState) -> str:
    """A task's state as it is kept in the ledger: text that nobody needs to read before the task is started from it."""
    return packed(state.model_dump_json())


def unpack_state(text: str) -> TaskState:
    """The state of a text.

    Raises:
        ValueError: The text is no state.
    """
    return TaskState.model_validate_json(unpacked(text, most_bytes=_MOST_BYTES_OF_STATE))


class RecordBatch(Frozen):
    """Entries of one task, in order, for one transaction.

    Attributes:
        snapshot: The task's row after the last entry.
        closes: The task is final after the last entry.
        state: All that the task knows after the last entry, packed (``pack_state``): with it the ledger alone can
            start the task again. None where a list is handed over piece by piece, but for the last piece.
        adopted: The rules in force after the last entry, where one of the entries changed them.
    """

    task_code: str
    plan_code: str
    round: int
    entries: tuple[LedgerEntry, ...]
    snapshot: TaskSnapshot
    clock: TaskClock = TaskClock()
    closes: bool = False
    state: str | None = None
    adopted: AdoptedPolicy | None = None


class RecordReceipt(Frozen):
    """What the ledger says to a batch.

    Attributes:
        version: The task's version in the ledger now.
        plan_finished: This write closed the plan's last open task.
        late_by: By how much real time the task woke after its moment; zero where it was on time.
    """

    version: int
    plan_finished: bool = False
    late_by: timedelta = timedelta()


class PaperNumber(Frozen):
    """A number of a series, without gaps: ``催办通知〔2016〕1号``."""

    series: str
    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.series}〔{self.year}〕{self.number}号"


class NoticeToSend(Frozen):
    """An intent with what its text needs.

    Attributes:
        idempotency_key: ``task/round/episode/kind or level/occurrence/recipient``.
        zone: Of the plan's regime: in it a moment is a date.
    """

    idempotency_key: str
    task_code: str
    task_title: str
    plan_title: str
    zone: Zone
    paper: PaperNumber | None = None
    intent: NoticeIntent


class Delivery(Frozen):
    """One message to one body: one or more notices under one identifier.

    Attributes:
        id: The same at every attempt.
        attempt: 1 for the first.
        uncertain: An earlier attempt was begun and its outcome never recorded.
        claimed_at: Business moment of the claim.
    """

    id: str
    recipient: str
    attempt: int = 1
    uncertain: bool = False
    claimed_at: datetime
    notices: tuple[NoticeToSend, ...]


class DeliveryOutcome(StrEnum):
    """What came of an attempt."""

    DELIVERED = "delivered"
    RETRY = "retry"
    UNDELIVERABLE = "undeliverable"


class DispatchInput(StartInput):
    """Input of ``Dispatch``: one receiving body."""

    body: str


class DispatchRound(Frozen):
    """What one round of delivering found.

    Attributes:
        delivered: Messages sent in this round.
        next_at: Real moment at which the next notice may be sent; None when nothing is pending.
    """

    delivered: int = 0
    next_at: datetime | None = None
