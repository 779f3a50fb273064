"""Procedures that cannot be walked: steps that nobody reaches, ways without an end, facts that nobody states."""

from collections.abc import Iterator
from itertools import islice, product

from duban.supervision.flaws.flaw import Flaw, Place
from duban.supervision.rules.procedures import (
    CLOSED,
    PERIOD_FROM,
    PERIOD_TO,
    Fact,
    FactKind,
    Opening,
    Procedure,
    Route,
    Step,
)
from duban.supervision.rules.rhythms import Rhythm
from duban.supervision.steps.step_rules import lacking, may_be_lacking

MOST_CASES = 1_000
"""Of stated values, looked through for one that no route is for."""
BY_RHYTHM = (PERIOD_FROM, PERIOD_TO)


def flaws_of_procedure(key: str, procedure: Procedure) -> Iterator[Flaw]:
    """All that is wrong in a procedure by itself."""
    at: Place = ("procedures", key)
    yield from _names(at, procedure)
    yield from _ways(at, procedure)
    for number, step in enumerate(procedure.steps):
        yield from _facts_used(at, procedure, number, step)
        if not isinstance(step.by, str):
            yield from _deciders(at, procedure, number, step.by)
    yield from _bounds(at, procedure)
    for name in procedure.alike:
        if name not in {fact.name for fact in procedure.facts}:
            yield Flaw(place=(*at, "alike"), text=f"“{name}”不是立项时填写的事实，请写入 facts 或删去")


def flaws_of_opening(
    at: Place, opening: Opening, opener: Procedure, procedures: dict[str, Procedure]
) -> Iterator[Flaw]:
    """What an outcome opens, and with which facts."""
    opened = procedures.get(opening.procedure)
    if opened is None:
        text = f"没有程序“{opening.procedure}”，请在 procedures 中写出或核对名称"
        yield Flaw(place=(*at, "procedure"), text=text, refused_with=())
        return
    known = {fact.name for fact in all_facts(opener)} | set(BY_RHYTHM)
    for name in opening.facts.values():
        if name not in known:
            text = f"“{name}”在本程序中从未填写，请改正或补一个事实"
            yield Flaw(place=(*at, "facts"), text=text, refused_with=())
    several = {fact.name for fact in all_facts(opener) if fact.several}
    if opening.each is not None and opening.each not in several:
        yield Flaw(place=(*at, "each"), text=f"“{opening.each}”不是本程序中可填多个的事实（several: true），请改正")
    yield from _opened_with(at, opened, tuple(opening.facts), _wanted_first(opened))


def flaws_of_rhythm(key: str, rhythm: Rhythm, procedures: dict[str, Procedure]) -> Iterator[Flaw]:
    """What comes round, and with which facts."""
    at: Place = ("rhythms", key)
    opened = procedures.get(rhythm.procedure)
    if opened is None:
        text = f"没有程序“{rhythm.procedure}”，请在 procedures 中写出或核对名称"
        yield Flaw(place=(*at, "procedure"), text=text, refused_with=())
        return
    stated = {name: (value,) for name, value in (*rhythm.facts.items(), *((name, "") for name in BY_RHYTHM))}
    yield from _opened_with(at, opened, tuple(stated), tuple(lacking(opened, opened.steps[0], stated)))


def _wanted_first(opened: Procedure) -> tuple[Fact, ...]:
    """What the first step may hang on, whatever is stated."""
    return tuple(fact for fact in may_be_lacking(opened, opened.steps[0]) if not fact.optional)


def _opened_with(at: Place, opened: Procedure, given: tuple[str, ...], wanted: tuple[Fact, ...]) -> Iterator[Flaw]:
    asked = {fact.name: fact for fact in opened.facts if fact.needed({})} | {fact.name: fact for fact in wanted}
    known = {fact.name for fact in opened.facts} | set(asked) | set(BY_RHYTHM)
    for name in given:
        if name not in known:
            text = f"程序“{opened.title}”立项时没有“{name}”这个事实，请改正或删去"
            yield Flaw(place=(*at, "facts"), text=text, refused_with=())
    for name, fact in asked.items():
        if name not in given:
            yield Flaw(
                place=(*at, "facts"),
                text=f"程序“{opened.title}”立项时须填写“{name}”（{fact.title}），请在 facts 中给出，或改为 optional",
                refused_with=(),
            )


def all_facts(procedure: Procedure) -> tuple[Fact, ...]:
    """Facts that are stated anywhere in a procedure."""
    found = list(procedure.facts)
    for step in procedure.steps:
        found += [*step.facts, *(fact for outcome in step.outcomes for fact in outcome.facts)]
    return tuple(found)


def _bounds(at: Place, procedure: Procedure) -> Iterator[Flaw]:
    """Dates that must fit others which are none."""
    placed: list[tuple[Place, Fact]] = [((*at, "facts", n), fact) for n, fact in enumerate(procedure.facts)]
    for number, step in enumerate(procedure.steps):
        here: Place = (*at, "steps", number)
        placed += [((*here, "facts", n), fact) for n, fact in enumerate(step.facts)]
        for position, outcome in enumerate(step.outcomes):
            placed += [((*here, "outcomes", position, "facts", n), fact) for n, fact in enumerate(outcome.facts)]
    dates = {fact.name for _, fact in placed if fact.kind is FactKind.DATE} | set(BY_RHYTHM)
    for place, fact in placed:
        for field, name in (("not_before", fact.not_before), ("not_after", fact.not_after)):
            if name and name not in dates - {fact.name}:
                text = f"“{name}”不是另一个已定义的日期，请在 facts 中写出（kind: date）或核对名称"
                yield Flaw(place=(*place, field), text=text, refused_with=at)


