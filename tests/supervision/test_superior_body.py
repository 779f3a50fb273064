"""Who supervises a lead body, towards its tasks and items."""

import pytest

from duban.regimes import load_regime
from duban.supervision.bodies.organisation import Body, Organisation
from duban.supervision.plans.plan import TaskDefinition
from duban.supervision.rules.parts import SUPERIOR_BODY
from duban.supervision.rules.regime import Regime

GROUP = Body(name="经济体制改革专项小组", aliases=("经济组",))
BUREAU = Body(name="市发改委", aliases=("发改委",), supervised_by="经济组")
ORGANISATION = Organisation(bodies=(GROUP, BUREAU))
ITEM = TaskDefinition(code="TZ2016-01", title="对接落实", lead_body="发改委", procedure="docking")


@pytest.fixture
def kunming() -> Regime:
    return load_regime("kunming")


def test_the_superior_of_a_lead_body_is_who_supervises_it_whatever_name_the_file_uses(kunming: Regime) -> None:
    assert ORGANISATION.roles_for(ITEM, "市委改革办", kunming).first(SUPERIOR_BODY) == "经济体制改革专项小组"


@pytest.mark.parametrize("lead_body", ["市教育局", "经济组"])
def test_where_the_file_does_not_say_who_supervises_a_body_the_supervising_body_stands_in(
    kunming: Regime, lead_body: str
) -> None:
    item = ITEM.model_copy(update={"lead_body": lead_body})
    assert ORGANISATION.roles_for(item, "市委改革办", kunming).first(SUPERIOR_BODY) == "市委改革办"


def test_a_task_whose_rules_do_not_speak_of_a_superior_has_the_roles_that_it_always_had(kunming: Regime) -> None:
    task = ITEM.model_copy(update={"procedure": ""})
    assert SUPERIOR_BODY not in ORGANISATION.roles_for(task, "市政府督查室", load_regime("bozhou")).bodies
    # In Kunming a special group inspects its own field.
    assert ORGANISATION.roles_for(task, "市委改革办", kunming).first(SUPERIOR_BODY) == "经济体制改革专项小组"


def test_no_body_need_be_named_for_it(kunming: Regime) -> None:
    rungs = tuple(r.model_copy(update={"recipients": (SUPERIOR_BODY,)}) for r in kunming.ladder.rungs)
    regime = kunming.model_copy(update={"ladder": kunming.ladder.model_copy(update={"rungs": rungs})})
    assert SUPERIOR_BODY in regime.roles_needed
    assert ORGANISATION.unfilled_roles(regime) == ()
