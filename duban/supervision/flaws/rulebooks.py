"""All that is wrong in a regime file."""

from collections.abc import Callable, Iterator

from duban.supervision.bodies.organisation import Organisation
from duban.supervision.flaws.asks import flaws_of_ask, flaws_of_asking
from duban.supervision.flaws.authority import flaws_of_authority, flaws_of_deciding, flaws_of_roles
from duban.supervision.flaws.flaw import Flaw, Place
from duban.supervision.flaws.ladders import flaws_of_ladder, unworkable_levels
from duban.supervision.flaws.procedures import flaws_of_opening, flaws_of_procedure, flaws_of_rhythm
from duban.supervision.reckoning.appraisal import Counted
from duban.supervision.rules.owed import DATED_OTHERWISE, WITH_LIMITS_OF_THEIR_OWN, Duty
from duban.supervision.rules.rulebook import Rulebook


def unworkable(rules: Rulebook) -> Iterator[Flaw]:
    """For what a file is not even loaded: rules by which a level could never be given."""
    yield from unworkable_levels(rules.ladder)


def flaws_of_rulebook(
    rules: Rulebook,
    organisation: Organisation | None = None,
    incomplete: Callable[[Place], bool] = lambda _place: False,
) -> Iterator[Flaw]:
    """All that is wrong, in the order of the file's sections.

    Args:
        rules: May have been put together without its models' own refusals, and may lack sections then.
        organisation: Of the office that is to live by the rules; None leaves open who holds the roles.
        incomplete: Whether something at or below a place had to be left out; nothing is said of what may be missing
            for that reason.
    """
    parts = rules.__dict__
    if "ladder" in parts:
        yield from flaws_of_ladder(rules.ladder, whole=not incomplete(("ladder",)))
    if "limits" in parts and not incomplete(("limits",)):
        yield from _limits(rules)
    if {"ladder", "authority"} <= set(parts):
        yield from flaws_of_authority(rules)
    if {"ladder", "offices"} <= set(parts):
        yield from flaws_of_deciding(rules, organisation or Organisation())
    if organisation is not None and {"ladder", "offices", "authority"} <= set(parts):
        yield from flaws_of_roles(rules, organisation)
    for key, procedure in rules.procedures.items():
        if not incomplete(("procedures", key)):
            yield from flaws_of_procedure(key, procedure)
    if not incomplete(("procedures",)):
        yield from _opened(rules)
        if not incomplete(("rhythms",)):
            yield from _never_opened(rules)
    if "ladder" in parts and not incomplete(("ladder",)):
        yield from _levels_named(rules)
        yield from _asked(rules, organisation, knows_rights={"offices", "authority"} <= set(parts))


def _limits(rules: Rulebook) -> Iterator[Flaw]:
    for duty in Duty:
        if duty not in (*rules.limits, *WITH_LIMITS_OF_THEIR_OWN, *DATED_OTHERWISE):
            yield Flaw(place=("limits",), text=f"缺少 {duty.value} 的时限，请补上", refused_with=())


def _never_opened(rules: Rulebook) -> Iterator[Flaw]:
    """Procedures of which no item ever comes about."""
    opens = {
        key: {o.procedure for step in procedure.steps for outcome in step.outcomes for o in outcome.opens}
        for key, procedure in rules.procedures.items()
    }
    begun = {key for key, procedure in rules.procedures.items() if procedure.opened_by}
    begun |= {rhythm.procedure for rhythm in rules.rhythms.values()}
    while further := {name for key in begun for name in opens.get(key, ())} - begun:
        begun |= further
    if not begun <= set(rules.procedures):
        return  # a name that is misspelt is said of itself
    for key, procedure in rules.procedures.items():
        if key not in begun:
            yield Flaw(
                place=("procedures", key),
                text=f"程序“{procedure.title}”没有谁能立项，请写 opened_by（角色），"
                "或由定期工作（rhythms）、别的结果（opens）立项",
            )


def _levels_named(rules: Rulebook) -> Iterator[Flaw]:
    """Levels that other sections speak of and the ladder does not have."""
    levels = [rung.level for rung in rules.ladder.rungs]
    for number, copy in enumerate(rules.__dict__.get("copies", ())):
        for position, level in enumerate(copy.levels):
            if level not in levels:
                yield Flaw(
                    place=("copies", number, "levels", position),
                    text=f"阶梯中没有“{level}”这一级（有：{'、'.join(levels)}），请核对",
                    refused_with=(),
                )
    appraisal = rules.__dict__.get("appraisal")
    for number, rule in enumerate(appraisal.rules if appraisal is not None else ()):
        known = levels if rule.counts is Counted.REMINDER else [duty.value for duty in Duty]
        for position, name in enumerate(rule.of if rule.counts in (Counted.REMINDER, Counted.OWED_LATE) else ()):
            if name not in known:
                yield Flaw(
                    place=("appraisal", "rules", number, "of", position),
                    text=f"“{name}”不在可记的之内，这一条永远记不到分，应为：{'、'.join(known)}",
                )


def _opened(rules: Rulebook) -> Iterator[Flaw]:
    for key, procedure in rules.procedures.items():
        for number, step in enumerate(procedure.steps):
            for position, outcome in enumerate(step.outcomes):
                for n, opening in enumerate(outcome.opens):
                    at: Place = ("procedures", key, "steps", number, "outcomes", position, "opens", n)
                    yield from flaws_of_opening(at, opening, procedure, rules.procedures)
    for key, rhythm in rules.rhythms.items():
        yield from flaws_of_rhythm(key, rhythm, rules.procedures)


def _asked(rules: Rulebook, organisation: Organisation | None, *, knows_rights: bool) -> Iterator[Flaw]:
    for key, procedure in rules.procedures.items():
        for number, step in enumerate(procedure.steps):
            for position, outcome in enumerate(step.outcomes):
                for n, ask in enumerate(outcome.asks):
                    at: Place = ("procedures", key, "steps", number, "outcomes", position, "asks", n)
                    yield from flaws_of_ask(at, ask, procedure)
                    if knows_rights:
                        yield from flaws_of_asking(at, ask, step, rules, organisation)