def _names(at: Place, procedure: Procedure) -> Iterator[Flaw]:
    seen: set[str] = set()
    for number, step in enumerate(procedure.steps):
        here: Place = (*at, "steps", number)
        if step.id in seen or step.id == CLOSED:
            yield Flaw(place=(*here, "id"), text=f"步骤 id“{step.id}”重复或与 closed 相同，请改名", refused_with=at)
        if step.not_by and step.not_by not in seen:
            yield Flaw(place=(*here, "not_by"), text=f"“{step.not_by}”不是在它之前的步骤，请改正", refused_with=at)
        seen.add(step.id)


def _ways(at: Place, procedure: Procedure) -> Iterator[Flaw]:
    ids = {step.id for step in procedure.steps}
    for number, step in enumerate(procedure.steps):
        for position, outcome in enumerate(step.outcomes):
            if outcome.then not in ("", CLOSED, *ids):
                yield Flaw(
                    place=(*at, "steps", number, "outcomes", position, "then"),
                    text=f"结果“{outcome.title}”指向的步骤“{outcome.then}”不存在，请改正",
                    refused_with=at,
                )
    reached, ending = _reached(procedure), _ending(procedure)
    for number, step in enumerate(procedure.steps):
        if step.id not in reached:
            yield Flaw(
                place=(*at, "steps", number),
                text=f"步骤“{step.title}”走不到：没有哪一步的结果指向它，请为前面的步骤写 then: {step.id}，或删去",
            )
        if step.id not in ending:
            yield Flaw(
                place=(*at, "steps", number),
                text=f"步骤“{step.title}”走不到结束，请为它或其后的步骤写出 then: closed",
                refused_with=at,
            )


def _followers(procedure: Procedure, step: Step) -> Iterator[Step | None]:
    """The steps that may follow; None where the item may close. What leads to no step leads nowhere."""
    for outcome in step.ends:
        following = procedure.following(step, outcome)
        if following is not None or outcome.then in ("", CLOSED):
            yield following


def _reached(procedure: Procedure) -> set[str]:
    found: set[str] = set()
    waiting = list(procedure.steps[:1])
    while waiting:
        step = waiting.pop()
        if step.id not in found:
            found.add(step.id)
            waiting += [following for following in _followers(procedure, step) if following is not None]
    return found


def _ending(procedure: Procedure) -> set[str]:
    ends: set[str] = set()
    while True:
        found = {
            step.id
            for step in procedure.steps
            if step.id not in ends and any(f is None or f.id in ends for f in _followers(procedure, step))
        }
        if not found:
            return ends
        ends |= found


def _facts_used(at: Place, procedure: Procedure, number: int, step: Step) -> Iterator[Flaw]:
    """Facts that a step hangs on; when they are wanted they are asked for, as far as there are such."""
    here: Place = (*at, "steps", number)
    facts = {fact.name: fact for fact in all_facts(procedure)}
    dates = {name for name, fact in facts.items() if fact.kind is FactKind.DATE} | set(BY_RHYTHM)
    for field, name in (("counts_from", step.counts_from), ("due", step.due)):
        if name and name not in dates:
            text = f"“{name}”不是已定义的日期，请在 facts 中写出（kind: date）"
            yield Flaw(place=(*here, field), text=text, refused_with=at)
    if step.to_person and step.to_person not in facts:
        text = f"“{step.to_person}”从未填写，请在 facts 中写出或核对名称"
        yield Flaw(place=(*here, "to_person"), text=text, refused_with=at)
    if not isinstance(step.by, str):
        for position, route in enumerate(step.by):
            for name in route.when:
                if name not in facts:
                    text = f"“{name}”从未填写，请在 facts 中写出或核对名称"
                    yield Flaw(place=(*here, "by", position, "when", name), text=text, refused_with=at)


def _deciders(at: Place, procedure: Procedure, number: int, routes: tuple[Route, ...]) -> Iterator[Flaw]:
    """Whether there is somebody whatever was stated."""
    here: Place = (*at, "steps", number, "by")
    if not routes:
        yield Flaw(place=here, text="没有写由谁办理，请写明角色")
        return
    facts = {fact.name: fact for fact in all_facts(procedure)}
    for position, route in enumerate(routes):
        for name, values in route.when.items():
            fact = facts.get(name)
            for value in values:
                if fact is not None and fact.choices and value not in fact.choices:
                    yield Flaw(
                        place=(*here, position, "when", name),
                        text=f"“{value}”不是“{fact.title}”的选项（{'、'.join(fact.choices)}），请改正",
                    )
    if missing := _undecided(routes, facts):
        text = f"{missing}时没有单位办理，请为这种情况写一条，或在最后写一条不带 when 的"
        yield Flaw(place=here, text=text, refused_with=at)


def _undecided(routes: tuple[Route, ...], facts: dict[str, Fact]) -> str:
    """A case that no route is for, in words; empty where there is none."""
    if any(not route.when for route in routes):
        return ""
    names = list(dict.fromkeys(name for route in routes for name in route.when if name in facts))
    values = [tuple(facts[name].choices) or ("",) for name in names]
    for case in islice(product(*values), MOST_CASES):
        stated = dict(zip(names, case, strict=True))
        if not any(all(stated.get(name) in allowed for name, allowed in route.when.items()) for route in routes):
            said = [
                f"{facts[n].title}为“{facts[n].choices[v]}”" if v else f"{facts[n].title}为别的值"
                for n, v in stated.items()
            ]
            return "、".join(said) or "其他情况"
    return ""
