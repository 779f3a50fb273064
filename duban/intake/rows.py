"""One row of a plan file: read as a task, with everything that is wrong in it."""

import re
from collections.abc import Sequence

from duban.intake.bounds import LONGEST_DEADLINE, LONGEST_READ, excesses, too_long
from duban.intake.columns import Columns, Field
from duban.intake.deadline_reading import DeadlineProblemKind, DeadlineReading
from duban.intake.deadlines import read_deadlines
from duban.intake.files import LONGEST_CELL, Row
from duban.intake.milestones import planned, read_met, read_reminders, with_met
from duban.intake.options import IntakeOptions
from duban.intake.problems import Problem, Severity
from duban.intake.responsible import ResponsibleBodies
from duban.intake.row_problems import RowProblems
from duban.intake.spelling import compact
from duban.supervision.plan import GivenReminder, ListKind, PlannedMilestone, TaskDefinition

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
_HEADING_OF_SECTION = re.compile(
    r"^(?:[(（]?[一二三四五六七八九十]{1,3}[)）、.．]|第[一二三四五六七八九十]{1,3}[章节部])"
)


_NOTE = re.compile(r"^(?:备注|说明|附?注|填表人|填报人|填报单位|制表|联系人|审核人)\s*[0-9]*\s*[:：]")
_SUM = re.compile(r"^(?:合计|总计|小计)[:：]?$")


