"""What comes round in Kunming 2016, Bozhou 2015 and Jincheng 2019: for whom, and on which days of that year."""

from datetime import date
from functools import cache

from duban.calendars import compile_calendar
from duban.regimes.loading import load_rulebook
from duban.supervision.plans.plan import TaskDefinition
from duban.supervision.registers.coming_round import AtHand, OpenTask, items_of
from duban.supervision.registers.occurrences import occurrences
from duban.supervision.rules.rulebook import Rulebook

OFFICES: dict[str, tuple[str, ...]] = {
    "special_group": ("经济专项小组", "民生专项小组"),
    "counties": ("五华区委改革办",),
    "county_governments": ("涡阳县政府", "谯城区政府"),
}
TASKS = (
    OpenTask(code="GG-1", title="户籍", lead_body="市公安局"),
    OpenTask(code="GG-2", title="医保", lead_body="市医保局"),
    OpenTask(code="GG-3", title="居住证", lead_body="市公安局"),
)


@cache
def rulebook_of(regime: str) -> Rulebook:
    return load_rulebook(regime)


def year(regime: str, key: str, of: int) -> list[tuple[str, tuple[TaskDefinition, ...]]]:
    """The days of a year on which a rhythm opens items, with the items."""
    rulebook = rulebook_of(regime)
    rhythm = rulebook.rhythms[key]
    calendar = compile_calendar(rulebook.zone, of - 1, of + 1)
    at_hand = AtHand(offices={**rulebook.offices, **OFFICES}, tasks=TASKS)
    return [
        (each.opens_on.isoformat(), items_of(key, rhythm, rulebook.procedures[rhythm.procedure], each, at_hand))
        for each in occurrences(rhythm, date(of, 1, 1), date(of, 12, 31), calendar)
    ]


def days(regime: str, key: str, of: int) -> list[str]:
    return [day for day, _ in year(regime, key, of)]


def bodies(regime: str, key: str, of: int) -> list[str]:
    """Who owes the first period's items."""
    return [item.lead_body for item in year(regime, key, of)[0][1]]


def test_kunmings_comprehensive_inspections_begin_a_month_before_mid_year_and_year_end_for_each_special_group() -> None:
    assert days("kunming", "comprehensive_inspection", 2016) == ["2016-05-31", "2016-12-01"]
    assert bodies("kunming", "comprehensive_inspection", 2016) == ["经济专项小组", "民生专项小组"]
    ((_, first), _) = year("kunming", "comprehensive_inspection", 2016)
    assert first[0].facts == {"period_from": ("2016-01-01",), "period_to": ("2016-06-30",)}


def test_kunmings_lists_begin_with_the_year_and_its_problems_with_each_quarter() -> None:
    yearly = ("annual_list", "pilot_list", "joint_inspection", "grassroots_list_of_counties")
    assert {key: days("kunming", key, 2016) for key in yearly} == {key: ["2016-01-04"] for key in yearly}
    assert days("kunming", "problem_list_of_groups", 2016) == ["2016-01-04", "2016-04-01", "2016-07-01", "2016-10-08"]
    assert bodies("kunming", "grassroots_list_of_counties", 2016) == ["五华区委改革办"]
    assert bodies("kunming", "grassroots_list_of_groups", 2016) == ["经济专项小组", "民生专项小组"]


def test_kunmings_lead_bodies_each_owe_one_daily_inspection_a_month_however_many_tasks_they_lead() -> None:
    assert len(days("kunming", "daily_inspection", 2016)) == 12
    assert bodies("kunming", "daily_inspection", 2016) == ["市公安局", "市医保局"]


def test_bozhous_targets_come_by_the_month_at_the_quarters_end_and_at_the_years_end() -> None:
    months = days("bozhou", "monthly_supervision", 2015)
    assert (len(months), months[2]) == (12, "2015-03-02")
    assert days("bozhou", "quarterly_circular", 2015) == ["2015-03-31", "2015-06-30", "2015-09-30", "2015-12-31"]
    assert days("bozhou", "year_end_appraisal", 2015) == ["2015-12-31"]


def test_bozhous_municipality_and_counties_each_owe_their_months_inspections() -> None:
    assert bodies("bozhou", "led_inspections_of_the_municipality", 2015) == ["市政府"]
    assert bodies("bozhou", "led_inspections_of_counties", 2015) == ["涡阳县政府", "谯城区政府"]


def test_jinchengs_expert_pool_is_renewed_yearly_and_its_results_go_into_the_appraisal_at_the_years_end() -> None:
    assert days("jincheng", "expert_pool", 2019) == ["2019-01-02"]
    # New Year's Eve of 2018 was no working day: that year's results are asked for on 2019-01-02.
    assert days("jincheng", "yearly_results", 2019) == ["2019-01-02", "2019-12-31"]


def test_every_rhythm_of_the_three_files_opens_items_that_its_offices_can_owe() -> None:
    for regime, of in (("kunming", 2016), ("bozhou", 2015), ("jincheng", 2019)):
        for key in rulebook_of(regime).rhythms:
            assert all(items for _, items in year(regime, key, of)), (regime, key)
