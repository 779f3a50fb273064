"""Points of bodies, and why they have them."""

from datetime import date
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from duban.regimes.loading import load_rulebook
from duban.supervision.clauses import Source
from duban.supervision.reckoning.appraisal import (
    Appraisal,
    AppraisalRule,
    AppraisalSheet,
    Counted,
    Incident,
    appraise,
    step_incidents,
)
from duban.supervision.reckoning.taken_steps import SteppedItem, TakenStep

ASSUMED = Source(assumed=True)
CITED = Source(paragraph=33, sentence="由市政府督查室予以通报并记入 《日常考核工作台账》")


def rule(title: str, counts: Counted, points: str, **fields: object) -> AppraisalRule:
    return AppraisalRule.model_validate(
        {"title": title, "counts": counts, "points": points, "source": ASSUMED} | fields
    )


def incident(counted: Counted, day: int = 1, **fields: object) -> Incident:
    usual: dict[str, object] = {
        "task_code": "P-1",
        "on": date(2016, 8, day),
        "text": "某事",
        "bodies": {"handling_body": ("教育局",), "lead_body": ("市府办",), "supporting_bodies": ("财政局", "编办")},
    }
    return Incident.model_validate({"counted": counted} | usual | fields)


def test_every_point_says_what_it_was_taken_for_and_by_which_clause() -> None:
    appraisal = Appraisal(rules=(rule("被通报", Counted.REMINDER, "-2", of=("circular",), source=CITED),))
    [sheet] = appraise(appraisal, [incident(Counted.REMINDER, of="circular"), incident(Counted.REMINDER, of="phone")])
    assert (sheet.body, sheet.full, sheet.points) == ("教育局", Decimal(100), Decimal(98))
    [line] = sheet.lines
    assert (line.rule, line.task_code, line.on, line.points) == ("被通报", "P-1", date(2016, 8, 1), Decimal(-2))
    assert (line.paragraph, line.sentence, line.assumed) == (33, CITED.sentence, "")


def test_whoever_owed_it_answers_for_it_whatever_its_part_in_the_task() -> None:
    appraisal = Appraisal(rules=(rule("逾期未报", Counted.OWED_LATE, "-0.5"),))
    [sheet] = appraise(appraisal, [incident(Counted.OWED_LATE, of="call_record", body="改革办")])
    assert (sheet.body, sheet.points) == ("改革办", Decimal("99.5"))


def test_supporting_bodies_are_appraised_where_a_rule_says_so() -> None:
    appraisal = Appraisal(rules=(rule("配合不力", Counted.LATE_NODE, "-1", charged="supporting_bodies"),))
    assert [s.body for s in appraise(appraisal, [incident(Counted.LATE_NODE)])] == ["编办", "财政局"]


def test_a_rule_takes_no_more_than_its_bound_in_a_year_and_says_when_it_is_reached() -> None:
    appraisal = Appraisal(rules=(rule("节点逾期", Counted.LATE_NODE, "-2", at_most="5"),))
    [sheet] = appraise(appraisal, [incident(Counted.LATE_NODE, day) for day in (3, 1, 2, 4)])
    assert [(line.on.day, line.points, line.bounded) for line in sheet.lines] == [
        (1, Decimal(-2), False),
        (2, Decimal(-2), False),
        (3, Decimal(-1), True),
        (4, Decimal(0), True),
    ]
    assert sheet.points == 95