class RowReader:
    """Reads the rows of one file under one set of options; gathers their problems."""

    def __init__(self, columns: Columns, options: IntakeOptions, sheet: str | None) -> None:
        self._columns = columns
        self._options = options
        self._problems = RowProblems(columns, sheet)
        self._bodies = ResponsibleBodies(columns, options, self._problems)
        self._readings: dict[str, DeadlineReading] = {}

    @property
    def problems(self) -> Sequence[Problem]:
        """Those of all rows read so far."""
        return self._problems.gathered

    def is_no_task(self, row: Row) -> bool:
        """Whether a row only parts or closes the table.

        One cell, numbered like a chapter (``一、优化审批``) or a note; a sum; the heading again, as on each page.
        """
        filled = [cell.strip() for cell in row.cells if cell.strip()]
        if len(filled) == 1 and (_HEADING_OF_SECTION.match(filled[0]) or _NOTE.match(filled[0])):
            return True
        if _SUM.match(compact(filled[0])) and not self._columns.cell(row.cells, Field.DEADLINE):
            return True
        return filled == [" ".join(heading.split()) for heading in self._columns.headings if heading]

    def read(self, row: Row, code: str) -> TaskDefinition:
        """The task of a row, as far as it can be read; what cannot is in ``problems``."""
        self._problems.row = row.number
        cells = row.cells
        self._check_shape(cells)
        lead, supporting = self._bodies.lead_and_supporting(cells)
        handling = self._bodies.handling(cells)
        reading = self._deadline(cells)
        open_ended = reading.open_ended or (reading.empty and self._options.open_ended_report is not None)
        milestones = self._met_before(cells, planned(reading.milestones, open_ended=open_ended))
        if len(self._columns.cell(cells, Field.DEADLINE)) <= LONGEST_DEADLINE:
            self._report_on_deadline(self._columns.cell(cells, Field.DEADLINE), reading, milestones)
        task = TaskDefinition(
            code=code,
            title=self._title(cells),
            lead_body=lead,
            leader=self._line(cells, Field.LEADER),
            handling_body=handling,
            supporting_bodies=supporting,
            measures=self._columns.cell(cells, Field.MEASURES),
            deliverable=self._columns.cell(cells, Field.DELIVERABLE),
            deadline_text=self._columns.cell(cells, Field.DEADLINE),
            milestones=milestones,
            open_ended=open_ended,
            report_cycle=self._options.open_ended_report if open_ended else None,
            list_kinds=self._list_kinds(cells),
            decided_above=self._decided_above(cells),
            reminders_given=self._reminders(cells),
        )
        for excess in excesses(task):
            self._problems.error(*excess)
        return task

    def _readable(self, cells: Sequence[str], field: Field) -> str:
        """A cell that is read word by word; empty where it is too long for that, which is an error of the row."""
        written = self._columns.cell(cells, field)
        if len(written) <= LONGEST_READ[field]:
            return written
        self._problems.error(*too_long(field, written, LONGEST_READ[field]))
        return ""

    def _line(self, cells: Sequence[str], field: Field) -> str:
        return " ".join(self._columns.cell(cells, field).split())

    def _title(self, cells: Sequence[str]) -> str:
        title = "".join(self._columns.cell(cells, Field.TITLE).splitlines())
        if not title and Field.TITLE in self._columns.places:
            self._problems.error(Field.TITLE, "", "事项是空的。", "请写明事项名称；不是任务的行请删去。")
        return title

    def _check_shape(self, cells: Sequence[str]) -> None:
        beyond = [cell for cell in cells[len(self._columns.headings) :] if cell.strip()]
        if beyond:
            self._problems.add(
                Severity.ERROR,
                None,
                "；".join(beyond),
                f"这一行比表头多出{len(beyond)}格内容，各栏可能错位。",
                "请检查这一行里是否有没加引号的逗号。",
            )
        for heading, cell in zip(self._columns.headings, cells, strict=False):
            if len(cell) > LONGEST_CELL:
                self._problems.add(
                    Severity.ERROR,
                    heading,
                    cell,
                    f"单元格有{len(cell)}个字符，超过{LONGEST_CELL}的上限。",
                    "请检查前后是否有没成对的引号，或缩短内容。",
                )

    def _deadline(self, cells: Sequence[str]) -> DeadlineReading:
        """The reading of a row's deadline; a plan repeats few phrases many times, and each is read once."""
        written = self._readable(cells, Field.DEADLINE)
        if written not in self._readings:
            self._readings[written] = read_deadlines(
                written,
                issued_on=self._options.issued_on,
                year=self._options.plan_year,
                add_working_days=self._options.add_working_days,
            )
        return self._readings[written]

    def _report_on_deadline(
        self, written: str, reading: DeadlineReading, milestones: Sequence[PlannedMilestone]
    ) -> None:
        met = {milestone.due_on for milestone in milestones if milestone.met_on is not None}
        for problem in reading.problems:
            if problem.kind is DeadlineProblemKind.BEFORE_ISSUE and problem.due_on in met:
                continue
            self._problems.add(
                problem.severity,
                self._problems.heading(Field.DEADLINE),
                written,
                problem.problem,
                problem.suggestion,
            )
        if Field.DEADLINE not in self._columns.places or self._options.open_ended_report is not None:
            return
        if reading.empty:
            self._problems.error(
                Field.DEADLINE,
                written,
                "没有写完成时限。",
                "请写明时限；确需长期推进的，用 --open-ended-report quarterly 约定按季报告。",
            )
        elif reading.open_ended:
            cycle = reading.suggested_cycle or "quarterly"
            agree = f"请写明完成日期，或用 --open-ended-report {cycle} 约定报告周期。"
            if reading.milestones:
                self._problems.warn(Field.DEADLINE, written, "节点之后还要持续推进，但没有约定报告周期。", agree)
            else:
                self._problems.error(Field.DEADLINE, written, "没有完成日期，只说持续推进或按周期进行。", agree)

    def _met_before(
        self, cells: Sequence[str], milestones: tuple[PlannedMilestone, ...]
    ) -> tuple[PlannedMilestone, ...]:
        written = self._readable(cells, Field.MILESTONES_MET)
        if compact(written).lower() in _NO:
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

    def _reminders(self, cells: Sequence[str]) -> tuple[GivenReminder, ...]:
        written = self._readable(cells, Field.REMINDERS_GIVEN)
        if compact(written).lower() in _NO:
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

    def _list_kinds(self, cells: Sequence[str]) -> tuple[ListKind, ...]:
        written = self._columns.cell(cells, Field.LIST_KINDS)
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

    def _decided_above(self, cells: Sequence[str]) -> bool:
        written = self._columns.cell(cells, Field.DECIDED_ABOVE)
        answer = compact(written).lower()
        if answer not in _YES and answer not in _NO:
            problem = f"“{written}”看不出是不是上级决策，按“否”处理。"
            self._problems.warn(Field.DECIDED_ABOVE, written, problem, "请填“是”或“否”。")
        return answer in _YES
