"""`rehearse-year`: what a year brings an office by its rules and a plan, if nobody acts. No server, no database."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from duban.calendars import compile_calendar
from duban.commands.known_years import announced_years
from duban.commands.pacing import Advance, pacing
from duban.commands.plan_files import (
    FIRST_YEAR,
    LAST_YEAR,
    YEARS_AFTER,
    YEARS_BEFORE,
    problems_of_office,
    read_plan_file,
    today_in,
)
from duban.commands.plan_option_values import PlanOptions
from duban.commands.plan_options import AsJson, add_plan_command
from duban.commands.problems import complain_of
from duban.commands.reasons import Refused
from duban.commands.rehearse import first_office_moment
from duban.commands.showing import say, show_json
from duban.commands.year_load import load_of
from duban.commands.year_sheets import print_year
from duban.commands.year_table import Shown, notes_of, show_year
from duban.intake import Severity
from duban.intake.options import DEFAULT_REGIME
from duban.organisations import load_organisation
from duban.regimes.loading import load_rulebook
from duban.settings import Settings, load_settings
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.days.calendar import OfficeCalendar
from duban.supervision.foresight.undertakings import Office
from duban.supervision.foresight.year_ahead import YearAhead, year_ahead
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import PlanDefinition
from duban.supervision.rules.rulebook import Rulebook

PICTURES = (".svg", ".png")
WORTH_TELLING = 200
"""Of so many tasks and items the progress is shown."""


class _Wanted(Frozen):
    """Whose year is rehearsed, and with which plan."""

    office: Office
    plan: PlanDefinition | None = None
    issued_at: datetime | None = None


def register(app: typer.Typer) -> None:
    """Add the command."""
    add_plan_command(
        app,
        "rehearse-year",
        rehearse_year,
        summary="演练一年：按制度和方案，这一年会有哪些事、由谁办、何时到期。",
        explanation="演练一年：按制度（和方案）这一年会开启哪些事项，由谁办、何时到期，如果没有任何单位办理会发出哪些通知；"
        "督察一方的职责也在内。不需要服务器和数据库。",
    )


def _read_year(text: str) -> int:
    """A year with one before and one after it that a calendar can hold."""
    year = int(text) if text.isdecimal() else 0
    if not FIRST_YEAR < year < LAST_YEAR:
        raise typer.BadParameter(f"“{text}”不是可以演练的年份：请写 {FIRST_YEAR + 1} 至 {LAST_YEAR - 1} 之间的年份。")
    return year


def rehearse_year(
    *,
    plan: Annotated[
        Path | None, typer.Option("--plan", metavar="FILE", help="方案文件；不写则只演练制度规定的周期性事项")
    ] = None,
    year: Annotated[
        int | None, typer.Option("--year", parser=_read_year, metavar="YEAR", help="哪一年；不写则为今年")
    ] = None,
    options: PlanOptions,
    as_json: AsJson = False,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", metavar="FILE", help="另存为 Excel 文件")] = None,
    picture: Annotated[Path | None, typer.Option("--picture", metavar="FILE", help="另存为图：.svg 或 .png")] = None,
) -> None:
    """Rehearse a year; exit code 1 where the plan or the office's files hold an error."""
    if picture is not None and picture.suffix.lower() not in PICTURES:
        raise typer.BadParameter(f"“{picture.name}”的扩展名应为 .svg 或 .png。", param_hint="--picture")
    settings = load_settings()
    wanted = _with_plan(plan, options, settings, year) if plan is not None else _without_plan(options, settings, year)
    zone = wanted.office.rulebook.zone
    asked = year or today_in(zone, datetime.now(UTC)).year
    with _pace() as told:
        ahead = year_ahead(wanted.office, date(asked, 1, 1), date(asked, 12, 31), wanted.plan, wanted.issued_at, told)
    shown = Shown(year=asked, office=wanted.office, ahead=ahead, plan=wanted.plan.title if wanted.plan else "")
    if xlsx is not None:
        print_year(xlsx, shown)
    if picture is not None:
        _draw(picture, shown)
    if as_json:
        show_json(_as_json(shown))
        return
    show_year(shown)
    for written in (xlsx, picture):
        if written is not None:
            say(f"已写出 {written}。")


def _with_plan(file: Path, options: PlanOptions, settings: Settings, year: int | None) -> _Wanted:
    announced = announced_years(settings)
    read = read_plan_file(file, options, regime_dir=settings.regime_dir, announced=announced)
    complain_of(read.problems)
    if read.stored is None:
        raise Refused("方案文件有错误，不能演练。")
    plan = read.stored.definition
    rulebook = load_rulebook(read.options.regime or DEFAULT_REGIME, settings.regime_dir)
    last = max([plan.issued_on, *(node.due_on for task in plan.tasks for node in task.milestones)])
    calendar = _calendar(rulebook, settings, plan.issued_on.year, last.year, *([year] if year else []))
    return _Wanted(
        office=_office(rulebook, read.stored.organisation, calendar, plan.supervising_body),
        plan=plan,
        issued_at=first_office_moment(calendar, plan.issued_on),
    )


def _without_plan(options: PlanOptions, settings: Settings, year: int | None) -> _Wanted:
    rulebook = load_rulebook(options.regime or DEFAULT_REGIME, settings.regime_dir)
    organisation = load_organisation(options.organisation) if options.organisation else Organisation()
    problems = tuple(problems_of_office(options, organisation, rulebook))
    complain_of(problems)
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise Refused("机构文件与制度不配套，不能演练。")
    stated = options.supervising_body.strip()
    calendar = _calendar(rulebook, settings, year or today_in(rulebook.zone, datetime.now(UTC)).year)
    return _Wanted(office=_office(rulebook, organisation, calendar, organisation.names().get(stated, stated)))


def _office(rulebook: Rulebook, organisation: Organisation, calendar: OfficeCalendar, supervising: str) -> Office:
    return Office(
        rulebook=rulebook,
        organisation=organisation,
        calendar=calendar,
        supervising_body=organisation.supervising_body(supervising, rulebook.regime),
    )


def _calendar(rulebook: Rulebook, settings: Settings, *years: int) -> OfficeCalendar:
    """Wide enough for all these years."""
    first, last = max(min(years) - YEARS_BEFORE, FIRST_YEAR), min(max(years) + YEARS_AFTER, LAST_YEAR)
    return compile_calendar(rulebook.zone, first, last, announced=announced_years(settings))


@contextmanager
def _pace() -> Iterator[Callable[[int, int], None]]:
    """Shows how far it has come where there is much to do."""
    with ExitStack() as stack:
        advance: Advance | None = None

        def told(_done: int, total: int) -> None:
            nonlocal advance
            if total >= WORTH_TELLING:
                advance = advance or stack.enter_context(pacing("演练", total))
                advance(1)

        yield told


def _draw(path: Path, shown: Shown) -> None:
    # The chart library takes a second to load, and most commands draw nothing.
    from duban.commands.year_picture import draw_year

    draw_year(path, load_of(shown.ahead), shown.title, notes_of(shown))


def _as_json(shown: Shown) -> dict[str, object]:
    office = shown.office
    head: dict[str, object] = {
        "year": shown.year,
        "regime": office.rulebook.name,
        "supervising_body": office.supervising_body,
        "plan": shown.plan,
    }
    return head | YearAhead.model_dump(shown.ahead, mode="json")
