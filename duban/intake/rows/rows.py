"""One row of a plan file: read as a task, with everything that is wrong in it."""

import re
from collections.abc import Mapping, Sequence

from duban.intake.deadlines.deadline_reading import DeadlineProblemKind, DeadlineReading
from duban.intake.deadlines.deadlines import read_deadlines
from duban.intake.files.odd_cells import reject_unusable_cells, warn_of_half_shown_date
from duban.intake.files.tables import LONGEST_CELL, Row
from duban.intake.options import IntakeOptions
from duban.intake.problems import Problem
from duban.intake.rows.bounds import LONGEST_DEADLINE, LONGEST_READ, excesses, too_long
from duban.intake.rows.matters import RowMatters
from duban.intake.rows.milestones import planned, read_met, read_reminders, with_met
from duban.intake.rows.responsible import ResponsibleBodies
from duban.intake.rows.row_problems import RowProblems
from duban.intake.sheets.columns import Columns, Field
from duban.intake.spelling import compact
from duban.supervision.plans.plan import GivenReminder, ListKind, PlannedMilestone, TaskDefinition

_LIST_WORDS: tuple[tuple[ListKind, tuple[str, ...]], ...] = (
    (ListKind.ANNUAL, ("年度", "annual")),
    (ListKind.KEY, ("重点", "key")),
    (ListKind.GRASSROOTS, ("基层", "grassroots")),
    (ListKind.PILOT, ("试点", "pilot")),
    (ListKind.PROBLEM, ("问题", "problem")),
)
_LIST_PARTS = re.compile(r"[、,;，；/\s]+")
_YES = frozenset(("是", "有", "√", "✓", "✔", "y", "yes", "true", "1", "中央", "省", "市", "省级", "市级", "中央级"))
_NO = frozenset(("", "否", "无", "不是", "没有", "×", "✗", "n", "no", "false", "0", "-", "/"))


