"""A year ahead as a workbook: what is opened, what falls due, what is sent, and the load by body and month."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from duban.commands.printed_ledger import PROVISIONAL, SIGNATURES
from duban.commands.showing import KIND_WORDS
from duban.commands.workbook import Table, write_workbook
from duban.commands.year_load import SIDE_WORDS, load_of
from duban.commands.year_table import Shown, load_cell, month_words, notes_of, source_words, steps_words
from duban.supervision.days.calendar import OfficeCalendar
from duban.supervision.foresight.year_ahead import ForeseenLetter
from duban.supervision.tasks.entries import NoticeKind


def print_year(path: Path, shown: Shown) -> None:
    """Write a year as a workbook, in place of a file that is there.

    Raises:
        Refused: The file cannot be written.
    """
    write_workbook(path, _tables(shown), footer=shown.title)


def _tables(shown: Shown) -> Iterator[Table]:
    yield _items(shown)
    yield _duties(shown)
    yield _notices(shown)
    yield _load(shown)


def _items(shown: Shown) -> Table:
    def rows() -> Iterator[tuple[object, ...]]:
        calendar = shown.office.calendar
        for number, item in enumerate(shown.ahead.items, 1):
            yield (
                number, _day(item.opens_on, calendar), item.title, item.owed_by, SIDE_WORDS[item.side],
                item.supervising_body, steps_words(item, calendar, "\n"), item.concerns,
                source_words(item.source, item.assumed), item.source.sentence, item.assumed,
            )  # fmt: skip

    return Table(
        name="周期性事项",
        title=shown.title,
        notes=notes_of(shown),
        columns=[
            ("序号", 6), ("开启日期", 12.5), ("事项", 34), ("由谁办理", 18), ("哪一方", 11), ("督促单位", 18),
            ("步骤和最后期限", 40), ("涉及", 12), ("依据", 11), ("原文", 36), ("推定", 28),
        ],
        rows=rows(),
        empty="这一年没有周期性事项。",
        closing=(SIGNATURES,),
        standing=3,
    )  # fmt: skip


def _duties(shown: Shown) -> Table:
    def rows() -> Iterator[tuple[object, ...]]:
        calendar = shown.office.calendar
        for duty in shown.ahead.duties:
            yield (
                _day(duty.due_on, calendar), duty.owed_by, SIDE_WORDS[duty.side], duty.what, duty.title,
                duty.task_code, duty.asked_on, "周期性事项" if duty.rhythm else "方案",
            )  # fmt: skip

    return Table(
        name="到期事项",
        title=f"{shown.title}——到期事项",
        notes=(f"最后期限按日期排列。{PROVISIONAL} 暂定：该年节假日安排尚未公布。",),
        columns=[
            ("最后期限", 13), ("由谁办理", 22), ("哪一方", 12), ("办理什么", 30), ("事项", 46), ("编号", 34),
            ("知悉日期", 13), ("来自", 12),
        ],
        rows=rows(),
        empty="这一年没有到期的事项。",
        standing=2,
    )  # fmt: skip


def _notices(shown: Shown) -> Table:
    levels = {rung.level: rung.title for rung in shown.office.rulebook.ladder.rungs}

    def kind(letter: ForeseenLetter) -> str:
        if letter.rhythm and letter.kind is NoticeKind.REQUEST:
            return "办理通知"
        level = levels.get(letter.level or "") if letter.kind is NoticeKind.REMINDER else None
        return level or KIND_WORDS[letter.kind]

    def rows() -> Iterator[tuple[object, ...]]:
        calendar = shown.office.calendar
        for letter in shown.ahead.notices:
            yield (
                _day(letter.deliver_on, calendar), kind(letter), letter.recipient, SIDE_WORDS[letter.side],
                letter.issuer, letter.title, letter.task_code, letter.reminder_due_on, letter.lag_days,
            )  # fmt: skip

    return Table(
        name="通知",
        title=f"{shown.title}——如无任何单位办理将发出的通知",
        notes=(f"通报和约谈各为提请一次，得到确认或决定后才会发出。{PROVISIONAL} 暂定：该年节假日安排尚未公布。",),
        columns=[
            ("送达日期", 13), ("种类", 13), ("受文单位", 22), ("哪一方", 12), ("发文单位", 22), ("事项", 46),
            ("编号", 34), ("应发日期", 13), ("当日滞后", 9),
        ],
        rows=rows(),
        empty="这一年没有要发的通知。",
        standing=2,
    )  # fmt: skip


def _load(shown: Shown) -> Table:
    load = load_of(shown.ahead)

    def rows() -> Iterator[tuple[object, ...]]:
        for body in load.bodies:
            cells = (load_cell(body, month) for month in load.months)
            yield SIDE_WORDS[body.side], body.body, *cells, body.due.total(), body.sent.total()

    return Table(
        name="负荷",
        title=f"{shown.title}——逐单位逐月",
        notes=("每格为：到期事项/收到的通知（件）。",),
        columns=[
            ("哪一方", 12),
            ("单位", 28),
            *((month_words(month, load), 9) for month in load.months),
            ("全年到期", 11),
            ("全年通知", 11),
        ],
        rows=rows(),
        empty="这一年没有事项。",
        standing=2,
    )


def _day(day: date, calendar: OfficeCalendar) -> date | str:
    """A day, with its mark where it is provisional."""
    return f"{day}{PROVISIONAL}" if calendar.is_provisional(day) else day
