"""Who answers for a task: the lead body, the handling body, those that take part.

The text says who leads, or a rule given by a person does; nobody is guessed.
"""

from collections.abc import Mapping
from typing import NamedTuple

from duban.intake.options import IntakeOptions
from duban.intake.rows.bodies import KnownBodies, NamedBody, Role, read_bodies
from duban.intake.rows.row_problems import RowProblems
from duban.intake.sheets.columns import Field


class _Told(NamedTuple):
    """What the lead column and the supporting column of a row tell together.

    Attributes:
        lead: Empty where it cannot be told.
        candidates: Who may lead, by what is written.
        has_others: Others take part.
    """

    lead: str
    supporting: tuple[str, ...]
    candidates: tuple[str, ...]
    has_others: bool


class ResponsibleBodies:
    """Reads the bodies of the rows of one file."""

    def __init__(self, options: IntakeOptions, problems: RowProblems) -> None:
        self._options = options
        self._problems = problems
        self._known = KnownBodies(options.known_bodies)
        self._unknown_bodies: set[str] = set()
        self._told: dict[tuple[str, str], _Told] = {}

    def lead_and_supporting(self, texts: Mapping[Field, str]) -> tuple[str, tuple[str, ...]]:
        """The lead body (empty where it cannot be told) and the supporting ones.

        Where the cell itself says who leads, that holds. Several bodies in the lead column, or none, are a
        question to the clerk, unless the rule says that the first listed leads.
        """
        cells = texts[Field.LEAD_BODY], texts[Field.SUPPORTING_BODIES]
        told = self._told.get(cells)
        if told is None:  # a plan repeats few of them many times
            told = self._told[cells] = self._tell(texts)
        if not told.lead:
            self._ask_who_leads(texts[Field.LEAD_BODY], told)
        return told.lead, told.supporting

    def _tell(self, texts: Mapping[Field, str]) -> _Told:
        named = self._named(texts, Field.LEAD_BODY)
        marked = [body.name for body in named if body.role is Role.LEAD]
        possible = [body.name for body in named if body.role is not Role.SUPPORTING]
        others = [body.name for body in named if body.role is Role.SUPPORTING]
        supporting = [body.name for body in self._named(texts, Field.SUPPORTING_BODIES)]
        by_rule = self._options.lead_rule is not None
        candidates = marked or possible
        if not candidates and by_rule and (others or supporting):
            candidates = others or supporting
        lead = candidates[0] if len(candidates) == 1 or (candidates and by_rule) else ""
        rest = dict.fromkeys([*possible, *others, *supporting])
        return _Told(
            lead, tuple(name for name in rest if name != lead), tuple(candidates), has_others=bool(others or supporting)
        )

    def _ask_who_leads(self, written: str, told: _Told) -> None:
        if len(told.candidates) > 1:
            problem = f"牵头单位一栏列了{len(told.candidates)}个单位，没有写明由谁牵头。"
        else:
            problem = "没有写明牵头单位。"
        rule = "，或用 --lead-rule first-listed 约定排在第一的单位牵头" if told.candidates or told.has_others else ""
        self._problems.error(Field.LEAD_BODY, written, problem, f"请写明一个牵头单位{rule}。")

    def _named(self, texts: Mapping[Field, str], field: Field) -> tuple[NamedBody, ...]:
        if not texts[field]:
            return ()
        named = read_bodies(texts[field])
        for body in named:
            self._check_known(field, body.name)
        return tuple(self._canonical(body) for body in named)

    def _canonical(self, body: NamedBody) -> NamedBody:
        name = self._known.canonical(body.name)
        return body if name == body.name else NamedBody(name=name, role=body.role)

    def _check_known(self, field: Field, name: str) -> None:
        """Names a body that the organisation file does not hold: once, at its first row."""
        if self._known.knows(name) or name in self._unknown_bodies:
            return
        self._unknown_bodies.add(name)
        similar = self._known.similar(name)
        meant = f"是否应为“{similar}”？" if similar else ""
        self._problems.warn(field, name, f"组织机构里没有“{name}”。", f"{meant}请核对名称，或在组织机构文件里补上。")

    def handling(self, texts: Mapping[Field, str]) -> str:
        """The handling body; empty where none is named, for then the lead body handles (A)."""
        named = self._named(texts, Field.HANDLING_BODY)
        if len(named) > 1:
            self._problems.warn(
                Field.HANDLING_BODY,
                texts[Field.HANDLING_BODY],
                f"承办单位列了{len(named)}个，以排在第一的“{named[0].name}”为承办单位。",
                "请写明一个具体承办单位，其余写入配合单位。",
            )
        return named[0].name if named else ""
