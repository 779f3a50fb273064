"""The end of every notice, 依据与计算: why it is given, so that its receiver can check it with a calendar.

Dates, the subtraction, pauses, the shift to a working day, the rule with paragraph and sentence, and what is assumed.
"""

from collections.abc import Iterator

from duban.notices.chinese_dates import difference, with_weekday
from duban.notices.plain_text import one_line, quoted, sentence
from duban.supervision.days.calendar import ONE_DAY
from duban.supervision.tasks.entries import Citation, Explanation
from duban.supervision.tasks.turn import day_text

ASSUMED = "〔假定〕"
"""Marks what no document lays down."""


def reckoning(explanation: Explanation) -> tuple[str, ...]:
    """The lines of 依据与计算, each a sentence; at least the due date and the rule."""
    return tuple(_lines(explanation))


def _lines(why: Explanation) -> Iterator[str]:
    if why.milestone_due_on is not None:
        phrase = one_line(why.milestone_phrase)
        named = f"{quoted(phrase)}，" if phrase else ""
        yield f"节点：{named}期限为{day_text(why.milestone_due_on)}，当日24时前完成为按期。"
    yield from _count(why)
    yield f"时间：本件应发日期为{with_weekday(why.due_on)}。{sentence(why.shift)}"
    if why.provisional:
        yield f"{ASSUMED}有关年度的放假调休安排尚未公布，日期暂按周末休息推算。"
    yield from _rule("规则", why.citation)
    if why.respond_by_rule is not None:
        yield from _rule("时限", why.respond_by_rule)


def _count(why: Explanation) -> Iterator[str]:
    if why.behind_since is None:
        return
    since = day_text(why.behind_since)
    if why.milestone_due_on not in (None, why.behind_since):
        yield f"起算：本轮最早逾期的节点期限为{since}，滞后未曾中断，天数从该日连续计算，完成个别节点不减少天数。"
    yield f"逾期首日：{day_text(why.behind_since + ONE_DAY)}。"
    if why.lag_days is None:
        return
    elapsed, paused = (why.due_on - why.behind_since).days, why.suspended_days
    if elapsed - paused == why.lag_days:
        rest = f"，余{why.lag_days}天" if paused else ""
        sum_ = f"{difference(why.due_on, why.behind_since)} = {elapsed}，扣除暂停{paused}天{rest}"
    else:  # a limit in working days: the subtraction of dates would not come to the number that is given
        sum_ = f"截至{day_text(why.due_on)}，按规则所定单位计算，扣除暂停{paused}天"
    yield f"天数：自{since}起连续滞后{why.lag_days}天（{sum_}）。"


def _rule(label: str, citation: Citation) -> Iterator[str]:
    clause = one_line(citation.document)
    if citation.paragraph is not None:
        clause += f"第{citation.paragraph}段"
    words = one_line(citation.sentence)
    if clause and words:
        clause += f"：{quoted(words)}"
    yield f"{label}：{sentence(citation.rule)}{sentence(clause)}"
    if assumed := sentence(citation.assumed):
        yield f"{ASSUMED}{assumed}"
