"""Small values for the ledger's tests: what the core would say, without the core."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from duban.contracts import RecordBatch, StoredPlan
from duban.ledger import Ledger, PlanRegistration, RegistrationReceipt
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.clauses import Limit, Source
from duban.supervision.days.calendar import OfficeCalendar, Zone, ZoneOffset
from duban.supervision.days.clock import TaskClock
from duban.supervision.plans.plan import MilestoneKind, PlanDefinition, TaskDefinition
from duban.supervision.rules.authority import Act, Authority
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.parts import HANDLING_BODY, LEAD_BODY, LEADING_GROUP, REFORM_OFFICE, SUPERVISING_BODY
from duban.supervision.rules.policy import Policy
from duban.supervision.rules.regime import Chasing, Document, Regime
from duban.supervision.rules.rungs import Ladder
from duban.supervision.tasks.entries import (
    Change,
    Citation,
    EntryKind,
    Explanation,
    LedgerEntry,
    MilestoneChange,
    NoticeIntent,
    NoticeKind,
    TaskSnapshot,
)

EPOCH = datetime(2022, 4, 14, 1, tzinfo=UTC)
"""09:00 in Shanghai."""
REAL_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
FAST = TaskClock(business_epoch=EPOCH, real_epoch=REAL_EPOCH, speed=86_400)
"""A business day in a real second."""

ASSUMED = Source(assumed=True)
POLICY = Policy(
    regime=Regime(
        name="kunming",
        title="测试",
        document=Document(title="测试", issuer="测试", issued_on=date(2016, 1, 1), file="none.md"),
        offices={"reform_office": ("改革办",), "leading_group": ("领导小组",)},
        ladder=Ladder(rungs=()),
        advance_notice=Limit(days=7, source=ASSUMED),
        cycle_notice=Limit(days=7, source=ASSUMED),
        limits={duty: Limit(days=2, source=ASSUMED) for duty in Duty},
        chasing=Chasing(every=Limit(days=2, source=ASSUMED), at_most=2),
        authority=Authority(
            acts=dict.fromkeys(Act, (SUPERVISING_BODY, LEAD_BODY, HANDLING_BODY, REFORM_OFFICE, LEADING_GROUP)),
            source=ASSUMED,
        ),
    ),
    calendar=OfficeCalendar(
        zone=Zone(name="Asia/Shanghai", offsets=(ZoneOffset(since=datetime(1991, 9, 15, tzinfo=UTC), minutes=480),))
    ),
)


def at(days: float) -> datetime:
    """A business moment so many days after the epoch."""
    return EPOCH + timedelta(days=days)


def real(days: float) -> datetime:
    """The real moment of ``at(days)`` on the fast clock."""
    return FAST.real(at(days))


def task(code: str, **fields: object) -> TaskDefinition:
    """A task of the office of statistics."""
    return TaskDefinition.model_validate({"code": code, "title": f"事项{code}", "lead_body": "统计局"} | fields)


def plan(*tasks: TaskDefinition, code: str = "P", title: str = "改革方案") -> StoredPlan:
    """A plan of these tasks."""
    definition = PlanDefinition(
        code=code, title=title, issued_on=date(2022, 4, 14), supervising_body="改革办", tasks=tasks
    )
    return StoredPlan(definition=definition, organisation=Organisation(), policy=POLICY)


def entry(version: int, *changes: Change, text: str = "登记", kind: EntryKind = EntryKind.REGISTERED) -> LedgerEntry:
    """An entry of the day of its version."""
    moment = at(version)
    return LedgerEntry(version=version, kind=kind, at=moment, recorded_at=moment, text=text, changes=changes)


def snapshot(version: int, status: str = "registered", **fields: object) -> TaskSnapshot:
    """A task's row after an entry."""
    usual: dict[str, object] = {
        "due_on": None,
        "behind_since": None,
        "episode": 0,
        "reminder_level": None,
        "awaiting": (),
        "next_moment_at": None,
    }
    return TaskSnapshot.model_validate(usual | {"version": version, "status": status} | fields)


def batch(
    code: str,
    *entries: LedgerEntry,
    plan_code: str = "P",
    status: str = "under_way",
    closes: bool = False,
    **fields: object,
) -> RecordBatch:
    """The entries of a task with the snapshot after the last."""
    last = entries[-1].version
    return RecordBatch(
        task_code=code,
        plan_code=plan_code,
        round=1,
        entries=entries,
        snapshot=snapshot(last, "struck_off" if closes else status, **fields),
        clock=FAST,
        closes=closes,
    )


def registration(stored: StoredPlan, digest: str, batches: Sequence[RecordBatch] = ()) -> PlanRegistration:
    """A registration in which every task has its first entry, unless said otherwise."""
    usual = [batch(t.code, entry(1), plan_code=stored.definition.code) for t in stored.definition.tasks]
    return PlanRegistration(
        digest=digest, plan=stored, clock=FAST, registered_at=EPOCH, batches=tuple(batches or usual)
    )


def register(ledger: Ledger, stored: StoredPlan, batches: Sequence[RecordBatch] = ()) -> RegistrationReceipt:
    """Store and register a plan."""
    digest = ledger.plans.store_plan(stored)
    return ledger.plans.register_plan(registration(stored, digest, batches))


def milestone(number: int = 1, due_on: date = date(2022, 6, 30)) -> MilestoneChange:
    """A milestone that is not met."""
    return MilestoneChange(
        number=number,
        phrase="6月底完成",
        kind=MilestoneKind.OTHER,
        baseline_on=due_on,
        due_on=due_on,
        final=False,
        met_at=None,
        met_by="",
        evidence="",
    )


def notice(
    key: str,
    *,
    to: str = "统计局",
    subject: str = "",
    day: float = 1,
    kind: NoticeKind = NoticeKind.REMINDER,
    paper: str | None = None,
) -> NoticeIntent:
    """A notice that may be delivered from a day on."""
    return NoticeIntent(
        key=key,
        kind=kind,
        level="phone" if kind is NoticeKind.REMINDER else None,
        episode=1,
        subject=subject or key,
        recipient=to,
        issuer="改革办",
        issued_at=at(day),
        deliver_not_before=at(day),
        paper=paper,
        explanation=Explanation(
            milestone_due_on=date(2022, 6, 30), lag_days=16, due_on=date(2022, 7, 16), citation=Citation(rule="phone")
        ),
    )
