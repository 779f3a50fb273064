"""The ledger as it stands: every row of every table, read from the database and from nowhere else.

And the ledger as it should stand: what the core gave, recorded by the ledger's own code into an empty database that no
fault ever met. What differs between two ledgers of the same history by right is named here, column by column, each with
the rule that holds for it instead; everything else must be equal.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import select

from duban.contracts import AdoptedPolicy, RecordBatch, StoredPlan, pack_state
from duban.ledger import Ledger, PlanRegistration, migrate
from duban.ledger.database.engine import reading
from duban.ledger.tables.columns import LedgerTable
from duban.ledger.tables.notice_tables import NoticeStatus
from duban.supervision.days.clock import TaskClock
from duban.supervision.tasks.entries import EntryKind
from duban.supervision.tasks.views import snapshot
from tests.faults.model import Walk

Row: TypeAlias = dict[str, Any]
Tables: TypeAlias = dict[str, list[Row]]

ENTRIES_AT_ONCE = 20
TOLD = 400
"""Characters of a row that a difference shows."""
DELIVERING = ("deliveries", "delivery_notices", "delivery_attempts")
"""What happened on the way to the gateway: no model foretells it; `deliveries` holds it against what was seen there."""
NOT_COMPARED: Mapping[str, frozenset[str]] = {
    # Numbers are given in the order of writing: `_numbering` says what holds for them. How a notice stands depends on
    # the gateway: `_standing`.
    "notices": frozenset(
        {"id", "paper_number", "status", "withdrawn_at", "withdraw_reason"}
        | {"delivered_at", "delivered_at_real", "channel"}
    ),
    "tasks": frozenset({"started_at"}),  # `_started`
    "plans": frozenset(
        {"status", "finished_at", "closed_at", "closed_by_body", "closed_by_person", "closing_decision"}
    ),
}
NAMED_BY: Mapping[str, tuple[str, ...]] = {"notices": ("idempotency_key",)}
"""Where the primary key is a number of the database's own."""


def read_tables(url: str) -> Tables:
    """All rows of a ledger, as they stood at one moment."""
    ledger = Ledger.open(url)
    try:
        with reading(ledger.engine) as connection:
            return {
                table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
                for table in LedgerTable.metadata.sorted_tables
            }
    finally:
        ledger.close()


def record_model(folder: Path, plan: StoredPlan, registered: Row, walks: Sequence[Walk]) -> Tables:
    """The ledger of a history without faults.

    Args:
        registered: The plan's row, for its clock and the moment of its registration.
        walks: One for each task of the plan.
    """
    url = f"sqlite:///{folder / 'model.db'}"
    migrate(url)
    ledger = Ledger.open(url)
    try:
        clock = TaskClock(**{name: registered[name] for name in TaskClock.model_fields})
        ledger.plans.register_plan(
            PlanRegistration(
                digest=ledger.plans.store_plan(plan),
                plan=plan,
                clock=clock,
                registered_at=registered["registered_at"],
                batches=tuple(_first(walk, plan, clock) for walk in walks),
            )
        )
        for walked in walks:
            for batch in _following(walked, plan, clock):
                ledger.tasks.record(batch)
    finally:
        ledger.close()
    return read_tables(url)


def _first(walked: Walk, plan: StoredPlan, clock: TaskClock) -> RecordBatch:
    begun = walked.begun
    return RecordBatch(
        task_code=walked.task.code,
        plan_code=plan.definition.code,
        round=begun.state.round,
        entries=begun.entries,
        snapshot=snapshot(begun.state, plan.policy),
        clock=clock,
        state=pack_state(begun.state),
        adopted=AdoptedPolicy(digest=begun.state.policy_digest, policy=plan.policy),
    )


def _following(walked: Walk, plan: StoredPlan, clock: TaskClock) -> Iterator[RecordBatch]:
    """All later entries, cut as nobody cut them before: how they were batched must not matter."""
    entries = walked.entries[len(walked.begun.entries) :]
    for start in range(0, len(entries), ENTRIES_AT_ONCE):
        some = entries[start : start + ENTRIES_AT_ONCE]
        whole = start + ENTRIES_AT_ONCE >= len(entries)
        yield RecordBatch(
            task_code=walked.task.code,
            plan_code=plan.definition.code,
            round=walked.state.round,
            entries=some,
            snapshot=snapshot(walked.state, walked.policy),
            clock=clock,
            closes=whole and walked.state.stage.is_final,
            state=pack_state(walked.state) if whole else None,
            adopted=_adopted(walked) if whole else None,
        )


def _adopted(walked: Walk) -> AdoptedPolicy | None:
    if not any(entry.kind is EntryKind.ADOPTED for entry in walked.entries):
        return None
    return AdoptedPolicy(digest=walked.state.policy_digest, policy=walked.policy)


