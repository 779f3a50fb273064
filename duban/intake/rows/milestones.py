"""From the dates of a cell to the milestones of a task: numbered, of a kind, some of them met before."""

import re
from collections.abc import Sequence
from datetime import date

from duban.intake.deadlines.deadline_reading import ReadMilestone
from duban.intake.deadlines.deadlines import read_deadlines
from duban.intake.spelling import half_width
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import GivenReminder, Level, MilestoneKind, PlannedMilestone

_KIND_WORDS: tuple[tuple[MilestoneKind, re.Pattern[str]], ...] = (
    (MilestoneKind.SUBMIT_PLAN, re.compile(r"上报|报送|送审|提交|拿出|形成.{0,8}(?:方案|初稿)|(?:方案|初稿)")),
    (MilestoneKind.DOCUMENT_ISSUED, re.compile(r"出台|(?:印发|发布|公布|颁布)(?!之日|后|起)")),
    (MilestoneKind.LAUNCHED, re.compile(r"启动|开工|动工|开始|部署")),
)
_LEVEL_WORDS: tuple[tuple[Level, tuple[str, ...]], ...] = (
    (Level.PHONE, ("电话", "phone")),
    (Level.WRITTEN, ("书面", "written")),
    (Level.ONSITE, ("现场", "onsite", "on-site")),
    (Level.CIRCULAR, ("通报", "circular")),
    (Level.INTERVIEW, ("约谈", "interview")),
)
_ENTRIES = re.compile(r"[;\n\r]+")
_EVIDENCE = re.compile(r"\(([^()]{1,500})\)|\[([^\[\]]{1,500})\]")
_NUMBERED = re.compile(r"^(?:第|节点)?([0-9]{1,2})(?:个节点|号)?[::=](.+)$", re.DOTALL)
_PARTS_OF_ENTRY = re.compile(r"[::=→]|已?于")


class MetBefore(Frozen):
    """A milestone met before the task was taken over; which one is told by its date or its number."""

    number: int | None = None
    due_on: date | None = None
    met_on: date
    evidence: str = ""


class UnreadableEntry(Frozen):
    """A part of a cell about the past that could not be read."""

    entry: str
    problem: str


def planned(milestones: Sequence[ReadMilestone], *, open_ended: bool) -> tuple[PlannedMilestone, ...]:
    """Milestones in the order of their dates, numbered from 1; the last one completes a task that has an end."""
    return tuple(
        PlannedMilestone(
            number=number,
            phrase=milestone.phrase,
            due_on=milestone.due_on,
            kind=MilestoneKind.COMPLETED if number == len(milestones) and not open_ended else kind_of(milestone.phrase),
        )
        for number, milestone in enumerate(milestones, start=1)
    )


def kind_of(phrase: str) -> MilestoneKind:
    """The key milestone that a phrase speaks of (Kunming 2016, paragraph 2), else any other node."""
    return next((kind for kind, words in _KIND_WORDS if words.search(phrase)), MilestoneKind.OTHER)


def read_met(
    cell: str, *, issued_on: date, year: int | None
) -> tuple[tuple[MetBefore, ...], tuple[UnreadableEntry, ...]]:
    """``3月底：2022-03-28（已报方案）；2：2022-05-10``: which milestone, when it was met, what shows it.

    An entry with a single date says the milestone of that date was met on it.
    """
    met: list[MetBefore] = []
    unread: list[UnreadableEntry] = []
    for entry in _entries(cell):
        evidence = next((first or second for first, second in _EVIDENCE.findall(entry)), "")
        told = _EVIDENCE.sub("", entry).strip()
        numbered = _NUMBERED.match(told)
        parts = [numbered.group(2)] if numbered else [part for part in _PARTS_OF_ENTRY.split(told, 1) if part.strip()]
        dates = [single_date(part, issued_on, year) for part in parts]
        if not dates or dates[-1] is None or dates[0] is None:
            unread.append(UnreadableEntry(entry=entry, problem=f"“{entry}”读不出节点和完成日期。"))
        elif numbered:
            met.append(MetBefore(number=int(numbered.group(1)), met_on=dates[-1], evidence=evidence))
        else:
            met.append(MetBefore(due_on=dates[0], met_on=dates[-1], evidence=evidence))
    return tuple(met), tuple(unread)


def with_met(
    milestones: Sequence[PlannedMilestone], met: Sequence[MetBefore]
) -> tuple[tuple[PlannedMilestone, ...], tuple[MetBefore, ...]]:
    """The milestones with what was met before, and the entries that fit none of them."""
    by_number = {milestone.number: milestone for milestone in milestones}
    number_of = {milestone.due_on: milestone.number for milestone in milestones}
    strangers: list[MetBefore] = []
    for entry in met:
        number = entry.number if entry.number is not None else number_of.get(entry.due_on or date.min)
        milestone = by_number.get(number) if number is not None else None
        if milestone is None:
            strangers.append(entry)
        else:
            by_number[milestone.number] = milestone.model_copy(
                update={"met_on": entry.met_on, "evidence": entry.evidence}
            )
    return tuple(by_number[number] for number in sorted(by_number)), tuple(strangers)


def read_reminders(
    cell: str, *, issued_on: date, year: int | None
) -> tuple[tuple[GivenReminder, ...], tuple[UnreadableEntry, ...]]:
    """``电话2022-05-16；书面2022-05-31``: the level and the day of each reminder given before."""
    given: list[GivenReminder] = []
    unread: list[UnreadableEntry] = []
    for entry in _entries(cell.replace("，", "；").replace("、", "；").replace(",", "；")):
        level = next((level for level, words in _LEVEL_WORDS if any(word in entry.lower() for word in words)), None)
        given_on = single_date(entry, issued_on, year)
        if level is None or given_on is None:
            unread.append(UnreadableEntry(entry=entry, problem=f"“{entry}”读不出提醒级别和日期。"))
        else:
            given.append(GivenReminder(level=level, given_on=given_on))
    return tuple(given), tuple(unread)


def _entries(cell: str) -> list[str]:
    return [entry.strip() for entry in _ENTRIES.split(half_width(cell)) if entry.strip()]


def single_date(text: str, issued_on: date, year: int | None) -> date | None:
    """The date of a text that holds exactly one."""
    milestones = read_deadlines(text, issued_on=issued_on, year=year).milestones
    return milestones[0].due_on if len(milestones) == 1 else None
