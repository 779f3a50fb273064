"""Orders carried out on the real development server by the real worker, broken off, resumed and given again."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from duban.changes import carrying, telling
from duban.changes.carrying import carry_out
from duban.ledger.plans.change_orders import OrderRow
from duban.orders import ChangeOrder, ItemOutcome, ItemSettled, OrderItem, OrderKind
from duban.supervision.rules.policy import Policy, encode
from duban.supervision.tasks.entries import EntryKind
from tests.supervision.supervised import OFFICE, SUPERVISOR
from tests.workflows.installation import InFastTime

ANNOUNCED = date(2020, 12, 31)


class Killed(Exception):
    """The process that carries an order out is gone."""


def extended(fast: InFastTime) -> str:
    """The policy with a calendar that is known for longer."""
    calendar = fast.policy.calendar.model_copy(update={"known_until": ANNOUNCED})
    return encode(Policy(regime=fast.policy.regime, calendar=calendar))


def order(fast: InFastTime, *, given: datetime | None = None, **fields: dict[str, Any]) -> ChangeOrder:
    """An order that brings the longer calendar to all tasks; ``fields`` by the last part of a task's code."""
    moment = given or datetime.now(UTC)
    return ChangeOrder(
        kind=OrderKind.CALENDAR,
        title="2020年日历",
        reason="国办通知",
        body=OFFICE,
        person="张三",
        parts={"calendar": {"policy": extended(fast)}},
        items=tuple(
            OrderItem(
                target=code,
                plan_code=fast.plan_code,
                act="adopt",
                parts=("calendar",),
                fields=fields.get(f"of_{code.rpartition('-')[2]}", {}),
            )
            for code in fast.tasks
        ),
        ordered_at=fast.clock.business(moment),
        ordered_at_real=moment,
    )


async def carried_out(fast: InFastTime, given: ChangeOrder) -> OrderRow:
    fast.ledger.orders.give(given)
    return await carry_out(fast.client, fast.ledger, given.id, lambda _: None)


async def adoptions(fast: InFastTime) -> list[int]:
    """How often each task has adopted something, by its timeline."""
    for number in range(1, len(fast.tasks) + 1):
        await fast.recorded(number)
    return [len(fast.of_kind(EntryKind.ADOPTED, number)) for number in range(1, len(fast.tasks) + 1)]


def outcomes(fast: InFastTime, given: ChangeOrder) -> list[ItemOutcome]:
    return [item.outcome for item in fast.ledger.orders.item_rows(given.id)]


async def issued(fast: InFastTime, tasks: int) -> None:
    await fast.issue(*(fast.task("2016-09-30", number=number) for number in range(1, tasks + 1)))


async def test_an_order_reaches_every_task_and_stands_on_its_timeline(fast: InFastTime) -> None:
    await issued(fast, 3)
    told: list[int] = []
    given = order(fast)
    fast.ledger.orders.give(given)

    row = await carry_out(fast.client, fast.ledger, given.id, told.append)

    assert (row.done, row.is_carried_out, sum(told)) == (3, True, 3)
    assert await adoptions(fast) == [1, 1, 1]
    entry = fast.of_kind(EntryKind.ADOPTED)[0]
    assert entry.text == f"{OFFICE}变更督办规则和日历：国办通知"
    assert entry.message_id == f"{given.id}/{fast.tasks[0]}"
    assert entry.at == given.ordered_at
    item = fast.ledger.orders.item_rows(given.id)[0]
    assert item.version == entry.version
    beginning = fast.ledger.standings.beginning(fast.tasks[0])
    assert beginning is not None
    assert beginning.given.policy.calendar.known_until == ANNOUNCED


