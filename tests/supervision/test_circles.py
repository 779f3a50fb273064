"""Authority that goes round in a circle is named with every reason, before anybody works by it."""

from typing import Any

import pytest

from duban.regimes import available_regimes, load_regime
from duban.supervision.bodies.circles import circular_authority
from duban.supervision.bodies.organisation import Body, Organisation
from duban.supervision.rules.regime import Regime

KUNMING = load_regime("kunming")


def body(name: str, above: str | None = None, tier: int = 3) -> Body:
    return Body(name=name, supervised_by=above, tier=tier)


def changed(**parts: Any) -> Regime:
    data = KUNMING.model_dump()
    for path, value in parts.items():
        *where, last = path.split("__")
        place: Any = data
        for step in where:
            place = place[int(step)] if step.isdigit() else place[step]
        place[last] = value
    return Regime.model_validate(data)


@pytest.mark.parametrize("name", available_regimes())
def test_no_bundled_regime_goes_round_in_a_circle(name: str) -> None:
    assert circular_authority(load_regime(name)) == ()


def test_every_ring_is_told_once_and_a_body_that_supervises_itself_too() -> None:
    bodies = (body("甲", "乙"), body("乙", "丙"), body("丙", "甲"), body("丁", "甲"), body("戊", "戊"))
    assert circular_authority(KUNMING, Organisation(bodies=bodies)) == (
        "督察关系成环：甲由乙由丙由甲督察，请改正其中一个 supervised_by",
        "戊的 supervised_by 写的是它自己：单位不能督察自己，请改正",
    )


def test_a_ring_over_an_alias_is_a_ring() -> None:
    office = Body(name="改革办", aliases=("市委改革办",), supervised_by="专项小组")
    group = Body(name="专项小组", supervised_by="市委改革办")
    (told,) = circular_authority(KUNMING, Organisation(bodies=(office, group)))
    assert told.startswith("督察关系成环：改革办由专项小组由改革办督察")


def test_a_lower_tier_does_not_supervise_a_higher_one() -> None:
    bodies = (body("专项小组", "市医保局", tier=2), body("市医保局", tier=3), body("县", "专项小组", tier=4))
    (told,) = circular_authority(KUNMING, Organisation(bodies=bodies))
    assert told.startswith("专项小组（第2级）由市医保局（第3级）督察")


def test_whoever_proposes_does_not_decide() -> None:
    one = Organisation(roles={"reform_office": "市委改革办", "leading_group": "市委改革办"})
    assert circular_authority(KUNMING, one) == (
        "通报提醒的通报确认由提出它的市委改革办自己决定，请另定一方",
        "约谈提醒的约谈决定由提出它的市委改革办自己决定，请另定一方",
    )


def test_the_side_that_does_the_work_decides_nothing_about_itself() -> None:
    acts: dict[str, tuple[str, ...]] = {act.value: roles for act, roles in KUNMING.authority.acts.items()}
    acts |= {"verify": ("supervising_body", "handling_body"), "decide": (*acts["decide"], "handling_body")}
    rungs = KUNMING.model_dump()["ladder"]["rungs"]
    circular = next(i for i, rung in enumerate(rungs) if rung["level"] == "circular")
    regime = changed(
        **{f"ladder__rungs__{circular}__approvals__0__by": "handling_body"},
        authority__acts=acts,
    )
    assert circular_authority(regime) == (
        "通报提醒的通报确认由具体承办单位办理：单位不能决定对自己的提醒，请另定一方",
        "“核验销号”的权限给了具体承办单位：承办的一方不能对自己作出决定，请去掉",
    )


def test_a_decision_that_goes_to_a_higher_body_goes_to_a_higher_body() -> None:
    grant = {
        "title": "第二次延期",
        "act": "decide",
        "duty": "extension_decision",
        "extended": 1,
        "by": ("supervising_body",),
        "source": {"assumed": True},
    }
    (told,) = circular_authority(changed(authority__granted=(grant,)))
    assert told == "第二次延期：仍由督察责任主体（交办单位）决定，没有提交更高一级，请改正 by"
    up = changed(authority__granted=({**grant, "by": ("leading_group",)},))
    assert circular_authority(up) == ()
    roles: dict[str, str | tuple[str, ...]] = {"supervising_body": "市委改革办", "leading_group": "市医保局"}
    bodies = (body("市委改革办", tier=1), body("市医保局", tier=3))
    (told,) = circular_authority(up, Organisation(bodies=bodies, roles=roles))
    assert told.startswith("第二次延期：由市医保局决定，而它的层级低于交办单位市委改革办")
