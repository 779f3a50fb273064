"""What becomes of supervision in the yearly appraisal of bodies: points, each with its derivation.

Documents demand that results flow into the appraisal (Chengdu 2016: 目标扣分; Bozhou 2015: 年终考核; Jincheng 2019:
综合考核评价) and leave the points to the office. They are data, and every point says what it was given or taken for.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from duban.supervision.clauses import Sentence, Source
from duban.supervision.model import Frozen
from duban.supervision.reckoning.taken_steps import SteppedItem, derivation, number_in
from duban.supervision.rules.parts import HANDLING_BODY, Key, Role, Title
from duban.supervision.rules.procedures import Procedure, fits

Points = Annotated[Decimal, Field(ge=-1_000, le=1_000, decimal_places=2)]


class Counted(StrEnum):
    """What can be counted.

    A reminder that was issued; a node that was not met in time; an answer returned for rework; something owed that did
    not come in time; a task struck off with every node met in time; a step of an item that was taken.
    """

    REMINDER = "reminder"
    LATE_NODE = "late_node"
    RETURNED = "returned"
    OWED_LATE = "owed_late"
    IN_TIME = "in_time"
    STEP = "step"


OWN_BODY = (Counted.RETURNED, Counted.OWED_LATE)
"""Who answers for these is known by itself: whose answer it was, who owed it."""


class CountedStep(Frozen):
    """Which steps of items count: what people decided and put down.

    Attributes:
        outcomes: Only if it ended so; empty: however.
        when: Facts of the item with the values for which it counts.
        number: The fact of kind ``number`` that is stated with the step: the rule's points count as often (目标扣分 of
            so many points). None: each step counts once.
    """

    procedure: Key
    step: Key
    outcomes: tuple[Key, ...] = Field(default=(), max_length=20)
    when: dict[Key, tuple[Title, ...]] = Field(default_factory=dict, max_length=10)
    number: Key | None = None


class AppraisalRule(Frozen):
    """Points for each time that something happened.

    Attributes:
        of: Levels (of reminders) or duties (of what is owed); empty: all.
        step: Of ``step``: which.
        charged: The role whose bodies get the points; of a step also a fact that names a body.
        points: Below zero: taken.
        at_most: The most that a body gets or loses by this rule in a year, without sign; None: no bound.
    """

    title: Title
    counts: Counted
    of: tuple[Title, ...] = Field(default=(), max_length=50)
    step: CountedStep | None = None
    charged: Role = HANDLING_BODY
    points: Points
    at_most: Points | None = None
    source: Source
    assumed: Sentence = ""

    @model_validator(mode="after")
    def _can_count(self) -> Self:
        if not self.points:
            raise ValueError(f"{self.title}：points 为 0 不起作用，请删去或改正")
        if self.at_most is not None and self.at_most < abs(self.points):
            raise ValueError(f"{self.title}：at_most（每年至多）小于一次的分值，请改正")
        if (self.step is not None) != (self.counts is Counted.STEP):
            raise ValueError(f"{self.title}：counts 为 step 时须写 step（哪个程序的哪一步），其他的不写")
        if self.charged != HANDLING_BODY and self.counts in OWN_BODY:
            raise ValueError(f"{self.title}：{self.counts} 记在应答单位名下，不写 charged")
        return self


class Appraisal(Frozen):
    """How points are reckoned; every body begins with ``full``."""

    full: Points = Decimal(100)
    rules: tuple[AppraisalRule, ...] = Field(min_length=1, max_length=100)

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        titles = [rule.title for rule in self.rules]
        for title in titles:
            if titles.count(title) > 1:
                raise ValueError(f"考核规则“{title}”写了两次，请改名")
        return self


class Incident(Frozen):
    """Something that happened to a task, as the ledger has it.

    Attributes:
        of: The level, or the duty.
        body: Who answers for it, where that is known by itself.
        bodies: Who is who towards the task.
        on: Local date.
        text: What happened, in words.
        times: How often it counts.
    """

    counted: Counted
    of: str = ""
    task_code: str
    on: date
    text: str
    body: str = ""
    bodies: Mapping[Role, tuple[str, ...]] = Field(default_factory=dict)
    times: Decimal = Decimal(1)


class AppraisalLine(Frozen):
    """Points of a body, and why.

    Attributes:
        points: As they count: less than the rule's where its bound was reached.
        bounded: They are fewer than the rule's for that reason.
    """

    rule: str
    task_code: str
    on: date
    text: str
    points: Decimal
    bounded: bool = False
    paragraph: int | None = None
    sentence: str = ""
    assumed: str = ""


class AppraisalSheet(Frozen):
    """A body's points with their derivation."""

    body: str
    full: Decimal
    points: Decimal
    lines: tuple[AppraisalLine, ...]


