"""From a plan file and what the command line adds to it, to everything that a plan needs to be issued.

The one way in for `check`, `rehearse`, `issue` and `demo`: what is rehearsed is exactly what is issued.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from duban.calendars import compile_calendar, compile_zone
from duban.commands.meeting_options import meeting_of, of_meeting
from duban.commands.plan_option_values import PlanOptions
from duban.commands.staff import problems_of_staff
from duban.commands.stated_options import stated_options
from duban.contracts import StoredPlan
from duban.intake import IntakeOptions, IntakeResult, Problem, Severity, read_plan_of, read_source
from duban.intake.files.tables import Source
from duban.intake.options import DEFAULT_REGIME
from duban.intake.rows.bodies import KnownBodies
from duban.intake.rows.codes import plan_code
from duban.organisations import load_organisation
from duban.regimes import load_rulebook
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.clauses import Limit, Unit
from duban.supervision.days.announced_year import AnnouncedYear
from duban.supervision.days.calendar import OfficeCalendar
from duban.supervision.levels.lag import after
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import PlanDefinition
from duban.supervision.rules.policy import Policy
from duban.supervision.rules.regime import Regime
from duban.supervision.rules.rulebook import Rulebook
from duban.supervision.words import role_words

YEARS_BEFORE, YEARS_AFTER = 1, 5
"""The calendar's window around the date of issue and the last milestone; an episode may go on for years after it."""
FIRST_YEAR, LAST_YEAR = 1970, 2100


_NOTHING_GIVEN = PlanOptions()