def differences(real: Tables, model: Tables) -> list[str]:
    """Where a ledger is not as it should be, a sentence for each place; empty where all is well."""
    return [
        *(text for name in sorted(model) if name not in DELIVERING for text in _different_rows(name, real, model)),
        *_standing(real, model),
        *_numbering(real),
        *_started(real),
    ]


def _different_rows(name: str, real: Tables, model: Tables) -> Iterator[str]:
    if name == "paper_numbers":
        return
    key = NAMED_BY.get(name) or _primary_key(name)
    left_out = NOT_COMPARED.get(name, frozenset())
    found, expected = _by_key(real[name], key), _by_key(model[name], key)
    for place in sorted(set(found) | set(expected), key=str):
        where = f"{name} {'/'.join(map(str, place))}"
        if len(rows := found.get(place, [])) > 1:
            yield f"{where}: there {len(rows)} times"
        if place not in found:
            yield f"{where}: missing"
        elif place not in expected:
            yield _short(f"{where}: nobody knows where it comes from: {rows[0]}")
        else:
            for column, value in expected[place][0].items():
                if column not in left_out and rows[0][column] != value:
                    yield f"{where}: {column} is {_short(repr(rows[0][column]))} and should be {_short(repr(value))}"


def _short(text: str) -> str:
    return text if len(text) <= TOLD else f"{text[:TOLD]}…"


def _primary_key(name: str) -> tuple[str, ...]:
    return tuple(column.name for column in LedgerTable.metadata.tables[name].primary_key)


def _by_key(rows: Sequence[Row], key: tuple[str, ...]) -> dict[tuple[Any, ...], list[Row]]:
    found: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        if row.get("tasks") != 0:  # of the counts: a place that a task has left stays, with nobody in it
            found[tuple(row[column] for column in key)].append(row)
    return found


def _standing(real: Tables, model: Tables) -> Iterator[str]:
    """A notice that was withdrawn stays here, unless it had gone out before; one that was not goes out."""
    expected = {row["idempotency_key"]: row for row in model["notices"]}
    for row in real["notices"]:
        key, should = row["idempotency_key"], expected.get(row["idempotency_key"])
        if should is None:
            continue  # told by `_different_rows`
        withdrawal = (row["withdrawn_at"], row["withdraw_reason"])
        if row["withdrawn_at"] is None and row["withdraw_reason"]:
            yield f"notices {key}: a reason and no moment of a withdrawal"
        if row["withdrawn_at"] is not None and withdrawal != (should["withdrawn_at"], should["withdraw_reason"]):
            yield f"notices {key}: withdrawn at {withdrawal}, and should be at {should['withdrawn_at']}"
        status = row["status"]
        if status not in (NoticeStatus.DELIVERED, NoticeStatus.WITHDRAWN):
            yield f"notices {key}: still {status}"
        if status == NoticeStatus.WITHDRAWN and should["withdrawn_at"] is None:
            yield f"notices {key}: withdrawn, and nobody withdrew it"
        if status == NoticeStatus.WITHDRAWN and row["withdrawn_at"] is None:
            yield f"notices {key}: withdrawn without a moment"
        if (status == NoticeStatus.DELIVERED) != (row["delivered_at"] is not None):
            yield f"notices {key}: {status}, delivered at {row['delivered_at']}"


def _numbering(real: Tables) -> Iterator[str]:
    """Each series of a year counts 1, 2, 3 …; a paper to several bodies has one number."""
    papers: dict[tuple[str, int], dict[tuple[Any, ...], set[int | None]]] = defaultdict(lambda: defaultdict(set))
    for row in real["notices"]:
        if row["paper_series"] is not None:
            paper = (row["task_code"], row["round"], row["intent"]["key"])
            papers[row["paper_series"], row["paper_year"]][paper].add(row["paper_number"])
        elif row["paper_number"] is not None:
            yield f"notices {row['idempotency_key']}: numbered without a series"
    last = {(row["series"], row["year"]): row["last_number"] for row in real["paper_numbers"]}
    for series in sorted(set(papers) | set(last)):
        given = Counter(number for numbers in papers[series].values() for number in numbers)
        if given != Counter(range(1, len(papers[series]) + 1)):
            yield f"papers {series}: numbers {sorted(given.elements(), key=str)} for {len(papers[series])} papers"
        if last.get(series) != len(papers[series]):
            yield f"papers {series}: the last number is {last.get(series)}, of {len(papers[series])} papers"


def _started(real: Tables) -> Iterator[str]:
    """Every task has been started, and a plan stands as its tasks do."""
    for row in real["tasks"]:
        if row["started_at"] is None:
            yield f"tasks {row['code']}: no proof of its start"
    for plan in real["plans"]:
        is_open = any(t["closed_at"] is None for t in real["tasks"] if t["plan_code"] == plan["code"])
        status, finished_at = ("under_way", False) if is_open else ("in_strike_off", True)
        if plan["status"] != status or (plan["finished_at"] is not None) != finished_at:
            yield f"plans {plan['code']}: {plan['status']}, finished at {plan['finished_at']}, and should be {status}"
