"""The test of the trials: whatever is wrong in a ledger or at the gateway, the comparison finds it.

Every table loses a row and has one changed in every column that is compared; the gateway's file is doctored in each way
that a fault could leave it.
"""

import copy
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from duban.contracts import DeliveryOutcome, StoredPlan
from duban.ledger import Ledger
from duban.ledger.tables.columns import LedgerTable
from duban.notices.identity import message_id
from duban.notices.payload import payload_of
from duban.notices.wording import write_letter
from duban.supervision.days.clock import TaskClock
from duban.supervision.foresight.rehearsal import foresee
from duban.supervision.tasks.turn import Refusal
from tests.faults import deliveries
from tests.faults.gateway import Seen
from tests.faults.model import Departure, Said, Walk, begin_task, left_undone, walk
from tests.faults.plans import Doing, busy_people, end_of_trial, plan_of
from tests.faults.tables import Row, Tables, differences, read_tables, record_model

ISSUED_AT = datetime(2016, 6, 27, 2, tzinfo=UTC)
FAR = datetime(2030, 1, 1, tzinfo=UTC)
NOT_IN_A_TRIAL = {
    "records", "change_orders", "change_items", "plan_amendments", "announced_years", "sending_orders",
    "asked_acts", "opening_requests", "register_items", "register_periods",
}  # fmt: skip
"""Nobody keeps records here, orders changes, stops all sending or keeps a register: `tests/changes`, `tests/ledger` and
`tests/workflows` do."""
TABLES = sorted(set(LedgerTable.metadata.tables) - NOT_IN_A_TRIAL)
UNSEEN: dict[str, set[str]] = {
    "delivery_attempts": {
        "detail",  # what was answered, in words
        "uncertain",  # of the last attempt: a success may be told after it had been given up
    },
    "plans": {"closed_at", "closed_by_body", "closed_by_person", "closing_decision"},
    "tasks": {"started_at"},
}
"""What nobody can say beforehand, and nothing else can be held against."""


@dataclass
class History:
    """A history without any fault: as it should be, as it is, and as the gateway saw it."""

    plan: StoredPlan
    said: dict[str, Said]
    walks: list[Walk]
    model: Tables
    real: Tables
    seen: list[Seen]

    def wrong(self) -> list[str]:
        """What the comparison finds."""
        return [*differences(self.real, self.model), *deliveries.differences(self.real, self.seen)]


def _told(doing: Doing, number: int) -> Said:
    fields = {**doing.fields, "id": f"m{number}", "occurred_at": doing.at.isoformat()}
    return Said(doing.task, doing.act, fields)


def _walked(plan: StoredPlan, said: dict[str, Said]) -> list[Walk]:
    walks = []
    for task in plan.definition.tasks:
        ours = {one.id: one for one in said.values() if one.task == task.code}
        script = [read for one in ours.values() if not isinstance(read := one.read(), Refusal)]
        begun = begin_task(plan, task, ISSUED_AT)
        foreseen = foresee(begun, plan.policy, end_of_trial(plan), script)
        walks.append(walk(plan, task, ISSUED_AT, foreseen.entries, ours))
    return walks


def _delivered(ledger: Ledger, recipients: Sequence[str]) -> list[Seen]:
    """Everything goes out; of each body's first message the first attempt is lost."""
    seen: list[Seen] = []
    now = FAR
    for body in recipients:
        lost = False
        while (delivery := ledger.deliveries.claim(body, now, limit=3)) is not None:
            seen.append(
                Seen(
                    at=now,
                    webhook_id=message_id(delivery),
                    signed=True,
                    status=200,
                    in_flight=1,
                    cut=not lost,
                    body=json.loads(payload_of(delivery, write_letter(delivery))),
                )
            )
            if lost:
                outcome = DeliveryOutcome.DELIVERED
                ledger.deliveries.settle(delivery.id, delivery.attempt, outcome, now, "已送达", channel="webhook")
            lost, now = True, now + timedelta(minutes=2)
    return seen


@pytest.fixture(scope="module")
def faultless(tmp_path_factory: pytest.TempPathFactory) -> History:
    """Three tasks, busy people, everything delivered."""
    home = tmp_path_factory.mktemp("history")
    plan = plan_of("Z", 3, Random(7), bodies=2)  # noqa: S311 - a test's dice
    acts = busy_people(plan, Random(8))  # noqa: S311 - a test's dice
    said = {one.id: one for number, act in enumerate(acts) for one in [_told(act, number)]}
    walks = _walked(plan, said)
    registered: Row = {**TaskClock().model_dump(), "registered_at": ISSUED_AT}
    model = record_model(home, plan, registered, walks)
    ledger = Ledger.open(f"sqlite:///{home / 'model.db'}")
    ledger.tasks.mark_started([task.code for task in plan.definition.tasks], ISSUED_AT)
    seen = _delivered(ledger, sorted({row["recipient"] for row in model["notices"]}))
    ledger.close()
    return History(plan, said, walks, model, read_tables(f"sqlite:///{home / 'model.db'}"), seen)


