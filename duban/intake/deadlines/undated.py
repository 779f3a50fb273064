"""What is said of a deadline from which no date comes: vague words, a start without an end, what cannot be read."""

from datetime import date, timedelta

from duban.intake.deadlines.deadline_reading import DeadlineProblem, DeadlineProblemKind
from duban.intake.spelling import PlainText

_EXCEL_DAY_ZERO = date(1899, 12, 30)
_EXCEL_DAYS = range(36526, 73051)
_WRITE_A_DATE = "请写明日期，例如“{year}年6月30日前”；没有完成时限的，写“持续推进”并定报告周期。"


def vague(word: str, phrase: str, year: int, *, is_season: bool, beside_a_date: bool) -> DeadlineProblem:
    """``限期``, ``适时``, ``春节前``: a date is needed.

    Args:
        word: As written.
        phrase: What it stands in.
        year: The plan's, for the example in the suggestion.
        is_season: It names a time of every year that has no fixed day.
        beside_a_date: The cell gives a date elsewhere, so that this is only advice.
    """
    reason = "每年日期不同或没有定日" if is_season else "不是日期"
    return DeadlineProblem(
        kind=DeadlineProblemKind.NEEDS_DATE,
        phrase=phrase,
        problem=f"“{word}”{reason}，需要写明日期。",
        suggestion=_WRITE_A_DATE.format(year=year),
        advisory=beside_a_date,
    )


def only_a_start(phrase: str) -> DeadlineProblem:
    """``2019年1月起``: the task goes on without an end."""
    return DeadlineProblem(
        kind=DeadlineProblemKind.START_ONLY,
        phrase=phrase,
        problem="只写了起始时间，没有写完成时限。",
        suggestion="请补写完成时限；确无时限的，按持续推进并定报告周期。",
    )


def unreadable(cell: PlainText, year: int) -> DeadlineProblem:
    """Nothing was found in the cell; a date that a spreadsheet turned into its day number is recognised."""
    suggestion = _WRITE_A_DATE.format(year=year)
    text = cell.text
    if text.isascii() and text.isdigit() and len(text) == 5 and int(text) in _EXCEL_DAYS:
        meant = _EXCEL_DAY_ZERO + timedelta(days=int(text))
        suggestion = f"这像是表格软件的日期序号，即{meant.isoformat()}；请把该列设为日期格式后重新导出。"
    return DeadlineProblem(
        kind=DeadlineProblemKind.UNREADABLE,
        phrase=cell.original.strip(),
        problem="看不懂这个时限，读不出日期。",
        suggestion=suggestion,
    )
