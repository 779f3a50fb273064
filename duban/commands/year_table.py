"""A year ahead in the terminal: the load by body and month, and the days on which something is opened."""

from collections.abc import Iterator
from itertools import groupby

from duban.commands.showing import say, show_table
from duban.commands.year_load import SIDE_WORDS, BodyLoad, Month, YearLoad, load_of
from duban.supervision.clauses import Source
from duban.supervision.days.calendar import OfficeCalendar
from duban.supervision.days.provisional import shown as dated
from duban.supervision.foresight.undertakings import ForeseenItem, Office
from duban.supervision.foresight.year_ahead import YearAhead
from duban.supervision.model import Frozen

MOST_NAMED = 3
"""Bodies that are named where many have the same."""
LATE_NAMED = 2
"""Days that are named of what would be late from the first."""


class Shown(Frozen):
    """A year with what stands above it.

    Attributes:
        plan: The plan's title; empty where there is none.
    """

    year: int
    office: Office
    ahead: YearAhead
    plan: str = ""

    @property
    def title(self) -> str:
        """What stands above it."""
        plan = f"、《{self.plan}》" if self.plan else ""
        return f"{self.office.supervising_body} {self.year}年度督察工作演练（制度：{self.office.rulebook.title}{plan}）"


def show_year(shown: Shown) -> None:
    """Two tables and what has to be known about them."""
    ahead, load = shown.ahead, load_of(shown.ahead)
    say(shown.title)
    say(
        f"开启周期性事项 {len(ahead.items)} 件，到期事项 {len(ahead.duties)} 件；"
        f"如无任何单位办理，将发出通知 {len(ahead.notices)} 件。"
    )
    show_table(
        ("", "单位", *(month_words(month, load) for month in load.months), "全年"),
        _load_rows(load),
        title="逐单位逐月：到期事项/收到的通知（件）",
    )
    if ahead.items:
        show_table(
            ("月份", "开启日期", "事项", "由谁办理", "步骤和最后期限", "依据"),
            _day_rows(shown),
            title="周期性事项",
        )
    for line in notes_of(shown):
        say(line)


def notes_of(shown: Shown) -> list[str]:
    """What has to be known to read it."""
    ahead, calendar = shown.ahead, shown.office.calendar
    lines = [
        "说明：按“没有任何单位办理、也没有任何决定”推演，通知据此计算；各步骤的最后期限按“每一步都在最后一天办结”推算。",
    ]
    lines += [f"未演练：{one.title}——{one.reason}。" for one in ahead.left_out]
    assumed = {
        item.rhythm: f"推定：{shown.office.rulebook.rhythms[item.rhythm].title}——{item.assumed}"
        for item in ahead.items
        if item.assumed
    }
    lines += assumed.values()
    lines += _late_from_the_first(shown)
    if calendar.known_until is not None and ahead.last_on > calendar.known_until:
        lines.append(f"{calendar.known_until} 之后的放假调休安排尚未公布，日期为暂定。")
    return lines


def _late_from_the_first(shown: Shown) -> Iterator[str]:
    """What would be opened when its first last day is past: a holiday lies before the working day of its opening."""
    late: dict[str, list[ForeseenItem]] = {}
    for item in shown.ahead.items:
        first = item.steps[0].due_on if item.steps else None
        if first is not None and first < item.opens_on:
            late.setdefault(item.rhythm, []).append(item)
    for rhythm, items in late.items():
        days = list(dict.fromkeys(f"{item.opens_on} 立项、{item.steps[0].due_on} 到期" for item in items))
        shown_days = "，".join(days[:LATE_NAMED]) + ("等" if len(days) > LATE_NAMED else "")
        title = shown.office.rulebook.rhythms[rhythm].title
        yield f"立项时已经到期：{title}——{shown_days}。可在定期工作中以 before 提前立项，或改以工作日计时限。"


def month_words(month: Month, load: YearLoad) -> str:
    """A month, with its year where there are several."""
    year, number = month
    return f"{year}-{number:02}" if len({one for one, _ in load.months}) > 1 else f"{number}月"


def steps_words(item: ForeseenItem, calendar: OfficeCalendar, between: str = "；") -> str:
    """The steps of an item with their last days."""
    return between.join(
        f"{step.title} {dated(step.due_on, calendar, step.due_on.isoformat()) if step.due_on else '按所填日期'}"
        for step in item.steps
    )


def source_words(source: Source, assumed: str) -> str:
    """Where a rhythm comes from."""
    cited = f"第{source.paragraph}段" if source.paragraph else "推定"
    return f"{cited}（有推定）" if assumed and source.paragraph else cited


def load_cell(body: BodyLoad, month: Month) -> str:
    """What falls due and what is sent."""
    return f"{body.due[month]}/{body.sent[month]}" if body.due[month] or body.sent[month] else ""


def _load_rows(load: YearLoad) -> Iterator[tuple[object, ...]]:
    for body in load.bodies:
        cells = (load_cell(body, month) for month in load.months)
        yield SIDE_WORDS[body.side], body.body, *cells, f"{body.due.total()}/{body.sent.total()}"


def _day_rows(shown: Shown) -> Iterator[tuple[object, ...]]:
    """A line for each period of a rhythm: bodies that have the same are told together."""
    calendar = shown.office.calendar
    for _, group in groupby(shown.ahead.items, key=lambda item: (item.opens_on, item.rhythm, item.period)):
        items = list(group)
        first = items[0]
        title = first.title if len(items) == 1 else _common_title(shown, first)
        yield (
            f"{first.opens_on:%Y-%m}",
            dated(first.opens_on, calendar, first.opens_on.isoformat()),
            title,
            _bodies(items),
            steps_words(first, calendar),
            source_words(first.source, first.assumed),
        )


def _common_title(shown: Shown, item: ForeseenItem) -> str:
    rhythm = shown.office.rulebook.rhythms[item.rhythm].title
    return f"{item.title.partition(rhythm)[0]}{rhythm}"


def _bodies(items: list[ForeseenItem]) -> str:
    names = list(dict.fromkeys(item.owed_by for item in items))
    more = f"等{len(names)}个单位" if len(names) > MOST_NAMED else ""
    count = f"，共{len(items)}件" if len(items) > len(names) else ""
    return f"{'、'.join(names[:MOST_NAMED])}{more}{count}"
