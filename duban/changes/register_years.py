"""What an announced year makes different in registers: on which days what comes round opens its items."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from duban.calendars import with_years
from duban.changes.moves import Move
from duban.changes.reorganising import PlanOffices, offices_by
from duban.changes.running import RunningPlan, content_of
from duban.ledger import Ledger
from duban.open_registers import OpenRegister, coming_of, open_register, rules_of
from duban.orders import OrderItem, TargetKind
from duban.supervision.days.announced_year import AnnouncedYear
from duban.supervision.days.calendar import spread_of
from duban.supervision.registers.registers import ComingRound
from duban.supervision.rules.authority import Act


@dataclass(frozen=True)
class RegisterYear:
    """A register that reckons by another calendar from now on.

    Attributes:
        offices: Who is who towards it.
        digest: Of its content, which stays.
        calendar: Digest of the calendar by which it reckons now.
        moves: What comes round on other days than before.
    """

    code: str
    offices: PlanOffices
    digest: str
    calendar: str
    moves: tuple[Move, ...]

    @property
    def item(self) -> OrderItem:
        """What it is told: its own content once more, of which it asks the ledger with the years of now."""
        fields = {**self.offices.model_dump(mode="json"), "body": self.offices.reform_office}
        fields |= {"digest": self.digest, "instead_of": self.digest}
        return OrderItem(
            target=self.code,
            target_kind=TargetKind.PLAN,
            plan_code=self.code,
            act=Act.ADOPT.value,
            fields=fields,
        )


def register_years(
    ledger: Ledger, running: Sequence[RunningPlan], announced: AnnouncedYear
) -> tuple[RegisterYear, ...]:
    """The registers for which an announced year makes something different."""
    years = {**ledger.years.announced(), announced.year: announced}
    return tuple(
        found
        for plan in running
        if plan.row.is_register
        for at in (open_register(ledger, plan.row.code, content_of(ledger, plan.row), plan.row.clock),)
        if (found := _register_year(at, coming_of(ledger, plan.row), years)) is not None
    )


def _register_year(at: OpenRegister, coming: ComingRound, years: dict[int, AnnouncedYear]) -> RegisterYear | None:
    calendar = with_years(at.content.policy.calendar, [years[year] for year in sorted(years)])
    if calendar == at.calendar:
        return None
    return RegisterYear(
        code=at.code,
        offices=offices_by(at.office.organisation, at.office.regime),
        digest=at.digest,
        calendar=rules_of(at).calendar_digest,
        moves=tuple(_moves(at, replace(at, calendar=calendar), coming)),
    )


def _moves(before: OpenRegister, after: OpenRegister, coming: ComingRound) -> Iterator[Move]:
    spread = spread_of(before.code)
    will = coming.next_of_each(rules_of(after), spread)
    for key, was in coming.next_of_each(rules_of(before), spread).items():
        if was.opens_on != will[key].opens_on:
            what = f"{was.span.words}{before.rulebook.rhythms[key].title}"
            yield Move(task_code=before.code, what=what, before_on=was.opens_on, after_on=will[key].opens_on)
