"""What goes step by step: a procedure of an office, as data.

A reform task lives by milestones until it is struck off. All else that an office has to see through (a docking notice
and its reply, an inspection, a report up the chain, a decision on accountability, the seven steps of an item) is a
chain of steps: who owes which record or decision, by when, and what follows from it. Such an item is a task like any
other, with the same timeline, notices and chases; only what is due next comes from here.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import product
from math import prod
from typing import Self

from pydantic import Field, model_validator

from duban.supervision.clauses import Limit, Sentence, Source
from duban.supervision.model import Frozen
from duban.supervision.rules.asks import Ask
from duban.supervision.rules.figures import Counting, Figure
from duban.supervision.rules.parts import SUPERVISING_BODY, Key, Role, Title

MOST_CASES = 1_000
"""How many cases the routes of a step may tell apart without one for all others."""
CLOSED = "closed"
"""Where an outcome leads that ends the item."""
DONE = "done"
"""The outcome of a step that has only one."""
PERIOD_FROM, PERIOD_TO = "period_from", "period_to"
"""Facts of an item that a rhythm opens: the first and the last day of its period."""


class FactKind(StrEnum):
    """What a fact is."""

    TEXT = "text"
    DATE = "date"
    NUMBER = "number"
    BODY = "body"
    CHOICE = "choice"
    CODE = "code"


def fits(when: Mapping[str, tuple[str, ...]], facts: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether what was stated is what a rule holds for."""
    return all(set(values) & set(facts.get(name, ())) for name, values in when.items())


class Share(Frozen):
    """How much of another number one must come to at least (a share of what was reported is looked at again).

    Attributes:
        of: The fact of kind ``number`` that is the whole.
    """

    of: Key
    percent: int = Field(ge=1, le=100)
    source: Source


class Fact(Frozen):
    """Something that has to be stated, at the opening of an item or with a step.

    Attributes:
        kind: ``code`` is that of a task or a plan; a ``body`` may be named as a role by its fact's name.
        choices: Of a ``choice``: each with its words.
        several: May be stated more than once.
        at_least, at_most: Of one that may be stated more than once: how often.
        share: Of a ``number``: how much of another it must come to.
        not_before, not_after: Of a ``date``: the date (or a day of the period) that it must not come before or after.
        figure: Of a ``number``: how the ledger counts it.
        when: Facts with the values for which it has to be stated; in every other case it may be left out.
    """

    name: Key
    title: Title
    kind: FactKind = FactKind.TEXT
    choices: dict[Key, Title] = Field(default_factory=dict, max_length=50)
    several: bool = False
    optional: bool = False
    at_least: int = Field(default=1, ge=1, le=100)
    at_most: int = Field(default=100, ge=1, le=100)
    share: Share | None = None
    not_before: str = Field(default="", max_length=60, exclude_if=lambda name: not name)
    not_after: str = Field(default="", max_length=60, exclude_if=lambda name: not name)
    figure: Counting | None = Field(default=None, exclude_if=lambda figure: figure is None)
    when: dict[Key, tuple[Title, ...]] = Field(default_factory=dict, max_length=10, exclude_if=lambda when: not when)

    def needed(self, facts: Mapping[str, tuple[str, ...]]) -> bool:
        """Whether it has to be stated, by what else is."""
        return not self.optional and fits(self.when, facts)

    @model_validator(mode="after")
    def _choices_fit(self) -> Self:
        if (self.kind is FactKind.CHOICE) != bool(self.choices):
            raise ValueError(f"{self.title}：kind 为 choice 时须写出 choices，其他类型不写")
        return self

    @model_validator(mode="after")
    def _can_be_counted(self) -> Self:
        if not self.several and (self.at_least, self.at_most) != (1, 100):
            raise ValueError(f"{self.title}：at_least、at_most 只用于可多次填写的（several: true）")
        if self.at_least > self.at_most:
            raise ValueError(f"{self.title}：at_least（{self.at_least}）大于 at_most（{self.at_most}），请改正")
        if self.share is not None and self.kind is not FactKind.NUMBER:
            raise ValueError(f"{self.title}：share 只用于数字（kind: number）")
        if (self.not_before or self.not_after) and self.kind is not FactKind.DATE:
            raise ValueError(f"{self.title}：not_before、not_after 只用于日期（kind: date）")
        if self.figure is not None and (self.kind is not FactKind.NUMBER or self.several):
            raise ValueError(f"{self.title}：figure 只用于数字（kind: number），且只填一个")
        if self.when and self.optional:
            raise ValueError(f"{self.title}：optional（可不写）和 when（何时须写）不能同时写")
        return self


