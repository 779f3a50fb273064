"""Which column of a plan file is which, under the headings that offices write.

A heading is compared without blanks, brackets, stars and letter case. What is
not known is named to the person and not used: a guess at a column would be a
guess at who is responsible.
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from duban.intake.problems import Problem, Severity
from duban.intake.spelling import compact
from duban.supervision.model import Frozen


class Field(StrEnum):
    """What a column can hold: the six fields (六个明确, Kunming 2016, paragraph 1) and what a plan may add."""

    CODE = "code"
    TITLE = "title"
    LEADER = "leader"
    LEAD_BODY = "lead_body"
    HANDLING_BODY = "handling_body"
    SUPPORTING_BODIES = "supporting_bodies"
    MEASURES = "measures"
    DELIVERABLE = "deliverable"
    DEADLINE = "deadline"
    LIST_KINDS = "list_kinds"
    DECIDED_ABOVE = "decided_above"
    MILESTONES_MET = "milestones_met"
    REMINDERS_GIVEN = "reminders_given"
    SPLIT_FROM = "split_from"
    MERGED_INTO = "merged_into"
    MATTER = "matter"
    HANDED_OVER_ON = "handed_over_on"


_HEADINGS: Mapping[Field, str] = {
    Field.CODE: "编号、任务编号、事项编号、编码、任务编码、代码、code、task code、id、序号、no",
    Field.TITLE: (
        "事项、改革事项、任务、任务名称、事项名称、工作任务、重点任务、改革任务、工作事项、重点工作、工作内容、任务事项"
        "、项目名称、项目、名称、具体任务、目标任务、主要任务、整改任务、title、task、item"
    ),
    Field.LEADER: (
        "牵头领导、市级牵头领导、责任领导、分管领导、牵头负责人、责任人、包抓领导、牵头市领导、市领导、leader"
    ),
    Field.LEAD_BODY: (
        "牵头单位、牵头部门、主办单位、责任主体、主体单位、主责单位、主要责任单位、第一责任单位、责任单位"
        "、lead body、lead、lead unit、lead agency"
    ),
    Field.HANDLING_BODY: "具体承办单位、承办单位、承办部门、承办处室、具体承办部门、handling body",
    Field.SUPPORTING_BODIES: (
        "配合单位、配合部门、参与单位、参加单位、协办单位、协同单位、责任部门、配合责任单位、责任及配合单位"
        "、supporting bodies、supporting body、supporting"
    ),
    Field.MEASURES: (
        "任务措施、工作举措、工作措施、主要措施、具体措施、具体举措、改革举措、主要内容、整改措施、措施、举措、measures"
    ),
    Field.DELIVERABLE: (
        "成果形式、工作成果、预期成果、成果、改革成果、完成标志、成果要求、交付成果、deliverable、deliverables"
    ),
    Field.DEADLINE: (
        "完成时限、时限、截止日期、完成时间、完成日期、时限要求、截止时间、时间节点、完成时间节点、整改时限、时间要求"
        "、办理时限、进度安排、完成期限、期限、时间进度、时间安排、deadline、due date、due on、due"
    ),
    Field.LIST_KINDS: "清单、所属清单、清单类别、清单类型、五张清单、list kinds、lists、list",
    Field.DECIDED_ABOVE: "上级决策、上级决定、上级部署、领导小组决策、decided above",
    Field.MILESTONES_MET: "已完成节点、已办结节点、已完成的节点、milestones met",
    Field.REMINDERS_GIVEN: "已提醒、已发提醒、已作提醒、reminders given",
    Field.SPLIT_FROM: "拆分自、拆自、split from",
    Field.MERGED_INTO: "并入、并入任务、合并到、merged into",
    Field.MATTER: "事项类别、事项类型、办理类别、办件类别、matter、kind of matter",
    Field.HANDED_OVER_ON: "交办日期、交办时间、转办日期、转办时间、handed over on",
}
ACCEPTED_HEADINGS: Mapping[Field, tuple[str, ...]] = {
    field: tuple(names.split("、")) for field, names in _HEADINGS.items()
}
"""For each field its headings, the most telling first; the first of each names the column in messages."""

_IN_BRACKETS = re.compile(r"[(\[【〔〈<][^()\[\]【】〔〕〈〉<>]{0,40}[)\]】〕〉>]")
_ORNAMENTS = str.maketrans("", "", "*★☆_-:：. ·()[]【】〔〕〈〉<>“”\"'")
_SECOND_PLACE = frozenset({"责任单位"})


def _key(heading: str) -> str:
    return compact(heading).lower().translate(_ORNAMENTS)


_FIELD_OF = {_key(name): (field, rank) for field, names in ACCEPTED_HEADINGS.items() for rank, name in enumerate(names)}


_NO_TEXTS = dict.fromkeys(Field, "")


class Columns(Frozen):
    """Where each field stands: for each found field the index of its column, and all headings as written."""

    headings: tuple[str, ...]
    places: Mapping[Field, int]

    def heading(self, field: Field) -> str | None:
        """The heading of a field as written, or None where the file has no such column."""
        place = self.places.get(field)
        return None if place is None else self.headings[place]

    def cell(self, cells: Sequence[str], field: Field) -> str:
        """A row's cell for a field, without blanks around it; empty where the row or the file has none."""
        place = self.places.get(field)
        return cells[place].strip() if place is not None and place < len(cells) else ""

    def texts(self, cells: Sequence[str]) -> dict[Field, str]:
        """The same for every field at once."""
        width = len(cells)
        found = _NO_TEXTS.copy()
        for field, place in self.places.items():
            if place < width:
                found[field] = cells[place].strip()
        return found


