"""The lives that are kept as golden histories and as fingerprints: each walks one way through the product.

They run in fast time on a real server to be recorded, and on skipped time to be compared. A scenario that is changed
gives another fingerprint, so add new ones instead.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from temporalio.api.enums.v1 import EventType

from duban.names import dispatch_workflow_id, plan_workflow_id, register_workflow_id
from duban.supervision.rules.policy import Policy
from duban.supervision.rules.rhythms import Period
from tests.own_office import NAME
from tests.supervision.items import going_by, procedure
from tests.supervision.supervised import GROUP, HANDLING, LEAD, OFFICE, SUPERVISOR
from tests.workflows.installation import BEGUN_AND_DONE, Installation, OnSkippedTime, eventually
from tests.workflows.registers import RegisterHouse

TASK, PLAN, DISPATCH, REGISTER = "task", "plan", "dispatch", "register"
DELIVERABLE = "市医保发〔2016〕9号"


@dataclass(frozen=True)
class Scenario:
    """A life.

    Attributes:
        walk: Lives it, from the issued plan on.
        due_on: Dates of its milestones.
        keeps: Which of its workflows are kept.
        task: Fields of its task beside the milestones.
        policy: The rules by which it lives, where they are not the usual ones.
    """

    name: str
    walk: Callable[[Installation], Awaitable[None]]
    due_on: tuple[str, ...] = ("2016-06-30", "2016-12-20")
    entered: str = "2016-06-20"
    continue_after: int | None = None
    keeps: tuple[str, ...] = (TASK,)
    task: Mapping[str, Any] = field(default_factory=dict)
    policy: Callable[[], Policy] | None = None

    @property
    def comes_by_no_plan(self) -> bool:
        """Whether it is the life of a register, which begins by itself."""
        return self.keeps == (REGISTER,)


def workflow_ids(made: Installation, scenario: Scenario) -> dict[str, str]:
    """The workflows that a scenario keeps, with their ids."""
    known = {
        TASK: next(iter(made.tasks), ""),
        PLAN: plan_workflow_id(made.plan_code),
        DISPATCH: dispatch_workflow_id(HANDLING),
        REGISTER: register_workflow_id(made.plan_code),
    }
    return {kept: known[kept] for kept in scenario.keeps}


async def told(made: Installation, update: str, body: str, **fields: object) -> None:
    """One message at a time, each dealt with before the next: the order of events is then always the same."""
    await made.tell(update, body, **fields)  # type: ignore[arg-type]
    await made.at_rest()


async def struck_off(made: Installation) -> None:
    """The usual end."""
    await told(made, "request_strike_off", HANDLING, deliverable=DELIVERABLE)
    await made.tell("verify", SUPERVISOR, passed=True)
    await made.handle().result()


async def quiet_path(made: Installation) -> None:
    await told(made, "accept", HANDLING)
    await struck_off(made)

    async def in_strike_off() -> bool:
        return bool((await made.plan.query("status"))["status"] == "in_strike_off")

    await eventually(in_strike_off)
    await made.plan.execute_update("close", await made.said(GROUP, reason="全部完成"))
    await made.plan.result()


async def whole_ladder(made: Installation) -> None:
    await told(made, "accept", HANDLING)
    await told(made, "report_progress", HANDLING, percent=5)
    await made.until("2016-07-19")
    await told(made, "record_action", SUPERVISOR, action="call", with_whom="李主任", content="答复月底前报送")
    await made.until("2016-08-02")
    await told(made, "submit_explanation", LEAD, text="等待省级目录")
    await made.until("2016-08-16")
    await told(made, "record_action", SUPERVISOR, action="visit", with_whom="李主任", content="现场查看进度")
    await made.until("2016-09-01")
    await told(made, "decide", GROUP, approve=True, scope=[HANDLING, LEAD])
    await made.until("2016-09-20")
    await told(made, "decide", OFFICE, approve=True, grounds=["passive"], reason="多次催办无进展")
    await made.until("2016-09-22")
    await told(made, "decide", GROUP, approve=True)
    interview = {"problems": "进度滞后", "requirements": "限期完成", "rectify_by": "2017-01-20"}
    await told(
        made, "record_action", OFFICE, action="interview", with_whom="王局长", content="约谈主要负责人", **interview
    )
    await told(made, "record_action", HANDLING, action="rectification", content="已成立专班")
    await told(made, "report_progress", HANDLING, milestones=[1], evidence="市医保发〔2016〕1号")
    await struck_off(made)


async def suspended_and_extended(made: Installation) -> None:
    await made.until("2016-07-18")
    await told(made, "suspend", SUPERVISOR, reason="上级政策调整")
    await made.until("2016-07-25")
    await told(made, "resume", SUPERVISOR)
    await made.until("2016-07-28")
    await told(made, "request_extension", HANDLING, milestone=1, new_due_on="2016-09-10", reason="省里推迟")
    await told(made, "decide", SUPERVISOR, approve=True)
    await made.until("2016-08-03")
    await told(made, "suspend", SUPERVISOR, reason="等待上级文件", until="2016-08-10")
    await made.until("2016-08-12")
    await told(made, "report_progress", HANDLING, milestones=[1], evidence="市医保发〔2016〕1号")
    await struck_off(made)


async def returned(made: Installation) -> None:
    await made.until("2016-07-08")
    await told(made, "report_progress", HANDLING, milestones=[1], evidence="市医保发〔2016〕1号", id="report-1")
    await made.until("2016-08-04")
    await told(made, "return_for_rework", SUPERVISOR, report="report-1", reason="依据不足")
    await made.until("2016-08-10")
    await told(made, "report_progress", HANDLING, milestones=[1], evidence="市医保发〔2016〕2号")
    await told(made, "request_strike_off", HANDLING, deliverable=DELIVERABLE)
    await told(made, "verify", SUPERVISOR, passed=False, note="成果不符")
    await struck_off(made)


async def continued_as_new(made: Installation) -> None:
    await told(made, "accept", HANDLING)
    for percent in (10, 20, 30, 40):
        await told(made, "report_progress", HANDLING, percent=percent)
    await made.until("2016-07-05")
    await struck_off(made)


async def assigned_on_a_holiday(made: Installation) -> None:
    await made.until("2016-05-03")
    await told(made, "report_progress", HANDLING, percent=10)


async def amended(made: Installation) -> None:
    """Amended in the middle of a stretch of lag, handed over, corrected; and a task comes with the plan's amendment."""
    await made.until("2016-07-20")
    moved = [{"number": 1, "due_on": "2016-08-15"}, {"due_on": "2016-11-30", "phrase": "印发文件"}]
    await told(made, "amend", SUPERVISOR, reason="方案调整", document="市改发〔2016〕9号", milestones=moved)
    await made.until("2016-08-20")
    await told(made, "amend", SUPERVISOR, reason="机构调整", handling_body=LEAD, withdrawn_milestones=[3])
    await told(made, "correct", SUPERVISOR, version=1, text="事项名称有误")
    await _plan_amended(made)
    for number in (1, 2):
        await made.tell("terminate", OFFICE, number, reason="方案调整", successors=["另一任务"])
        await made.handle(number).result()

    async def in_strike_off() -> bool:
        return bool((await made.plan.query("status"))["status"] == "in_strike_off")

    await eventually(in_strike_off)
    await made.plan.execute_update("close", await made.said(GROUP, reason="全部完成"))
    await made.plan.result()


