"""Copies of reminders: to the named watcher of the plan, and to the head of a group directly (Sichuan 2016)."""

from typing import Any

import pytest

from duban.supervision.bodies.organisation import Body, Organisation, Person
from duban.supervision.bodies.roles import TaskRoles
from duban.supervision.plans.plan import PlanDefinition
from duban.supervision.rules.parts import PersonRole
from duban.supervision.rules.policy import Policy
from duban.supervision.rules.regime import Regime
from duban.supervision.tasks.begin import begin
from duban.supervision.tasks.entries import NoticeIntent, NoticeKind, NoticesWithdrawn
from tests.supervision.supervised import GROUP, HANDLING, SUPERVISOR, Supervised, day, policy_of

WATCHER = "改革项目第三组"
TO_WATCHER = {"levels": ["phone", "written"], "to": ["watcher"], "source": {"assumed": True}}
TO_HEAD = {"levels": ["written"], "to": ["leading_group"], "to_heads": True, "source": {"assumed": True}}


def copying(*copies: dict[str, Any]) -> Policy:
    policy = policy_of()
    data = {**policy.regime.model_dump(mode="json"), "copies": list(copies)}
    return policy.model_copy(update={"regime": Regime.model_validate(data)})


def watched(*copies: dict[str, Any], organisation: Organisation | None = None, watcher: str = WATCHER) -> Supervised:
    task = Supervised("2016-06-30", regime=copying(*copies))
    who = organisation or Organisation()
    definition = task.state.definition
    roles: TaskRoles = who.roles_for(definition, SUPERVISOR, task.policy.regime, watcher=watcher)
    plan = PlanDefinition(code="T", title="方案", issued_on=day("2016-05-03"), watcher=watcher)
    begun = begin(definition, plan, roles, task.policy, task.now)
    task.state, task.entries = begun.state, list(begun.entries)
    return task


def copies(task: Supervised) -> list[NoticeIntent]:
    return [n for n in task.notices(NoticeKind.OTHER) if n.facts.get("what", "").startswith("copy")]


def test_the_watcher_gets_a_copy_of_the_levels_that_the_regime_names() -> None:
    task = watched(TO_WATCHER).until("2016-08-20")
    assert [(c.recipient, task.delivered(c), c.key, c.duty, c.level) for c in copies(task)] == [
        (WATCHER, "2016-07-18", "e1/phone/copy", None, None),
        (WATCHER, "2016-08-01", "e1/written/copy", None, None),
    ]
    first = copies(task)[0]
    assert (first.facts["addressed"], first.explanation.lag_days) == (HANDLING, 16)


def test_reminders_are_what_they_are_without_copies() -> None:
    def given(task: Supervised) -> list[tuple[str, str, str]]:
        return [(n.key, n.recipient, task.delivered(n)) for n in task.notices(NoticeKind.REMINDER)]

    assert given(watched(TO_WATCHER, TO_HEAD).until("2016-08-20")) == given(watched().until("2016-08-20"))
    assert copies(watched().until("2016-08-20")) == []


def test_a_plan_that_nobody_watches_is_copied_to_nobody_and_the_organisation_may_name_one_for_all() -> None:
    assert copies(watched(TO_WATCHER, watcher="").until("2016-08-20")) == []
    for_all = Organisation(roles={"watcher": "督察处"})
    assert [c.recipient for c in copies(watched(TO_WATCHER, organisation=for_all, watcher="").until("2016-07-20"))] == [
        "督察处"
    ]
    assert [c.recipient for c in copies(watched(TO_WATCHER, organisation=for_all).until("2016-07-20"))] == [WATCHER]


def test_an_important_notice_goes_to_the_head_of_the_group_himself() -> None:
    group = Body(name=GROUP, persons=(Person(name="王书记", role=PersonRole.HEAD),))
    task = watched(TO_HEAD, organisation=Organisation(bodies=(group,))).until("2016-08-20")
    (copy,) = copies(task)
    assert (copy.recipient, copy.facts["head"], copy.key) == (GROUP, "王书记", "e1/written/copy_to_head")


def test_nobody_is_told_twice_of_one_reminder() -> None:
    again = {**TO_WATCHER, "to": ["watcher", "handling_body", "supervising_body", "watcher"]}
    told = [(c.recipient, c.key) for c in copies(watched(TO_WATCHER, again).until("2016-07-20"))]
    assert told == [(WATCHER, "e1/phone/copy"), (SUPERVISOR, "e1/phone/copy")]


def test_a_reminder_that_is_taken_back_takes_its_copies_with_it() -> None:
    task = watched(TO_WATCHER).until("2016-07-15").asleep_until("2016-07-16 10:00").wake()
    task.until("2016-07-17 10:00")
    task.asleep_until("2016-07-18 19:00").wake()  # issued after hours, for the next morning
    assert [c.key for c in copies(task)] == ["e1/phone/copy"]
    task.ask_strike_off()
    withdrawn = [w for w in task.changes(NoticesWithdrawn) if "e1/phone/copy" in w.subjects]
    assert withdrawn


def test_a_copy_of_a_level_that_the_ladder_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="阶梯中没有“fax”这一级"):
        copying({**TO_WATCHER, "levels": ["fax"]})