def name_of(field: Field) -> str:
    """The field's name for a person, where the file has no heading for it."""
    return ACCEPTED_HEADINGS[field][0]


def field_of(heading: str) -> Field | None:
    """The field that a heading names, or None."""
    known = _known(heading)
    return None if known is None else known[0]


def _known(heading: str) -> tuple[Field, int] | None:
    return _FIELD_OF.get(_key(heading)) or _FIELD_OF.get(_key(_IN_BRACKETS.sub("", compact(heading))))


def fields_in(cells: Sequence[str]) -> frozenset[Field]:
    """The fields that a row would name if it were the heading."""
    return frozenset(field for cell in cells if len(cell) <= 60 and (field := field_of(cell)) is not None)


def read_heading(
    cells: Sequence[str], row: int, sheet: str | None, lines: Sequence[int] = ()
) -> tuple[Columns, tuple[Problem, ...]]:
    """Assigns the columns of a heading row, and names those that are not used.

    Where two columns could hold the same field, the more telling heading wins (编号 before 序号). 责任单位
    beside 牵头单位 means the bodies that take part. ``lines`` says where each heading stands, if not in this row.
    """
    headings = tuple(" ".join(cell.split()) for cell in cells)
    candidates: dict[Field, list[tuple[int, int]]] = {}
    unused: list[tuple[int, str, str]] = []
    for place, heading in enumerate(headings):
        if not heading:
            continue
        known = _known(heading)
        if known is None:
            unused.append(
                (place, f"不认识“{heading}”这一栏，没有采用。", "如需采用，请改成规定的栏目名称；否则不必处理。")
            )
        else:
            candidates.setdefault(known[0], []).append((known[1], place))
    _move_shared_responsibility(candidates, headings)
    places: dict[Field, int] = {}
    for field, ranked in candidates.items():
        (_, places[field]), *others = sorted(ranked)
        for _, place in others:
            taken = headings[places[field]]
            problem = f"“{headings[place]}”与“{taken}”是同一项内容，没有采用。"
            unused.append((place, problem, f"以“{taken}”一栏为准。"))
    problems = tuple(
        Problem(
            severity=Severity.WARNING,
            sheet=sheet,
            row=lines[place] if lines else row,
            column=headings[place],
            problem=problem,
            suggestion=suggestion,
        )
        for place, problem, suggestion in sorted(unused)
    )
    return Columns(headings=headings, places=places), problems


def _move_shared_responsibility(candidates: dict[Field, list[tuple[int, int]]], headings: Sequence[str]) -> None:
    leads = candidates.get(Field.LEAD_BODY, [])
    shared = [entry for entry in leads if _key(headings[entry[1]]) in _SECOND_PLACE]
    if shared and len(leads) > len(shared) and Field.SUPPORTING_BODIES not in candidates:
        candidates[Field.LEAD_BODY] = [entry for entry in leads if entry not in shared]
        candidates[Field.SUPPORTING_BODIES] = shared


def missing_columns(
    columns: Columns, row: int, sheet: str | None, *, lead_may_be_first_supporting: bool
) -> tuple[Problem, ...]:
    """One error for each column that a plan cannot do without."""
    required = [Field.TITLE, Field.LEAD_BODY, Field.DEADLINE]
    if lead_may_be_first_supporting and Field.SUPPORTING_BODIES in columns.places:
        required.remove(Field.LEAD_BODY)
    if Field.MATTER in columns.places:  # from which a deadline can follow; rows from which none does are told of
        required.remove(Field.DEADLINE)
    return tuple(
        Problem(
            severity=Severity.ERROR,
            sheet=sheet,
            row=row,
            column=name_of(field),
            problem=f"缺少“{name_of(field)}”一栏。",
            suggestion=f"请补上这一栏，可用的栏目名称：{'、'.join(ACCEPTED_HEADINGS[field])}。",
        )
        for field in required
        if field not in columns.places
    )
