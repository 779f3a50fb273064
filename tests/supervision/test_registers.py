"""A register's pure part: who may open what, whose an item is, when it wakes, what is alike."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duban.calendars import compile_calendar
from duban.ledger.registers.concerned import OpenItem
from duban.likeness import alike
from duban.regimes.loading import load_rulebook
from duban.supervision.bodies.organisation import Body
from duban.supervision.plans.plan import TaskDefinition
from duban.supervision.registers.occurrences import Span
from duban.supervision.registers.registers import (
    ComingRound,
    ItemOpening,
    RegisterRules,
    office_of,
    openable_of,
    refuse_opening,
    unfilled_roles,
)
from duban.supervision.registers.wanted_items import (
    Office,
    WantedItem,
    definition_of,
    roles_of,
    supervising_body,
    title_of,
)
from duban.supervision.rules.rhythms import Period, Rhythm, Turn
from duban.supervision.tasks.turn import Refusal
from tests.own_office import CIVIL, GOVERNMENT, OFFICE, WATER, own_office

TODAY = date(2016, 7, 4)
CALENDAR = compile_calendar("Asia/Shanghai", 2015, 2018)


@pytest.fixture
def office(tmp_path: Path) -> tuple[Any, Office]:
    rulebook, organisation = own_office(tmp_path)
    return rulebook, Office(organisation=organisation, regime=rulebook.regime, supervising_body=OFFICE)


@pytest.fixture
def rules(office: tuple[Any, Office]) -> RegisterRules:
    rulebook, own = office
    return RegisterRules(
        regime=rulebook.name,
        title="登记簿",
        first_on=date(2016, 1, 1),
        last_on=date(2016, 12, 31),
        rhythms=rulebook.rhythms,
        calendar=compile_calendar("Asia/Shanghai", 2015, 2018),
        openable=openable_of(rulebook.procedures, own.organisation, own.regime, OFFICE),
        office=office_of(own.organisation, own.regime, OFFICE),
    )


def opening(**more: Any) -> ItemOpening:
    fields = {"procedure": "instruction", "facts": {"topic": "内涝", "department": WATER}, "body": OFFICE}
    return ItemOpening.model_validate({**fields, "person": "张三", **more})


def under_other_rules(rules: RegisterRules, **rhythms: Rhythm) -> RegisterRules:
    return rules.model_copy(update={"rhythms": rhythms})


def test_an_item_about_a_plan_bears_its_code_not_what_is_said_of_it() -> None:
    procedure = load_rulebook("chengdu").procedures["plan_strike_off"]
    assert title_of(procedure, {"completion": ("全部完成",), "plan": ("CD2026",)}) == f"{procedure.title}：CD2026"


def test_a_rhythm_that_comes_new_begins_with_the_period_in_which_it_comes(rules: RegisterRules) -> None:
    monthly = rules.rhythms["monthly_reports"]
    coming = ComingRound(begun_on=date(2016, 1, 4), to_come_from={"checks": date(2016, 10, 1)})
    more = under_other_rules(rules, **{**rules.rhythms, "lists": monthly})
    following = coming.under(rules, more, date(2016, 8, 20))
    assert following.to_come_from == {"checks": date(2016, 10, 1), "lists": date(2016, 8, 20)}
    assert following.next_of_each(more, 0.0)["lists"].key == "2016-M08"


def test_a_rhythm_that_comes_back_opens_nothing_of_the_time_in_which_nobody_owed_it_and_nothing_twice(
    rules: RegisterRules,
) -> None:
    coming = ComingRound(begun_on=date(2016, 1, 4), to_come_from={"monthly_reports": date(2016, 8, 1)})
    without = under_other_rules(rules, checks=rules.rhythms["checks"])
    gone = coming.under(rules, without, date(2016, 8, 20))
    assert "monthly_reports" not in gone.next_of_each(without, 0.0)
    assert gone.under(without, rules, date(2016, 8, 25)).next_of_each(rules, 0.0)["monthly_reports"].key == "2016-M08"
    assert gone.under(without, rules, date(2016, 11, 2)).next_of_each(rules, 0.0)["monthly_reports"].key == "2016-M11"
    dealt_with = ComingRound(begun_on=date(2016, 1, 4), to_come_from={"monthly_reports": date(2016, 10, 1)})
    at_once = dealt_with.under(rules, without, date(2016, 9, 30)).under(without, rules, date(2016, 9, 30))
    assert at_once.next_of_each(rules, 0.0)["monthly_reports"].key == "2016-M10"


@pytest.mark.parametrize(
    ("before", "after", "dealt_with", "comes"),
    [
        ({}, {"opens": Turn.START}, date(2016, 8, 1), "2016-M08"),  # not yet opened: now, at its start
        ({"opens": Turn.START}, {}, date(2016, 9, 1), "2016-M09"),  # opened at its start: not once more at its end
        ({}, {"period": Period.QUARTER}, date(2016, 8, 1), "2016-Q3"),
        (
            {"period": Period.QUARTER, "opens": Turn.START},
            {},
            date(2016, 10, 1),
            "2016-M10",
        ),  # the quarter was dealt with
    ],
)
def test_a_rhythm_that_is_changed_neither_skips_nor_repeats(
    rules: RegisterRules, before: dict[str, Any], after: dict[str, Any], dealt_with: date, comes: str
) -> None:
    monthly = rules.rhythms["monthly_reports"]
    old, new = (
        under_other_rules(rules, monthly_reports=monthly.model_copy(update=changed)) for changed in (before, after)
    )
    coming = ComingRound(begun_on=date(2016, 1, 4), to_come_from={"monthly_reports": dealt_with})
    following = coming.under(old, new, date(2016, 8, 10))
    assert following == coming
    assert following.next_of_each(new, 0.0)["monthly_reports"].key == comes


@given(
    st.lists(
        st.tuples(st.integers(0, 330), st.sampled_from(list(Period)), st.sampled_from(list(Turn))),
        min_size=1,
        max_size=6,
    )
)
@settings(deadline=None, max_examples=60)
def test_however_a_rhythm_is_changed_no_period_is_dealt_with_twice_and_no_day_is_left_out(
    changes: list[tuple[int, Period, Turn]],
) -> None:
    begun_on = date(2016, 1, 4)
    by_day = {begun_on + timedelta(days=after): (period, turn) for after, period, turn in changes}
    rules, coming = a_register(Period.MONTH, Turn.END), ComingRound(begun_on=begun_on)
    dealt_with: list[Span] = []
    for day in (begun_on + timedelta(days=n) for n in range(362)):
        if day in by_day:
            changed = a_register(*by_day[day])
            rules, coming = changed, coming.under(rules, changed, day)
        now = CALENDAR.zone.at(day, 18 * 60)
        for key, found in coming.ripe(rules, now, 0.0):
            dealt_with += [each.span for each in (*found.missed, found.opened) if each is not None]
            coming = coming.with_done(key, found)
    keys = [span.key for span in dealt_with]
    assert len(keys) == len(set(keys))
    last = max((span.last_on for span in dealt_with), default=begun_on)
    days = {begun_on + timedelta(days=n) for n in range((last - begun_on).days + 1)}
    assert not {day for day in days if not any(span.first_on <= day <= span.last_on for span in dealt_with)} - {last}


def a_register(period: Period, opens: Turn) -> RegisterRules:
    """A register with one rhythm."""
    rhythm = Rhythm.model_validate(
        {
            "title": "月报",
            "source": {"assumed": True},
            "period": period,
            "procedure": "monthly",
            "owed_by": "departments",
            "opens": opens,
        }
    )
    return RegisterRules(
        regime="qingyan",
        title="登记簿",
        first_on=date(2016, 1, 1),
        last_on=date(2016, 12, 31),
        rhythms={"reports": rhythm},
        calendar=CALENDAR,
        openable={},
        office={},
    )


def test_only_what_people_open_may_be_opened_by_hand_and_by_those_who_may(rules: RegisterRules) -> None:
    assert list(rules.openable) == ["instruction"]
    assert rules.openable["instruction"].openers == {OFFICE: ("张三", "李四"), GOVERNMENT: ()}
    assert refuse_opening(rules, opening(), TODAY) is None
    assert refuse_opening(rules, opening(body=GOVERNMENT, person="谁都行"), TODAY) is None


def test_what_a_lead_body_may_open_any_body_of_the_organisation_may(office: tuple[Any, Office]) -> None:
    rulebook, own = office
    checks = rulebook.procedures["check"].model_copy(update={"opened_by": ("lead_body",)})
    openers = openable_of({"check": checks}, own.organisation, own.regime, OFFICE)["check"].openers
    assert set(openers) == {GOVERNMENT, OFFICE, WATER, CIVIL}


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"procedure": "study"}, "没有可由人开立的程序"),
        ({"body": WATER}, "无权开立"),
        ({"person": "王五"}, "不在区督查室的人员名单中"),
        ({"facts": {"topic": "内涝"}}, "还须写明：承办部门"),
        ({"facts": {"topic": "内涝", "department": WATER, "given_on": "9999-01-01"}}, "过于遥远"),
        ({"facts": {"topic": ["内涝", "清淤"], "department": WATER}}, "只能写一个"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(rules: RegisterRules, message: dict[str, Any], reason: str) -> None:
    refusal = refuse_opening(rules, opening(**message), TODAY)
    assert refusal is not None
    assert reason in refusal.reason


def test_an_item_belongs_to_the_body_that_was_stated_under_its_own_name(office: tuple[Any, Office]) -> None:
    rulebook, own = office
    procedure = rulebook.procedures["instruction"]
    wanted = WantedItem(procedure="instruction", facts={"topic": ("内涝",), "department": ("水务局",), "given_on": ()})
    item = definition_of("QY-1", wanted, procedure, own)
    assert isinstance(item, TaskDefinition)
    assert (item.lead_body, item.handling_body, item.title) == (WATER, WATER, "领导批示：内涝")
    assert item.facts == {"topic": ("内涝",), "department": (WATER,)}
    assert roles_of(item, procedure, own).of("department", "supervising_body") == (WATER, OFFICE)


def test_an_item_whose_role_nobody_holds_is_refused(office: tuple[Any, Office]) -> None:
    rulebook, own = office
    refusal = definition_of("QY-1", WantedItem(procedure="monthly", facts={}), rulebook.procedures["monthly"], own)
    assert isinstance(refusal, Refusal)
    assert "由牵头单位（lead_body）办理，而没有这个单位" in refusal.reason


def test_who_presses_an_item_follows_from_its_procedure_and_the_organisation_file(office: tuple[Any, Office]) -> None:
    rulebook, own = office
    item = TaskDefinition(code="QY-1", title="自查", lead_body=WATER, procedure="check")
    assert supervising_body(item, rulebook.procedures["check"], own) == GOVERNMENT
    by_superior = rulebook.procedures["check"].model_copy(update={"supervised_by": "superior_body"})
    assert supervising_body(item, by_superior, own) == OFFICE
    bodies = (Body(name=WATER, supervised_by=CIVIL), Body(name=CIVIL))
    above = own.model_copy(update={"organisation": own.organisation.model_copy(update={"bodies": bodies})})
    assert supervising_body(item, by_superior, above) == CIVIL


def test_a_title_that_nobody_gives_says_what_the_item_is_about(office: tuple[Any, Office]) -> None:
    procedure = office[0].procedures["instruction"]
    assert title_of(procedure, {"department": (WATER,), "topic": ("内涝",)}) == "领导批示：内涝"
    assert title_of(procedure, {}) == "领导批示"
    assert len(title_of(procedure, {"topic": ("长" * 500,)})) == 200


def test_roles_without_a_body_are_named_with_what_needs_them(office: tuple[Any, Office]) -> None:
    rulebook, own = office
    nobody = own.organisation.model_copy(update={"roles": {}})
    assert unfilled_roles(rulebook.procedures, own.organisation, own.regime) == {}
    assert unfilled_roles(rulebook.procedures, nobody, own.regime) == {"departments": ("部门自查",)}


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00+08:00").astimezone(UTC)


def test_a_register_begun_within_a_period_deals_with_it_and_then_waits_for_the_next(rules: RegisterRules) -> None:
    coming = ComingRound(begun_on=TODAY)
    [(key, found)] = coming.ripe(rules, at("2016-07-04"), 0.0)
    assert (key, found.opened.key if found.opened else "") == ("checks", "2016-Q3")
    coming = coming.with_done(key, found)
    assert list(coming.ripe(rules, at("2016-07-31"), 0.0)) == []
    moment = coming.next_moment(rules, 0.0)
    assert moment is not None
    assert (moment.text, moment.at) == ("2016年7月月报", datetime(2016, 8, 1, 1, tzinfo=UTC))


def test_a_register_of_a_year_opens_nothing_of_the_next(rules: RegisterRules) -> None:
    coming = ComingRound(begun_on=date(2016, 1, 4))
    for _ in range(20):
        for key, found in coming.ripe(rules, at("2018-01-01"), 0.0):
            coming = coming.with_done(key, found)
    assert coming.next_moment(rules, 0.0) is None
    assert coming.still_to_come(rules) == ()
    assert set(coming.to_come_from.values()) == {date(2017, 1, 1)}


def test_a_register_does_not_wait_for_a_period_that_will_come_in_another_year(rules: RegisterRules) -> None:
    quarter = next(r for r in rules.rhythms.values() if r.period is Period.QUARTER)
    first_only = rules.model_copy(update={"rhythms": {"checks": quarter.model_copy(update={"only": (1,)})}})
    coming = ComingRound(begun_on=date(2016, 8, 1))
    assert list(coming.ripe(first_only, at("2016-12-31"), 0.0)) == []
    assert coming.next_moment(first_only, 0.0) is None
    assert coming.still_to_come(first_only) == ()


def test_a_register_begun_before_its_year_waits_for_it(rules: RegisterRules) -> None:
    coming = ComingRound(begun_on=date(2015, 12, 1))
    assert list(coming.ripe(rules, at("2015-12-31"), 0.0)) == []
    moment = coming.next_moment(rules, 0.0)
    assert moment is not None
    assert moment.text == "2016年第一季度部门自查"


KNOWN = (
    OpenItem(
        code="QY-1",
        title="领导批示：关于城东路内涝点整治工作的批示",
        procedure="instruction",
        facts={"topic": ("关于城东路内涝点整治工作的批示",)},
    ),
    OpenItem(code="FA-1", title="城东路内涝点整治"),
    OpenItem(code="FA-2", title="殡葬改革"),
)


@pytest.mark.parametrize(
    ("topic", "found"),
    [
        ("关于城东路内涝点的整治工作批示", ["QY-1"]),
        ("城东路内涝点整治", ["FA-1"]),
        ("殡葬服务改革", ["FA-2"]),
        ("农村饮水工程", []),
    ],
)
def test_what_is_alike_is_found_by_what_was_stated_and_by_title(
    office: tuple[Any, Office], topic: str, found: list[str]
) -> None:
    procedure = office[0].procedures["instruction"]
    facts = {"topic": (topic,)}
    like = alike(title_of(procedure, facts), "instruction", procedure, facts, KNOWN, from_percent=75)
    assert [one.code for one in like] == found


def test_how_alike_it_has_to_be_is_the_offices_to_say(office: tuple[Any, Office]) -> None:
    procedure, facts = office[0].procedures["instruction"], {"topic": ("城东路内涝点整治",)}
    title = title_of(procedure, facts)
    assert len(alike(title, "instruction", procedure, facts, KNOWN, from_percent=40)) == 2
    assert [one.percent for one in alike(title, "instruction", procedure, facts, KNOWN, from_percent=100)] == [100]


def test_the_same_body_or_date_alone_makes_no_duplicate(office: tuple[Any, Office]) -> None:
    procedure = office[0].procedures["instruction"].model_copy(update={"alike": ("topic", "department")})
    known = OpenItem(code="QY-2", title="甲", procedure="instruction", facts={"topic": ("甲",), "department": (WATER,)})
    facts = {"topic": ("农村饮水工程",), "department": (WATER,)}
    assert alike("农村饮水工程", "instruction", procedure, facts, [known], from_percent=80) == ()
