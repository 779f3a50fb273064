"""The ledger on paper: the tasks with their lights, the figures, the reminders given, where the lights disagree."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from duban.commands.showing import RUNG_WORDS, cell, level_words, local, status_words
from duban.commands.workbook import Lit, Table, write_workbook
from duban.ledger.questions.rows import PrintedRow, ReminderRow
from duban.supervision.days.calendar import OfficeCalendar, Zone
from duban.supervision.model import Frozen
from duban.supervision.tasks.lights import RED_ABOVE, TOLERATED, Light
from duban.supervision.tasks.state import RungStatus
from duban.supervision.words import FOUND_WORDS

LIGHT_WORDS = {Light.GREEN: "● 绿", Light.YELLOW: "▲ 黄", Light.RED: "■ 红"}
OVER, UNKNOWN, NOT_INSPECTED = "√ 办结", "— 未报", "— 未督查"
TASKS, LAG = "tasks", "lag"
PROVISIONAL = "※"
LEGEND = (
    f"图例：核算灯按滞后天数：● 绿 未滞后，▲ 黄 滞后1—{RED_ABOVE}天，■ 红 滞后{RED_ABOVE}天以上，√ 办结。"
    f"自报灯按单位自报进度与已过时间比较：● 绿 不落后，▲ 黄 落后不超过{TOLERATED}个百分点，■ 红 落后更多，— 未报。"
    "督查灯按最近一次督查结果：● 绿 已完成或进度符合要求，▲ 黄 已启动而滞后，■ 红 未启动而滞后，— 未督查。"
    f"各灯的界限为系统预设。{PROVISIONAL} 暂定：该年节假日安排尚未公布。"
)
SIGNATURES = ("　" * 14).join(("审核：", "复核：", "制表：", "日期："))


class Heading(Frozen):
    """What stands above a printed ledger.

    Attributes:
        title: With office and plan.
        office: Who supervises.
        today: Business date, or dates where plans run on different clocks.
        choice: The filters, in words; empty for everything.
    """

    title: str
    office: str
    today: str
    choice: str = ""


class Reminded(Frozen):
    """What of the reminders is printed: those of a plan.

    Attributes:
        zone: In which their moments are shown.
        calendar: That says which dates are provisional; None where it is not on record.
    """

    rows: tuple[ReminderRow, ...]
    zone: Zone
    calendar: OfficeCalendar | None = None


RemindersOf = Callable[[str], Reminded]
"""The reminders of a plan."""


@dataclass
class _Seen:
    """What was seen while the tasks were written, for the sheets that follow."""

    plans: dict[str, dict[str, str]] = field(default_factory=dict)
    """Titles by task, by plan."""
    lights: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    levels: Counter[str] = field(default_factory=Counter)
    bodies: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    differing: list[PrintedRow] = field(default_factory=list)

    def take(self, row: PrintedRow) -> None:
        self.plans.setdefault(row.plan_code, {})[row.task_code] = row.title
        light = LIGHT_WORDS[row.light] if row.light else OVER
        self.lights[light] += 1
        self.statuses[status_words(row.status)] += 1
        if row.reminder_level:
            self.levels[level_words(row.reminder_level)] += 1
        body = self.bodies[row.lead_body]
        body[TASKS] += 1
        body[light] += 1
        body[LAG] = max(body[LAG], row.lag_days)
        if row.light and len({row.light, row.reported_light, row.inspected_light} - {None}) > 1:
            self.differing.append(row)


def print_ledger(path: Path, heading: Heading, rows: Iterable[PrintedRow], reminders: RemindersOf) -> None:
    """Write the ledger as a workbook, in place of a file that is there.

    Args:
        path: The file.
        heading: What stands above.
        rows: In the order in which they are printed; read once.
        reminders: Asked for the plans that were seen.

    Raises:
        Refused: The file cannot be written.
    """
    write_workbook(path, _tables(heading, rows, reminders), footer=f"{heading.title}　{heading.today}")


def _tables(heading: Heading, rows: Iterable[PrintedRow], reminders: RemindersOf) -> Iterator[Table]:
    seen = _Seen()
    yield _tasks(heading, rows, seen)
    yield _figures(heading, seen)
    yield _reminders(heading, seen, reminders)
    yield _differing(heading, seen)


def _tasks(heading: Heading, rows: Iterable[PrintedRow], seen: _Seen) -> Table:
    def written() -> Iterator[tuple[object, ...]]:
        for number, row in enumerate(rows, start=1):
            seen.take(row)
            yield number, *(value(row) for _, _, value in COLUMNS)

    choice = f"　　筛选：{heading.choice}" if heading.choice else ""
    return Table(
        name="台账",
        title=heading.title,
        notes=(f"督察责任主体：{heading.office}　　业务日期：{heading.today}{choice}", LEGEND),
        columns=[("序号", 5), *((words, width) for words, width, _ in COLUMNS)],
        rows=written(),
        empty="没有符合条件的任务。",
        closing=(SIGNATURES,),
        standing=3,
    )


def _computed(row: PrintedRow) -> Lit:
    return Lit(LIGHT_WORDS[row.light], row.light) if row.light else Lit(OVER, None)


def _reported(row: PrintedRow) -> Lit:
    percent = f" {row.percent}%" if row.percent is not None else ""
    if row.reported_light is None:
        return Lit(percent.strip() or ("" if row.light is None else UNKNOWN), None)
    return Lit(f"{LIGHT_WORDS[row.reported_light]}{percent}", row.reported_light)


def _inspected(row: PrintedRow) -> Lit:
    if row.inspected is None:
        return Lit("" if row.light is None else NOT_INSPECTED, None)
    light = f"{LIGHT_WORDS[row.inspected_light]} " if row.inspected_light else ""
    return Lit(f"{light}{FOUND_WORDS[row.inspected]}（{row.inspected_on}）", row.inspected_light)


def _what_comes(row: PrintedRow) -> str:
    if row.next_on is None:
        return ""
    return f"{row.next_on}{PROVISIONAL if row.provisional else ''} {row.next_moment_text}"


COLUMNS: tuple[tuple[str, float, Callable[[PrintedRow], object]], ...] = (
    ("任务编号", 11, lambda row: row.task_code),
    ("改革事项", 26, lambda row: row.title),
    ("牵头领导", 9, lambda row: row.leader),
    ("牵头单位", 13, lambda row: row.lead_body),
    ("具体承办单位", 13, lambda row: row.handling_body),
    ("配合单位", 16, lambda row: row.supporting_bodies),
    ("任务措施", 32, lambda row: row.measures),
    ("成果形式", 14, lambda row: row.deliverable),
    ("完成时限（原文）", 15, lambda row: row.deadline_text),
    ("最近未完成期限", 11.5, lambda row: row.due_on),
    ("状态", 9, lambda row: status_words(row.status)),
    ("核算灯", 8, _computed),
    ("自报灯", 10, _reported),
    ("督查灯", 12, _inspected),
    ("滞后天数", 6, lambda row: row.lag_days or None),
    ("已发最高一级提醒", 10, lambda row: level_words(row.reminder_level)),
    ("等待单位", 17, lambda row: row.awaiting),
    ("下一步", 24, _what_comes),
)
"""Headings, widths in characters, and what is shown."""


def _figures(heading: Heading, seen: _Seen) -> Table:
    """Asked for when the tasks have been written, so that all have been counted."""
    lights = (*LIGHT_WORDS.values(), OVER)
    red = LIGHT_WORDS[Light.RED]
    longest = max((counts[LAG] for counts in seen.bodies.values()), default=0)
    worst_first = sorted(seen.bodies.items(), key=lambda item: (-item[1][red], -item[1][LAG], item[0]))
    return Table(
        name="统计",
        title=f"{heading.title}——统计",
        notes=(
            f"业务日期：{heading.today}",
            f"按状态：{_listed(seen.statuses)}",
            f"按已发最高一级提醒：{_listed(seen.levels)}",
        ),
        columns=[("牵头单位", 36), ("任务", 12), *((light, 12) for light in lights), ("最长滞后天数", 14)],
        rows=[
            ("全部任务", seen.lights.total(), *(seen.lights[light] for light in lights), longest),
            *((body, c[TASKS], *(c[light] for light in lights), c[LAG]) for body, c in worst_first),
        ],
        standing=1,
    )


def _listed(counts: Counter[str]) -> str:
    return "、".join(f"{words} {count}" for words, count in counts.most_common()) or "无"


def _reminders(heading: Heading, seen: _Seen, reminders: RemindersOf) -> Table:
    def rows() -> Iterator[tuple[object, ...]]:
        for plan, titles in seen.plans.items():
            found = reminders(plan)
            for row in found.rows:
                if row.task_code in titles and row.status is not RungStatus.NOT_ISSUED:
                    moves = found.calendar is not None and found.calendar.is_provisional(row.due_on)
                    yield (
                        row.task_code,
                        titles[row.task_code],
                        level_words(row.level),
                        row.episode or None,
                        row.milestone_due_on,
                        f"{row.due_on}{PROVISIONAL}" if moves else row.due_on,
                        row.lag_days,
                        RUNG_WORDS[row.status],
                        cell(local(row.issued_at, found.zone)),
                        row.issuer,
                        row.reason,
                    )

    return Table(
        name="提醒",
        title=f"{heading.title}——提醒情况",
        notes=(
            f"业务日期：{heading.today}　　已发出的和等待确认或决定的各级提醒；越过未发的见时间线。",
            f"{PROVISIONAL} 暂定：该年节假日安排尚未公布。",
        ),
        columns=[
            ("任务编号", 12), ("改革事项", 40), ("级别", 12), ("轮次", 6), ("逾期节点期限", 13), ("应发日期", 13),
            ("当日滞后", 9), ("状态", 14), ("发出时间", 17), ("发文单位", 18), ("说明", 40),
        ],
        rows=rows(),
        empty="还没有发出过提醒。",
        standing=1,
    )  # fmt: skip


def _differing(heading: Heading, seen: _Seen) -> Table:
    def rows() -> Iterator[tuple[object, ...]]:
        for row in sorted(seen.differing, key=lambda one: (-one.lag_days, one.task_code)):
            lights = _computed(row), _reported(row), _inspected(row)
            yield row.task_code, row.title, row.lead_body, row.handling_body, *lights, row.lag_days, row.due_on

    return Table(
        name="三灯不一致",
        title=f"{heading.title}——核算、自报、督查不一致",
        notes=(LEGEND,),
        columns=[
            ("任务编号", 12), ("改革事项", 50), ("牵头单位", 20), ("具体承办单位", 20), ("核算灯", 10),
            ("自报灯", 12), ("督查灯", 16), ("滞后天数", 10), ("最近未完成期限", 14),
        ],
        rows=rows(),
        empty="没有不一致的任务。",
        standing=1,
    )  # fmt: skip
