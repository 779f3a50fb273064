"""A row's kind of matter: what it is due by where the row names no date, and what no date may go beyond."""

from collections.abc import Callable, Mapping
from datetime import date

from duban.intake.deadlines.spans import spoken
from duban.intake.options import IntakeOptions
from duban.intake.rows.milestones import single_date
from duban.intake.rows.row_problems import RowProblems
from duban.intake.sheets.columns import Field
from duban.intake.spelling import compact
from duban.supervision.clauses import Limit
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import MilestoneKind, PlannedMilestone
from duban.supervision.rules.matters import MatterKind, clause_of

CountLimit = Callable[[Limit, date], date]
"""The last day of a limit that begins after a day."""
_NOTHING = frozenset({"", "-", "/", "无"})


class MatterOfRow(Frozen):
    """A row's kind of matter.

    Attributes:
        key: By which the regime keeps it.
        since: The day from which its limits count.
        is_stated: The row itself says when it was handed over; else the day of issue stands for it.
    """

    key: str
    kind: MatterKind
    since: date
    is_stated: bool

    def milestones(self, count: CountLimit) -> tuple[PlannedMilestone, ...]:
        """The one milestone of a row that names no date."""
        return (
            PlannedMilestone(
                number=1,
                phrase=self.kind.phrase,
                due_on=count(self.kind.limit, self.since),
                kind=MilestoneKind.COMPLETED,
                from_hand_over=not self.is_stated,
            ),
        )


class RowMatters:
    """Reads the kinds of matter of one table's rows."""

    def __init__(self, options: IntakeOptions, problems: RowProblems) -> None:
        self._options = options
        self._problems = problems

    def handed_over_on(self, texts: Mapping[Field, str]) -> date | None:
        """When the row was handed over, where it says so."""
        written = texts[Field.HANDED_OVER_ON]
        if compact(written) in _NOTHING:
            return None
        day = single_date(written, issued_on=self._options.issued_on, year=self._options.plan_year)
        if day is None:
            self._problems.error(
                Field.HANDED_OVER_ON,
                written,
                "看不出是哪一天交办的。",
                "请写成 2026-03-02 的形式，或留空（自下发之日起算）。",
            )
        return day

    def read(self, texts: Mapping[Field, str], handed_over_on: date | None) -> MatterOfRow | None:
        """The kind that a row names; one that the regime does not know is an error."""
        written = texts[Field.MATTER]
        name = compact(written)
        if name in _NOTHING:
            return None
        matters = self._options.matters
        for key, kind in matters.items():
            if name == key or kind.is_called(name):
                since = handed_over_on or self._options.issued_on
                return MatterOfRow(key=key, kind=kind, since=since, is_stated=handed_over_on is not None)
        if matters:
            known = "、".join(kind.title for kind in matters.values())
            self._problems.error(
                Field.MATTER, written, f"制度里没有事项类别“{written}”。", f"可填：{known}；没有专门时限的请留空。"
            )
        else:
            self._problems.warn(
                Field.MATTER, written, f"制度“{self._options.regime}”没有规定事项类别，没有采用。", "不必处理。"
            )
        return None

    def refuse_beyond(
        self, matter: MatterOfRow, written: str, milestones: tuple[PlannedMilestone, ...], *, open_ended: bool
    ) -> None:
        """Say what of a row's dates its kind of matter does not allow."""
        kind, count = matter.kind, self._options.count_limit
        if kind.at_most is None or count is None:
            return
        most = f"“{kind.title}”自交办之日起最长{kind.at_most.words}（{clause_of(kind.at_most.source)}）"
        if open_ended:
            self._problems.error(
                Field.DEADLINE, written, f"{most}，不能持续推进。", "请写明期限，或留空按类别的时限计。"
            )
            return
        latest = count(kind.at_most, matter.since)
        beyond = [node.due_on for node in milestones if node.due_on > latest and node.met_on is None]
        if beyond:
            counted = "交办日期" if matter.is_stated else "印发日期"
            self._problems.error(
                Field.DEADLINE,
                written,
                f"时限{beyond[-1].isoformat()}超过{most}，自{counted}{spoken(matter.since)}起最迟为{latest.isoformat()}。",
                "请改为不超过这一天的日期；交办不在印发当日的，请填“交办日期”。",
            )