@pytest.fixture
def history(faultless: History) -> History:
    """One of the test's own, to be spoiled."""
    return replace(faultless, real=copy.deepcopy(faultless.real), seen=copy.deepcopy(faultless.seen))


def test_a_history_without_faults_is_as_it_should_be(history: History) -> None:
    assert history.wrong() == []
    empty = {name for name, rows in history.real.items() if not rows}
    assert empty <= NOT_IN_A_TRIAL, "a table that is empty here is a table that is not tried"


@pytest.mark.parametrize("table", TABLES)
def test_a_row_that_is_missing_is_found(history: History, table: str) -> None:
    del history.real[table][-1]
    assert history.wrong() != []


@pytest.mark.parametrize("table", TABLES)
def test_a_row_too_many_is_found(history: History, table: str) -> None:
    last = history.real[table][-1]
    key = [column.name for column in LedgerTable.metadata.tables[table].primary_key]
    history.real[table].append({**last, key[-1]: _another(last[key[-1]])})
    assert history.wrong() != []


@pytest.mark.parametrize("table", TABLES)
def test_a_value_that_was_changed_is_found(history: History, table: str) -> None:
    unseen = set()
    row = history.real[table][-1]
    for column, value in list(row.items()):
        row[column] = _another(value, column)
        if not history.wrong():
            unseen.add(column)
        row[column] = value
    assert unseen == UNSEEN.get(table, set())


def _another(value: Any, column: str = "") -> Any:
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return f"{value}?"
        case datetime() | date():
            return value + timedelta(days=1)
        case None:
            return {"left_out_from": 1, "paper_series": "通知"}.get(column, FAR)
        case dict():
            return {**value, "key": "?"}
        case _:
            return [value, "?"]


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda seen: seen.append(seen[-1]), id="a delivery was made twice"),
        pytest.param(lambda seen: seen.pop(), id="a delivery was never made"),
        pytest.param(lambda seen: _spoil(seen, webhook_id="duban_0"), id="a delivery travelled under another name"),
        pytest.param(lambda seen: _spoil(seen, signed=False), id="a signature did not hold"),
        pytest.param(lambda seen: _spoil(seen, status=500), id="the gateway refused what is said to be delivered"),
        pytest.param(lambda seen: _spoil_body(seen, "id", "0"), id="the ledger has no such message"),
        pytest.param(lambda seen: _spoil_body(seen, "attempt", 9), id="the ledger has no such attempt"),
        pytest.param(lambda seen: _spoil_body(seen, "recipient", "别处"), id="it went to another body"),
        pytest.param(lambda seen: _spoil_body(seen, "uncertain", True), id="it claims to be uncertain"),
        pytest.param(lambda seen: _spoil_body(seen, "notices", []), id="it was empty"),
        pytest.param(lambda seen: _spoil_notice(seen, issuer="别处"), id="a notice says something else"),
        pytest.param(
            lambda seen: _spoil_notice(seen, number="催办通知〔2016〕99号"), id="a notice bears another number"
        ),
    ],
)
def test_a_delivery_that_is_not_as_the_ledger_says_is_found(
    history: History, spoil: Callable[[list[Seen]], None]
) -> None:
    spoil(history.seen)
    assert history.wrong() != []


def _spoil(seen: list[Seen], **fields: Any) -> None:
    seen[-1] = seen[-1].model_copy(update=fields)


def _spoil_body(seen: list[Seen], field: str, value: object) -> None:
    seen[-1].body["data"][field] = value


def _spoil_notice(seen: list[Seen], **fields: object) -> None:
    seen[-1].body["data"]["notices"][0].update(fields)


def test_an_entry_that_the_core_would_not_make_is_found(history: History) -> None:
    for walked in history.walks:
        entries = list(walked.entries)
        said = {one.id: one for one in history.said.values() if one.task == walked.task.code}
        for place, entry in enumerate(entries):
            changed = entry.model_copy(update={"text": f"{entry.text}。"})
            for spoiled in (
                [*entries[:place], changed, *entries[place + 1 :]],
                [*entries[: place + 1], *entries[place:]],
                *([[*entries[:place], *entries[place + 1 :]]] if entry is not entries[-1] else []),
            ):
                with pytest.raises(Departure):
                    walk(history.plan, walked.task, ISSUED_AT, spoiled, said)


def test_an_entry_of_a_message_that_nobody_sent_is_found(history: History) -> None:
    [walked, *_] = [walked for walked in history.walks if any(h.message for h in walked.handlings)]
    with pytest.raises(Departure):
        walk(history.plan, walked.task, ISSUED_AT, walked.entries, {})


def test_what_was_left_undone_is_found(history: History) -> None:
    until = end_of_trial(history.plan)
    for walked in history.walks:
        assert left_undone(walked, until) is None
        cut = walked.handlings[-1].entries[0].version - 1
        said = {one.id: one for one in history.said.values() if one.task == walked.task.code}
        before = walk(history.plan, walked.task, ISSUED_AT, walked.entries[:cut], said)
        if walked.handlings[-1].message is None:
            assert left_undone(before, until) is not None