async def test_an_order_broken_off_half_way_is_resumed_and_nothing_is_done_twice(
    fast: InFastTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await issued(fast, 4)
    monkeypatch.setattr(carrying, "TOLD_AT_ONCE", 2)
    given = order(fast)
    fast.ledger.orders.give(given)
    settle = fast.ledger.orders.settle
    rounds = 0

    def killed_before_the_second_is_kept(order_id: str, settled: Sequence[ItemSettled]) -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 2:
            raise Killed
        settle(order_id, settled)

    with monkeypatch.context() as dying:
        dying.setattr(fast.ledger.orders, "settle", killed_before_the_second_is_kept)
        with pytest.raises(Killed):
            await carry_out(fast.client, fast.ledger, given.id, lambda _: None)
    assert outcomes(fast, given) == [ItemOutcome.DONE] * 2 + [ItemOutcome.WAITING] * 2
    assert await adoptions(fast) == [1, 1, 1, 1]  # they were told, and nobody kept that

    row = await carry_out(fast.client, fast.ledger, given.id, lambda _: None)

    assert row.is_carried_out
    assert await adoptions(fast) == [1, 1, 1, 1]
    versions = [item.version for item in fast.ledger.orders.item_rows(given.id)]
    assert versions == [fast.of_kind(EntryKind.ADOPTED, number)[0].version for number in range(1, 5)]


async def test_an_order_given_twice_is_carried_out_once(fast: InFastTime) -> None:
    await issued(fast, 2)
    await carried_out(fast, order(fast))

    again = await carried_out(fast, order(fast, given=datetime.now(UTC) + timedelta(minutes=5)))

    assert again.is_carried_out
    assert len(fast.ledger.orders.order_rows()) == 1
    assert await adoptions(fast) == [1, 1]


async def test_a_task_that_refuses_says_why_and_the_others_go_on(fast: InFastTime) -> None:
    await issued(fast, 3)
    nobody_leads: dict[str, Any] = {"roles": {"bodies": {"supervising_body": [SUPERVISOR]}}}
    given = order(fast, of_2=nobody_leads)

    row = await carried_out(fast, given)

    assert (row.done, row.refused, row.is_carried_out) == (2, 1, False)
    assert await adoptions(fast) == [1, 0, 1]
    refused = fast.ledger.orders.item_rows(given.id)[1]
    assert "没有单位担任" in refused.reason
    assert (await carry_out(fast.client, fast.ledger, given.id, lambda _: None)).refused == 1


async def test_a_task_that_is_over_is_not_concerned_and_one_being_issued_waits(fast: InFastTime) -> None:
    await issued(fast, 3)
    await fast.tell("terminate", OFFICE, 1, reason="上级取消")
    await fast.recorded(1)
    given = order(fast)
    fast.ledger.orders.give(given)

    with pytest.MonkeyPatch.context() as patch:
        standing = fast.ledger.standings.standing

        def without_proof_of_the_second(code: str) -> object:
            found = standing(code)
            return found.model_copy(update={"is_started": False}) if found and code == fast.tasks[1] else found

        patch.setattr(fast.ledger.standings, "standing", without_proof_of_the_second)
        row = await carry_out(fast.client, fast.ledger, given.id, lambda _: None)

    assert (row.not_concerned, row.waiting, row.done) == (1, 1, 1)
    reasons = [item.reason for item in fast.ledger.orders.item_rows(given.id)]
    assert reasons == [telling.OVER, telling.BEING_ISSUED, ""]
    assert (await carry_out(fast.client, fast.ledger, given.id, lambda _: None)).is_carried_out


async def test_where_no_worker_answers_the_rest_waits_untold_and_is_told_later(
    fast: InFastTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await issued(fast, 4)
    monkeypatch.setattr(carrying, "TOLD_AT_ONCE", 2)
    monkeypatch.setattr(telling, "ANSWERED_WITHIN", timedelta(seconds=1))
    await fast.rest()
    given = order(fast)

    row = await carried_out(fast, given)

    assert (row.waiting, row.done) == (4, 0)
    reasons = [item.reason for item in fast.ledger.orders.item_rows(given.id)]
    assert reasons == [telling.UNANSWERED, telling.UNANSWERED, "", ""]
    monkeypatch.undo()
    await fast.work()
    assert (await carry_out(fast.client, fast.ledger, given.id, lambda _: None)).done == 4
    assert await adoptions(fast) == [1, 1, 1, 1]
