"""A plan in YAML: what the command line's options say, and the tasks, each with the six fields.

    code: GG2026
    issued_on: 2026-03-02
    tasks:
      - 事项: 统一收件窗口
        牵头单位: 市审批局
        配合单位: [市财政局, 市司法局]
        节点: [5月底前报送方案]
        完成时限: 10月底前

Keys are the headings of a table, Chinese or English. Lists become the text that a cell of a table would hold.
"""

from collections.abc import Mapping
from pathlib import Path

from duban.intake.files.delimited import decoded
from duban.intake.files.tables import MOST_COLUMNS, MOST_ROWS, Row, Source, Stated, Table
from duban.intake.files.yaml_nodes import Listing, Node, Scalar, Section, YamlProblem, read_nodes
from duban.intake.problems import IntakeError, Problem, Severity
from duban.intake.sheets.columns import Field, field_of
from duban.intake.spelling import compact, without_invisible

STATED = {
    "code": "方案编号",
    "title": "方案标题",
    "issued_on": "印发日期",
    "regime": "制度",
    "organisation": "机构文件",
    "supervising_body": "交办单位",
    "field": "改革领域",
    "adopted_by": "审议通过的机关",
    "docks": "对接的上级方案",
    "watcher": "盯办人",
    "meeting": "会议",
    "held_on": "会议日期",
    "decided_by": "决定机关",
    "lead_rule": "牵头规则",
    "open_ended_report": "报告周期",
}
"""What a plan may state of itself: the names of the command line's options, and their names in Chinese."""
_OPTION_OF = {name: option for option, chinese in STATED.items() for name in (option, chinese)}
_TASKS = frozenset({"tasks", "任务"})
_MILESTONES = frozenset({"milestones", "节点"})
_BODIES = frozenset({Field.LEAD_BODY, Field.SUPPORTING_BODIES, Field.HANDLING_BODY, Field.LEADER, Field.LIST_KINDS})


def read_yaml_plan(path: Path, content: bytes) -> Source:
    """Reads a plan in YAML.

    Args:
        path: Of the file, for what is said about it.
        content: Its bytes.

    Raises:
        IntakeError: It is no YAML, or no plan; the line is named.
    """
    text = decoded(path, content)
    try:
        return _Plan(path).read(read_nodes(text))
    except YamlProblem as problem:
        raise IntakeError(f"方案文件“{path.name}”{problem}") from None


class _Plan:
    """One plan while it is read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stated: dict[str, Stated] = {}
        self._problems: list[Problem] = []
        self._headings: list[str] = []
        self._heading_lines: list[int] = []
        self._place_of: dict[Field, int] = {}
        self._place_of_key: dict[str, int] = {}
        self._heading_line = 1

    def read(self, plan: Node) -> Source:
        if not isinstance(plan, Section):
            raise YamlProblem(f"第{plan.line}行起应为若干“键: 值”，其中 tasks 之下列出任务。")
        tasks: Listing | None = None
        for key, node in plan.entries:
            if key.text in _TASKS and isinstance(node, Listing):
                tasks = node
                self._heading_line = key.line
            elif key.text in _TASKS:
                raise YamlProblem(f"第{key.line}行“{key.text}”之下应逐项列出任务，每项以“- ”开头。")
            else:
                self._state(key, node)
        if tasks is None:
            raise YamlProblem("里没有 tasks：请在 tasks 之下逐项列出任务。")
        if len(tasks.items) > MOST_ROWS:
            raise YamlProblem(f"超过{MOST_ROWS}项任务，不像是一份方案，请分开导入。")
        rows = [self._row(task) for task in tasks.items]
        width = len(self._headings)
        heading = Row(self._heading_line, tuple(self._headings), lines=tuple(self._heading_lines))
        table = Table(rows=(heading, *(_widened(row, width) for row in rows)), heading_first=True)
        return Source(self._path.stem, (table,), stated=self._stated, problems=tuple(self._problems))

    def _state(self, key: Scalar, node: Node) -> None:
        option = _OPTION_OF.get(key.text.replace("-", "_"))
        if option is None:
            self._problems.append(
                Problem(
                    severity=Severity.ERROR,
                    row=key.line,
                    column=key.text[:60],
                    problem=f"不认识“{key.text[:60]}”。",
                    suggestion=f"方案层面可写：{'、'.join(STATED)}，任务写在 tasks 之下；不需要的请删去。",
                )
            )
        elif not isinstance(node, Scalar):
            raise YamlProblem(f"第{key.line}行“{key.text}”应为一个值，不是列表。")
        elif option in self._stated:
            raise YamlProblem(f"第{key.line}行“{key.text}”与前面写的是同一项：请删去一个。")
        elif node.text.strip():
            self._stated[option] = Stated(node.text.strip(), key.line)

    def _row(self, task: Node) -> Row:
        if not isinstance(task, Section):
            raise YamlProblem(f"第{task.line}行应为一项任务，写成若干“键: 值”。")
        cells: dict[int, str] = {}
        lines: dict[int, int] = {}
        milestones: tuple[str, int] | None = None
        for key, node in task.entries:
            if compact(key.text).lower() in _MILESTONES:
                milestones = _text(key, node, "；"), key.line
                continue
            field = field_of(key.text)
            place = self._place(key, field, cells)
            cells[place] = _text(key, node, "、" if field in _BODIES else "；")
            lines[place] = key.line
        if milestones is not None:
            self._add_milestones(milestones, cells, lines)
        width = len(self._headings)
        return Row(
            task.line,
            tuple(cells.get(place, "") for place in range(width)),
            lines=tuple(lines.get(place, task.line) for place in range(width)),
        )

    def _add_milestones(self, milestones: tuple[str, int], cells: dict[int, str], lines: dict[int, int]) -> None:
        """Nodes stand before the deadline of the task, as they would in its cell."""
        written, line = milestones
        place = self._place(Scalar("完成时限", line), Field.DEADLINE, {})
        last = cells.get(place, "")
        cells[place] = f"{written}；{last}" if written and last else written or last
        lines.setdefault(place, line)

    def _place(self, key: Scalar, field: Field | None, taken: Mapping[int, str]) -> int:
        """The column of a key; another key for the same field in one task gets a column of its own, to be told of."""
        known = self._place_of.get(field) if field is not None else None
        if known is None or known in taken:
            known = self._place_of_key.get(key.text)
        if known is not None:
            return known
        place = len(self._headings)
        if place >= MOST_COLUMNS:
            raise YamlProblem(f"第{key.line}行：任务的键多得不像是一份方案，请核对缩进。")
        self._headings.append(without_invisible(key.text))
        self._heading_lines.append(key.line)
        self._place_of_key[key.text] = place
        if field is not None:
            self._place_of.setdefault(field, place)
        return place


def _text(key: Scalar, node: Node, between: str) -> str:
    """What a cell of a table would hold."""
    match node:
        case Scalar():
            return node.text
        case Listing() if all(isinstance(item, Scalar) for item in node.items):
            return between.join(item.text for item in node.items if isinstance(item, Scalar) and item.text)
        case _:
            raise YamlProblem(f"第{key.line}行“{key.text[:60]}”应为文字，或由文字组成的列表。")


def _widened(row: Row, width: int) -> Row:
    missing = width - len(row.cells)
    return row._replace(cells=row.cells + ("",) * missing, lines=row.lines + (row.number,) * missing)
