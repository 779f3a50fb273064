"""Numbers that the ledger can count: how a file writes them, and what stands beside what is stated."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from duban.regimes.loading import load_rulebook
from duban.supervision.plans.plan import TaskDefinition
from duban.supervision.rules.figures import Counting
from duban.supervision.rules.procedures import Fact, Procedure
from duban.supervision.rules.rulebook import Rulebook
from duban.supervision.steps.counted import LedgerCount, plain, with_its_origin
from duban.supervision.steps.items import opened
from duban.supervision.tasks.messages import TakeStep
from duban.supervision.tasks.turn import Refusal
from tests.supervision.items import ASSUMED, Item, going_by
from tests.supervision.supervised import LEAD, day, roles_of

FIGURE: dict[str, Any] = {"counts": "unfinished_tasks", "of": "body", "source": ASSUMED}
BODY: dict[str, Any] = {"name": "body", "title": "单位", "kind": "body"}
NUMBER: dict[str, Any] = {"name": "open", "title": "未完成任务数", "kind": "number", "optional": True, "figure": FIGURE}


def counting(**steps: Any) -> Procedure:
    """Opened with a number and a body, two steps that may state the number anew."""
    step = {"by": "lead_body", "source": ASSUMED, "limit": {"days": 5, "source": ASSUMED}}
    usual: dict[str, Any] = {
        "title": "计数",
        "source": ASSUMED,
        "handled_by": "lead_body",
        "facts": [{**BODY, "optional": True}, NUMBER],
        "steps": [
            {"id": "first", "title": "第一步", **step, "facts": [NUMBER]},
            {"id": "second", "title": "第二步", **step, "facts": [NUMBER]},
        ],
    }
    return Procedure.model_validate(usual | steps)


def of_ledger(number: int, *codes: str, why: str = "") -> LedgerCount:
    return LedgerCount(number=Decimal(number), things=len(codes), codes=codes, why=why)


def take(item: Item, number: str, **counted: LedgerCount) -> TakeStep:
    return TakeStep(**item.said(LEAD), facts={"open": (number,)} if number else {}, counted=counted)


@pytest.mark.parametrize(
    ("figure", "problem"),
    [
        ({"counts": "deductions"}, "deductions 须写明 of"),
        ({"counts": "unfinished_tasks"}, "unfinished_tasks 须写明 of"),
        ({"counts": "steps_taken", "step": "x"}, "steps_taken 须写明 procedure"),
        ({"counts": "steps_taken", "procedure": "x"}, "steps_taken 须写明 step"),
        ({"counts": "plan_items", "lists": ["annual"]}, "lists 不用于 plan_items"),
        ({"counts": "overdue_tasks", "of": "body", "found": "completed"}, "found 不用于 overdue_tasks"),
    ],
)
def test_a_number_that_could_not_be_counted_is_refused_when_the_file_is_read(
    figure: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValidationError, match=problem):
        Counting.model_validate({**figure, "source": ASSUMED})


def test_only_a_single_number_is_counted_and_only_for_a_body_that_is_stated() -> None:
    with pytest.raises(ValidationError, match="figure 只用于数字"):
        Fact.model_validate({**NUMBER, "kind": "text"})
    with pytest.raises(ValidationError, match="figure 只用于数字"):
        Fact.model_validate({**NUMBER, "several": True})
    with pytest.raises(ValidationError, match="“body”不是本程序填写的事实"):
        counting(facts=[])
    with pytest.raises(ValidationError, match="of“body”须是 kind: body"):
        counting(facts=[{**BODY, "kind": "text"}])


def test_a_rule_that_counts_a_step_that_is_not_there_is_refused() -> None:
    rulebook = load_rulebook("chengdu").model_dump(mode="json")
    [rule] = [rule for rule in rulebook["appraisal"]["rules"] if rule["counts"] == "step"]
    for field, value, problem in (
        ("procedure", "nothing", "没有程序“nothing”"),
        ("step", "nothing", "没有步骤“nothing”"),
        ("outcomes", ["nothing"], "没有结果“nothing”"),
        ("number", "measure", "须是数字"),
        ("when", {"nothing": ["x"]}, "“nothing”不是"),
    ):
        spoilt = {**rule, "step": {**rule["step"], field: value}}
        with pytest.raises(ValidationError, match=problem):
            Rulebook.model_validate({**rulebook, "appraisal": {"rules": [spoilt]}})
    with pytest.raises(ValidationError, match="charged“nobody”"):
        Rulebook.model_validate({**rulebook, "appraisal": {"rules": [{**rule, "charged": "nobody"}]}})


def test_an_old_rule_file_reads_and_is_written_as_before_there_were_figures() -> None:
    text = Fact.model_validate({"name": "open", "title": "数", "kind": "number"}).model_dump_json()
    assert "figure" not in text
    assert "when" not in text


def test_a_number_typed_by_hand_is_on_record_as_stated_and_not_compared() -> None:
    item = Item(counting(), facts={})
    item.tell(take(item, "3"))
    assert "未完成任务数：3（填报数，未与台账核对）" in item.entries[-2].text


def test_a_number_from_the_ledger_names_what_it_was_counted_from() -> None:
    item = Item(counting(), facts={})
    item.tell(take(item, "2.0", open=of_ledger(2, "A-1", "A-2")))
    assert "未完成任务数：2.0（与台账一致：A-1、A-2）" in item.entries[-2].text
    assert item.state.counts["open"].codes == ("A-1", "A-2")


def test_another_number_than_the_ledgers_needs_a_reason_and_then_both_are_on_record() -> None:
    item = Item(counting(), facts={})
    refused = item.refuses(take(item, "3", open=of_ledger(2, "A-1", "A-2")))
    assert refused == ("与台账不一致：未完成任务数（open）填报3，台账计2：A-1、A-2。请核对；确按所填办理的，须写明理由")
    item.tell(take(item, "3", open=of_ledger(2, "A-1", "A-2", why="一项未录入")))
    assert "3（填报数；台账计2：A-1、A-2；不一致的理由：一项未录入）" in item.entries[-2].text


def test_a_number_stated_anew_without_the_ledger_does_not_keep_the_old_count() -> None:
    item = Item(counting(), facts={})
    item.tell(take(item, "2", open=of_ledger(2, "A-1", "A-2")))
    item.tell(take(item, "2"))
    assert "2（填报数，未与台账核对）" in next(e.text for e in item.entries if "第二步" in e.text and "办理“" in e.text)
    assert item.state.counts == {}


def test_a_count_of_what_is_not_stated_or_not_countable_is_not_kept() -> None:
    item = Item(counting(), facts={})
    item.tell(take(item, "", open=of_ledger(2), other=of_ledger(1)))
    assert item.state.counts == {}


def test_a_number_stated_at_the_opening_is_compared_in_the_same_way() -> None:
    policy = going_by(counting())
    given = TaskDefinition(
        code="T-1",
        title="事项",
        lead_body=LEAD,
        procedure="p",
        facts={"body": (LEAD,), "open": ("3",)},
        counted={"open": of_ledger(2, "A-1", "A-2")},
    )
    refused = opened(given, roles_of(given, policy), policy, day("2016-06-01"))
    assert isinstance(refused, Refusal)
    assert "填报3，台账计2：A-1、A-2" in refused.reason
    item = Item(counting(), facts={"open": ("3",)}, counted={"open": of_ledger(2, "A-1", "A-2", why="一项未录入")})
    assert "不一致的理由：一项未录入" in item.entries[0].text
    item.tell(take(item, "2"))
    assert item.state.counts == {}


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-10_000, max_value=10_000, places=2))
def test_whatever_number_the_ledger_counts_reads_as_the_same_when_it_is_filled_in(number: Decimal) -> None:
    count = LedgerCount(number=number, things=1, codes=("A-1",))
    assert with_its_origin(plain(number), count) == f"{plain(number)}（与台账一致：A-1）"


def test_of_many_tasks_the_first_are_named_and_all_are_counted() -> None:
    count = LedgerCount(number=Decimal(50), things=50, codes=tuple(f"A-{n}" for n in range(20)))
    assert count.words.startswith("50：A-0、A-1、")
    assert count.words.endswith("A-19等50项")
