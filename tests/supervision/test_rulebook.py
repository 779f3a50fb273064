"""A regime file whose outcomes could not open what they say is refused when it is read."""

from typing import Any

import pytest

from duban.regimes.loading import load_rulebook
from duban.supervision.rules.rulebook import Rulebook

ASSUMED = {"assumed": True}
FILE = load_rulebook("kunming").model_dump(mode="json", exclude={"procedures", "rhythms"})


def step(**more: Any) -> dict[str, Any]:
    return {"id": "do", "title": "办理", "by": "reform_office", "limit": {"days": 5, "source": ASSUMED}} | {
        "source": ASSUMED,
        **more,
    }


def procedure(*facts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "title": "程序",
        "source": ASSUMED,
        "handled_by": "reform_office",
        "facts": list(facts),
        "steps": [step(**more)],
    }


def read(opens: dict[str, Any]) -> Rulebook:
    said = [{"name": "bodies", "title": "单位", "kind": "body", "several": True}, {"name": "note", "title": "说明"}]
    ends = [{"name": "done", "title": "完成", "opens": [{"procedure": "report", **opens}]}]
    asked = {"name": "body", "title": "责任单位", "kind": "body"}
    return Rulebook.model_validate(
        {
            **FILE,
            "procedures": {
                "notice": procedure(facts=said, outcomes=ends),
                "report": procedure(asked, {"name": "remark", "title": "备注", "optional": True}),
            },
        }
    )


def test_an_outcome_hands_on_what_the_other_item_has_to_be_opened_with() -> None:
    (end,) = read({"each": "bodies", "facts": {"body": "bodies"}}).procedures["notice"].steps[0].ends
    assert end.opens[0].facts == {"body": "bodies"}


@pytest.mark.parametrize(
    ("opens", "problem"),
    [
        ({}, "须写明责任单位（body）"),
        ({"facts": {"body": "bodies", "deadline": "note"}}, "立项时不写“deadline”"),
        ({"facts": {"body": "unit"}}, "引用的“unit”未定义"),
        ({"facts": {"body": "bodies"}, "each": "note"}, "each“note”须是可多次填写的事项"),
        ({"facts": {"body": "bodies"}, "each": "units"}, "each“units”须是可多次填写的事项"),
    ],
)
def test_what_could_never_be_opened_is_refused_with_the_remedy(opens: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read(opens)


@pytest.mark.parametrize(
    ("rhythm", "problem"),
    [
        ({"each": "plan"}, "评估：in_scope 须有 evaluation"),
        ({"each": "task"}, "评估：in_scope 只用于 each: plan"),
        ({"owed_by": "reform_office"}, "评估：in_scope 只用于 each: plan"),
    ],
)
def test_a_rhythm_keeps_to_a_scope_only_of_plans_and_where_there_is_one(rhythm: dict[str, Any], problem: str) -> None:
    said = {"title": "评估", "source": {"assumed": True}, "period": "year", "procedure": "notice", "in_scope": True}
    with pytest.raises(ValueError, match=problem):
        Rulebook.model_validate({**FILE, "procedures": {"notice": procedure()}, "rhythms": {"r": {**said, **rhythm}}})
