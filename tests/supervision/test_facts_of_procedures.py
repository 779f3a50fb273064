"""What a fact of a procedure demands: how many, and how much of another."""

import pytest
from pydantic import ValidationError

from duban.supervision.clauses import Source
from duban.supervision.rules.procedures import Fact, FactKind, Procedure, Share, Step
from duban.supervision.steps.date_order import refuse_misplaced
from duban.supervision.steps.enough import why_not_enough
from duban.supervision.tasks.turn import Refusal

ITEMS = Fact(name="items", title="基层探索改革事项", several=True, at_least=1, at_most=2)
REPORTED = Fact(name="reported", title="上报的办理结果", kind=FactKind.NUMBER)
CHECKED = Fact(
    name="checked",
    title="复核的办理结果",
    kind=FactKind.NUMBER,
    share=Share(of="reported", percent=30, source=Source(assumed=True)),
)


def test_one_or_two_items_are_neither_none_nor_three() -> None:
    assert why_not_enough(ITEMS, {"items": ("甲",)}) is None
    assert why_not_enough(ITEMS, {"items": ("甲", "乙")}) is None
    assert why_not_enough(ITEMS, {"items": ("甲", "乙", "丙")}) == ("基层探索改革事项（items）最多写2个，现为3个")


def test_thirty_per_cent_of_seven_results_are_three_of_them() -> None:
    assert why_not_enough(CHECKED, {"reported": ("7",), "checked": ("3",)}) is None
    assert why_not_enough(CHECKED, {"reported": ("7",), "checked": ("2",)}) == (
        "复核的办理结果（checked）应不少于30%，即不少于3，现为2"
    )


def test_where_nothing_was_reported_nothing_need_be_looked_at() -> None:
    assert why_not_enough(CHECKED, {"reported": ("0",), "checked": ("0",)}) is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"at_least": 2}, "只用于可多次填写的"),
        ({"several": True, "at_least": 3, "at_most": 2}, "大于 at_most"),
        ({"share": CHECKED.share}, "share 只用于数字"),
        ({"not_after": "rectify_by"}, "not_before、not_after 只用于日期"),
    ],
)
def test_a_fact_that_cannot_be_counted_as_it_says_is_refused(fields: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Fact.model_validate({"name": "x", "title": "事实", **fields})


def test_a_share_is_of_a_number_that_is_stated() -> None:
    step = Step.model_validate(
        {"id": "a", "title": "复核", "by": "reform_office", "due": "period_to", "source": {"assumed": True}}
    )
    with pytest.raises(ValidationError, match="不是另一个已定义的数字"):
        Procedure(
            title="复核",
            source=Source(assumed=True),
            handled_by="reform_office",
            facts=(CHECKED,),
            steps=(step,),
        )


# Dates that must fit

LAST_DAY = Fact(name="rectify_by", title="整改时限", kind=FactKind.DATE)
NODE = Fact(name="node_on", title="进度节点", kind=FactKind.DATE, not_after="rectify_by", not_before="period_from")
DATES = (LAST_DAY, NODE)


def misplaced(known: dict[str, str], said: dict[str, str]) -> str:
    facts = {name: (value,) for name, value in {**known, **said}.items()}
    refusal = refuse_misplaced(DATES, facts, {name: (value,) for name, value in said.items()})
    return refusal.reason if isinstance(refusal, Refusal) else ""


def test_a_node_may_be_the_last_day_itself_and_not_the_day_after() -> None:
    assert misplaced({"rectify_by": "2016-09-30"}, {"node_on": "2016-09-30"}) == ""
    assert misplaced({"rectify_by": "2016-09-30"}, {"node_on": "2016-10-01"}) == (
        "进度节点（node_on）2016年10月1日晚于整改时限（rectify_by）2016年9月30日，请核对"
    )


def test_it_is_looked_at_from_both_sides_and_all_that_is_wrong_is_told() -> None:
    assert "晚于整改时限" in misplaced({"node_on": "2016-09-30"}, {"rectify_by": "2016-09-29"})
    known = {"period_from": "2016-10-01", "rectify_by": "2016-08-31"}
    assert misplaced(known, {"node_on": "2016-09-15"}) == (
        "进度节点（node_on）2016年9月15日早于起始日（period_from）2016年10月1日，请核对；"
        "进度节点（node_on）2016年9月15日晚于整改时限（rectify_by）2016年8月31日，请核对"
    )


def test_what_was_stated_before_and_what_is_not_known_is_not_looked_at() -> None:
    assert misplaced({"node_on": "2016-10-01", "rectify_by": "2016-09-30"}, {"progress": "已完成"}) == ""
    assert misplaced({}, {"node_on": "2016-10-01"}) == ""


@pytest.mark.parametrize("name", ["nobody_states_it", "node_on", "problems"])
def test_a_date_is_bound_by_another_date_that_is_stated(name: str) -> None:
    step = Step.model_validate(
        {"id": "a", "title": "整改", "by": "reform_office", "due": "node_on", "source": {"assumed": True}}
    )
    with pytest.raises(ValidationError, match=f"进度节点：“{name}”不是另一个已定义的日期"):
        Procedure(
            title="整改",
            source=Source(assumed=True),
            handled_by="reform_office",
            facts=(NODE.model_copy(update={"not_after": name}), Fact(name="problems", title="问题")),
            steps=(step,),
        )