def test_points_can_be_given_as_well_and_the_lowest_stand_first() -> None:
    rules = (rule("按时办结", Counted.IN_TIME, "1"), rule("退回重办", Counted.RETURNED, "-3"))
    sheets = appraise(Appraisal(rules=rules), [incident(Counted.IN_TIME), incident(Counted.RETURNED, body="财政局")])
    assert [(sheet.body, sheet.points) for sheet in sheets] == [("财政局", Decimal(97)), ("教育局", Decimal(101))]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"points": "0"}, "不起作用"),
        ({"points": "-2", "at_most": "1"}, "小于一次的分值"),
        ({"counts": "returned", "charged": "lead_body"}, "不写 charged"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(fields: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        AppraisalRule.model_validate({"title": "某", "counts": "late_node", "points": "-1", "source": ASSUMED} | fields)


def test_two_rules_of_one_title_could_not_be_told_apart() -> None:
    with pytest.raises(ValidationError, match="写了两次"):
        Appraisal(rules=(rule("某", Counted.IN_TIME, "1"), rule("某", Counted.RETURNED, "-1")))


incidents = st.builds(
    incident,
    st.sampled_from(Counted),
    st.integers(1, 28),
    of=st.sampled_from(["", "phone", "circular", "feedback"]),
    body=st.sampled_from(["教育局", "财政局"]),
)


@given(st.lists(incidents, max_size=30), st.randoms(use_true_random=False))
def test_points_are_the_sum_of_their_lines_whatever_the_order(found: list[Incident], random: Random) -> None:
    rules = (
        rule("节点逾期", Counted.LATE_NODE, "-2", at_most="5"),
        rule("提醒", Counted.REMINDER, "-0.25", of=("phone", "circular")),
        rule("未报", Counted.OWED_LATE, "-1.5", at_most="4"),
        rule("退回", Counted.RETURNED, "-1"),
        rule("按时", Counted.IN_TIME, "0.5", at_most="2"),
    )
    appraisal = Appraisal(rules=rules)
    sheets = appraise(appraisal, found)
    for sheet in sheets:
        assert sheet.points == sheet.full + sum((line.points for line in sheet.lines), Decimal(0))
        for each in rules:
            given_by = abs(sum((line.points for line in sheet.lines if line.rule == each.title), Decimal(0)))
            assert each.at_most is None or given_by <= each.at_most
    shuffled = list(found)
    random.shuffle(shuffled)
    assert appraise(appraisal, shuffled) == sheets


def decided(points: str = "2", measure: str = "deduction", *, again: str = "") -> SteppedItem:
    """An accountability item of Chengdu 2016 in which points were deducted, once or anew."""
    steps = [
        TakenStep(key="s1/propose", step="propose", outcome="proposed", body="市委深改办", on=date(2016, 11, 1)),
        TakenStep(
            key="s2/decide",
            step="decide",
            outcome="accountable",
            body="市委深改小组",
            on=date(2016, 11, 15),
            facts={"measure": (measure,)},
        ),
    ]
    for number, each in enumerate(filter(None, (points, again)), start=3):
        facts: dict[str, tuple[str, ...]] = {"carried_out_on": ("2016-11-20",), "points": (each,), "record": ("已扣",)}
        steps.append(
            TakenStep(
                key=f"s{number}/carry_out",
                step="carry_out",
                outcome="done",
                body="市委深改办",
                on=date(2016, 11, 20),
                facts=facts,
            )
        )
    return SteppedItem(
        task_code="CD-2016-0007",
        title="追责问责：两项未完成",
        procedure="accountability",
        facts={"body": ("市发改委",), "circumstances": ("两项未完成",)},
        bodies={"handling_body": ("市委深改办",)},
        taken=tuple(steps),
    )


def chengdu_sheets(*items: SteppedItem, first: date = date(2016, 1, 1)) -> tuple[AppraisalSheet, ...]:
    rulebook = load_rulebook("chengdu")
    assert rulebook.appraisal is not None
    found = step_incidents(rulebook.appraisal, items, rulebook.procedures, first, date(2016, 12, 31))
    return appraise(rulebook.appraisal, found)


def test_points_deducted_by_decision_are_taken_from_the_body_with_item_decision_and_clause() -> None:
    [sheet] = chengdu_sheets(decided())
    assert (sheet.body, sheet.points) == ("市发改委", Decimal(98))
    [line] = sheet.lines
    assert (line.rule, line.task_code, line.on, line.points) == (
        "目标扣分",
        "CD-2016-0007",
        date(2016, 11, 20),
        Decimal(-2),
    )
    assert "2016-11-15市委深改小组“领导小组决定”：予以追责问责，办法目标扣分" in line.text
    assert "2016-11-20市委深改办“实施追责问责”：实施日期2016-11-20，扣分2，实施情况已扣" in line.text
    assert (line.paragraph, line.sentence.startswith("給予目標扣分的")) == (40, True)


def test_what_was_decided_otherwise_or_in_another_year_takes_no_points() -> None:
    assert chengdu_sheets(decided(measure="interview")) == ()
    assert chengdu_sheets(decided(), first=date(2016, 12, 1)) == ()


def test_a_step_that_was_taken_anew_counts_once_as_it_was_put_down_last() -> None:
    [sheet] = chengdu_sheets(decided("2", again="3"))
    assert [line.points for line in sheet.lines] == [Decimal(-3)]


def test_a_step_without_a_number_counts_once_where_the_rule_says_so() -> None:
    steps = {"procedure": "p", "step": "s", "outcomes": ["issued"]}
    appraisal = Appraisal(rules=(rule("通报批评", Counted.STEP, "-2", step=steps),))
    taken = [
        TakenStep(key=f"s{n}/s", step="s", outcome=o, on=date(2016, 5, n)) for n, o in ((1, "refused"), (2, "issued"))
    ]
    items = [
        SteppedItem(
            task_code=f"D-{one.on.day}", title="x", procedure="p", bodies={"handling_body": ("甲局",)}, taken=(one,)
        )
        for one in taken
    ]
    found = list(step_incidents(appraisal, items, {}, date(2016, 1, 1), date(2016, 12, 31)))
    assert [(one.task_code, one.times) for one in found] == [("D-2", Decimal(1))]
    assert [sheet.points for sheet in appraise(appraisal, found)] == [Decimal(98)]


def test_a_rule_about_a_step_says_which_and_no_other_does() -> None:
    with pytest.raises(ValidationError, match="counts 为 step 时须写 step"):
        rule("x", Counted.STEP, "-1")
    with pytest.raises(ValidationError, match="counts 为 step 时须写 step"):
        rule("x", Counted.RETURNED, "-1", step={"procedure": "p", "step": "s"})
