"""One transition in the making: the state so far and the entries it will leave.

A turn is thrown away when the event is refused, therefore rules may work on it freely.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from duban.supervision.clauses import Limit, Source
from duban.supervision.days.calendar import OfficeCalendar, spread_of
from duban.supervision.days.provisional import PROVISIONAL, marked, rests_on_unannounced
from duban.supervision.rules.policy import Policy
from duban.supervision.rules.procedures import Procedure
from duban.supervision.rules.regime import Regime
from duban.supervision.tasks.entries import Change, Citation, EntryKind, LedgerEntry, MilestoneChange
from duban.supervision.tasks.messages import Message
from duban.supervision.tasks.state import Episode, Milestone, RungRecord, TaskState


@dataclass(frozen=True, slots=True)
class Refusal:
    """An event that the rules do not allow, and why, in a sentence for the person who sent it."""

    reason: str


@dataclass(slots=True)
class Turn:
    """A transition in the making.

    Attributes:
        now: Business moment at which the event is handled.
        at: Business moment at which it counts; before ``now`` for a message handled late.
        message: The message, or None where only time has passed.
    """

    state: TaskState
    policy: Policy
    now: datetime
    at: datetime
    message: Message | None = None
    entries: list[LedgerEntry] = field(default_factory=list)

    @property
    def calendar(self) -> OfficeCalendar:
        """The calendar in force."""
        return self.policy.calendar

    @property
    def regime(self) -> Regime:
        """The regime in force."""
        return self.policy.regime

    @property
    def procedure(self) -> Procedure | None:
        """The procedure by which the task goes step by step; None where it lives by its milestones."""
        return self.policy.procedure if self.state.definition.procedure else None

    @property
    def today(self) -> date:
        """Local date at which the event counts."""
        return self.calendar.zone.local_date(self.at)

    @property
    def spread(self) -> float:
        """The task's place in the office window."""
        return spread_of(self.state.code)

    @property
    def deliver_from(self) -> datetime:
        """When a notice decided now may go out: in office hours of a working day."""
        return self.calendar.office_moment_from(self.now, self.spread)

    def update(self, **changes: Any) -> None:
        """Replace fields of the state."""
        self.state = self.state.model_copy(update=changes)

    def enter(self, kind: EntryKind, text: str, *changes: Change, corrects: int | None = None) -> None:
        """Add an entry to the timeline."""
        version = self.state.version + 1
        said = self.message
        told = tuple(marked(change, self.calendar) for change in changes)
        mark = PROVISIONAL if any(rests_on_unannounced(change, self.calendar) for change in told) else ""
        self.entries.append(
            LedgerEntry(
                version=version,
                kind=kind,
                at=self.at,
                recorded_at=self.now,
                body=said.body if said else "",
                person=said.person if said else "",
                message_id=said.id if said else "",
                text=f"{text}{mark}",
                changes=told,
                corrects=corrects,
            )
        )
        self.update(version=version)

    def replace_milestone(self, milestone: Milestone) -> MilestoneChange:
        """Put a changed milestone in its place; returns the row that changes with it."""
        self.update(milestones=tuple(milestone if m.number == milestone.number else m for m in self.state.milestones))
        return milestone_change(milestone)

    def replace_episode(self, episode: Episode) -> None:
        """Put a changed episode in its place, or add a new one."""
        others = tuple(e for e in self.state.episodes if e.number != episode.number)
        self.update(episodes=(*others, episode))

    def replace_rung(self, record: RungRecord) -> None:
        """Put a changed level record in its place, or add a new one."""
        others = tuple(r for r in self.state.rungs if r.key != record.key)
        self.update(rungs=(*others, record))

    def cite_limit(self, rule: str, limit: Limit, demanded_by: Source | None = None) -> Citation:
        """The rule behind a limit.

        Args:
            rule: Its name.
            limit: Days, and where they come from.
            demanded_by: The sentence that demands what is due, where the limit itself is assumed.
        """
        if demanded_by is None or not limit.source.assumed:
            return self.cite(rule, limit.source, limit.assumed)
        return self.cite(rule, demanded_by, limit.assumed or f"文件未规定天数，{limit.words}为系统预设")

    def cite(self, rule: str, source: Source, assumed: str = "") -> Citation:
        """The rule behind what is produced, with its clause or the mark of an assumption."""
        document = self.regime.document
        return Citation(
            rule=rule,
            document=f"{document.issuer}《{document.title}》" if not source.assumed else "",
            paragraph=source.paragraph,
            sentence=source.sentence,
            assumed=assumed or ("文件未作规定，为系统预设" if source.assumed else ""),
        )


def milestone_change(milestone: Milestone) -> MilestoneChange:
    """A milestone's row."""
    return MilestoneChange(**milestone.model_dump(exclude={"announced_for"}))


def day_text(day: date) -> str:
    """A date as notices write it."""
    return f"{day.year}年{day.month}月{day.day}日"