def appraise(appraisal: Appraisal, incidents: Iterable[Incident]) -> tuple[AppraisalSheet, ...]:
    """The sheet of every body that anything is reckoned for, the fewest points first."""
    lines: dict[str, list[AppraisalLine]] = {}
    used: dict[tuple[str, str], Decimal] = {}
    for incident in sorted(incidents, key=lambda i: (i.on, i.task_code, i.counted, i.of, i.text)):
        for rule in appraisal.rules:
            if not _counts(rule, incident):
                continue
            for body in _answering(rule, incident):
                before = used.get((body, rule.title), Decimal(0))
                counted = _within(rule, incident.times, before)
                used[body, rule.title] = before + abs(counted)
                lines.setdefault(body, []).append(_line(rule, incident, counted))
    sheets = (
        AppraisalSheet(
            body=body,
            full=appraisal.full,
            points=appraisal.full + sum((line.points for line in own), Decimal(0)),
            lines=tuple(own),
        )
        for body, own in lines.items()
    )
    return tuple(sorted(sheets, key=lambda sheet: (sheet.points, sheet.body)))


def step_incidents(
    appraisal: Appraisal, items: Iterable[SteppedItem], procedures: Mapping[str, Procedure], first: date, last: date
) -> Iterator[Incident]:
    """What was decided and put down in items and counts by these rules, from one local day to another.

    Args:
        procedures: By key, for the words.
    """
    for item in items:
        for rule in appraisal.rules:
            wanted = rule.step
            if wanted is None or wanted.procedure != item.procedure:
                continue
            for taken, facts in item.standing(wanted.step):
                times = number_in(taken.facts, wanted.number) if wanted.number is not None else Decimal(1)
                ended = not wanted.outcomes or taken.outcome in wanted.outcomes
                if not times or not ended or not first <= taken.on <= last or not fits(wanted.when, facts):
                    continue
                yield Incident(
                    counted=Counted.STEP,
                    of=rule.title,
                    task_code=item.task_code,
                    on=taken.on,
                    text=derivation(item, taken, procedures.get(item.procedure)),
                    bodies={**item.bodies, **{n: v for n, v in facts.items() if n == rule.charged}},
                    times=abs(times),
                )


def _counts(rule: AppraisalRule, incident: Incident) -> bool:
    """Whether an incident is one of a rule's; that of a step has been found by its rule."""
    if rule.counts is not incident.counted:
        return False
    return incident.of == rule.title if rule.step is not None else not rule.of or incident.of in rule.of


def _answering(rule: AppraisalRule, incident: Incident) -> tuple[str, ...]:
    if incident.counted in OWN_BODY:
        return (incident.body,)
    return tuple(dict.fromkeys(incident.bodies.get(rule.charged, ())))


def _within(rule: AppraisalRule, times: Decimal, used: Decimal) -> Decimal:
    points = rule.points * times
    if rule.at_most is None:
        return points
    left = min(rule.at_most - used, abs(points))
    return left.copy_sign(points) if left else Decimal(0)


def _line(rule: AppraisalRule, incident: Incident, counted: Decimal) -> AppraisalLine:
    source = rule.source
    return AppraisalLine(
        rule=rule.title,
        task_code=incident.task_code,
        on=incident.on,
        text=incident.text,
        points=counted,
        bounded=counted != rule.points * incident.times,
        paragraph=source.paragraph,
        sentence=source.sentence,
        assumed=rule.assumed or ("文件未作规定，为系统预设" if source.assumed else ""),
    )
