"""A regime's rules as people read them."""

from collections.abc import Iterator

from duban.supervision.bodies.staffing import StaffMinimum
from duban.supervision.clauses import Limit, Source, Unit
from duban.supervision.rules.authority import PersonalAct
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.parts import Role
from duban.supervision.rules.procedures import PERIOD_FROM, PERIOD_TO, Outcome, Procedure, Route, Step
from duban.supervision.rules.regime import Regime
from duban.supervision.rules.rhythms import Each, Period, Rhythm, Turn
from duban.supervision.rules.rungs import Answer, Approval, Ladder, Rung
from duban.supervision.rules.triggers import (
    DemandTrigger,
    GroundsTrigger,
    LagTrigger,
    ReturnTrigger,
    Trigger,
    UrgingsTrigger,
)
from duban.supervision.steps.asking import ASKED_WORDS
from duban.supervision.words import ACT_WORDS, DUTY_WORDS, PLACE_WORDS, ROLE_WORDS

PERIOD_WORDS: dict[Period, str] = {
    Period.MONTH: "每月",
    Period.TWO_MONTHS: "每两个月",
    Period.QUARTER: "每季度",
    Period.HALF_YEAR: "每半年",
    Period.YEAR: "每年",
}
PERIOD_FACTS = {PERIOD_FROM: "周期首日", PERIOD_TO: "周期末日"}
EACH_WORDS: dict[Each, str] = {Each.LEAD_BODY: "各牵头单位", Each.TASK: "各项任务", Each.PLAN: "各个方案"}


def role_of(role: Role, rules: Regime) -> str:
    """A role with the bodies that hold it."""
    words = ROLE_WORDS.get(role, "")
    bodies = "、".join(rules.offices.get(role, ()))
    return bodies or words or role


def one_of(role: Role, rules: Regime) -> str:
    """Who is asked in a role: the first body alone, however many hold it."""
    bodies = rules.offices.get(role, ())
    return f"{bodies[0]}（该角色 {len(bodies)} 家中的第一家）" if len(bodies) > 1 else role_of(role, rules)


def roles_of(roles: tuple[Role, ...], rules: Regime) -> str:
    """Several roles."""
    return "、".join(role_of(role, rules) for role in roles)


def trigger_words(trigger: Trigger) -> str:
    """When a level is due."""
    match trigger:
        case LagTrigger():
            unit = "个工作日" if trigger.unit is Unit.WORKING else "天"
            last = f"至 {trigger.last} {unit}" if trigger.last is not None else f"{unit}起"
            return f"滞后 {trigger.first} {last}"
        case UrgingsTrigger():
            return f"催办 {trigger.count} 次后 {trigger.wait.words}仍未办结"
        case ReturnTrigger():
            return f"答复累计 {trigger.count} 次被退回重办" if trigger.count > 1 else "答复被退回重办"
        case DemandTrigger():
            return f"提出整改要求后 {trigger.wait.words}仍未落实"
        case GroundsTrigger():
            return f"滞后超过 {trigger.ask_above} 天时询问，情形成立的"


def requisites(needed: tuple[Approval, ...] | tuple[Answer, ...], rules: Regime) -> str:
    """What must come before or after a level, and of whom."""
    return "；".join(
        f"{one_of(each.by, rules)}{DUTY_WORDS[each.duty]}"
        + (f"（{each.limit.words}）" if each.limit is not None else "")
        for each in needed
    )


def source_words(source: Source) -> str:
    """Where it comes from."""
    return "推定" if source.assumed else f"第{source.paragraph}段"


def ladder_rows(rules: Regime) -> Iterator[tuple[str, ...]]:
    """A ladder, level by level."""
    for rung in rules.ladder.rungs:
        yield (
            rung.track,
            f"{rung.title}（{rung.level}）",
            "；或".join(trigger_words(trigger) for trigger in rung.triggers),
            _issuers(rung, rules),
            roles_of(rung.recipients, rules),
            requisites(rung.approvals, rules),
            requisites(rung.answers, rules),
            rung.paper or "",
            source_words(rung.source),
        )


def _issuers(rung: Rung, rules: Regime) -> str:
    joint = f"（上级决策和清单事项：{roles_of(rung.joint_issuers, rules)}）" if rung.joint_issuers else ""
    return roles_of(rung.issuers, rules) + joint


def urging_words(ladder: Ladder) -> str:
    """The urgings of the clock; empty where there are none."""
    urging = ladder.urging
    if urging is None:
        return ""
    return f"按期催办：逾期 {urging.after.words}后首次，此后每 {urging.every.words}一次，至多 {urging.at_most} 次。"