class RowReader:
    """Reads the rows of one table under one set of options; gathers their problems."""

    def __init__(self, columns: Columns, options: IntakeOptions, sheet: str | None) -> None:
        self._columns = columns
        self._options = options
        self._has_deadlines = not columns.places.keys().isdisjoint((Field.DEADLINE, Field.MATTER))
        self._problems = RowProblems(columns, sheet)
        self._bodies = ResponsibleBodies(options, self._problems)
        self._matters = RowMatters(options, self._problems)
        self._readings: dict[str, DeadlineReading] = {}
        self._planned: dict[str, tuple[PlannedMilestone, ...]] = {}

    @property
    def problems(self) -> Sequence[Problem]:
        """Those of all rows read so far."""
        return self._problems.gathered

    def read(self, row: Row, code: str) -> TaskDefinition:
        """The task of a row, as far as it can be read; what cannot is in ``problems``."""
        self._problems.begin(row)
        reject_unusable_cells(row, self._columns, self._problems)
        self._check_shape(row.cells)
        texts = self._columns.texts(row.cells)
        lead, supporting = self._bodies.lead_and_supporting(texts)
        written = self._readable(texts, Field.DEADLINE)
        reading = self._deadline(written)
        handed_over_on = self._matters.handed_over_on(texts)
        matter, count = self._matters.read(texts, handed_over_on), self._options.count_limit
        if reading.empty and matter is not None and count is not None:
            open_ended, dated = False, matter.milestones(count)
        else:
            open_ended = reading.open_ended or (reading.empty and self._options.open_ended_report is not None)
            dated = self._milestones(written, reading, open_ended=open_ended)
        milestones = self._met_before(texts, dated)
        if len(texts[Field.DEADLINE]) <= LONGEST_DEADLINE:
            self._report_on_deadline(written, reading, milestones)
        if matter is not None:
            self._matters.refuse_beyond(matter, written, milestones, open_ended=open_ended)
        if self._options.meeting is not None:
            self._refuse_undivided(texts, written, reading, milestones)
        warn_of_half_shown_date(row, self._columns, reading, self._problems)
        task = TaskDefinition(
            code=code,
            title=self._title(texts),
            lead_body=lead,
            leader=" ".join(texts[Field.LEADER].split()),
            handling_body=self._bodies.handling(texts),
            supporting_bodies=supporting,
            measures=texts[Field.MEASURES],
            deliverable=texts[Field.DELIVERABLE],
            deadline_text=texts[Field.DEADLINE],
            milestones=milestones,
            open_ended=open_ended,
            report_cycle=self._options.open_ended_report if open_ended else None,
            list_kinds=self._list_kinds(texts[Field.LIST_KINDS]),
            decided_above=self._decided_above(texts[Field.DECIDED_ABOVE]),
            reminders_given=self._reminders(texts),
            matter=matter.key if matter else "",
            handed_over_on=handed_over_on,
        )
        for excess in excesses(task):
            self._problems.error(*excess)
        return task

    def _readable(self, texts: Mapping[Field, str], field: Field) -> str:
        """A cell that is read word by word; empty where it is too long for that, which is an error of the row."""
        written = texts[field]
        if len(written) <= LONGEST_READ[field]:
            return written
        self._problems.error(*too_long(field, written, LONGEST_READ[field]))
        return ""

    def _title(self, texts: Mapping[Field, str]) -> str:
        title = "".join(texts[Field.TITLE].splitlines())
        if not title and Field.TITLE in self._columns.places:
            self._problems.error(Field.TITLE, "", "事项是空的。", "请写明事项名称；不是任务的行请删去。")
        return title

    def _check_shape(self, cells: Sequence[str]) -> None:
        beyond = [cell for cell in cells[len(self._columns.headings) :] if cell.strip()]
        if beyond:
            self._problems.of_row(
                None,
                "；".join(beyond),
                f"这一行比表头多出{len(beyond)}格内容，各栏可能错位。",
                "请检查这一行里是否有没加引号的逗号。",
            )
        if not cells or max(map(len, cells)) <= LONGEST_CELL:
            return
        for heading, cell in zip(self._columns.headings, cells, strict=False):
            if len(cell) > LONGEST_CELL:
                self._problems.of_row(
                    heading,
                    cell,
                    f"单元格有{len(cell)}个字符，超过{LONGEST_CELL}的上限。",
                    "请检查前后是否有没成对的引号，或缩短内容。",
                )

    def _deadline(self, written: str) -> DeadlineReading:
        """The reading of a row's deadline; a plan repeats few phrases many times, and each is read once."""
        if written not in self._readings:
            self._readings[written] = read_deadlines(
                written,
                issued_on=self._options.issued_on,
                year=self._options.plan_year,
                add_working_days=self._options.add_working_days,
            )
        return self._readings[written]

    def _milestones(self, written: str, reading: DeadlineReading, *, open_ended: bool) -> tuple[PlannedMilestone, ...]:
        """The milestones of a reading; for one text they are the same in every row."""
        if written not in self._planned:
            self._planned[written] = planned(reading.milestones, open_ended=open_ended)
        return self._planned[written]

    def _report_on_deadline(
        self, written: str, reading: DeadlineReading, milestones: Sequence[PlannedMilestone]
    ) -> None:
        for problem in reading.problems:
            met = {milestone.due_on for milestone in milestones if milestone.met_on is not None}
            if problem.kind is DeadlineProblemKind.BEFORE_ISSUE and problem.due_on in met:
                continue
            self._problems.of(problem.severity, Field.DEADLINE, written, problem.problem, problem.suggestion)
        if not self._has_deadlines or self._options.open_ended_report is not None:
            return
        if reading.empty and not milestones:
            self._problems.error(
                Field.DEADLINE,
                written,
                "没有写完成时限。",
                "请写明时限；确需长期推进的，用 --open-ended-report quarterly 约定按季报告。",
            )
        elif reading.open_ended and not reading.empty:
            cycle = reading.suggested_cycle or "quarterly"
            agree = f"请写明完成日期，或用 --open-ended-report {cycle} 约定报告周期。"
            if reading.milestones:
                self._problems.warn(Field.DEADLINE, written, "节点之后还要持续推进，但没有约定报告周期。", agree)
            else:
                self._problems.error(Field.DEADLINE, written, "没有完成日期，只说持续推进或按周期进行。", agree)

    def _refuse_undivided(
        self,
        texts: Mapping[Field, str],
        written: str,
        reading: DeadlineReading,
        milestones: Sequence[PlannedMilestone],
    ) -> None:
        """What a meeting has decided is divided at once: who, and by when, in every row, by no rule for the rest."""
        if milestones and (reading.open_ended or reading.empty):
            problem = "会议决定事项须逐项写明完成时限，不能持续推进，也不按事项类别推算。"
            self._problems.error(Field.DEADLINE, written, problem, "请写明完成日期。")
        if self._options.needs_leader and not " ".join(texts[Field.LEADER].split()):
            self._problems.error(Field.LEADER, "", "会议决定事项须落实到责任人。", "请写明责任人（牵头领导）。")

    def _met_before(
        self, texts: Mapping[Field, str], milestones: tuple[PlannedMilestone, ...]
    ) -> tuple[PlannedMilestone, ...]:
        written = self._readable(texts, Field.MILESTONES_MET)
        if not written or compact(written).lower() in _NO:
            return milestones
        met, unread = read_met(written, issued_on=self._options.issued_on, year=self._options.plan_year)
        known, strangers = with_met(milestones, met)
        example = "请按“时限：完成日期（依据）”填写，例如“3月底：2022-03-28（已报方案）”，多个用分号隔开。"
        for entry in unread:
            self._problems.error(Field.MILESTONES_MET, written, entry.problem, example)
        listed = "、".join(milestone.due_on.isoformat() for milestone in milestones) or "无"
        for stranger in strangers:
            named = f"第{stranger.number}个节点" if stranger.number is not None else f"{stranger.due_on}的节点"
            self._problems.error(Field.MILESTONES_MET, written, f"完成时限里没有{named}（已有：{listed}）。", example)
        return known

    def _reminders(self, texts: Mapping[Field, str]) -> tuple[GivenReminder, ...]:
        written = self._readable(texts, Field.REMINDERS_GIVEN)
        if not written or compact(written).lower() in _NO:
            return ()
        given, unread = read_reminders(written, issued_on=self._options.issued_on, year=self._options.plan_year)
        for entry in unread:
            self._problems.error(
                Field.REMINDERS_GIVEN,
                written,
                entry.problem,
                "请按“级别＋日期”填写，例如“电话2022-05-16；书面2022-05-31”，级别为电话、书面、现场、通报、约谈。",
            )
        return given

    def _list_kinds(self, written: str) -> tuple[ListKind, ...]:
        if not written:
            return ()
        kinds: dict[ListKind, None] = {}
        for part in _LIST_PARTS.split(written):
            kind = next((kind for kind, words in _LIST_WORDS if any(word in part.lower() for word in words)), None)
            if kind is not None:
                kinds[kind] = None
            elif part and part.lower() not in _NO:
                self._problems.warn(
                    Field.LIST_KINDS,
                    part,
                    f"不认识清单“{part}”，没有采用。",
                    "请填年度、重点、基层、试点、问题中的一种或几种。",
                )
        return tuple(kinds)

    def _decided_above(self, written: str) -> bool:
        answer = compact(written).lower()
        if answer not in _YES and answer not in _NO:
            problem = f"“{written}”看不出是不是上级决策，按“否”处理。"
            self._problems.warn(Field.DECIDED_ABOVE, written, problem, "请填“是”或“否”。")
        return answer in _YES
