"""A year of every bundled regime, with a body in each role and a plan of two tasks: nothing is left out or undated."""

from datetime import date

import pytest

from duban.calendars import compile_calendar
from duban.regimes import available_regimes
from duban.regimes.loading import load_rulebook
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.foresight.undertakings import Office
from duban.supervision.foresight.year_ahead import YearAhead, year_ahead
from duban.supervision.plans.plan import PlanDefinition, PlannedMilestone, TaskDefinition

PLAN = PlanDefinition(
    code="T",
    title="方案",
    issued_on=date(2022, 3, 1),
    docks="上级方案",
    tasks=tuple(
        TaskDefinition(
            code=f"T-{number}",
            title=f"事项{number}",
            lead_body=lead,
            milestones=(PlannedMilestone(number=1, phrase="6月底", due_on=date(2023, 6, 30)),),
        )
        for number, lead in ((1, "市财政局"), (2, "市民政局"))
    ),
)


def office_of(regime: str) -> Office:
    """An office in which somebody holds every role."""
    rules = load_rulebook(regime)
    roles = {role for procedure in rules.procedures.values() for role in procedure.roles_needed}
    roles |= {rhythm.owed_by for rhythm in rules.rhythms.values() if rhythm.owed_by}
    own = {"supervising_body", "superior_body", "lead_body", "handling_body", "supporting_bodies", *rules.offices}
    return Office(
        rulebook=rules,
        organisation=Organisation(roles={role: f"担任{role}的单位" for role in sorted(roles - own)}),
        calendar=compile_calendar(rules.zone, 2021, 2026),
        supervising_body="市委改革办",
    )


EXACT = [
    # regime, rhythm, a body: period, day of opening, last days of the first step
    ("chengdu", "ledger_refresh", "市委深改小组办公室", [
        ("2023-B1", "2023-01-03", ["2023-02-28"]),
        ("2023-B2", "2023-03-01", ["2023-04-30"]),
        ("2023-B3", "2023-05-04", ["2023-06-30"]),
        ("2023-B4", "2023-07-03", ["2023-08-31"]),
        ("2023-B5", "2023-09-01", ["2023-10-31"]),
        ("2023-B6", "2023-11-01", ["2023-12-31"]),
    ]),
    ("chengdu", "ledger_inspection", "市委深改小组办公室", [("2023", "2023-01-03", ["2023-06-30", "2023-12-31"])]),
    ("sichuan", "midyear_evaluation", "省委改革办", [("2023-H1", "2023-03-30", ["2023-05-30"])]),
    ("sichuan", "yearend_self_check", "市财政局", [("2023", "2023-12-01", ["2023-12-31"])]),
    ("kunming", "joint_inspection", "市委改革办", [("2023", "2023-01-03", ["2023-06-30", "2023-12-31"])]),
    ("bozhou", "led_inspections_of_the_municipality", "市政府", [
        (f"2023-M{month:02}", opens, [middle, end])
        for month, opens, middle, end in (
            (1, "2023-01-03", "2023-01-15", "2023-01-31"), (2, "2023-02-01", "2023-02-14", "2023-02-28"),
            (3, "2023-03-01", "2023-03-15", "2023-03-31"), (4, "2023-04-03", "2023-04-15", "2023-04-30"),
            (5, "2023-05-04", "2023-05-15", "2023-05-31"), (6, "2023-06-01", "2023-06-15", "2023-06-30"),
            (7, "2023-07-03", "2023-07-15", "2023-07-31"), (8, "2023-08-01", "2023-08-15", "2023-08-31"),
            (9, "2023-09-01", "2023-09-15", "2023-09-30"), (10, "2023-10-07", "2023-10-15", "2023-10-31"),
            (11, "2023-11-01", "2023-11-15", "2023-11-30"), (12, "2023-12-01", "2023-12-15", "2023-12-31"),
        )
    ]),
]  # fmt: skip


@pytest.fixture(params=available_regimes())
def office(request: pytest.FixtureRequest) -> Office:
    return office_of(request.param)


@pytest.fixture
def year(office: Office) -> YearAhead:
    return of_2023(office)


def of_2023(office: Office) -> YearAhead:
    moment = office.calendar.office_moment(PLAN.issued_on, 0)
    return year_ahead(office, date(2023, 1, 1), date(2023, 12, 31), PLAN, moment)


def test_every_rhythm_of_a_bundled_regime_opens_its_items_in_a_year(office: Office, year: YearAhead) -> None:
    assert year.left_out == ()
    assert {item.rhythm for item in year.items} == set(office.rulebook.rhythms)


def test_the_first_step_of_each_has_somebody_and_a_last_day_that_the_core_gives_it(year: YearAhead) -> None:
    owed = {(duty.task_code, duty.owed_by, duty.due_on) for duty in year.duties if duty.duty == "step"}
    for item in year.items:
        first = item.steps[0]
        assert first.owed_by
        assert first.due_on is not None
        if first.due_on <= year.last_on:
            assert (item.task_code, first.owed_by, first.due_on) in owed


def test_both_sides_are_told_of_their_duties(year: YearAhead) -> None:
    for item in year.items:
        told = [one for one in year.notices if one.task_code == item.task_code]
        assert item.steps[0].owed_by in {one.recipient for one in told}, item.title


@pytest.mark.parametrize(("regime", "rhythm", "body", "expected"), EXACT, ids=[f"{one[0]}-{one[1]}" for one in EXACT])
def test_what_comes_round_in_2023_is_opened_and_due_on_these_days(
    regime: str, rhythm: str, body: str, expected: list[tuple[str, str, list[str]]]
) -> None:
    if regime not in available_regimes() or not load_rulebook(regime).rhythms:
        pytest.skip("nothing comes round in this regime yet")

    items = [one for one in of_2023(office_of(regime)).items if one.rhythm == rhythm and one.owed_by == body]

    assert [
        (item.period, str(item.opens_on), [str(s.due_on) for s in item.steps if s.step == item.steps[0].step])
        for item in items
    ] == expected