def limits_words(rules: Regime) -> str:
    """The limits of what is owed."""
    stated = (f"{DUTY_WORDS[duty]} {rules.limits[duty].words}" for duty in Duty if duty in rules.limits)
    return "、".join(stated)


def procedure_rows(key: str, procedure: Procedure, rules: Regime) -> Iterator[tuple[object, ...]]:
    """A procedure, step by step."""
    facts = {fact.name: fact.title for fact in reversed(procedure.stated)} | PERIOD_FACTS
    for number, step in enumerate(procedure.steps, 1):
        yield (
            f"{procedure.title}（{key}）" if number == 1 else "",
            f"{number}. {step.title}（{step.id}）",
            _owed_by(step, rules, facts),
            _due(step, facts),
            "；".join(
                f"{outcome.title}→{_then(procedure, step, outcome.then)}{_asked(outcome)}" for outcome in step.outcomes
            ),
            source_words(step.source),
        )


def _owed_by(step: Step, rules: Regime, facts: dict[str, str]) -> str:
    if isinstance(step.by, str):
        return facts.get(step.by) or one_of(step.by, rules)
    return "按情形：" + "、".join(dict.fromkeys(_by_route(route, rules, facts) for route in step.by))


def _by_route(route: Route, rules: Regime, facts: dict[str, str]) -> str:
    joint = "、".join(facts.get(role) or role_of(role, rules) for role in route.jointly)
    return (facts.get(route.by) or one_of(route.by, rules)) + (f"（会同{joint}）" if joint else "")


def _due(step: Step, facts: dict[str, str]) -> str:
    often = f"共 {step.times} 次" if step.times > 1 else ""
    if step.due:
        return "，".join(filter(None, (f"至{facts.get(step.due, step.due)}", often)))
    return "，".join(filter(None, (_within(step, step.limit, facts) if step.limit else "", often)))


def _within(step: Step, limit: Limit, facts: dict[str, str]) -> str:
    since = facts.get(step.counts_from, step.counts_from)
    if step.ahead:
        return f"{since}之前 {limit.words}"
    words = limit.words if limit.days or limit.months else "当日"
    return f"自{since}起 {words}" if since else words


def _then(procedure: Procedure, step: Step, then: str) -> str:
    outcome = next(o for o in step.ends if o.then == then)
    following = procedure.following(step, outcome)
    return following.title if following is not None else "结束"


def _asked(outcome: Outcome) -> str:
    """What it does to the tasks and plans that the item is about."""
    acts = "、".join(ASKED_WORDS[ask.act] for ask in outcome.asks)
    return f"（对所涉任务、方案：{acts}）" if acts else ""


def rhythm_row(key: str, rhythm: Rhythm, rules: Regime) -> tuple[object, ...]:
    """What comes round."""
    owed = role_of(rhythm.owed_by, rules) if rhythm.owed_by else EACH_WORDS[rhythm.each] if rhythm.each else ""
    if rhythm.issued_for_months:
        owed += f"（印发满 {rhythm.issued_for_months} 个月的）"
    return f"{rhythm.title}（{key}）", _when(rhythm), owed, rhythm.procedure, source_words(rhythm.source)


def _when(rhythm: Rhythm) -> str:
    """How often, in which periods only, and at which end of the period it begins."""
    which = [f"只限全年第 {'、'.join(str(number) for number in rhythm.only)} 期"] if rhythm.only else []
    if rhythm.opens is Turn.END or rhythm.before is not None:
        turn = "期末" if rhythm.opens is Turn.END else "期初"
        which.append(f"{turn}前 {rhythm.before.words}立项" if rhythm.before is not None else f"{turn}立项")
    return PERIOD_WORDS[rhythm.period] + (f"（{'，'.join(which)}）" if which else "")


def staff_row(minimum: StaffMinimum, rules: Regime) -> tuple[object, ...]:
    """Whom bodies have at least."""
    tiers = f"第{'、'.join(map(str, minimum.tiers))}级单位" if minimum.tiers else ""
    of = "、".join(part for part in (roles_of(minimum.of, rules), tiers) if part)
    return minimum.title, of, f"{minimum.at_least}{minimum.unit}", source_words(minimum.source)


def personal_row(personal: PersonalAct, rules: Regime) -> tuple[object, ...]:
    """What in a body is for persons of some place."""
    tiers = f"第{'、'.join(map(str, personal.tiers))}级单位" if personal.tiers else ""
    of = "、".join(part for part in (roles_of(personal.of, rules), tiers) if part) or "各单位"
    who = "、".join(PLACE_WORDS[place] for place in personal.by)
    section = "（经办人限承办科室）" if personal.same_section else ""
    return personal.title, ACT_WORDS[personal.act], of, f"{who}{section}", source_words(personal.source)
