"""A register: items opened once each, by hand, as they come round, and because items ask for them."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus

import worker as wiring
from activities.ledger import LedgerActivities
from duban.contracts import Answer
from duban.ledger import LedgerUnavailable
from duban.ledger.registers.register_rows import Asked, ItemStatus, PeriodStatus
from duban.registers import Opened
from duban.server import DevServer
from duban.starts import start_register
from duban.supervision.bodies.organisation import Body
from duban.supervision.plans.plan import TaskDefinition
from tests.own_office import CIVIL, GOVERNMENT, NAME, OFFICE, WATER
from tests.workflows.installation import InFastTime, eventually
from tests.workflows.registers import CHECKS, RegisterHouse


@pytest.fixture
async def house(fast: InFastTime) -> AsyncIterator[RegisterHouse]:
    made = RegisterHouse(fast)
    yield made
    made.remember()


async def test_an_item_that_a_person_opens_is_answered_with_its_code_and_lives_as_a_task(house: RegisterHouse) -> None:
    await house.begin("2016-07-04")
    answer = await house.open("城东内涝点整治", "水务局")
    assert answer.code == f"{house.code}-0003"
    assert answer.text == f"已开立 {answer.code}"
    row = house.made.ledger.rows.task_row(answer.code, house.made.clock.real(await house.made.now()))
    assert row is not None
    assert (row.title, row.lead_body, row.handling_body) == ("领导批示：城东内涝点整治", WATER, WATER)
    [state] = house.made.ledger.amendments.states([answer.code]).values()
    assert state.facts == {"topic": ("城东内涝点整治",), "department": (WATER,)}
    assert state.roles.of("supervising_body", "department") == (OFFICE, WATER)
    begun = house.made.ledger.standings.beginning(answer.code)
    assert begun is not None
    assert begun.given.policy.procedure == house.rulebook.procedures["instruction"]


async def test_the_same_message_opens_one_item_however_often_it_comes(house: RegisterHouse) -> None:
    await house.begin("2016-07-04")
    first = await house.open("城东内涝点整治", id="once")
    again = await asyncio.gather(*(house.open("城东内涝点整治", id="once") for _ in range(3)))
    assert {(one.code, one.repeated) for one in again} == {(first.code, True)}
    assert [key for _, key in house.opened()] == [*CHECKS, "message/once"]


async def test_what_the_rules_refuse_is_refused_with_all_reasons_and_leaves_nothing(house: RegisterHouse) -> None:
    await house.begin("2016-07-04")
    unknown = await house.refused("open", await house.said(procedure="study", facts={"topic": "甲"}))
    assert "没有可由人开立的程序“study”，可开立的有：instruction（领导批示）" in unknown
    assert f"由{OFFICE}、{GOVERNMENT}开立，{WATER}无权开立" in await house.refused_opening("甲", body=WATER)
    assert "王五不在区督查室的人员名单中" in await house.refused_opening("甲", person="王五")
    facts = {"given_on": "昨天", "urgency": "soon", "colour": "red"}
    message = await house.said(procedure="instruction", facts=facts)
    reasons = await house.refused("open", message)
    for part in (
        "不认识的事项“colour”",
        "批示日期（given_on）“昨天”不是有效日期",
        "缓急（urgency）“soon”不在可选范围内",
    ):
        assert part in reasons
    reasons = await house.refused("open", await house.said(procedure="instruction", facts={}))
    assert "还须写明：批示事项（topic，文字）、承办部门（department，单位全称）" in reasons
    kinds = {event.event_type for event in (await house.made.plan.fetch_history()).events}
    assert EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED not in kinds
    assert [key for _, key in house.opened()] == list(CHECKS)


async def test_an_item_like_an_open_one_is_shown_and_opened_only_with_a_reason(house: RegisterHouse) -> None:
    await house.begin("2016-07-04")
    first = await house.open("关于城东路内涝点整治工作的批示")
    again = {"id": "second"}
    refusal = await house.refused_opening("关于城东路内涝点的整治工作批示", **again)
    assert first.code in refusal
    assert "《领导批示：关于城东路内涝点整治工作的批示》" in refusal
    assert await house.refused_opening("关于城东路内涝点的整治工作批示", **again) == refusal
    other = await house.open("农村饮水工程")
    anyway = await house.open("关于城东路内涝点的整治工作批示", anyway="另一位领导的批示")
    items = {item.key: item for item in house.items()}
    assert items["message/second"].status is ItemStatus.REFUSED
    assert first.code in items["message/second"].reason
    row = next(item for item in items.values() if item.task_code == anyway.code)
    assert (row.anyway, row.alike) == ("另一位领导的批示", (first.code,))
    assert (other.code, anyway.code) == (f"{house.code}-0004", f"{house.code}-0005")


async def test_an_item_that_another_ones_outcome_asks_for_is_opened_once_with_what_was_stated(
    house: RegisterHouse,
) -> None:
    await house.begin("2016-07-04")
    asking = (await house.open("城东内涝点整治")).code
    await house.take(asking, outcome="hard")
    key = f"item/{asking}/1/s1/answer/opens/1"
    await house.until_opened([*CHECKS, house.opened()[2][1], key])
    await house.made.plan.signal("asked")
    await house.made.plan.signal("asked", "something typed")
    await house.open("农村饮水工程")
    assert [one for _, one in house.opened()][3:] == [key, house.opened()[4][1]]
    study = next(item for item in house.items() if item.key == key)
    assert (study.title, study.lead_body, study.asked_by) == ("专题研究：城东内涝点整治", OFFICE, asking)
    assert study.concerns == (asking,)
    assert list(house.made.ledger.proofs.check_strangers()) == []
    assert [found for _, found in house.made.ledger.proofs.check(rows=True)] == [()]


async def test_what_an_item_asked_for_is_opened_although_the_writer_died_before_telling_the_register(
    house: RegisterHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.begin("2016-07-04")
    asking = (await house.open("城东内涝点整治")).code

    async def dies(*_: object) -> None:
        """Between the commit and the signal."""

    with monkeypatch.context() as patch:
        patch.setattr(LedgerActivities, "_tell_register", dies)
        await house.take(asking, outcome="hard")
        await eventually(lambda: is_so(house.made.ledger.registers.asked(house.code, 10) != ()))
    await house.made.plan.signal("start_again")
    await house.until_opened([*CHECKS, house.opened()[2][1], f"item/{asking}/1/s1/answer/opens/1"])
    assert house.made.ledger.registers.asked(house.code, 10) == ()


async def test_an_item_that_goes_by_other_rules_can_ask_for_what_the_register_does_not_know_and_stops_nothing(
    house: RegisterHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.begin("2016-07-04")
    asking = (await house.open("城东内涝点整治")).code
    asked = house.made.ledger.registers.asked

    def by_other_rules(code: str, limit: int) -> tuple[Asked, ...]:
        return tuple(one.model_copy(update={"procedure": "gone"}) for one in asked(code, limit))

    monkeypatch.setattr(house.made.ledger.registers, "asked", by_other_rules)
    await house.take(asking, outcome="hard")
    key = f"item/{asking}/1/s1/answer/opens/1"
    await eventually(lambda: is_so(any(item.key == key for item in house.items())))
    refused = next(item for item in house.items() if item.key == key)
    assert (refused.status, refused.reason) == (ItemStatus.REFUSED, "制度中没有程序“gone”")
    assert (await house.open("农村饮水工程")).code


async def is_so(what: bool) -> bool:
    return what


async def test_an_item_registered_by_a_worker_that_died_is_started_by_the_next(
    house: RegisterHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.begin("2016-07-04")
    mark_started, calls = house.made.ledger.tasks.mark_started, list[object]()

    def breaks_off(codes: object, at: object) -> None:
        calls.append(codes)
        if len(calls) == 1:
            raise LedgerUnavailable("台账数据库暂时不可用")
        mark_started(codes, at)  # type: ignore[arg-type]

    monkeypatch.setattr(house.made.ledger.tasks, "mark_started", breaks_off)
    answer = await house.open("城东内涝点整治", id="m")
    await house.until_opened([*CHECKS, "message/m"])
    assert calls[:2] == [(f"{house.code}-0003",)] * 2
    row = house.made.ledger.standings.standing(f"{house.code}-0003")
    assert row is not None
    assert row.version == house.made.ledger.registers.first_version(f"{house.code}-0003")
    assert answer.code in (f"{house.code}-0003", "")  # it may still have been written when it was answered


async def test_two_workers_open_each_item_once(house: RegisterHouse, dev_server: DevServer) -> None:
    await house.begin("2016-07-04")
    made = house.made
    converter = made.client.data_converter
    second = await Client.connect(dev_server.address, namespace=dev_server.namespace, data_converter=converter)
    async with wiring.make_worker(second, made.ledger, made.channel, made.settings, made.threads):
        topics = ("城东内涝点整治", "农村饮水工程", "养老院消防", "公交站点调整", "河道清淤", "校园周边停车")
        await asyncio.gather(*(house.open(topic, id=topic) for topic in topics))
        await start_register(made.client, house.given, made.settings.task_queue, regime=NAME)  # type: ignore[arg-type]
        await eventually(lambda: is_so(len(house.opened()) == len(CHECKS) + len(topics)))
    assert [code for code, _ in house.opened()] == [f"000{n}" for n in range(1, 9)]
    assert {key for _, key in house.opened()} == {*CHECKS, *(f"message/{topic}" for topic in topics)}


async def test_after_an_outage_the_latest_period_is_opened_once_and_the_earlier_ones_are_entered_as_missed(
    house: RegisterHouse,
) -> None:
    house.has_plan(*(TaskDefinition(code=f"FA-{n}", title=f"事项{n}", lead_body=WATER) for n in (1, 2)))
    checks = [f"rhythm/checks/2016-Q4/{body}" for body in (WATER, CIVIL)]
    opens = [*checks, f"rhythm/monthly_reports/2016-M10/{WATER}"]
    await house.begin("2016-11-10", down_since="2016-07-04", opens=opens)
    await eventually(lambda: is_so(len(house.periods()) == 6))
    rows = house.periods()
    assert [(row.rhythm, row.period, row.status.value, row.items) for row in rows] == [
        ("checks", "2016-Q3", "missed", 0),
        ("monthly_reports", "2016-M07", "missed", 0),
        ("monthly_reports", "2016-M08", "missed", 0),
        ("monthly_reports", "2016-M09", "missed", 0),
        ("checks", "2016-Q4", "opened", 2),
        ("monthly_reports", "2016-M10", "opened", 1),
    ]
    missed = [row for row in rows if row.status is PeriodStatus.MISSED]
    assert {row.reason for row in missed} == {"系统停止运行期间到期，只开立最近一期"}
    due = [house.made.local_date(row.due_at) for row in missed]
    assert due == ["2016-07-01", "2016-08-01", "2016-08-31", "2016-09-30"]
    assert house.opened() == [(f"000{n}", key) for n, key in enumerate(opens, 1)]


async def test_a_register_that_continues_as_new_goes_on_where_it_was(house: RegisterHouse) -> None:
    await house.begin("2016-07-04", continue_after=2)
    first = await house.open("城东内涝点整治", id="first")
    for topic in ("农村饮水工程", "养老院消防", "公交站点调整"):
        await house.open(topic)

    async def has_continued() -> bool:
        described = await house.made.plan.describe()
        started = (await house.made.plan.fetch_history()).events[0].workflow_execution_started_event_attributes
        return described.status is WorkflowExecutionStatus.RUNNING and started.continued_execution_run_id != ""

    await eventually(has_continued)
    again = await house.open("城东内涝点整治", id="first")
    assert (again.code, again.repeated) == (first.code, True)
    standing = await house.status()
    assert standing["tasks"] == 6
    assert standing["to_come_from"] == {"checks": "2016-10-01"}


async def test_a_register_whose_workflow_is_lost_begins_again_and_opens_nothing_twice(house: RegisterHouse) -> None:
    await house.begin("2016-07-04")
    first = await house.open("城东内涝点整治", id="first")
    await house.made.plan.terminate("by mistake")
    assert house.given is not None
    await start_register(house.made.client, house.given, house.made.settings.task_queue, regime=NAME)
    await house.under_way()
    again = await house.open("城东内涝点整治", id="first")
    other = await house.open("农村饮水工程")
    assert (again.code, other.code) == (first.code, f"{house.code}-0004")
    assert [key for _, key in house.opened()][:3] == [*CHECKS, "message/first"]
    assert (await house.status())["to_come_from"] == {"checks": "2016-10-01"}


async def test_a_request_to_cancel_and_unknown_signals_hold_up_nothing(
    house: RegisterHouse, caplog: pytest.LogCaptureFixture
) -> None:
    await house.begin("2016-07-04")
    await house.made.plan.cancel()
    await house.made.plan.signal("提醒", "whatever")
    await house.made.plan.signal("tasks_finished")
    answer = await house.open("城东内涝点整治")
    assert answer.code
    assert (await house.status())["status"] == "under_way"
    told = [record.getMessage() for record in caplog.records]
    assert any("a request to cancel a register is not carried out" in line for line in told)
    assert any("a register got a signal of an unknown name: 提醒" in line for line in told)


async def test_people_are_answered_while_the_ledger_is_away_and_what_they_said_is_done_afterwards(
    house: RegisterHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.begin("2016-07-04")
    open_items, away = house.made.ledger.registers.open_items, [True]

    def perhaps(*args: object) -> object:
        if away[0]:
            raise LedgerUnavailable("台账数据库暂时不可用")
        return open_items(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(house.made.ledger.registers, "open_items", perhaps)
    answer = await house.open("城东内涝点整治", id="m")
    assert answer.text == "已受理：开立事项，入账中"
    away[0] = False
    await house.until_opened([*CHECKS, "message/m"])
    assert (await house.open("城东内涝点整治", id="m")).code == f"{house.code}-0003"


async def test_a_register_never_ends_by_itself_and_is_closed_by_its_office_with_nothing_open(
    house: RegisterHouse,
) -> None:
    await house.begin("2016-07-04")
    answer = await house.open("城东内涝点整治")
    task = house.made.client.get_workflow_handle(answer.code)
    await task.execute_update("terminate", await house.said(reason="并入其他事项"))
    for number in ("0001", "0002"):
        ended = house.made.client.get_workflow_handle(f"{house.code}-{number}")
        await ended.execute_update("terminate", await house.said(reason="不再需要"))
        await ended.result()
    row = house.made.ledger.plans.plan_row(house.code)
    assert row is not None
    assert row.status.value == "under_way"
    refusal = await house.refused("close", await house.said(reason="年度结束"))
    assert "本年度还有未到期的：部门自查、方案评估、月报" in refusal
    assert f"登记簿由{OFFICE}办结，{WATER}无权办结" in await house.refused(
        "close", await house.said(WATER, reason="完")
    )
    other = await house.open("农村饮水工程")
    open_one = await house.refused("close", await house.said(reason="机构撤并", anyway=False))
    assert "未到期" in open_one
    closing = await house.said(reason="机构撤并", anyway=True)
    answered = await house.made.plan.execute_update("close", closing, result_type=Answer)
    assert answered.text == "已受理：登记簿办结"
    assert await house.made.plan.result() == "closed"
    row = house.made.ledger.plans.plan_row(house.code)
    assert row is not None
    assert (row.status.value, row.closed_by_body, row.closing_decision) == ("closed", OFFICE, "机构撤并")
    open_task = await house.made.client.get_workflow_handle(other.code).describe()
    assert open_task.status is WorkflowExecutionStatus.RUNNING


async def test_a_register_goes_on_under_a_changed_organisation(house: RegisterHouse) -> None:
    await house.begin("2016-07-04")
    bodies = (*house.organisation.bodies, Body(name="区住建局", aliases=("住建局",)))
    house.organisation = house.organisation.model_copy(update={"bodies": bodies})
    digest = house.made.ledger.plans.store_plan(house.content())
    assert f"登记簿由{OFFICE}变更" in await house.refused("adopt", await house.said(WATER, reason="改", digest=digest))
    assert "台账中没有存放" in await house.refused("adopt", await house.said(reason="机构改革", digest="none"))
    await house.made.plan.execute_update("adopt", await house.said(reason="机构改革", digest=digest))
    answer = await house.open("城东内涝点整治", "住建局")
    item = next(item for item in house.items() if item.task_code == answer.code)
    assert item.lead_body == "区住建局"


async def test_a_message_typed_by_hand_is_taken_like_any_other(house: RegisterHouse) -> None:
    await house.begin("2016-07-04")
    typed = {
        "procedure": "instruction",
        "facts": {"topic": "城东内涝点整治", "department": [WATER]},
        "body": OFFICE,
        "person": "李四",
    }
    answer: Opened = await house.made.plan.execute_update("open", typed, id="from-the-ui", result_type=Opened)
    assert answer.code == f"{house.code}-0003"
    assert [key for _, key in house.opened()][2] == "message/from-the-ui"


async def test_the_register_says_what_it_waits_for(house: RegisterHouse) -> None:
    await house.begin("2016-07-04")
    standing = await house.status()
    assert standing["next_text"] == "2016年7月月报"
    assert standing["next_at"].startswith("2016-08-01")
    described = await house.made.plan.describe()
    assert described.workflow_type == "Register"