PERIOD = (
    Fact(name=PERIOD_FROM, title="起始日", kind=FactKind.DATE),
    Fact(name=PERIOD_TO, title="截止日", kind=FactKind.DATE),
)


class Route(Frozen):
    """Who takes a step, where that hangs on what was stated (追责问责 by target and measure, Chengdu 2016).

    Attributes:
        when: Facts with the values for which this holds; empty: in every other case.
        jointly: Roles or bodies that take it together with the one that owes it (会同): they are named with it, and are
            told what came of it.
    """

    by: Role
    when: dict[Key, tuple[Title, ...]] = Field(default_factory=dict)
    jointly: tuple[Role, ...] = Field(default=(), max_length=10)
    source: Source

    def fits(self, facts: Mapping[str, tuple[str, ...]]) -> bool:
        """Whether what was stated is what it holds for."""
        return fits(self.when, facts)


class Opening(Frozen):
    """Another item that an outcome opens.

    Attributes:
        facts: What it is opened with: its facts by the names of this item's.
        each: A fact of this item that may be stated more than once: an item is opened for each of its values, with
            that one alone.
    """

    procedure: Key
    facts: dict[Key, Key] = Field(default_factory=dict)
    each: Key | None = None


class Outcome(Frozen):
    """How a step can end.

    Attributes:
        paper: Series of the numbered paper that tells of it in this case, where it is not the step's.
        then: Id of the step that follows, or ``closed``; empty: the next one, and the item closes after the last.
        goes_on: One part of the step is done and it waits on, by the same last day: one of the items that a list is
            to hold, one of the bodies among which a decision is divided. The step's own facts are stated at its end.
        facts: Stated in this case, beside the step's own.
        asks: What is done then to tasks and plans that the item is about.
        source: The sentence that gives this way out, where it is another one than the step's.
    """

    name: Key
    title: Title
    source: Source | None = None
    paper: Title | None = None
    then: str = ""
    goes_on: bool = False
    facts: tuple[Fact, ...] = Field(default=(), max_length=30)
    opens: tuple[Opening, ...] = Field(default=(), max_length=10)
    asks: tuple[Ask, ...] = Field(default=(), max_length=10, exclude_if=lambda asks: not asks)

    @model_validator(mode="after")
    def _leads_one_way(self) -> Self:
        if self.goes_on and self.then:
            raise ValueError(f"{self.title}：goes_on（继续办理本步骤）和 then 不能同时写")
        return self


class Step(Frozen):
    """One step of a procedure.

    Attributes:
        by: The role, or the fact of kind ``body``, that owes it; or routes, of which the first that fits holds.
        limit: How long it may take; None where ``due`` names the fact that is its date.
        counts_from: The fact of kind ``date`` after which the limit runs; empty: after the step has begun.
        due: The fact of kind ``date`` that is its last day.
        announce: How long before its last day it is called to mind.
        times: How often it has to be done within the item's period; the last days are spread evenly over it.
        not_by: Id of an earlier step: not the person who took that one.
        by_head: The head of the body takes it himself, or the deputy who acts for him; where no head is named, anybody.
        tells: Roles or bodies that are told what came of it.
        paper: Series of the numbered paper that tells them, or None.
        to_person: The fact that names the person whom what tells them is for (批示的领导).
        to_head: What tells them names the head of each body (直接发到组长手上, Sichuan 2016).
        ahead: It has to come before something: where its last day is none of work, the working day before is.
    """

    id: Key
    title: Title
    by: Role | tuple[Route, ...]
    source: Source
    assumed: Sentence = ""
    limit: Limit | None = None
    counts_from: str = ""
    due: str = ""
    announce: Limit | None = None
    times: int = Field(default=1, ge=1, le=366)
    not_by: str = ""
    by_head: bool = Field(default=False, exclude_if=lambda by_head: not by_head)
    facts: tuple[Fact, ...] = Field(default=(), max_length=30)
    outcomes: tuple[Outcome, ...] = Field(default=(), max_length=10)
    tells: tuple[Role, ...] = Field(default=(), max_length=20)
    paper: Title | None = None
    to_person: str = Field(default="", max_length=60, exclude_if=lambda name: not name)
    to_head: bool = False
    ahead: bool = False

    @property
    def routes(self) -> tuple[Route, ...]:
        """Who may owe it."""
        return (Route(by=self.by, source=self.source),) if isinstance(self.by, str) else self.by

    @property
    def ends(self) -> tuple[Outcome, ...]:
        """How it can end."""
        return self.outcomes or (Outcome(name=DONE, title="完成"),)

    @model_validator(mode="after")
    def _due_once(self) -> Self:
        if (self.limit is None) == (not self.due) and self.times == 1:
            raise ValueError(f"{self.title}：limit（时限）和 due（写明日期的事实）须写一个，也只写一个")
        if self.counts_from and self.limit is None:
            raise ValueError(f"{self.title}：写了 counts_from 须同时写 limit")
        return self


