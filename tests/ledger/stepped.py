"""Items of a register with the steps that were taken, written as their workflows would write them."""

from datetime import date
from pathlib import Path

from duban.contracts import StoredPlan
from duban.ledger import Ledger, PlanRegistration
from duban.ledger.registers.register_rows import Build, ItemToOpen, NewItem
from duban.supervision.plans.plan import PlanDefinition, TaskDefinition
from duban.supervision.tasks.entries import Change, RecordChange
from tests.ledger.building import EPOCH, FAST, POLICY, at, batch, entry, registration
from tests.own_office import NAME, own_office

REGISTER = "QY-2022"
BUREAU = "统计局"


def register_content(folder: Path, regime: str = NAME) -> StoredPlan:
    """The content of a register of 2022; by the rules of another name where that is wanted."""
    rulebook, organisation = own_office(folder)
    definition = PlanDefinition(code=REGISTER, title="登记簿", issued_on=date(2022, 1, 1), regime=regime)
    return StoredPlan(definition=definition, organisation=organisation, policy=POLICY, rulebook=rulebook)


def begin_register(ledger: Ledger, content: StoredPlan) -> None:
    digest = ledger.plans.store_plan(content)
    ledger.plans.register_plan(
        PlanRegistration(digest=digest, plan=content, clock=FAST, registered_at=EPOCH, batches=())
    )


def open_item(ledger: Ledger, content: StoredPlan, procedure: str, body: str = BUREAU, **facts: tuple[str, ...]) -> str:
    """An item of a body under a procedure; its code."""

    def build(item: ItemToOpen, code: str) -> NewItem | str:
        definition = TaskDefinition(
            code=code, title=f"事项{code}", lead_body=body, procedure=item.procedure, facts=facts
        )
        own = content.definition.model_copy(update={"tasks": (definition,)})
        one = content.model_copy(update={"definition": own, "rulebook": None})
        first = batch(code, entry(1), entry(2), plan_code=REGISTER)
        return NewItem(definition=definition, registration=registration(one, "", [first]))

    make: Build = build
    key = f"message/{procedure}/{body}/{ledger.registers.count(REGISTER)}"
    [opened] = ledger.registers.open_items(REGISTER, [ItemToOpen(key=key, procedure=procedure)], at(1), make)
    return opened.code


def taken(key: str, day: float, outcome: str = "done", **facts: str) -> RecordChange:
    """The record of a step."""
    stated = {f"fact.{name}": value for name, value in facts.items()}
    step = key.split("/")[1]
    return RecordChange(
        id=f"step/{key}",
        kind="step",
        subject=key.partition("/part/")[0],
        body=BUREAU,
        person="张三",
        at=at(day),
        facts={"step": step, "outcome": outcome, "due_on": "2022-05-01", **stated},
    )


def put(
    ledger: Ledger, code: str, version: int, *changes: Change, due_on: date | None = None, plan_code: str = REGISTER
) -> None:
    """What a task or an item enters next."""
    ledger.tasks.record(batch(code, entry(version, *changes), plan_code=plan_code, due_on=due_on))
