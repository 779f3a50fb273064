"""An office that is in none of Duban's files is a new file and no code: checked, rehearsed, climbing, going round."""

from datetime import date
from pathlib import Path

import pytest

from duban.calendars import compile_calendar
from duban.regimes import load_rulebook
from duban.regimes.checking import check_regime
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.registers.coming_round import AtHand, items_of
from duban.supervision.registers.occurrences import occurrences
from duban.supervision.rules.policy import Policy
from duban.supervision.rules.rulebook import Rulebook
from duban.supervision.tasks.entries import EntryKind, NoticeKind
from duban.supervision.tasks.messages import Demand
from duban.supervision.tasks.state import RungStatus
from tests.commands.conftest import CommandLine
from tests.supervision.items import Item
from tests.supervision.supervised import HANDLING, LEAD, Supervised

FILE = Path(__file__).with_name("binhai.yaml")
OFFICE, GOVERNMENT = "区政府督查科", "区政府"
PLAN = """\
code: BH-2026
title: 滨海区2026年重点工作
issued_on: 2026-03-02
tasks:
  - {title: 开通热线, lead_body: 区数据局, deliverable: 开通公告, deadline: 2026年3月31日前}
"""


@pytest.fixture(scope="module")
def rules() -> Rulebook:
    return load_rulebook(FILE)


@pytest.fixture(scope="module")
def policy(rules: Rulebook) -> Policy:
    return Policy(regime=rules.regime, calendar=compile_calendar(rules.zone, 2015, 2018))


def item(rules: Rulebook, policy: Policy, **facts: tuple[str, ...]) -> Item:
    steps = rules.procedures["hotline"]
    return Item(
        steps, policy=policy.model_copy(update={"procedure": steps}), procedure="hotline", facts=facts, lead_body=LEAD
    )


def test_its_file_passes_every_check() -> None:
    assert check_regime(FILE, organisation=Organisation()).problems == ()


def test_the_command_line_says_what_it_contains() -> None:
    starter = CommandLine()
    said = starter("regime", "check", FILE)
    assert said.exit_code == 0, said.output
    for words in ("三色督办", "滞后 8 至 14 个工作日", "热线转办件", "每半年至少核查两次", "没有问题，可以使用"):
        assert words in said.stdout
    [line] = [each["levels"] for each in [starter.json("regime", "check", FILE)["contains"]]]
    assert line == ["yellow", "orange", "red", "visit"]


def test_a_plan_under_it_is_rehearsed(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(PLAN, encoding="utf-8")
    options = ("--regime", FILE, "--until", "2026-05-31", "--supervising-body", "区政府办公室")
    rows = CommandLine().json("rehearse", plan, *options)
    levels = [(row["level"], row["reminder_due_on"]) for row in rows if row["kind"] == "reminder"]
    # D0 is Tuesday 03-31; 04-06 is the holiday of Qingming. The urgings of the clock fall on 04-02 and 04-09.
    assert list(dict.fromkeys(levels)) == [
        ("yellow", "2026-04-03"),
        ("visit", "2026-04-10"),
        ("orange", "2026-04-13"),
        ("red", "2026-04-22"),
    ]
    assert {row["recipient"] for row in rows if row["level"] == "red"} == {GOVERNMENT}


def test_a_task_climbs_its_ladder_on_exact_days(policy: Policy) -> None:
    task = Supervised("2016-06-30", regime=policy, supervisor=OFFICE).until("2016-07-22")
    assert [(r.level, r.due_on) for r in task.given()] == [
        ("yellow", "2016-07-05"),
        ("orange", "2016-07-12"),
        ("visit", "2016-07-12"),
    ]
    assert task.levels()["e1/red"] is RungStatus.AWAITING_APPROVAL
    task.decide(GOVERNMENT, True)
    assert {n.recipient for n in task.notices(NoticeKind.REMINDER) if n.level == "red"} == {
        HANDLING,
        LEAD,
        "区纪委监委",
    }


def test_what_its_leader_demands_brings_the_red_slip_sooner(policy: Policy) -> None:
    task = Supervised("2016-06-30", regime=policy, supervisor=OFFICE).until("2016-07-04")
    task.tell(Demand(**task.said(GOVERNMENT), text="限期整改"))
    task.until("2016-07-06")
    assert task.levels()["e1/red"] is RungStatus.AWAITING_APPROVAL


def test_an_item_goes_step_by_step_and_back_until_the_caller_is_satisfied(rules: Rulebook, policy: Policy) -> None:
    call = item(rules, policy, subject=("路灯不亮",), unit=(LEAD,), grade=("ordinary",))
    assert call.waits() == ("s1/answer", LEAD, "2016-06-08")
    call.take(LEAD, step="answer", facts={"reply": ["已修复"]})
    assert call.waits()[:2] == ("s2/call_back", OFFICE)
    call.take(OFFICE, person="李四", step="call_back", outcome="unsatisfied")
    call.take(LEAD, step="answer", facts={"reply": ["重新修复"]})
    call.take(OFFICE, person="李四", step="call_back", outcome="satisfied")
    assert call.state.stage.is_final
    assert call.walked() == ["s1/answer", "s2/call_back", "s3/answer", "s4/call_back"]


def test_who_calls_back_hangs_on_what_was_stated(rules: Rulebook, policy: Policy) -> None:
    call = item(rules, policy, subject=("燃气泄漏",), unit=(LEAD,), grade=("urgent",))
    call.take(LEAD, step="answer", facts={"reply": ["已处置"]})
    assert call.waits()[1] == GOVERNMENT


def test_an_answer_that_does_not_come_is_chased(rules: Rulebook, policy: Policy) -> None:
    call = item(rules, policy, subject=("路灯不亮",), unit=(LEAD,), grade=("ordinary",))
    call.until("2016-07-01")
    chased = [day for _, recipient, day in call.sent(EntryKind.CHASED) if recipient == LEAD]
    assert chased[:2] == ["2016-06-12", "2016-06-14"]  # 06-09 to 06-11 is Dragon Boat; Sunday 06-12 is worked


def test_what_comes_round_opens_its_items_once_for_each_period(rules: Rulebook, policy: Policy) -> None:
    rhythm = rules.rhythms["half_yearly_check_ups"]
    found = occurrences(rhythm, date(2016, 1, 1), date(2016, 12, 31), policy.calendar)
    at_hand = AtHand(offices=Organisation().offices(rules))
    items = [
        each
        for one in found
        for each in items_of("half_yearly_check_ups", rhythm, rules.procedures["check_up"], one, at_hand)
    ]
    assert [(each.lead_body, each.facts["period_to"]) for each in items] == [
        (OFFICE, ("2016-06-30",)),
        (OFFICE, ("2016-12-31",)),
    ]
