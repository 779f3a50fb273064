"""A rehearsed year is the year that the core would live, moment by moment, if nobody acted on any of it."""

from datetime import date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from duban.supervision.clauses import Limit, Unit
from duban.supervision.days.calendar import MINUTES_PER_DAY, spread_of
from duban.supervision.foresight.rehearsal import ForeseenNotice, notices_of
from duban.supervision.foresight.undertakings import Office
from duban.supervision.foresight.year_ahead import year_ahead
from duban.supervision.plans.plan import PlanDefinition, TaskDefinition
from duban.supervision.registers.coming_round import AtHand, OpenPlan, OpenTask, items_of
from duban.supervision.registers.occurrences import Occurrence, due, next_occurrence
from duban.supervision.rules.policy import Policy
from duban.supervision.rules.procedures import Procedure
from duban.supervision.rules.rhythms import Each, Period, Rhythm, Turn
from duban.supervision.rules.rulebook import Rulebook
from duban.supervision.steps.items import of_the_item, opened
from duban.supervision.tasks.advance import Tick, Transition, advance
from duban.supervision.tasks.begin import begin
from duban.supervision.tasks.entries import LedgerEntry
from duban.supervision.tasks.moments import next_moment
from duban.supervision.tasks.state import TaskState
from tests.supervision.offices import ASSUMED, OFFICE, limit, office_of, procedure, rhythm, rulebook, step
from tests.supervision.test_year_ahead import PLAN, issued

FIRST, LAST = date(2023, 1, 1), date(2023, 12, 31)


class Living:
    """A task or item, awake whenever its next moment comes."""

    def __init__(self, state: TaskState, policy: Policy, entries: tuple[LedgerEntry, ...]) -> None:
        self.state, self.policy = state, policy
        self.entries = list(entries)
        self.next_at = self._next_at()

    def wake(self, now: datetime) -> None:
        done = advance(self.state, Tick(), self.policy, now)
        assert isinstance(done, Transition)
        self.state = done.state
        self.entries += done.entries
        self.next_at = self._next_at()

    def _next_at(self) -> datetime | None:
        coming = next_moment(self.state, self.policy)
        return coming.at if coming else None


class OfficeLived:
    """An office with its register, its plan, and one clock for all."""

    def __init__(self, office: Office, plan: PlanDefinition) -> None:
        self.office, self.plan = office, plan
        self.calendar, self.regime = office.calendar, office.rulebook.regime
        self.living: list[Living] = []
        # As a register that was begun before any of these periods, so long ago that all earlier ones are dealt with.
        self.to_come = {key: self._first_to_come(key) for key in office.rulebook.rhythms}

    def live(self, until: datetime) -> None:
        started = False
        while True:
            moments = [one.next_at for one in self.living]
            moments += [self._occurrence_at(key) for key in self.to_come]
            moments += [] if started else [issued(self.office, self.plan)]
            now = min(moment for moment in moments if moment is not None)
            if now > until:
                return
            if not started and now == issued(self.office, self.plan):
                self._issue(now)
                started = True
            for key in self.to_come:
                self._open_what_is_due(key, now)
            for one in self.living:
                if one.next_at is not None and one.next_at <= now:
                    one.wake(now)

    def notices(self) -> list[tuple[str, str, str, str, date]]:
        found = (n for one in self.living for n in notices_of(one.state.definition, one.entries, one.policy))
        return sorted(_told(n) for n in found if FIRST <= n.deliver_on <= LAST)

    def _first_to_come(self, key: str) -> date:
        day = FIRST
        while self._at(key, day) >= self.calendar.zone.at(FIRST):
            day = date(day.year - 1, day.month, 1)
        while (found := self._next(key, day)).opens_on < FIRST:
            day = due(self._rhythm(key), day, found.opens_at, self.calendar, spread_of(key)).to_come_from
        return day

    def _at(self, key: str, day: date) -> datetime:
        return self._next(key, day).opens_at

    def _next(self, key: str, day: date) -> Occurrence:
        return next_occurrence(self._rhythm(key), day, self.calendar, spread_of(key))

    def _rhythm(self, key: str) -> Rhythm:
        return self.office.rulebook.rhythms[key]

    def _occurrence_at(self, key: str) -> datetime:
        return self._at(key, self.to_come[key])

    def _issue(self, now: datetime) -> None:
        policy = Policy(regime=self.regime, calendar=self.calendar)
        for task in self.plan.tasks:
            roles = self.office.organisation.roles_for(task, OFFICE, self.regime)
            begun = begin(task, self.plan, roles, policy, now)
            self.living.append(Living(begun.state, policy, begun.entries))

    def _open_what_is_due(self, key: str, now: datetime) -> None:
        rhythm = self._rhythm(key)
        found = due(rhythm, self.to_come[key], now, self.calendar, spread_of(key))
        self.to_come[key] = found.to_come_from
        assert found.missed == ()
        if found.opened is None:
            return
        procedure = self.office.rulebook.procedures[rhythm.procedure]
        policy = Policy(regime=self.regime, calendar=self.calendar, procedure=procedure)
        for definition in items_of(key, rhythm, procedure, found.opened, self._at_hand(now)):
            self._open(definition, procedure, policy, now)

    def _open(self, definition: TaskDefinition, procedure: Procedure, policy: Policy, now: datetime) -> None:
        roles = self.office.organisation.roles_for(definition, OFFICE, self.regime)
        item = opened(definition, roles, policy, self.calendar.zone.local_date(now))
        assert isinstance(item, TaskDefinition), item
        register = PlanDefinition(code="DJ", title="登记簿", issued_on=FIRST)
        begun = begin(item, register, of_the_item(roles, procedure, item.facts), policy, now)
        self.living.append(Living(begun.state, policy, begun.entries))

    def _at_hand(self, now: datetime) -> AtHand:
        offices = {**self.office.organisation.offices(self.regime), "supervising_body": (OFFICE,)}
        if self.calendar.zone.local_date(now) < self.plan.issued_on:
            return AtHand(offices=offices)
        open_tasks = [one.state for one in self.living if not one.state.definition.procedure]
        return AtHand(
            offices=offices,
            tasks=tuple(
                OpenTask(
                    code=state.code,
                    title=state.definition.title,
                    lead_body=state.definition.lead_body,
                    handling_body=state.definition.handling_body,
                )
                for state in open_tasks
            ),
            plans=(OpenPlan(code=self.plan.code, title=self.plan.title, issued_on=self.plan.issued_on),),
        )


