"""A task under supervision, driven as its workflow drives it: tick at each next moment, tell it what people say."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple, Self, TypeVar

from duban.calendars import compile_calendar
from duban.regimes import load_regime
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.bodies.roles import TaskRoles
from duban.supervision.levels.lag import lag_on
from duban.supervision.plans.plan import PlanDefinition, PlannedMilestone, TaskDefinition
from duban.supervision.rules.policy import Policy
from duban.supervision.tasks.advance import Tick, Transition, advance
from duban.supervision.tasks.begin import begin
from duban.supervision.tasks.entries import Change, EntryKind, LedgerEntry, NoticeIntent, NoticeKind, ReminderChange
from duban.supervision.tasks.messages import (
    Accept,
    AnyMessage,
    Decide,
    Ground,
    ReportProgress,
    RequestExtension,
    RequestStrikeOff,
    ReturnForRework,
    Suspend,
    Urge,
    Verify,
)
from duban.supervision.tasks.moments import next_moment
from duban.supervision.tasks.state import RungStatus, TaskState
from duban.supervision.tasks.turn import Refusal

HANDLING, LEAD, SUPERVISOR = "市医保中心", "市医保局", "市政府督查室"
OFFICE, GROUP = "市委改革办", "市委全面深化改革领导小组"

A = TypeVar("A", bound=Change)


class Reminder(NamedTuple):
    """A reminder as given: level, when it became due, when it goes out."""

    level: str
    due_on: str
    delivered_on: str


@cache
def policy_of(regime: str = "kunming", first_year: int = 2015, last_year: int = 2018) -> Policy:
    found = load_regime(regime)
    return Policy(regime=found, calendar=compile_calendar(found.zone, first_year, last_year))


def day(text: str) -> date:
    return date.fromisoformat(text)


def node(number: int, due_on: str, **more: Any) -> PlannedMilestone:
    return PlannedMilestone(number=number, phrase=f"节点{number}", due_on=day(due_on), **more)


def roles_of(definition: TaskDefinition, policy: Policy, supervisor: str = SUPERVISOR) -> TaskRoles:
    return Organisation().roles_for(definition, supervisor, policy.regime)


class Supervised:
    """One task, its clock, and all that it has entered in the ledger."""

    def __init__(
        self,
        *due_on: str | PlannedMilestone,
        entered: str = "2016-05-03",
        regime: str | Policy = "kunming",
        supervisor: str = SUPERVISOR,
        **task: Any,
    ) -> None:
        self.policy = policy_of(regime) if isinstance(regime, str) else regime
        nodes = tuple(d if isinstance(d, PlannedMilestone) else node(i, d) for i, d in enumerate(due_on, 1))
        fields = {"code": "T-1", "title": "医保支付方式改革", "lead_body": LEAD, "handling_body": HANDLING, **task}
        definition = TaskDefinition(milestones=nodes, **fields)
        plan = PlanDefinition(code="T", title="方案", issued_on=day(entered))
        self.now = self.moment(f"{entered} 10:00")
        begun = begin(definition, plan, roles_of(definition, self.policy, supervisor), self.policy, self.now)
        self.state: TaskState = begun.state
        self.entries: list[LedgerEntry] = list(begun.entries)
        self._said = 0

    # Time

    def moment(self, text: str) -> datetime:
        """``2016-07-16`` is the end of that local day, ``2016-07-16 10:00`` a minute of it."""
        local = datetime.fromisoformat(text)
        minute = local.hour * 60 + local.minute if " " in text else 24 * 60 - 1
        return self.policy.calendar.zone.at(local.date(), minute)

    def until(self, text: str) -> Self:
        """Let time pass with the task awake."""
        end = self.moment(text)
        while (coming := next_moment(self.state, self.policy)) is not None and coming.at <= end:
            self.now = max(self.now, coming.at)
            before = self.state
            self._take(advance(self.state, Tick(), self.policy, self.now))
            assert self.state != before, f"awake for nothing: {coming}"
        self.now = end
        return self

    def asleep_until(self, text: str) -> Self:
        """Let time pass with no worker running."""
        self.now = self.moment(text)
        return self

    def wake(self) -> Self:
        self._take(advance(self.state, Tick(), self.policy, self.now))
        return self

    # Messages

    def tell(self, message: AnyMessage) -> Transition:
        done = advance(self.state, message, self.policy, self.now)
        assert isinstance(done, Transition), done
        self._take(done)
        return done

    def tried(self, message: AnyMessage) -> Transition:
        """What a message would do; it is not done."""
        done = advance(self.state, message, self.policy, self.now)
        assert isinstance(done, Transition), done
        return done

    def refuses(self, message: AnyMessage) -> str:
        """Why a message is refused; nothing changes."""
        before = self.state.model_dump_json()
        done = advance(self.state, message, self.policy, self.now)
        assert isinstance(done, Refusal), done
        assert self.state.model_dump_json() == before
        return done.reason

    def said(self, body: str, at: str | None = None, id: str = "") -> dict[str, Any]:  # noqa: A002 - the field's name
        """An envelope as our clients stamp it."""
        self._said += 1
        moment = self.moment(at) if at else self.now
        return {"body": body, "person": "张三", "id": id or f"s{self._said}", "occurred_at": moment}

    def report(self, *milestones: int, at: str | None = None, id: str = "", **more: Any) -> Transition:  # noqa: A002
        more = {"evidence": "市医保发〔2016〕1号" if milestones else "", "note": "进展", **more}
        return self.tell(ReportProgress(**self.said(HANDLING, at, id), milestones=milestones, **more))

    def accept(self) -> Transition:
        return self.tell(Accept(**self.said(HANDLING)))

    def ask_extension(self, milestone: int, new_due_on: str, at: str | None = None) -> Transition:
        wish = RequestExtension(
            **self.said(HANDLING, at), milestone=milestone, new_due_on=day(new_due_on), reason="省里推迟"
        )
        return self.tell(wish)

    def decide(self, body: str, approve: bool, *, grounds: Sequence[Ground] = (), **more: Any) -> Transition:
        envelope = self.said(body, more.pop("at", None))
        reason = "" if approve else "理由不充分"
        message = Decide(**envelope, approve=approve, grounds=tuple(grounds), **{"reason": reason, **more})
        return self.tell(message)

    def extend(self, milestone: int, new_due_on: str) -> None:
        self.ask_extension(milestone, new_due_on)
        self.decide(SUPERVISOR, True)

    def suspension(self, until: str | None = None, at: str | None = None) -> Suspend:
        end = day(until) if until else None
        return Suspend(**self.said(SUPERVISOR, at), reason="上级政策调整", until=end)

    def suspend(self, until: str | None = None, at: str | None = None) -> Transition:
        return self.tell(self.suspension(until, at))

    def send_back(self, at: str | None = None, **more: Any) -> Transition:
        return self.tell(ReturnForRework(**self.said(SUPERVISOR, at), reason="依据不足", **more))

    def urge(self) -> Transition:
        return self.tell(Urge(**self.said(SUPERVISOR), text="请抓紧办理"))

    def ask_strike_off(self, at: str | None = None) -> Transition:
        return self.tell(RequestStrikeOff(**self.said(HANDLING, at), deliverable="市医保发〔2016〕9号"))

    def verify(self, passed: bool = True) -> Transition:
        return self.tell(Verify(**self.said(SUPERVISOR), passed=passed, note="" if passed else "成果不符"))

    def _take(self, done: Transition | Refusal) -> None:
        assert isinstance(done, Transition), done
        self.state, self.policy = done.state, done.policy or self.policy
        self.entries.extend(done.entries)

    # What the ledger shows

    def changes(self, kind: type[A]) -> Iterator[A]:
        return (change for entry in self.entries for change in entry.changes if isinstance(change, kind))

    def notices(self, kind: NoticeKind) -> list[NoticeIntent]:
        return [notice for notice in self.changes(NoticeIntent) if notice.kind is kind]

    def kinds(self) -> list[EntryKind]:
        return [entry.kind for entry in self.entries]

    def of_kind(self, kind: EntryKind) -> list[LedgerEntry]:
        return [entry for entry in self.entries if entry.kind is kind]

    def delivered(self, notice: NoticeIntent) -> str:
        return self.policy.calendar.zone.local_date(notice.deliver_not_before).isoformat()

    def given(self) -> list[Reminder]:
        """Reminders given, each once, in order, whatever the number of recipients."""
        found = (
            Reminder(n.level or "", n.explanation.due_on.isoformat(), self.delivered(n))
            for n in self.notices(NoticeKind.REMINDER)
        )
        return list(dict.fromkeys(found))

    def levels(self) -> dict[str, RungStatus]:
        """The last status of every reminder by its key."""
        return {change.key: change.status for change in self.changes(ReminderChange)}

    def reasons(self) -> dict[str, str]:
        return {c.key: c.reason for c in self.changes(ReminderChange) if c.status is RungStatus.NOT_ISSUED}

    def lag(self, text: str) -> int:
        episode = self.state.episode
        return lag_on(day(text), episode.opened_on, self.state.suspensions) if episode else 0

    def chases(self, obligation: str) -> list[str]:
        """Local dates on which what is owed was chased."""
        return [self.delivered(n) for n in self.notices(NoticeKind.CHASE) if n.subject == obligation]
