"""Filters of the ledger, alone and combined. On the fast clock `real(7)` is 21 April 2022."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from duban.ledger import Ledger
from duban.ledger.questions import reading as reading_module
from duban.ledger.questions.wanted import Wanted
from duban.supervision.plans.plan import Found, ListKind
from duban.supervision.tasks.entries import RecordChange
from duban.supervision.tasks.lights import Light
from tests.ledger.building import at, batch, entry, milestone, plan, real, register, task


@pytest.fixture
def various(ledger: Ledger) -> Ledger:
    tasks = (
        task("P-1", leader="张三", title="公立医院改革", supporting_bodies=("财政局",)),
        task("P-2", leader="张三丰", list_kinds=(ListKind.KEY, ListKind.PILOT), measures="医院试点"),
        task("P-3", lead_body="财政局", handling_body="统计局", leader="李四", deliverable="100%_覆盖"),
        task("P-4", lead_body="财政局"),
    )
    register(ledger, plan(*tasks))
    late: dict[str, Any] = {"episode": 1, "reminder_level": "phone"}
    ledger.tasks.record(
        batch("P-1", entry(2), due_on=date(2022, 4, 1), behind_since=date(2022, 4, 1), percent=10, **late)
    )
    nodes = milestone(1, date(2022, 4, 14)), milestone(2, date(2022, 5, 14))
    ledger.tasks.record(
        batch("P-2", entry(2, *nodes), due_on=date(2022, 3, 1), behind_since=date(2022, 3, 1), percent=50, **late)
    )
    ledger.tasks.record(batch("P-3", entry(2), due_on=date(2022, 4, 21)))
    ledger.tasks.record(batch("P-4", entry(2), closes=True))
    return ledger


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, [1, 2, 3, 4]),
        ({"body": "统计局"}, [1, 2, 3]),
        ({"body": "统计局", "roles": ("lead_body",)}, [1, 2]),
        ({"body": "统计局", "roles": ("handling_body", "supporting_bodies")}, [1, 2, 3]),
        ({"body": "财政局", "roles": ("supporting_bodies",)}, [1]),
        ({"body": "改革办", "roles": ("supervising_body",)}, [1, 2, 3, 4]),
        ({"light": Light.GREEN}, [3]),
        ({"light": Light.YELLOW}, [1]),
        ({"light": Light.RED}, [2]),
        ({"overdue": True}, [1, 2]),
        ({"overdue": True, "light": Light.RED}, [2]),
        ({"overdue": True, "light": Light.GREEN}, []),
        ({"due_by": date(2022, 4, 1)}, [1, 2]),
        ({"due_by": date(2022, 4, 21)}, [1, 2, 3]),
        ({"list_kind": ListKind.PILOT}, [2]),
        ({"leader": "张三"}, [1, 2]),
        ({"leader": "李四", "overdue": True}, []),
        ({"text": "医院"}, [1, 2]),
        ({"text": "p-3"}, [3]),
        ({"text": "100%_"}, [3]),
        ({"text": "%"}, [3]),
        ({"text": "医院", "leader": "丰", "list_kind": ListKind.KEY, "level": "phone", "plan": "P"}, [2]),
        ({"status": "struck_off"}, [4]),
        ({"plan": "Q"}, []),
    ],
)
def test_filters_choose_alone_and_together_for_reading_and_for_printing(
    various: Ledger, filters: dict[str, Any], found: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_module, "PAGE", 2)
    wanted, codes = Wanted(**filters), [f"P-{number}" for number in found]

    assert [row.task_code for row in various.rows.ledger_rows(real(7), wanted)] == codes
    assert [row.task_code for row in various.rows.printed_rows(real(7), wanted)] == codes
    assert list(_paged(various, wanted)) == codes


def _paged(ledger: Ledger, wanted: Wanted) -> Iterator[str]:
    after = None
    while page := ledger.rows.ledger_rows(real(7), wanted, after=after, limit=1):
        [row] = page
        after = row.task_code
        yield row.task_code


def test_a_line_has_its_light_and_the_roles_of_the_body_that_is_asked_for(various: Ledger) -> None:
    rows = various.rows.ledger_rows(real(7), body="统计局")

    assert [(row.light, row.roles) for row in rows] == [
        (Light.YELLOW, ("lead_body", "handling_body")),
        (Light.RED, ("lead_body", "handling_body")),
        (Light.GREEN, ("handling_body",)),
    ]
    assert [row.light for row in various.rows.ledger_rows(real(7), status="struck_off")] == [None]


def test_a_printed_line_compares_what_is_reported_with_the_last_deadline(various: Ledger) -> None:
    rows = {row.task_code: row for row in various.rows.printed_rows(real(7))}

    assert (rows["P-2"].final_due_on, rows["P-2"].reported_light) == (date(2022, 5, 14), Light.GREEN)
    assert (rows["P-1"].final_due_on, rows["P-1"].reported_light) == (None, None)


def test_a_printed_line_has_what_the_last_inspection_found(various: Ledger) -> None:
    def seen(number: int, found: Found, on_schedule: str) -> RecordChange:
        facts = {"found": found.value, "on_schedule": on_schedule, "content": "实地查看"}
        subject = f"inspection/{number}"
        return RecordChange(
            id=subject, kind="inspection", subject=subject, body="改革办", person="李四", at=at(number), facts=facts
        )

    rows = {row.task_code: row for row in various.rows.printed_rows(real(7))}
    before = various.tasks.versions_of(["P-2"])["P-2"]
    first = entry(before + 1, seen(before + 1, Found.NOT_STARTED, "no"))
    then = entry(before + 2, seen(before + 2, Found.STARTED, "yes"))
    various.tasks.record(batch("P-2", first, then))
    seen_now = {row.task_code: row for row in various.rows.printed_rows(real(7))}["P-2"]
    day = date(2022, 4, 14) + timedelta(days=before + 2)
    assert (rows["P-2"].inspected_light, rows["P-2"].inspected) == (None, None)
    assert (seen_now.inspected_light, seen_now.inspected, seen_now.inspected_on) == (Light.GREEN, Found.STARTED, day)


def test_the_bodies_that_take_part_are_known_by_role(various: Ledger) -> None:
    assert various.rows.bodies_taking_part() == ("改革办", "统计局", "财政局")
    assert various.rows.bodies_taking_part(Wanted(roles=("lead_body",))) == ("统计局", "财政局")
    assert various.rows.bodies_taking_part(Wanted(roles=("supporting_bodies",))) == ("财政局",)
    assert various.rows.bodies_taking_part(Wanted(plan="Q")) == ()
