"""Who is who towards a task under other rules: what is known stays, what is asked anew is the file's."""

from datetime import date
from typing import Any

import pytest

from duban.changes.other_rules import roles_under
from duban.contracts import StoredPlan
from duban.regimes import load_regime
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.bodies.roles import TaskRoles
from duban.supervision.plans.plan import PlanDefinition, TaskDefinition
from duban.supervision.rules.parts import SUPERIOR_BODY, PersonRole
from duban.supervision.rules.policy import Policy
from duban.supervision.rules.regime import Regime
from tests.supervision.supervised import policy_of

OFFICE, LEAD = "市政府督查室", "市医保局"
FILE = Organisation.model_validate(
    {
        "bodies": [
            {"name": OFFICE, "tier": 1, "persons": [{"name": "王三", "role": "head"}]},
            {
                "name": LEAD,
                "tier": 2,
                "supervised_by": OFFICE,
                "persons": [
                    {"name": "李一", "role": "head"},
                    {"name": "李二", "role": "deputy", "acting": [{"from_on": "2016-06-01"}]},
                    {"name": "李三", "section": "综合科"},
                ],
            },
            {"name": "市监察局", "persons": [{"name": "赵一", "role": "head"}]},
        ]
    }
)
TASK = TaskDefinition(code="P-1", title="事项", lead_body=LEAD)
BOZHOU = load_regime("bozhou")
WITHOUT = BOZHOU.model_copy(
    update={"authority": BOZHOU.authority.model_copy(update={"persons": (), "granted": ()}), "offices": BOZHOU.offices}
)


def under(new: Regime, old: Regime = WITHOUT, **changed: Any) -> TaskRoles:
    plan = StoredPlan(
        definition=PlanDefinition(code="P", title="方案", issued_on=date(2016, 5, 3), tasks=(TASK,)),
        organisation=FILE,
        policy=Policy(regime=old, calendar=policy_of().calendar),
    )
    before = FILE.roles_for(TASK, OFFICE, old).model_copy(update=changed)
    return roles_under(before, plan, old, new)


def test_rules_that_ask_for_places_and_sections_get_them_from_the_file() -> None:
    before, after = under(WITHOUT), under(BOZHOU)
    assert (before.places, before.sections) == ({}, {})
    assert after.places == {LEAD: {"李二": PersonRole.DEPUTY}}
    assert after.sections == {LEAD: {"李三": "综合科"}}


def test_nobody_forgets_deputies_tiers_places_and_sections_that_were_known() -> None:
    known: dict[str, Any] = {
        "tiers": {LEAD: 4},
        "places": {LEAD: {"李五": PersonRole.LEADER}},
        "sections": {LEAD: {"李六": "法规科"}},
    }
    after = under(BOZHOU, **known)
    assert {name: getattr(after, name) for name in known} == known
    assert [deputy.name for deputy in after.deputies[LEAD]] == ["李二"]


def test_a_head_who_has_left_since_is_not_brought_back_and_that_of_a_body_that_comes_is_known() -> None:
    offices = {**BOZHOU.offices, "supervision_department": ("市监察局",)}
    after = under(BOZHOU.model_copy(update={"offices": offices}), heads={OFFICE: "王四"})
    assert after.heads == {OFFICE: "王四", "市监察局": "赵一"}


@pytest.mark.parametrize(("rules", "superior"), [("bozhou", ()), ("kunming", (OFFICE,))])
def test_rules_that_speak_of_the_superior_find_him(rules: str, superior: tuple[str, ...]) -> None:
    assert under(load_regime(rules)).of(SUPERIOR_BODY) == superior
