"""Registers in the ledger: numbers, identities, requests, periods; on both databases."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from duban.contracts import StoredPlan
from duban.ledger import Ledger, PlanRegistration
from duban.ledger.database.engine import writing
from duban.ledger.plans.registration import PlanStatus
from duban.ledger.registers.register_rows import Build, ItemStatus, ItemToOpen, NewItem, PeriodRow, PeriodStatus
from duban.registers import RegisterClosure
from duban.supervision.plans.plan import PlanDefinition, TaskDefinition
from duban.supervision.tasks.entries import OpeningChange
from tests.ledger.building import EPOCH, FAST, POLICY, at, batch, entry, plan, register, registration, task
from tests.own_office import NAME, own_office


@pytest.fixture
def content(tmp_path: Path) -> StoredPlan:
    rulebook, organisation = own_office(tmp_path)
    definition = PlanDefinition(code="QY-2016", title="登记簿", issued_on=date(2016, 1, 1), regime=NAME)
    return StoredPlan(definition=definition, organisation=organisation, policy=POLICY, rulebook=rulebook)


@pytest.fixture
def begun(ledger: Ledger, content: StoredPlan) -> Ledger:
    """A ledger with a register."""
    digest = ledger.plans.store_plan(content)
    ledger.plans.register_plan(
        PlanRegistration(digest=digest, plan=content, clock=FAST, registered_at=EPOCH, batches=())
    )
    return ledger


def build_in(content: StoredPlan) -> Build:
    def build(item: ItemToOpen, code: str) -> NewItem | str:
        if item.procedure == "refused":
            return "无人办理"
        definition = TaskDefinition(code=code, title=f"事项{item.key}", lead_body="区水务局", procedure=item.procedure)
        own = content.definition.model_copy(update={"tasks": (definition,)})
        one = content.model_copy(update={"definition": own, "rulebook": None})
        first = batch(code, entry(1), entry(2), plan_code=content.definition.code)
        return NewItem(definition=definition, registration=registration(one, "", [first]))

    return build


def wanted(*keys: str, procedure: str = "instruction") -> list[ItemToOpen]:
    return [ItemToOpen(key=key, procedure=procedure) for key in keys]


def open_in(ledger: Ledger, content: StoredPlan, items: Sequence[ItemToOpen]) -> list[str]:
    opened = ledger.registers.open_items(content.definition.code, items, at(1), build_in(content))
    return [one.code for one in opened]


def test_a_register_is_a_row_of_plans_that_is_under_way_with_no_task_at_all(begun: Ledger) -> None:
    row = begun.plans.plan_row("QY-2016")
    assert row is not None
    assert (row.is_register, row.status, row.tasks) == (True, PlanStatus.UNDER_WAY, 0)
    assert not begun.plans.plan_finished("QY-2016", at(2))
    register(begun, plan(task("P-1")))
    issued = begun.plans.plan_row("P")
    assert issued is not None
    assert not issued.is_register


def test_what_is_opened_gets_running_numbers_and_the_same_wish_is_opened_once(
    begun: Ledger, content: StoredPlan
) -> None:
    assert open_in(begun, content, wanted("a", "b")) == ["QY-2016-0001", "QY-2016-0002"]
    assert open_in(begun, content, wanted("b", "c", "a")) == ["QY-2016-0002", "QY-2016-0003", "QY-2016-0001"]
    assert [row.key for row in begun.registers.item_rows("QY-2016")] == ["a", "b", "c"]
    assert begun.registers.count("QY-2016") == 3
    assert begun.registers.first_version("QY-2016-0003") == 2
    assert begun.tasks.unstarted_tasks("QY-2016") == ("QY-2016-0001", "QY-2016-0002", "QY-2016-0003")


def test_a_number_whose_code_a_task_or_plan_bears_is_passed_over(begun: Ledger, content: StoredPlan) -> None:
    register(begun, plan(task("QY-2016-0001")))
    register(begun, plan(task("X-1"), code="QY-2016-0002"))
    assert open_in(begun, content, wanted("a")) == ["QY-2016-0003"]


def test_two_that_open_at_once_take_turns(begun: Ledger, content: StoredPlan) -> None:
    with ThreadPoolExecutor(4) as threads:
        work = [threads.submit(open_in, begun, content, wanted(f"own{n}", "shared")) for n in range(4)]
        found = [one.result() for one in work]
    codes = [row.task_code for row in begun.registers.item_rows("QY-2016")]
    assert codes == [f"QY-2016-000{n}" for n in range(1, 6)]
    assert len({shared for _, shared in found}) == 1


def test_a_wish_that_is_refused_is_kept_with_its_reason_and_takes_no_number(begun: Ledger, content: StoredPlan) -> None:
    assert open_in(begun, content, wanted("a", procedure="refused")) == [""]
    assert open_in(begun, content, wanted("a")) == [""]
    assert open_in(begun, content, wanted("b")) == ["QY-2016-0001"]
    [opened, refused] = begun.registers.item_rows("QY-2016")
    assert (opened.status, refused.status, refused.reason) == (ItemStatus.OPENED, ItemStatus.REFUSED, "无人办理")


def test_what_an_entry_asks_for_waits_until_it_is_opened_and_is_checked_like_all_that_follows_from_entries(
    begun: Ledger, content: StoredPlan
) -> None:
    [asking] = open_in(begun, content, wanted("a"))
    change = OpeningChange(key="s1/answer/opens/1", procedure="study", facts={"topic": ("内涝", "清淤")})
    begun.tasks.record(batch(asking, entry(3, change), plan_code="QY-2016"))
    begun.tasks.record(batch(asking, entry(3, change), plan_code="QY-2016"))
    [asked] = begun.registers.asked("QY-2016", 10)
    assert (asked.identity, asked.procedure, asked.facts) == (
        "item/QY-2016-0001/1/s1/answer/opens/1",
        "study",
        {"topic": ("内涝", "清淤")},
    )
    assert [found for _, found in begun.proofs.check(rows=True)] == [()]
    item = ItemToOpen(key=asked.identity, procedure="study", asked=asked)
    assert open_in(begun, content, [item]) == ["QY-2016-0002"]
    assert begun.registers.asked("QY-2016", 10) == ()
    assert begun.proofs.check_strangers() == ()


def test_what_a_task_of_a_plan_asks_for_is_opened_by_the_newest_open_register_of_its_regime(begun: Ledger) -> None:
    of_regime = plan(task("P-1"))
    register(
        begun, of_regime.model_copy(update={"definition": of_regime.definition.model_copy(update={"regime": NAME})})
    )
    begun.tasks.record(batch("P-1", entry(2, OpeningChange(key="k", procedure="study"))))
    assert begun.registers.opener_for("P") == "QY-2016"
    assert [one.task_code for one in begun.registers.asked("QY-2016", 10)] == ["P-1"]
    begun.registers.close(closing("QY-2016"))
    assert begun.registers.opener_for("P") is None


def test_a_register_closes_when_nothing_is_open_or_when_it_is_said_otherwise(
    begun: Ledger, content: StoredPlan
) -> None:
    [code] = open_in(begun, content, wanted("a"))
    assert "还有 1 件未办结" in begun.registers.close(closing("QY-2016"))
    receipt = begun.tasks.record(batch(code, entry(3), plan_code="QY-2016", closes=True))
    assert not receipt.plan_finished
    assert begun.registers.close(closing("QY-2016")) == ""
    assert begun.registers.close(closing("QY-2016")) == ""
    opened = begun.registers.open_items("QY-2016", wanted("b"), at(9), build_in(content))
    assert [one.reason for one in opened] == ["登记簿 QY-2016 已办结"]


def test_a_period_is_dealt_with_once_and_the_latest_is_known_by_rhythm(begun: Ledger) -> None:
    def period(key: str, last_on: date, status: PeriodStatus = PeriodStatus.OPENED, items: int = 2) -> PeriodRow:
        return PeriodRow(
            rhythm="checks",
            period=key,
            title="自查",
            status=status,
            first_on=date(2016, 1, 1),
            last_on=last_on,
            due_at=at(1),
            at=at(2),
            items=items,
        )

    first = period("2016-Q1", date(2016, 3, 31), PeriodStatus.MISSED, 0)
    begun.registers.keep_periods("QY-2016", [first, period("2016-Q2", date(2016, 6, 30))])
    begun.registers.keep_periods("QY-2016", [period("2016-Q2", date(2016, 6, 30), items=9)])
    assert begun.registers.last_days("QY-2016") == {"checks": date(2016, 6, 30)}
    assert [(row.period, row.status.value, row.items) for row in begun.registers.period_rows("QY-2016")] == [
        ("2016-Q1", "missed", 0),
        ("2016-Q2", "opened", 2),
    ]


def test_rhythms_are_about_tasks_and_plans_of_the_office_and_not_about_items_of_registers(
    begun: Ledger, content: StoredPlan
) -> None:
    open_in(begun, content, wanted("a"))
    own = plan(task("P-1"), task("P-2", lead_body="区民政局"))
    own = own.model_copy(update={"definition": own.definition.model_copy(update={"regime": NAME})})
    register(begun, own)
    register(begun, plan(task("Q-1"), code="Q"))
    begun.tasks.record(batch("P-2", entry(2), closes=True))
    assert [one.code for one in begun.concerned.tasks(NAME)] == ["P-1"]
    assert [one.code for one in begun.concerned.plans(NAME, date(2022, 4, 14))] == ["P"]
    assert begun.concerned.plans(NAME, date(2022, 4, 13)) == ()
    assert {one.code: one.procedure for one in begun.concerned.open_items(NAME)} == {
        "P-1": "",
        "QY-2016-0001": "instruction",
    }


def test_a_register_that_is_tampered_with_is_found_out(begun: Ledger, content: StoredPlan) -> None:
    open_in(begun, content, wanted("a"))
    with writing(begun.engine) as connection:
        connection.execute(text("UPDATE tasks SET title = '别的' WHERE code = 'QY-2016-0001'"))
    [(_, found)] = begun.proofs.check(rows=True)
    assert [(one.task_code, one.columns) for one in found] == [("QY-2016-0001", ("title",))]


def closing(code: str) -> RegisterClosure:
    return RegisterClosure(
        code=code, digest="", at=at(8), clock=FAST, id="c", body="区督查室", person="张三", reason="年度结束"
    )
