"""Plans made for measuring: tasks with one deadline each, far enough away that nothing falls due."""

from datetime import UTC, date, datetime, timedelta

from duban.calendars import compile_calendar
from duban.contracts import StoredPlan
from duban.regimes import load_regime
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.days.clock import TaskClock
from duban.supervision.plans.plan import PlanDefinition, PlannedMilestone, TaskDefinition
from duban.supervision.rules.policy import Policy

ISSUED_ON = date(2026, 3, 2)
BODIES = 20


def plan_of(
    code: str, tasks: int, due_on: date = ISSUED_ON + timedelta(days=120), *, regime_name: str = "kunming"
) -> StoredPlan:
    """A plan of so many tasks, spread over twenty bodies."""
    regime = load_regime(regime_name)
    policy = Policy(regime=regime, calendar=compile_calendar(regime.zone, 2025, 2030, all_day=True))
    milestone = PlannedMilestone(number=1, phrase="六月底前", due_on=due_on)
    definitions = tuple(
        TaskDefinition(
            code=f"{code}-{number:05}",
            title=f"第{number}项任务",
            lead_body=f"市{number % BODIES + 1}局",
            milestones=(milestone,),
        )
        for number in range(1, tasks + 1)
    )
    definition = PlanDefinition(
        code=code, title=f"测量用方案{code}", issued_on=ISSUED_ON, regime=regime_name, tasks=definitions
    )
    return StoredPlan(definition=definition, organisation=Organisation(), policy=policy)


def clock_from(plan: StoredPlan, speed: float = 1.0) -> TaskClock:
    """A clock that stands at ten o'clock of the issue day now."""
    zone = plan.policy.calendar.zone
    return TaskClock(business_epoch=zone.at(ISSUED_ON, 600), real_epoch=datetime.now(UTC), speed=speed)
