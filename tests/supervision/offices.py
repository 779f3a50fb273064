"""A small office of the tests' own: a few rhythms, each with a procedure, and bodies that owe them."""

from functools import cache
from typing import Any

from duban.calendars import compile_calendar
from duban.regimes import load_regime
from duban.supervision.bodies.organisation import Body, Organisation
from duban.supervision.clauses import Limit, Source, Unit
from duban.supervision.foresight.undertakings import Office
from duban.supervision.rules.procedures import Outcome, Procedure, Step
from duban.supervision.rules.rhythms import Each, Period, Rhythm, Turn
from duban.supervision.rules.rulebook import Rulebook

ASSUMED = Source(assumed=True)
OFFICE, GROUP = "市委改革办", "市委全面深化改革领导小组"
ECONOMY, CULTURE = "经济专项小组", "文化专项小组"
ORGANISATION = Organisation(
    name="甲市",
    roles={"leading_group": GROUP, "reform_office": OFFICE, "special_group": (ECONOMY, CULTURE)},
    bodies=tuple(Body(name=name) for name in (GROUP, OFFICE, ECONOMY, CULTURE, "市财政局", "市民政局", "市国库中心")),
)


def limit(days: int, unit: Unit = Unit.WORKING) -> Limit:
    return Limit(days=days, unit=unit, source=ASSUMED)


def step(identity: str, title: str, by: str, **more: Any) -> Step:
    return Step(id=identity, title=title, by=by, source=ASSUMED, **{"limit": limit(5), **more})


def procedure(title: str, handled_by: str, *steps: Step) -> Procedure:
    return Procedure(title=title, source=ASSUMED, handled_by=handled_by, steps=steps)


def rhythm(title: str, period: Period, key: str, **more: Any) -> Rhythm:
    return Rhythm(title=title, source=ASSUMED, period=period, procedure=key, **more)


REPORT = procedure(
    "季度报告",
    "special_group",
    step("report", "报送报告", "special_group", announce=limit(2)),
    step(
        "review",
        "审核报告",
        "reform_office",
        limit=limit(10, Unit.CALENDAR),
        outcomes=(
            Outcome(name="accepted", title="同意", then="closed"),
            Outcome(name="returned", title="退回", then="report"),
        ),
    ),
)
INSPECTION = procedure("督察", "reform_office", step("inspect", "开展督察", "reform_office", limit=None, times=2))
STOCKTAKING = procedure("盘点", "lead_body", step("state", "申报完成情况", "lead_body", limit=limit(15, Unit.CALENDAR)))
EVALUATION = procedure("评估", "reform_office", step("evaluate", "评估方案", "reform_office"))
PROCEDURES = {"report": REPORT, "inspection": INSPECTION, "stocktaking": STOCKTAKING, "evaluation": EVALUATION}
RHYTHMS = {
    "reports": rhythm("专项小组季报", Period.QUARTER, "report", owed_by="special_group", opens=Turn.END),
    "inspections": rhythm("全面督察", Period.YEAR, "inspection", owed_by="reform_office"),
    "stocktaking": rhythm(
        "年末盘点", Period.YEAR, "stocktaking", each=Each.TASK, opens=Turn.END, before=limit(30, Unit.CALENDAR)
    ),
    "evaluations": rhythm("年中评估", Period.HALF_YEAR, "evaluation", each=Each.PLAN, only=(1,), opens=Turn.END),
}


@cache
def rulebook(*rhythms: str) -> Rulebook:
    """Kunming's rules with some of these rhythms; all of them unless named."""
    kunming = load_regime("kunming")
    own = {name: getattr(kunming, name) for name in type(kunming).model_fields}
    chosen = {key: RHYTHMS[key] for key in rhythms or RHYTHMS}
    return Rulebook(**{**own, "procedures": PROCEDURES, "rhythms": chosen})


def office(*rhythms: str, organisation: Organisation = ORGANISATION) -> Office:
    """The office with some of these rhythms."""
    return office_of(rulebook(*rhythms), organisation)


def office_of(rules: Rulebook, organisation: Organisation = ORGANISATION) -> Office:
    """The office under given rules."""
    return Office(
        rulebook=rules,
        organisation=organisation,
        calendar=compile_calendar("Asia/Shanghai", 2022, 2026),
        supervising_body=OFFICE,
    )