async def _plan_amended(made: Installation) -> None:
    issued = made.ledger.plans.load_plan(made.digest)
    rows = (*issued.definition.tasks, made.task("2016-12-20", number=2))
    plan = issued.model_copy(update={"definition": issued.definition.model_copy(update={"tasks": rows})})
    made.tasks = tuple(task.code for task in rows)
    digest = made.ledger.plans.store_plan(plan)
    await made.plan.execute_update("amend", await made.said(SUPERVISOR, reason="方案调整", digest=digest))

    async def is_started() -> bool:
        row = made.ledger.plans.plan_row(made.plan_code)
        return row is not None and (row.tasks, row.unstarted_tasks) == (2, 0)

    await eventually(is_started)


async def told_that_it_is_finished(made: Installation) -> None:
    """Somebody types the system's signal while a task is open; the history kept is of the time when it was believed."""
    await made.plan.signal("tasks_finished")

    async def is_on_record() -> bool:
        history = await made.plan.fetch_history()
        done = EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED
        return len([event for event in history.events if event.event_type == done]) == 3

    await eventually(is_on_record)
    await told(made, "accept", HANDLING)


async def step_by_step(made: Installation) -> None:
    """An item of three steps: announced, chased, returned once, its last day moved, closed by the last record."""
    await told(made, "take_step", OFFICE)
    await made.until("2016-06-22")
    await told(made, "amend", SUPERVISOR, reason="上级文件推迟", step_due_on="2016-08-31")
    await made.until("2016-09-02")
    await told(made, "take_step", LEAD, facts={"plan": "分三步走"})
    await told(made, "take_step", OFFICE, person="李四", outcome="returned", facts={"why": "没有时限"})
    await told(made, "take_step", LEAD, step="reply", facts={"plan": "写明时限"})
    await made.tell("take_step", OFFICE, person="李四", outcome="agreed", note="按此执行")
    await made.handle().result()