class Procedure(Frozen):
    """A chain of steps by which an item of its kind is seen through.

    Attributes:
        opened_by: Roles that may open an item; empty: a rhythm or another item's outcome does.
        handled_by: The role or fact of kind ``body`` to which the item belongs: its lead and handling body.
        supervised_by: The role that presses it.
        facts: Stated when an item is opened.
        alike: Facts by which a second item for the same matter is noticed before it is made (一口进).
    """

    title: Title
    source: Source
    assumed: Sentence = ""
    opened_by: tuple[Role, ...] = Field(default=(), max_length=20)
    handled_by: Role
    supervised_by: Role = SUPERVISING_BODY
    facts: tuple[Fact, ...] = Field(default=(), max_length=30)
    alike: tuple[Key, ...] = Field(default=(), max_length=10)
    steps: tuple[Step, ...] = Field(min_length=1, max_length=40)

    def fact(self, name: str) -> Fact | None:
        """What is stated under a name, at the opening or with any step; the days of a period are always known."""
        return next((fact for fact in (*self._facts(), *PERIOD) if fact.name == name), None)

    @property
    def stated(self) -> tuple[Fact, ...]:
        """All that may be stated, at the opening or with any step."""
        return tuple(self._facts())

    def step(self, identity: str) -> Step | None:
        """A step by its id."""
        return next((step for step in self.steps if step.id == identity), None)

    def following(self, step: Step, outcome: Outcome) -> Step | None:
        """The step to which an outcome leads; None where the item closes."""
        if outcome.goes_on:
            return step
        if outcome.then == CLOSED:
            return None
        if outcome.then:
            return self.step(outcome.then)
        later = self.steps[self.steps.index(step) + 1 :]
        return later[0] if later else None

    @property
    def roles_needed(self) -> tuple[Role, ...]:
        """The roles without which it cannot run; facts of kind ``body`` are none of them."""
        named = [self.handled_by, self.supervised_by, *self.opened_by]
        for step in self.steps:
            named += [role for route in step.routes for role in (route.by, *route.jointly)] + [*step.tells]
        bodies = {fact.name for fact in self._facts() if fact.kind is FactKind.BODY}
        return tuple(dict.fromkeys(role for role in named if role not in bodies))

    @property
    def _dates(self) -> set[str]:
        return {fact.name for fact in self._facts() if fact.kind is FactKind.DATE} | {PERIOD_FROM, PERIOD_TO}

    def _facts(self) -> Iterator[Fact]:
        yield from self.facts
        for step in self.steps:
            yield from step.facts
            for outcome in step.outcomes:
                yield from outcome.facts

    @model_validator(mode="after")
    def _shares_are_of_numbers(self) -> Self:
        numbers = {fact.name for fact in self._facts() if fact.kind is FactKind.NUMBER}
        for fact in self._facts():
            if fact.share is not None and fact.share.of not in numbers - {fact.name}:
                raise ValueError(f"{fact.title}：share 的 of“{fact.share.of}”不是另一个已定义的数字（kind: number）")
        return self

    @model_validator(mode="after")
    def _dates_are_bound_by_dates(self) -> Self:
        for fact in self._facts():
            for name in filter(None, (fact.not_before, fact.not_after)):
                if name not in self._dates - {fact.name}:
                    raise ValueError(f"{fact.title}：“{name}”不是另一个已定义的日期（kind: date）")
        return self

    @model_validator(mode="after")
    def _counts_by_what_is_stated(self) -> Self:
        kinds = {fact.name: fact.kind for fact in self._facts()}
        for fact in self._facts():
            for name in (*fact.when, *(fact.figure.facts if fact.figure is not None else ())):
                if name not in kinds:
                    raise ValueError(f"{fact.title}：“{name}”不是本程序填写的事实，请核对")
            if (problem := _wrong_kind(fact, kinds)) is not None:
                raise ValueError(f"{fact.title}：{problem}")
        return self

    @model_validator(mode="after")
    def _can_be_walked(self) -> Self:
        """Every way leads to an end, and nothing is asked of a fact that is never stated."""
        ids = [step.id for step in self.steps]
        for identity in ids:
            if ids.count(identity) > 1 or identity == CLOSED:
                raise ValueError(f"步骤 id“{identity}”重复或与 closed 相同，请改名")
        for step in self.steps:
            for outcome in step.ends:
                if outcome.then not in ("", CLOSED, *ids):
                    raise ValueError(f"{step.title}：结果“{outcome.title}”指向的步骤“{outcome.then}”不存在")
            for name in filter(None, (step.counts_from, step.due)):
                if name not in self._dates:
                    raise ValueError(f"{step.title}：“{name}”不是已定义的日期（kind: date）")
            if step.to_person and step.to_person not in {fact.name for fact in self._facts()}:
                raise ValueError(f"{step.title}：to_person“{step.to_person}”从未填写，请在 facts 中写出或核对名称")
            if step.to_person and not step.tells:
                raise ValueError(f"{step.title}：to_person 须与 tells 同写")
            if step.not_by and step.not_by not in ids[: ids.index(step.id)]:
                raise ValueError(f"{step.title}：not_by 须是在它之前的步骤")
        if stuck := self._without_an_end():
            raise ValueError(f"步骤“{stuck.title}”走不到结束，请为它或其后的步骤写出 then: closed")
        return self

    @model_validator(mode="after")
    def _somebody_takes_every_step(self) -> Self:
        """Of routes one fits whatever is stated, and what they hang on is a choice: nothing waits for nobody."""
        for step in self.steps:
            if any(not route.when for route in step.routes):
                continue
            names = tuple(dict.fromkeys(name for route in step.routes for name in route.when))
            choices: list[tuple[str, ...]] = []
            for name in names:
                fact = self.fact(name)
                if fact is None or fact.kind is not FactKind.CHOICE:
                    raise ValueError(
                        f"{step.title}：by 依“{name}”区分，它须是已定义的选项（kind: choice），或补一条不写 when 的"
                    )
                choices.append(tuple(fact.choices))
            if prod(map(len, choices)) > MOST_CASES:
                raise ValueError(f"{step.title}：by 区分的情形过多，请补一条不写 when 的")
            for values in product(*choices):
                stated = {name: (value,) for name, value in zip(names, values, strict=True)}
                if not any(route.fits(stated) for route in step.routes):
                    shown = "、".join(f"{name}={value}" for name, value in zip(names, values, strict=True))
                    raise ValueError(f"{step.title}：{shown} 时没有写由谁办理（by），请补上，或补一条不写 when 的")
        return self

    def _without_an_end(self) -> Step | None:
        ends: set[str] = set()
        while True:
            found = {
                step.id
                for step in self.steps
                if step.id not in ends
                and any((after := self.following(step, o)) is None or after.id in ends for o in step.ends)
            }
            if not found:
                return next((step for step in self.steps if step.id not in ends), None)
            ends |= found


def _wrong_kind(fact: Fact, kinds: Mapping[str, FactKind]) -> str | None:
    """Why what a number is counted for is no body, or no plan."""
    figure = fact.figure
    if figure is None:
        return None
    wanted = FactKind.CODE if figure.counts is Figure.PLAN_ITEMS else FactKind.BODY
    if figure.of is not None and kinds[figure.of] is not wanted:
        return f"figure 的 of“{figure.of}”须是 kind: {wanted.value}"
    if figure.year is not None and kinds[figure.year] is not FactKind.NUMBER:
        return f"figure 的 year“{figure.year}”须是 kind: number"
    for name in figure.named_in:
        if kinds[name] is not FactKind.CODE:
            return f"figure 的 named_in“{name}”须是 kind: code"
    return None