class PlanFile(Frozen):
    """A plan file as read.

    Attributes:
        stored: All that is needed to issue it; None where there is any error.
        intake: The tasks as far as they could be read, and all problems.
        regime: The regime that applies.
        options: As given, with what the file states where nothing was given.
        code_from_file_name: The plan's code was taken from the name of the file, for want of anything better.
    """

    stored: StoredPlan | None
    intake: IntakeResult
    regime: Regime
    options: PlanOptions
    code_from_file_name: bool = False

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems: those of the whole file first, then by row."""
        return self.intake.problems

    @property
    def has_errors(self) -> bool:
        """Whether anything keeps the plan from being issued."""
        return self.intake.has_errors


def read_plan_file(
    path: Path,
    options: PlanOptions,
    *,
    regime_dir: Path | None = None,
    all_day: bool = False,
    now: datetime | None = None,
    announced: Mapping[int, AnnouncedYear] | None = None,
) -> PlanFile:
    """Reads a plan with its regime, organisation and calendar.

    Args:
        path: The plan file.
        options: What it leaves open.
        regime_dir: The office's own regimes.
        all_day: Whether the office is open day and night on working days, as in fast time.
        now: Real moment from which a missing date of issue is taken; this moment unless given.
        announced: Years whose holidays the office has taken over.

    Raises:
        IntakeError: The file cannot be read as a plan at all.
        OfficeFileError: The regime or the organisation cannot be used.
        CalendarError: The regime's zone is unknown, or the years lie beyond any calendar.
    """
    source = read_source(path)
    options = _completed(options, path, source)
    rulebook = load_rulebook(DEFAULT_REGIME if options.regime is None else options.regime, regime_dir)
    regime = rulebook.regime
    organisation = load_organisation(options.organisation) if options.organisation else Organisation()
    known = organisation.names() if options.organisation else None
    bodies = KnownBodies(known)
    issued_on = options.issued_on or today_in(regime.zone, now or datetime.now(UTC))
    calendar = _calendar(regime, issued_on, issued_on, announced, all_day=all_day)
    meeting = meeting_of(options)
    counted = CountedDays(calendar)
    read = read_plan_of(
        source,
        IntakeOptions(
            code=options.code,
            title=options.title or (f"{meeting.title}决定事项" if meeting else None),
            issued_on=issued_on,
            regime=regime.name,
            supervising_body=bodies.canonical(options.supervising_body.strip()),
            field=options.field.strip(),
            adopted_by=bodies.canonical(options.adopted_by.strip()),
            docks=options.docks.strip(),
            watcher=bodies.canonical(options.watcher.strip()),
            meeting=meeting,
            needs_leader=regime.meetings is not None and regime.meetings.responsible_person,
            lead_rule=None if meeting else options.lead_rule,
            open_ended_report=None if meeting else options.open_ended_report,
            known_bodies=known,
            add_working_days=counted.add_working_days,
            matters=regime.matters,
            count_limit=counted.after,
        ),
    )
    problems = (
        *problems_of_office(options, organisation, rulebook),
        *of_meeting(options, issued_on),
        *counted.problems(),
        *read.problems,
    )
    read = read.model_copy(update={"problems": problems})
    stored = None
    if read.plan is not None and not read.has_errors:
        last = max((node.due_on for task in read.plan.tasks for node in task.milestones), default=issued_on)
        whole = _calendar(regime, issued_on, max(last, issued_on), announced, all_day=all_day)
        stored = StoredPlan(
            definition=read.plan, organisation=organisation, policy=Policy(regime=regime, calendar=whole)
        )
    return PlanFile(
        stored=stored,
        intake=read,
        regime=regime,
        options=options,
        code_from_file_name=_is_from_file_name(path, options, read.plan),
    )


def problems_of_office(options: PlanOptions, organisation: Organisation, rulebook: Rulebook) -> Iterator[Problem]:
    """What keeps an office from working by its rules, names that lead nowhere, and people who are missing."""
    bodies = KnownBodies(organisation.names() if options.organisation else None)
    yield from _of_offices(organisation, rulebook.regime)
    yield from _of_names(organisation, bodies)
    yield from _of_supervising_body(options, bodies)
    yield from problems_of_staff(rulebook, organisation)


def _completed(options: PlanOptions, path: Path, source: Source) -> PlanOptions:
    stated = stated_options(path, source.stated)
    return options.model_copy(
        update={
            name: value for name, value in stated.items() if getattr(options, name) == getattr(_NOTHING_GIVEN, name)
        }
    )


def today_in(zone_name: str, now: datetime) -> date:
    """The local date in a zone at a real moment.

    Raises:
        CalendarError: The zone is unknown.
    """
    return compile_zone(zone_name, now.year - 1, now.year + 1).local_date(now)


class CountedDays:
    """Counts working days, and remembers where it counted in a year that has not been announced."""

    def __init__(self, calendar: OfficeCalendar) -> None:
        self._calendar = calendar
        self._provisional: set[date] = set()

    def add_working_days(self, day: date, count: int) -> date:
        """The ``count``-th working day after a day."""
        found = self._calendar.add_working_days(day, count)
        if self._calendar.is_provisional(found):
            self._provisional.add(found)
        return found

    def after(self, limit: Limit, day: date) -> date:
        """The last day of a limit that begins after a day."""
        found = after(limit, day, self._calendar)
        if limit.unit is Unit.WORKING and not limit.months and self._calendar.is_provisional(found):
            self._provisional.add(found)
        return found

    def problems(self) -> Iterator[Problem]:
        """A warning for each date that is provisional."""
        for day in sorted(self._provisional):
            yield Problem(
                severity=Severity.WARNING,
                value=day.isoformat(),
                problem=f"有期限按工作日推算到 {day}，但 {day.year} 年的放假调休安排尚未公布，这一日期为暂定。",
                suggestion="公布后核对这一期限；安排有影响的，请在文件中写明日期。",
            )


def _calendar(
    regime: Regime, issued_on: date, last: date, announced: Mapping[int, AnnouncedYear] | None, *, all_day: bool
) -> OfficeCalendar:
    first_year = max(issued_on.year - YEARS_BEFORE, FIRST_YEAR)
    last_year = min(last.year + YEARS_AFTER, LAST_YEAR)
    return compile_calendar(regime.zone, first_year, last_year, all_day=all_day, announced=announced)


def _is_from_file_name(path: Path, options: PlanOptions, plan: PlanDefinition | None) -> bool:
    return not (options.code or "").strip() and plan is not None and plan.code == plan_code(None, (), path.stem)


def _of_supervising_body(options: PlanOptions, bodies: KnownBodies) -> Iterator[Problem]:
    stated = options.supervising_body.strip()
    if not stated or bodies.knows(stated):
        return
    near = bodies.similar(stated)
    yield Problem(
        severity=Severity.ERROR,
        column="--supervising-body",
        value=stated,
        problem="机构文件里没有这个交办单位。",
        suggestion=f"是否应为“{near}”？" if near else "请核对名称，或在机构文件里补上这个单位。",
    )


def _of_names(organisation: Organisation, bodies: KnownBodies) -> Iterator[Problem]:
    """Offices and superiors must be bodies of the same file, under their own names: what is sent to another is lost."""
    own = {body.name for body in organisation.bodies}
    named = [
        (role, name)
        for role, held in organisation.roles.items()
        for name in ([held] if isinstance(held, str) else held)
    ]
    named += [
        (f"{body.name} 的 supervised_by", body.supervised_by) for body in organisation.bodies if body.supervised_by
    ]
    for place, name in named if own else ():
        if name in own:
            continue
        is_alias = bodies.knows(name)
        near = bodies.canonical(name) if is_alias else bodies.similar(name)
        yield Problem(
            severity=Severity.ERROR if is_alias else Severity.WARNING,
            column="--organisation",
            value=name,
            problem=f"{place} 写的“{name}”是别名，不是单位的正式名称。"
            if is_alias
            else f"{place} 写的“{name}”不在 bodies 里。",
            suggestion=f"请改为“{near}”。"
            if is_alias
            else f"是否应为“{near}”？"
            if near
            else "请核对名称，或在 bodies 里补上。",
        )


def _of_offices(organisation: Organisation, regime: Regime) -> Iterator[Problem]:
    """Every office that the rules speak of must be somebody, before the first reminder asks who."""
    for role in organisation.unfilled_roles(regime):
        yield Problem(
            severity=Severity.ERROR,
            column="--organisation",
            value=role,
            problem=f"制度“{regime.name}”要用到“{role_words(role)}”，但没有指明是哪个单位。",
            suggestion=f"请在机构文件的 roles 里写明 {role}。",
        )
