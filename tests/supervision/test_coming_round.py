"""What a rhythm opens: one item for each that owes it, under a name that stays the same."""

from datetime import date
from typing import Any

import pytest

from duban.calendars import compile_calendar
from duban.supervision.clauses import Limit, Source
from duban.supervision.registers.coming_round import LONGEST_CODE, AtHand, OpenPlan, OpenTask, code_of, items_of
from duban.supervision.registers.occurrences import Occurrence, occurrence, span_of
from duban.supervision.rules.procedures import Procedure, Step
from duban.supervision.rules.rhythms import Each, Period, Rhythm

ASSUMED = Source(assumed=True)
CALENDAR = compile_calendar("Asia/Shanghai", 2025, 2026)
AT_HAND = AtHand(
    offices={"special_group": ("经济专项小组", "文化专项小组"), "supervising_body": ("市委改革办",)},
    tasks=(
        OpenTask(code="T-1", title="甲事", lead_body="市财政局", handling_body="市国库中心"),
        OpenTask(code="T-2", title="乙事", lead_body="市民政局"),
        OpenTask(code="T-3", title="丙事", lead_body="市财政局"),
    ),
    plans=(
        OpenPlan(code="T", title="旧方案", issued_on=date(2025, 9, 30)),
        OpenPlan(code="U", title="新方案", issued_on=date(2025, 10, 31), supervising_body="市政府督查室"),
    ),
)


def procedure_of(handled_by: str = "lead_body") -> Procedure:
    limit = Limit(days=5, source=ASSUMED)
    step = Step(id="report", title="报送", by=handled_by, source=ASSUMED, limit=limit)
    return Procedure(title="季度报告", source=ASSUMED, handled_by=handled_by, steps=(step,))


def rhythm_of(**more: Any) -> Rhythm:
    return Rhythm(title="进展报告", source=ASSUMED, period=Period.QUARTER, procedure="report", **more)


def first_quarter(rhythm: Rhythm) -> Occurrence:
    return occurrence(rhythm, span_of(Period.QUARTER, date(2026, 3, 31)), CALENDAR)


def owing(rhythm: Rhythm, handled_by: str = "lead_body") -> list[tuple[str, str, tuple[str, ...]]]:
    items = items_of("reports", rhythm, procedure_of(handled_by), first_quarter(rhythm), AT_HAND, register="DJ-2026")
    return [(item.code, item.handled_by, item.concerns) for item in items]


def test_each_body_of_a_role_gets_an_item_of_its_own() -> None:
    assert owing(rhythm_of(owed_by="special_group"), "special_group") == [
        ("DJ-2026-reports-2026-Q1-经济专项小组", "经济专项小组", ()),
        ("DJ-2026-reports-2026-Q1-文化专项小组", "文化专项小组", ()),
    ]


def test_a_role_that_nobody_holds_owes_nothing() -> None:
    assert owing(rhythm_of(owed_by="inspection_offices")) == []


def test_a_lead_body_with_several_open_tasks_gets_one_item() -> None:
    assert [(code, body) for code, body, _ in owing(rhythm_of(each=Each.LEAD_BODY))] == [
        ("DJ-2026-reports-2026-Q1-市财政局", "市财政局"),
        ("DJ-2026-reports-2026-Q1-市民政局", "市民政局"),
    ]


@pytest.mark.parametrize(
    ("handled_by", "bodies"),
    [
        ("lead_body", ["市财政局", "市民政局", "市财政局"]),
        ("handling_body", ["市国库中心", "市民政局", "市财政局"]),
        ("supervising_body", ["市委改革办"] * 3),
    ],
)
def test_every_open_task_gets_an_item_that_is_about_it(handled_by: str, bodies: list[str]) -> None:
    found = owing(rhythm_of(each=Each.TASK), handled_by)

    assert [(body, concerns) for _, body, concerns in found] == list(
        zip(bodies, [("T-1",), ("T-2",), ("T-3",)], strict=True)
    )
    assert found[0][0] == "DJ-2026-reports-2026-Q1-T-1"


def test_a_plan_counts_when_it_has_been_issued_for_so_many_months_on_the_day_of_opening() -> None:
    half_a_year_old = rhythm_of(each=Each.PLAN, issued_for_months=3)

    assert first_quarter(half_a_year_old).opens_on == date(2026, 1, 4)
    assert owing(half_a_year_old, "supervising_body") == [("DJ-2026-reports-2026-Q1-T", "市委改革办", ("T",))]
    assert [body for _, body, _ in owing(rhythm_of(each=Each.PLAN), "supervising_body")] == [
        "市委改革办",
        "市政府督查室",
    ]


def test_an_item_states_its_period_and_what_the_rhythm_states() -> None:
    rhythm = rhythm_of(owed_by="special_group", facts={"form": "书面"})

    item = items_of("reports", rhythm, procedure_of(), first_quarter(rhythm), AT_HAND)[0]

    assert item.title == "2026年第一季度进展报告"
    assert item.procedure == "report"
    assert item.facts == {"form": ("书面",), "period_from": ("2026-01-01",), "period_to": ("2026-03-31",)}


def test_a_long_name_is_cut_and_stays_unlike_any_other() -> None:
    codes = {code_of("DJ-2026", f"reports/2026-Q1/{'市' * 90}{number}") for number in range(3)}

    assert len(codes) == 3
    assert all(len(code) == LONGEST_CODE for code in codes)