async def a_register(made: Installation) -> None:
    """Begun in July: opens by hand, because an item asks for it, and in August; adopted, closed."""
    house = RegisterHouse(made)
    await house.begin("2016-07-04", day_seconds=0.3, continue_after=4)
    first = await house.open("城东内涝点整治", id="first")
    await house.open("城东内涝点整治", id="first")
    await house.take(first.code, outcome="hard")
    await eventually(lambda: _so(len(house.opened()) == 4))
    await made.plan.signal("提醒", "whatever")
    digest = made.ledger.plans.store_plan(house.content())
    await made.plan.execute_update("adopt", await house.said(reason="机构改革", digest=digest))
    await eventually(lambda: _so(any(row.period == "2016-M07" for row in house.periods())))
    closing = await house.said(reason="年度结束", anyway=True, id="closing")
    await made.plan.execute_update("close", closing)
    await made.plan.result()
    house.remember()


async def _so(what: bool) -> bool:
    return what


async def register_under_other_rules(made: Installation) -> None:
    """Opens by hand, comes to go by other rhythms, opens what came with them and what came round, is closed."""
    house = RegisterHouse(made)
    await house.begin("2016-07-04", day_seconds=None if isinstance(made, OnSkippedTime) else 0.3)
    await _plan_at_rest(made)
    await house.open("城东内涝点整治", id="first")
    await _plan_at_rest(made)
    assert house.given is not None
    rhythms = dict(house.rulebook.rhythms)
    lists = rhythms["checks"].model_copy(update={"title": "问题清单", "period": Period.MONTH})
    del rhythms["evaluations"]
    house.rulebook = house.rulebook.model_copy(update={"name": f"{NAME}-2", "rhythms": {**rhythms, "lists": lists}})
    digest = made.ledger.plans.store_plan(house.content())
    told = await house.said(reason="制度修订", digest=digest, instead_of=house.given.digest)
    await made.plan.execute_update("adopt", told)
    await eventually(lambda: _so(any(row.rhythm == "lists" for row in house.periods())))
    await _plan_at_rest(made)
    house.remember()
    await made.until("2016-08-02")
    await eventually(lambda: _so(len(house.periods()) == 4))
    await _plan_at_rest(made)
    await made.plan.execute_update("close", await house.said(reason="年度结束", anyway=True, id="closing"))
    await made.plan.result()


async def plan_under_other_rules(made: Installation) -> None:
    """Comes to live by other rules, and begins a task by them that an amendment brings."""
    issued = made.ledger.plans.load_plan(made.digest)
    digest = made.ledger.plans.store_plan(issued.under(issued.policy.regime.model_copy(update={"name": "other"})))
    offices = {"leading_group": GROUP, "reform_office": OFFICE}
    await made.plan.execute_update("adopt", await made.said(OFFICE, reason="制度修订", digest=digest, **offices))

    def goes_by_them() -> bool:
        row = made.ledger.plans.plan_row(made.plan_code)
        return row is not None and row.regime == "other"

    await eventually(lambda: _so(goes_by_them()))
    await _plan_at_rest(made)
    await _plan_amended(made)
    await _plan_at_rest(made)


async def _plan_at_rest(made: Installation) -> None:
    """Wait until the workflow of the plan or register has nothing under way."""

    async def rests() -> bool:
        kinds = [event.event_type for event in (await made.plan.fetch_history()).events]
        return all(kinds.count(begun) == kinds.count(done) for begun, done in BEGUN_AND_DONE)

    await eventually(rests)


DOCKED = {
    "title": "省方案对接",
    "handling_body": "",
    "procedure": "docking",
    "facts": {"document": ("省方案",), "meeting_on": ("2016-06-20",)},
}

SCENARIOS = (
    Scenario("quiet_path", quiet_path, due_on=("2016-12-20",), keeps=(TASK, PLAN)),
    Scenario("whole_ladder", whole_ladder),
    Scenario("suspended_and_extended", suspended_and_extended),
    Scenario("returned", returned),
    Scenario("amended", amended, keeps=(TASK, PLAN)),
    Scenario("told_that_it_is_finished", told_that_it_is_finished, keeps=(PLAN,)),
    Scenario("continued_as_new", continued_as_new, due_on=("2016-12-20",), continue_after=3),
    Scenario("step_by_step", step_by_step, due_on=(), task=DOCKED, policy=lambda: going_by(procedure())),
    Scenario("a_register", a_register, continue_after=4, keeps=(REGISTER,)),
    Scenario("register_under_other_rules", register_under_other_rules, keeps=(REGISTER,)),
    Scenario("plan_under_other_rules", plan_under_other_rules, ("2016-12-20",), keeps=(PLAN,)),
    Scenario(
        "assigned_on_a_holiday", assigned_on_a_holiday, ("2016-12-20",), entered="2016-05-01", keeps=(TASK, DISPATCH)
    ),
)

# The time-skipping server answers no update to a workflow that has continued as new.
ON_SKIPPED_TIME = tuple(scenario for scenario in SCENARIOS if scenario.continue_after is None)
