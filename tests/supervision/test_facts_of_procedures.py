"""What a fact of a procedure demands: how many, and how much of another."""

import pytest
from pydantic import ValidationError

from duban.supervision.clauses import Source
from duban.supervision.enough import why_not_enough
from duban.supervision.procedures import Fact, FactKind, Procedure, Share, Step

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
