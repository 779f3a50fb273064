"""A register of an office of its own, on an installation of the tests."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from temporalio.client import WorkflowUpdateFailedError

from duban.attributes import register_search_attributes
from duban.contracts import Answer, StoredPlan
from duban.ledger import PlanRegistration
from duban.ledger.registers.register_rows import ItemRow, PeriodRow
from duban.names import task_workflow_id
from duban.registers import Opened, RegisterInput
from duban.starts import start_register
from duban.supervision.days.calendar import MINUTES_PER_DAY
from duban.supervision.days.clock import TaskClock
from duban.supervision.plans.plan import PlanDefinition, TaskDefinition
from duban.supervision.rules.policy import Policy
from tests.ledger.building import register
from tests.own_office import CIVIL, NAME, OFFICE, RULES, WATER, own_office
from tests.supervision.supervised import policy_of
from tests.workflows.installation import Installation, OnSkippedTime, eventually

CHECKS = tuple(f"rhythm/checks/2016-Q3/{body}" for body in (WATER, CIVIL))
"""What comes round as soon as a register begins in July."""


class RegisterHouse:
    """One register and what it opens."""

    def __init__(self, made: Installation, rules: str = RULES) -> None:
        self.made = made
        folder = made.settings.home / "office"
        folder.mkdir(parents=True, exist_ok=True)
        self.rulebook, self.organisation = own_office(folder, rules)
        self.made.policy = Policy(regime=self.rulebook.regime, calendar=policy_of().calendar)
        self.given: RegisterInput | None = None

    @property
    def code(self) -> str:
        return self.made.plan_code

    async def begin(
        self,
        entered: str,
        *,
        year: int = 2016,
        day_seconds: float | None = None,
        continue_after: int | None = None,
        worker: bool = True,
        opens: Sequence[str] = CHECKS,
        down_since: str | None = None,
    ) -> None:
        """Begin the register at ten o'clock of a local day.

        Args:
            opens: What comes round at once.
            down_since: It was registered at ten o'clock of that local day, and nothing has run since.
        """
        made = self.made
        speed = 1.0 if day_seconds is None else timedelta(days=1).total_seconds() / day_seconds
        if day_seconds is not None:
            calendar = made.policy.calendar.model_copy(update={"opens": 0, "closes": MINUTES_PER_DAY})
            made.policy = made.policy.model_copy(update={"calendar": calendar})
        real = await made.environment.get_current_time() if isinstance(made, OnSkippedTime) else datetime.now(UTC)
        made.clock = TaskClock(business_epoch=made.moment(f"{entered} 10:00"), real_epoch=real, speed=speed)
        self.given = RegisterInput(
            code=self.code,
            title="青岩区2016年登记簿",
            digest=made.ledger.plans.store_plan(self.content(year)),
            clock=made.clock,
            continue_after=continue_after,
        )
        if down_since is not None:
            at = made.moment(f"{down_since} 10:00")
            made.ledger.plans.register_plan(
                PlanRegistration(
                    digest=self.given.digest, plan=self.content(year), clock=made.clock, registered_at=at, batches=()
                )
            )
        await register_search_attributes(made.client)
        if worker:
            await made.work()
        await start_register(made.client, self.given, made.settings.task_queue, regime=NAME)
        if worker:
            await self.under_way()
            await self.until_opened(opens)

    def content(self, year: int = 2016) -> StoredPlan:
        definition = PlanDefinition(
            code=self.code, title=f"青岩区{year}年登记簿", issued_on=date(year, 1, 1), regime=NAME
        )
        return StoredPlan(
            definition=definition, organisation=self.organisation, policy=self.made.policy, rulebook=self.rulebook
        )

    async def under_way(self) -> None:
        async def is_under_way() -> bool:
            return bool((await self.status())["status"] == "under_way")

        await eventually(is_under_way)

    def has_plan(self, *tasks: TaskDefinition, issued_on: str = "2015-09-01", code: str = "FA", **fields: Any) -> None:
        """A plan of the office is in the ledger, with these tasks open; ``fields`` of its definition."""
        definition = PlanDefinition(
            code=code, title="防汛方案", issued_on=date.fromisoformat(issued_on), regime=NAME, tasks=tasks, **fields
        )
        register(
            self.made.ledger,
            StoredPlan(definition=definition, organisation=self.organisation, policy=self.made.policy),
        )

    # Talking

    async def said(self, body: str = OFFICE, person: str = "张三", **fields: Any) -> dict[str, Any]:
        return {**await self.made.said(body), "person": person, **fields}

    async def open(self, topic: str, department: str = WATER, **fields: Any) -> Opened:
        facts = {"topic": topic, "department": department, **fields.pop("facts", {})}
        message = await self.said(procedure="instruction", facts=facts, **fields)
        answer: Opened = await self.made.plan.execute_update("open", message, result_type=Opened)
        return answer

    async def refused(self, update: str, message: object) -> str:
        try:
            await self.made.plan.execute_update(update, message)
        except WorkflowUpdateFailedError as refusal:
            return str(refusal.cause)
        raise AssertionError("it was not refused")

    async def refused_opening(self, topic: str, department: str = WATER, **fields: Any) -> str:
        facts = {"topic": topic, "department": department, **fields.pop("facts", {})}
        return await self.refused("open", await self.said(procedure="instruction", facts=facts, **fields))

    async def take(self, code: str, body: str = WATER, **fields: Any) -> Answer:
        """Take the step of an item that waits."""
        handle = self.made.client.get_workflow_handle(task_workflow_id(code))
        answer: Answer = await handle.execute_update("take_step", await self.said(body, **fields), result_type=Answer)
        return answer

    # Looking

    async def status(self) -> dict[str, Any]:
        found: dict[str, Any] = await self.made.plan.query("status")
        return found

    def items(self) -> tuple[ItemRow, ...]:
        return self.made.ledger.registers.item_rows(self.code)

    def periods(self) -> tuple[PeriodRow, ...]:
        return self.made.ledger.registers.period_rows(self.code)

    def opened(self) -> list[tuple[str, str]]:
        """Code and identity of what has been opened."""
        return [(item.task_code.removeprefix(f"{self.code}-"), item.key) for item in self.items() if item.task_code]

    async def until_opened(self, keys: Sequence[str]) -> None:
        """Wait until exactly these items are open and running."""

        async def are_opened() -> bool:
            opened = [key for _, key in self.opened()]
            row = self.made.ledger.plans.plan_row(self.code)  # after that: what is opened is not started at once
            return opened == list(keys) and row is not None and row.unstarted_tasks == 0

        await eventually(are_opened)
        for item in self.items():
            if item.task_code:
                await self.made.client.get_workflow_handle(task_workflow_id(item.task_code)).query("status")

    def remember(self) -> None:
        """So that the installation ends them."""
        self.made.tasks = tuple(item.task_code for item in self.items() if item.task_code)
