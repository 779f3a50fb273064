"""A register as it stands: what it goes by, what it decides by, and what it may open.

The same for whoever opens items and for whoever shows or asks what could be opened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from duban.calendars import with_years
from duban.contracts import AdoptedPolicy, RecordBatch, StoredPlan, pack_state
from duban.ledger import Ledger, NotInLedger, PlanRegistration
from duban.ledger.plans.plans import PlanRow
from duban.ledger.registers.register_rows import NewItem
from duban.likeness import Likeness, alike
from duban.supervision.days.calendar import ONE_DAY, OfficeCalendar
from duban.supervision.days.clock import TaskClock
from duban.supervision.plans.plan import TaskDefinition
from duban.supervision.registers.registers import ComingRound, RegisterRules, office_of, openable_of
from duban.supervision.registers.wanted_items import Office, WantedItem, roles_of, supervising_body, title_of
from duban.supervision.rules.parts import SUPERVISING_BODY
from duban.supervision.rules.policy import Policy
from duban.supervision.rules.procedures import Procedure
from duban.supervision.rules.rulebook import Rulebook
from duban.supervision.steps.items import opened
from duban.supervision.tasks.begin import begin
from duban.supervision.tasks.turn import Refusal
from duban.supervision.tasks.views import snapshot

ADOPT = "adopt"
"""Kind of the message by which a register learns of another content."""


@dataclass(frozen=True)
class OpenRegister:
    """A register: what it goes by now, with the holidays that the office has taken over since.

    Attributes:
        digest: Of that content.
    """

    code: str
    digest: str
    clock: TaskClock
    content: StoredPlan
    rulebook: Rulebook
    calendar: OfficeCalendar

    @cached_property
    def office(self) -> Office:
        """Whose register it is."""
        organisation, regime = self.content.organisation, self.content.policy.regime
        stated = self.content.definition.supervising_body
        return Office(
            organisation=organisation,
            regime=regime,
            supervising_body=organisation.supervising_body(stated, regime),
        )

    @property
    def offices(self) -> dict[str, tuple[str, ...]]:
        """Bodies by role, under their own names, the supervising body's among them."""
        held = self.office.organisation.offices(self.office.regime).items()
        named = {role: tuple(map(self.office.canonical, bodies)) for role, bodies in held}
        return {**named, SUPERVISING_BODY: (self.office.supervising_body,)}

    def procedure(self, key: str) -> Procedure | None:
        """A procedure by its key."""
        return self.rulebook.procedures.get(key)

    def registration(self, wanted: TaskDefinition, procedure: Procedure, at: datetime) -> NewItem | Refusal:
        """An item with the entries that it begins with, or why it could not be walked to its end.

        Args:
            at: Business moment.
        """
        policy = Policy(regime=self.content.policy.regime, calendar=self.calendar, procedure=procedure)
        roles = roles_of(wanted, procedure, self.office)
        definition = opened(wanted, roles, policy, self.calendar.zone.local_date(at))
        if isinstance(definition, Refusal):
            return definition
        pressing = supervising_body(definition, procedure, self.office)
        plan = self.content.definition.model_copy(update={"supervising_body": pressing, "tasks": (definition,)})
        begun = begin(definition, plan, roles, policy, at)
        batch = RecordBatch(
            task_code=definition.code,
            plan_code=self.code,
            round=begun.state.round,
            entries=begun.entries,
            snapshot=snapshot(begun.state, policy),
            clock=self.clock,
            state=pack_state(begun.state),
            adopted=AdoptedPolicy(digest=begun.state.policy_digest, policy=policy),
        )
        registration = PlanRegistration(
            digest=self.digest,
            plan=StoredPlan(definition=plan, organisation=self.content.organisation, policy=policy),
            clock=self.clock,
            registered_at=at,
            batches=(batch,),
        )
        return NewItem(definition=definition, registration=registration)


def open_register(ledger: Ledger, code: str, digest: str, clock: TaskClock) -> OpenRegister:
    """A register under a content.

    Raises:
        NotInLedger: That content is not stored, or is no register's.
    """
    content = ledger.plans.load_plan(digest)
    if content.rulebook is None:
        raise NotInLedger(f"{code} 不是登记簿")
    announced = ledger.years.announced()
    calendar = with_years(content.policy.calendar, [announced[year] for year in sorted(announced)])
    return OpenRegister(
        code=code, digest=digest, clock=clock, content=content, rulebook=content.rulebook, calendar=calendar
    )


def newest_digest(ledger: Ledger, code: str, begun_with: str) -> str:
    """The content that a register goes by: what it was told last, else what it began with."""
    told = ledger.orders.told_last(code, ADOPT) or {}
    return str(told.get("digest") or begun_with)


def coming_of(ledger: Ledger, row: PlanRow) -> ComingRound:
    """How far each rhythm of a register has been dealt with, as the ledger has it; a lost workflow goes on from it."""
    zone = row.zone
    coming = ComingRound(begun_on=zone.local_date(row.registered_at))
    before = rules_of(open_register(ledger, row.code, row.digest, row.clock))
    for told in ledger.orders.all_told(row.code, ADOPT):
        if digest := str(told.fields.get("digest") or ""):
            after = rules_of(open_register(ledger, row.code, digest, row.clock))
            coming = coming.under(before, after, zone.local_date(row.clock.business(told.ordered_at_real)))
            before = after
    dealt_with = {key: day + ONE_DAY for key, day in ledger.registers.last_days(row.code).items()}
    days = {key: max(coming.to_come_from.get(key, day), day) for key, day in dealt_with.items()}
    return coming.model_copy(update={"to_come_from": {**coming.to_come_from, **days}})


def rules_of(at: OpenRegister) -> RegisterRules:
    """What a register decides by."""
    year = at.content.definition.issued_on.year
    organisation, regime, supervising = at.office.organisation, at.office.regime, at.office.supervising_body
    return RegisterRules(
        regime=regime.name,
        title=at.content.definition.title,
        first_on=date(year, 1, 1),
        last_on=date(year, 12, 31),
        rhythms=at.rulebook.rhythms,
        calendar=at.calendar,
        openable=openable_of(at.rulebook.procedures, organisation, regime, supervising),
        office=office_of(organisation, regime, supervising),
    )


def like_ones(ledger: Ledger, at: OpenRegister, wanted: WantedItem) -> tuple[Likeness, ...]:
    """Open items that are like one to be opened."""
    procedure = at.rulebook.procedures.get(wanted.procedure)
    if procedure is None:
        return ()
    return alike(
        wanted.title or title_of(procedure, wanted.facts),
        wanted.procedure,
        procedure,
        wanted.facts,
        ledger.concerned.open_items(at.office.regime.name),
        from_percent=at.rulebook.alike_from,
    )


def refusal_of(like: Sequence[Likeness]) -> str:
    """What a person is told where an item is like others."""
    shown = "；".join(map(str, like))
    return f"已有相似的事项：{shown}。确需另行开立的，请写明理由（--anyway）"
