"""All that an office lays down in one file: the rules of its tasks, its procedures and its rhythms.

A task carries only what it lives by: the regime, and where it goes step by step its own procedure. Thousands of tasks
do not carry the duties of the office that supervises them.
"""

from typing import Self

from pydantic import Field, model_validator

from duban.supervision.bodies.staffing import StaffMinimum
from duban.supervision.reckoning.appraisal import Appraisal, AppraisalRule
from duban.supervision.reckoning.evaluation import EvaluationScope
from duban.supervision.rules.asking_rules import why_never
from duban.supervision.rules.parts import HANDLING_BODY, LEAD_BODY, SUPERVISING_BODY, SUPPORTING_BODIES, Key
from duban.supervision.rules.procedures import PERIOD, FactKind, Opening, Procedure
from duban.supervision.rules.regime import Regime
from duban.supervision.rules.rhythms import Rhythm

OF_AN_ITEM = (HANDLING_BODY, LEAD_BODY, SUPPORTING_BODIES, SUPERVISING_BODY)
"""The roles towards an item that the ledger keeps with it."""


class Rulebook(Regime):
    """A regime file.

    Attributes:
        appraisal: None where the office reckons no points.
        evaluation: Which plans are evaluated; None where that is not laid down.
        staffing: How many people bodies have at least; what an organisation file lacks is a warning.
        alike_from: How alike, in percent, an item has to be to an open one for that to be shown before it is opened.
    """

    procedures: dict[Key, Procedure] = Field(default_factory=dict, max_length=100)
    rhythms: dict[Key, Rhythm] = Field(default_factory=dict, max_length=100)
    appraisal: Appraisal | None = None
    evaluation: EvaluationScope | None = None
    staffing: tuple[StaffMinimum, ...] = Field(default=(), max_length=100, exclude_if=lambda minima: not minima)
    alike_from: int = Field(default=80, ge=1, le=100)

    @property
    def regime(self) -> Regime:
        """The rules by which tasks live."""
        return Regime(**{name: getattr(self, name) for name in Regime.model_fields})

    @model_validator(mode="after")
    def _nothing_is_opened_that_is_not_there(self) -> Self:
        for rhythm in self.rhythms.values():
            if rhythm.procedure not in self.procedures:
                raise ValueError(f"{rhythm.title}：没有程序“{rhythm.procedure}”，请在 procedures 中写出")
            if rhythm.in_scope and self.evaluation is None:
                raise ValueError(f"{rhythm.title}：in_scope 须有 evaluation（评估范围），请写出，或删去 in_scope")
        for procedure in self.procedures.values():
            for opening in (o for step in procedure.steps for outcome in step.outcomes for o in outcome.opens):
                opened = self.procedures.get(opening.procedure)
                if opened is None:
                    raise ValueError(f"{procedure.title}：没有程序“{opening.procedure}”，请在 procedures 中写出")
                if (problem := _cannot_be_opened(opening, procedure, opened)) is not None:
                    raise ValueError(f"{procedure.title}：{problem}")
        return self

    @model_validator(mode="after")
    def _nothing_is_asked_that_cannot_be_read(self) -> Self:
        for procedure in self.procedures.values():
            for ask in (a for step in procedure.steps for outcome in step.outcomes for a in outcome.asks):
                for _, problem in why_never(ask, procedure):
                    raise ValueError(f"{procedure.title}：asks：{problem}")
        return self

    @model_validator(mode="after")
    def _what_is_counted_is_there(self) -> Self:
        """A number that nothing could ever make up would be taken for nothing to blame."""
        for procedure in self.procedures.values():
            for fact in procedure.stated:
                figure = fact.figure
                if figure is None or figure.procedure is None:
                    continue
                if (problem := self._no_step(figure.procedure, figure.step, figure.outcomes)) is not None:
                    raise ValueError(f"{procedure.title}：{fact.title}的 figure：{problem}")
        for rule in self.appraisal.rules if self.appraisal is not None else ():
            step = rule.step
            if step is None:
                continue
            problem = self._no_step(step.procedure, step.step, step.outcomes) or self._uncharged(rule)
            if problem is not None:
                raise ValueError(f"考核规则“{rule.title}”：{problem}")
        return self

    def _no_step(self, key: str, identity: str | None, outcomes: tuple[str, ...]) -> str | None:
        """Why a step that counts is none."""
        procedure = self.procedures.get(key)
        if procedure is None:
            return f"没有程序“{key}”"
        step = procedure.step(identity) if identity is not None else None
        if identity is None:
            return None
        if step is None:
            return f"程序“{procedure.title}”没有步骤“{identity}”"
        unknown = [name for name in outcomes if name not in {end.name for end in step.ends}]
        return f"步骤“{step.title}”没有结果“{unknown[0]}”" if unknown else None

    def _uncharged(self, rule: AppraisalRule) -> str | None:
        """Why a rule about a step could charge nobody, or nothing."""
        step = rule.step
        procedure = self.procedures.get(step.procedure) if step is not None else None
        if step is None or procedure is None:
            return None
        facts = {fact.name: fact for fact in procedure.stated}
        for name in (*step.when, *((step.number,) if step.number is not None else ())):
            if name not in facts:
                return f"“{name}”不是程序“{procedure.title}”填写的事实"
        if step.number is not None and facts[step.number].kind is not FactKind.NUMBER:
            return f"number“{step.number}”须是数字（kind: number）"
        charged = facts.get(rule.charged)
        if charged is not None and charged.kind is not FactKind.BODY:
            return f"charged“{rule.charged}”须是单位（kind: body）"
        if charged is None and rule.charged not in OF_AN_ITEM:
            return f"charged“{rule.charged}”须是本程序填写的单位，或 {'、'.join(OF_AN_ITEM)}"
        return None


def _cannot_be_opened(opening: Opening, procedure: Procedure, opened: Procedure) -> str | None:
    """Why an outcome could never open what it is to open; found here, not on the day."""
    known = {fact.name for fact in (*opened.facts, *PERIOD)}
    for name, said in opening.facts.items():
        if name not in known:
            return f"程序“{opened.title}”立项时不写“{name}”，请核对 opens 的 facts"
        if procedure.fact(said) is None:
            return f"opens 的 facts 引用的“{said}”未定义，请核对"
    for fact in opened.facts:
        if fact.needed({}) and fact.name not in opening.facts:
            return f"另行立项“{opened.title}”须写明{fact.title}（{fact.name}），请在 opens 的 facts 中写出"
    each = procedure.fact(opening.each) if opening.each is not None else None
    if opening.each is not None and (each is None or not each.several):
        return f"opens 的 each“{opening.each}”须是可多次填写的事项（several: true）"
    return None