def foretold(office: Office) -> list[tuple[str, str, str, str, date]]:
    ahead = year_ahead(office, FIRST, LAST, PLAN, issued(office))
    return sorted(map(_told, ahead.notices))


def _told(notice: ForeseenNotice) -> tuple[str, str, str, str, date]:
    return notice.task_code, notice.kind.value, notice.recipient, notice.issuer, notice.deliver_on


limits = st.builds(limit, st.integers(0, 40), st.sampled_from(Unit))


@st.composite
def rulebooks(draw: st.DrawFn) -> Rulebook:
    """Kunming's rules with rhythms and procedures that nobody would write."""
    procedures, rhythms = {}, {}
    for number in range(draw(st.integers(1, 3))):
        key = f"r{number}"
        each = draw(st.sampled_from([None, Each.LEAD_BODY, Each.TASK, Each.PLAN]))
        holder = "lead_body" if each in (Each.LEAD_BODY, Each.TASK) else "reform_office"
        owner = holder if each else draw(st.sampled_from(["special_group", "reform_office", "leading_group"]))
        announce = draw(st.none() | limits)
        procedures[key] = procedure(key, owner, step("do", "办理", owner, limit=draw(limits), announce=announce))
        rhythms[key] = rhythm(
            key,
            draw(st.sampled_from(Period)),
            key,
            opens=draw(st.sampled_from(Turn)),
            before=draw(st.none() | limits | st.builds(Limit, months=st.integers(1, 7), source=st.just(ASSUMED))),
            **({"each": each} if each else {"owed_by": owner}),
        )
    base = rulebook("reports")
    fields = {name: getattr(base, name) for name in Rulebook.model_fields}
    return Rulebook(**{**fields, "procedures": procedures, "rhythms": rhythms})


def test_a_rehearsed_year_is_the_year_that_the_office_lives() -> None:
    office = office_of(rulebook())
    lived = OfficeLived(office, PLAN)
    lived.live(office.calendar.zone.at(LAST, MINUTES_PER_DAY))

    assert lived.notices() == foretold(office)
    assert len(lived.notices()) > 50


@given(rulebooks())
@settings(max_examples=15, deadline=None, derandomize=True)
def test_the_same_holds_for_any_rhythms_and_procedures(rules: Rulebook) -> None:
    office = office_of(rules)
    lived = OfficeLived(office, PLAN)
    lived.live(office.calendar.zone.at(LAST, MINUTES_PER_DAY))

    assert lived.notices() == foretold(office)
