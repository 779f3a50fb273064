"""Plans and what people do with them, as the dice fall: the same dice give the same plan and the same people."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from duban.contracts import StoredPlan
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.days.calendar import MINUTES_PER_DAY, ONE_DAY
from duban.supervision.plans.plan import PlanDefinition, PlannedMilestone, TaskDefinition
from duban.supervision.rules.authority import Act
from duban.supervision.rules.policy import Policy
from tests.supervision.supervised import GROUP, SUPERVISOR, policy_of

ENTERED = date(2016, 6, 27)
DUE = date(2016, 6, 30)
LATER = date(2016, 12, 20)
"""Due after the end of every trial: what is open then stays open."""
TOP = 85
"""Days after the first deadline by which every level and the question about the interview have come."""
EVIDENCE = "市医保发〔2016〕1号"


@dataclass(frozen=True)
class Doing:
    """Something that somebody is going to do."""

    task: str
    act: Act
    at: datetime
    fields: Mapping[str, Any]


def office_that_never_closes() -> Policy:
    """Kunming's rules for fast time: an office hour would be shorter than a server's timer."""
    policy = policy_of()
    calendar = policy.calendar.model_copy(update={"opens": 0, "closes": MINUTES_PER_DAY})
    return Policy(regime=policy.regime, calendar=calendar)


def plan_of(code: str, tasks: int, dice: Random, *, bodies: int = 4, due: date = DUE) -> StoredPlan:
    """A plan whose tasks share some bodies, so that messages hold several notices.

    Args:
        bodies: How many there are to lead, and as many to handle.
    """
    made = tuple(
        TaskDefinition(
            code=f"{code}-{number:04}",
            title=f"改革事项第{number}号",
            lead_body=f"牵头局{dice.randrange(bodies) + 1}",
            handling_body=f"承办中心{dice.randrange(bodies) + 1}",
            milestones=(
                PlannedMilestone(number=1, phrase="6月底前", due_on=due),
                PlannedMilestone(number=2, phrase="12月20日前", due_on=LATER),
            ),
        )
        for number in range(1, tasks + 1)
    )
    definition = PlanDefinition(
        code=code, title="改革工作要点", issued_on=ENTERED, supervising_body=SUPERVISOR, tasks=made
    )
    return StoredPlan(definition=definition, organisation=Organisation(), policy=office_that_never_closes())


def busy_people(plan: StoredPlan, dice: Random) -> list[Doing]:
    """What people do in eighty days: most accept, some report, some catch up, some are decided on, some are done.

    Nobody asks whether it fits: what the rules refuse is part of the trial.
    """
    said = [act for task in plan.definition.tasks for act in _life(plan, task, dice)]
    return sorted(said, key=lambda act: (act.at, act.task))


def _life(plan: StoredPlan, task: TaskDefinition, dice: Random) -> Iterator[Doing]:
    zone = plan.policy.calendar.zone

    def on(days: int, act: Act, **fields: Any) -> Doing:
        """An act so many days after the first deadline."""
        at = zone.at(DUE + days * ONE_DAY, dice.randrange(MINUTES_PER_DAY))
        return Doing(task.code, act, at, {"body": task.handling_body, "person": "张三", **fields})

    if dice.random() < 0.8:
        yield on(dice.randrange(-2, 3), Act.ACCEPT)
    for _ in range(dice.randrange(3)):
        yield on(dice.randrange(0, 75), Act.PROGRESS, percent=dice.randrange(100), note="正在推进")
    match dice.randrange(6):
        case 0:  # catches up, and is sent back to work
            met = dice.randrange(3, 60)
            yield on(met, Act.PROGRESS, milestones=[1], evidence=EVIDENCE)
            if dice.random() < 0.5:
                sent_back = met + dice.randrange(1, 12)
                yield on(sent_back, Act.RETURN_FOR_REWORK, body=SUPERVISOR, reason="依据不足")
        case 1:  # is done
            done = dice.randrange(5, 55)
            yield on(done, Act.PROGRESS, milestones=[1], evidence=EVIDENCE)
            yield on(done + 2, Act.REQUEST_STRIKE_OFF, deliverable="市医保发〔2016〕9号")
            yield on(done + 4, Act.VERIFY, body=SUPERVISOR, passed=True)
        case 2:  # stands still for a while
            yield on(dice.randrange(1, 40), Act.SUSPEND, body=SUPERVISOR, reason="上级政策调整")
            yield on(dice.randrange(45, 55), Act.RESUME, body=SUPERVISOR, reason="政策已明确")
        case 3:  # goes before the leading group
            yield on(68, Act.DECIDE, body=GROUP, approve=dice.random() < 0.7, reason="情况属实")
        case 4:  # asks for time
            yield on(
                dice.randrange(1, 30), Act.REQUEST_EXTENSION, milestone=1, new_due_on="2016-08-20", reason="省里推迟"
            )
            yield on(32, Act.DECIDE, body=SUPERVISOR, approve=True, reason="同意")
        case _:  # nobody does anything
            return


def end_of_trial(plan: StoredPlan, days: int = TOP) -> datetime:
    """The business moment at which the clock stops."""
    return plan.policy.calendar.zone.at(DUE + timedelta(days=days))
