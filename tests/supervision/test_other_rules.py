"""Rules change half-way: what is under way goes on by the new ones, what was issued stays."""

from typing import Any

from duban.supervision.changes.changed_rules import Right, difference, procedure_under
from duban.supervision.rules.authority import Act
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.policy import Policy
from duban.supervision.rules.regime import Regime
from duban.supervision.tasks.messages import Adopt
from duban.supervision.tasks.state import RungStatus
from tests.supervision.items import Item, procedure
from tests.supervision.supervised import GROUP, OFFICE, SUPERVISOR, Supervised, policy_of

LATE = "2016-12-31"


def rules(change: Any) -> Policy:
    """Kunming's rules after a change of their data."""
    kunming = policy_of()
    data = kunming.regime.model_dump(mode="json")
    change({rung["level"]: rung for rung in data["ladder"]["rungs"]}, data)
    return Policy(regime=Regime.model_validate(data), calendar=kunming.calendar)


def told(task: Supervised, policy: Policy, **more: Any) -> Adopt:
    return Adopt(**task.said(OFFICE), reason="制度修订", policy=policy, instead_of=task.state.policy_digest, **more)


def confirmed_by_the_office(levels: dict[str, Any], _: Any) -> None:
    levels["circular"]["approvals"][0]["by"] = "supervising_body"


def unconfirmed(levels: dict[str, Any], _: Any) -> None:
    levels["circular"]["approvals"] = []


def circular_from_90(levels: dict[str, Any], _: Any) -> None:
    levels["onsite"]["triggers"][0]["through"] = 90
    levels["circular"]["triggers"][0]["above"] = 90


def calls_apart(levels: dict[str, Any], _: Any) -> None:
    levels["phone"]["track"] = "calls"
    levels["phone"]["triggers"][0] |= {"above": 50, "through": None}


def written_sooner(levels: dict[str, Any], _: Any) -> None:
    levels["phone"]["triggers"][0]["through"] = 20
    levels["written"]["triggers"][0]["above"] = 20


def office_keeps_no_records(_: Any, data: Any) -> None:
    for rung in data["ladder"]["rungs"]:
        rung["answers"] = [answer for answer in rung["answers"] if answer["by"] != "supervising_body"]
    data["authority"]["acts"]["record_action"] = ["reform_office", "handling_body"]


def test_a_proposal_is_put_to_whoever_decides_by_the_new_rules() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-08-30")
    assert task.levels()["e1/circular"] is RungStatus.AWAITING_APPROVAL
    task.tell(told(task, rules(confirmed_by_the_office)))
    (asked,) = [o for o in task.state.obligations if o.subject == "e1/circular"]
    assert (asked.duty, asked.owed_by) == (Duty.CONFIRMATION, SUPERVISOR)
    task.decide(SUPERVISOR, True)
    assert task.levels()["e1/circular"] is RungStatus.ISSUED


def test_a_proposal_that_needs_no_decision_any_more_is_given() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-08-30")
    task.tell(told(task, rules(unconfirmed)))
    assert task.levels()["e1/circular"] is RungStatus.ISSUED
    assert task.state.obligation("e1/circular/confirmation") is None


def test_a_proposal_for_which_it_is_too_early_by_the_new_rules_comes_again_in_its_time() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-08-30")
    task.tell(told(task, rules(circular_from_90)))
    assert task.levels()["e1/circular"] is RungStatus.NOT_ISSUED
    task.until("2016-09-30")
    assert task.levels()["e1/circular/2"] is RungStatus.AWAITING_APPROVAL
    assert [r.level for r in task.given()] == ["phone", "written", "onsite"]
    task.decide(GROUP, True, request="e1/circular/2/confirmation")
    assert [r.level for r in task.given()].count("circular") == 1


def test_a_level_that_was_passed_over_and_is_still_to_come_by_the_new_rules_is_given_then() -> None:
    task = Supervised("2016-06-30", LATE, entered="2016-08-05").until("2016-08-08")
    assert task.levels()["e1/phone"] is RungStatus.NOT_ISSUED
    task.tell(told(task, rules(calls_apart)))
    task.until("2016-08-25")
    assert [r.level for r in task.given()] == ["written", "onsite", "phone"]


def test_whoever_may_not_do_any_more_what_he_owes_does_not_owe_it() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-19")
    assert task.state.obligation("e1/phone/call_record") is not None
    task.tell(told(task, rules(office_keeps_no_records)))
    assert task.state.obligation("e1/phone/call_record") is None
    assert task.levels()["e1/phone"] is RungStatus.ISSUED


def test_a_change_that_was_drawn_up_against_other_rules_is_refused() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-19")
    order = told(task, rules(unconfirmed))
    announced = policy_of().calendar.model_copy(update={"known_until": None})
    task.tell(Adopt(**task.said(OFFICE), reason="日历", policy=Policy(regime=policy_of().regime, calendar=announced)))
    assert "规则或日历又变更过" in task.refuses(order)


def test_what_would_change_is_told_before_it_does() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-29")
    stricter = rules(written_sooner)
    found = difference(task.state, task.policy, told(task, stricter), task.now)
    assert found.due_at_once == ("written",)
    assert found.next_before is not None
    assert "书面提醒" in found.next_before.text
    assert found.rights == ()
    assert task.levels() == {"e1/phone": RungStatus.ISSUED}
    task.tell(told(task, stricter))
    task.wake()
    assert task.levels()["e1/written"] is RungStatus.ISSUED


def test_who_may_do_what_is_told() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-07-19")
    found = difference(task.state, task.policy, told(task, rules(office_keeps_no_records)), task.now)
    assert Right(act=Act.RECORD_ACTION, lost=(SUPERVISOR, "市委目督办", "市政府目督办", "市医保局")) in found.rights
    assert [(owed.duty, owed.body) for owed in found.lapsing] == [(Duty.CALL_RECORD, SUPERVISOR)]


def test_an_item_keeps_its_procedure_unless_the_new_one_knows_the_step_that_waits() -> None:
    item = Item()
    longer = procedure(title="对接提示（新）")
    without = procedure(steps=[{**step, "id": f"new_{step['id']}", "not_by": ""} for step in _steps()])
    assert procedure_under(item.state, item.policy, {"docking": longer}) == (longer, "")
    kept, why = procedure_under(item.state, item.policy, {"docking": without})
    assert (kept, "没有正在办理的步骤“发出对接提示通知”" in why) == (item.policy.procedure, True)
    kept, why = procedure_under(item.state, item.policy, {})
    assert (kept, "没有“对接提示”（docking）这个程序" in why) == (item.policy.procedure, True)
    assert procedure_under(Supervised("2016-06-30").state, policy_of(), {}) == (None, "")


def _steps() -> list[dict[str, Any]]:
    steps = [step.model_dump(mode="json") for step in procedure().steps]
    for step in steps:
        step["outcomes"] = []
    return steps


def test_an_item_goes_on_with_its_step_by_the_new_procedure() -> None:
    item = Item()
    waits = item.waits()
    longer = item.policy.model_copy(update={"procedure": procedure(title="对接提示（新）")})
    item.tell(told(item, longer))
    assert item.waits() == waits
    assert item.policy.procedure is not None
    assert item.policy.procedure.title == "对接提示（新）"
