from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from duban.changes.differences import BodyChange, differences
from duban.changes.reorganising import Parties, forgotten, parties
from duban.contracts import StoredPlan
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.plans.plan import PlanDefinition, TaskDefinition
from duban.supervision.rules.parts import (
    HANDLING_BODY,
    LEAD_BODY,
    LEADING_GROUP,
    REFORM_OFFICE,
    SUPERIOR_BODY,
    SUPERVISING_BODY,
    SUPPORTING_BODIES,
    PersonRole,
)
from duban.supervision.rules.policy import Policy
from tests.supervision.supervised import policy_of

POLICY = policy_of()


def organisation(*bodies: dict[str, Any], **more: Any) -> Organisation:
    return Organisation.model_validate({"bodies": bodies, **more})


OLD = organisation(
    {"name": "市委改革办", "persons": [{"name": "王三", "role": "head"}, {"name": "赵四"}]},
    {"name": "市医保局", "persons": [{"name": "李一", "role": "head"}]},
    {"name": "市财政局"},
    {"name": "市国资委"},
    roles={"reform_office": "市委改革办", "leading_group": "市委深改组"},
)


def task(code: str = "P-1", **fields: Any) -> TaskDefinition:
    usual = {"code": code, "title": "事项", "lead_body": "市医保局", "supporting_bodies": ("市财政局", "市国资委")}
    return TaskDefinition.model_validate(usual | fields)


def changed(new: Organisation, *tasks: TaskDefinition, supervising: str = "", policy: Policy = POLICY) -> list[Parties]:
    """What a new file makes of tasks that were issued with the old one."""
    some = tasks or (task(),)
    plan = StoredPlan(
        definition=PlanDefinition(
            code="P",
            title="方案",
            issued_on=date(2016, 5, 3),
            supervising_body=supervising,
            tasks=some,
        ),
        organisation=OLD,
        policy=policy,
    )
    body = OLD.supervising_body(supervising, policy.regime)
    found = [parties(each.code, OLD.roles_for(each, body, policy.regime), plan, new, policy.regime) for each in some]
    return [each for each in found if each.is_changed]


def new_file(**replaced: dict[str, Any] | None) -> Organisation:
    """The old file with some of its bodies written otherwise; None leaves one out."""
    bodies = [body.model_dump(mode="json") for body in OLD.bodies]
    written = [replaced.get(body["name"], body) for body in bodies]
    return organisation(*(body for body in written if body is not None), roles=OLD.roles)


def told(new: Organisation, *tasks: TaskDefinition) -> list[str]:
    return [str(difference) for difference in differences(changed(new, *tasks))]


def test_the_same_file_changes_nothing() -> None:
    assert changed(OLD) == []


def test_a_renamed_body_has_its_roles_under_its_new_name() -> None:
    new = new_file(
        市医保局={"name": "市医疗保障局", "formerly": ["市医保局"], "persons": [{"name": "李一", "role": "head"}]}
    )

    [each] = changed(new)

    assert (each.after.first(LEAD_BODY), each.after.first(HANDLING_BODY)) == ("市医疗保障局", "市医疗保障局")
    assert each.successors == {"市医保局": "市医疗保障局"}
    assert each.after.heads["市医疗保障局"] == "李一"
    assert told(new) == ["市医保局更名为市医疗保障局"]


def test_two_bodies_with_one_successor_are_merged() -> None:
    new = new_file(市财政局={"name": "市财政国资局", "formerly": ["市财政局", "市国资委"]}, 市国资委=None)

    [each] = changed(new)

    assert each.after.of(SUPPORTING_BODIES) == ("市财政国资局",)
    [difference] = differences([each])
    assert (difference.kind, difference.tasks) == (BodyChange.MERGED, ("P-1",))
    assert str(difference) == "市财政局、市国资委合并为市财政国资局"


def test_a_body_that_is_merged_into_the_lead_body_does_not_support_itself() -> None:
    new = new_file(市医保局={"name": "市医保局", "formerly": ["市财政局"]}, 市财政局=None)
    [each] = changed(new)
    assert each.after.of(SUPPORTING_BODIES) == ("市国资委",)
    assert told(new) == [
        "市财政局、市医保局合并为市医保局",
        "市医保局主要负责人由李一改为未写明",
        "市医保局减少人员：李一",
    ]


def test_only_the_tasks_that_are_named_change_hands() -> None:
    new = organisation(
        *(body.model_dump(mode="json") for body in OLD.bodies),
        roles=OLD.roles,
        handovers=[{"from_body": "市医保局", "to_body": "市财政局", "tasks": ["P-2"]}],
    )

    [each] = changed(new, task("P-1"), task("P-2"))

    assert each.task_code == "P-2"
    assert each.after.first(HANDLING_BODY) == "市财政局"
    assert each.after.of(SUPPORTING_BODIES) == ("市国资委",)
    assert told(new, task("P-1"), task("P-2")) == ["市医保局的任务移交给市财政局"]


def test_persons_who_come_and_go_and_a_new_head_are_told_apart() -> None:
    new = new_file(市医保局={"name": "市医保局", "persons": [{"name": "钱七", "role": "head"}, {"name": "孙八"}]})
    assert told(new) == [
        "市医保局主要负责人由李一改为钱七",
        "市医保局增加人员：钱七、孙八",
        "市医保局减少人员：李一",
    ]


def test_the_body_that_supervises_by_the_file_follows_it_and_one_stated_with_the_plan_stays() -> None:
    new = organisation(
        *(body.model_dump(mode="json") for body in OLD.bodies),
        {"name": "市督查室"},
        roles={**OLD.roles, "reform_office": "市督查室"},
    )
    [by_file] = changed(new)
    [stated] = changed(new, supervising="市财政局")
    assert by_file.after.first(SUPERVISING_BODY) == "市督查室"
    assert stated.after.first(SUPERVISING_BODY) == "市财政局"
    assert by_file.after.of(REFORM_OFFICE) == ("市督查室",)
    assert by_file.after.of(LEADING_GROUP) == ("市委深改组",)
    assert "改革办由市委改革办改为市督查室" in told(new)


def test_an_office_stated_under_another_spelling_is_known_by_its_own_name() -> None:
    new = organisation(
        *(body.model_dump(mode="json") for body in OLD.bodies if body.name != "市委改革办"),
        {"name": "市委深改办", "aliases": ["深改办"], "formerly": ["市委改革办"]},
        roles={**OLD.roles, "reform_office": "深改办"},
    )
    [each] = changed(new)
    assert each.after.of(REFORM_OFFICE) == each.after.of(SUPERVISING_BODY) == ("市委深改办",)


def test_a_body_that_the_new_file_forgets_is_named_with_its_tasks() -> None:
    new = new_file(市医保局=None, 市财政局={"name": "市财政局", "persons": [{"name": "周九"}]})
    plan = StoredPlan(
        definition=PlanDefinition(code="P", title="方案", issued_on=date(2016, 5, 3)),
        organisation=OLD,
        policy=POLICY,
    )
    assert forgotten(changed(new), [plan], new) == {"市医保局": ["P-1"]}


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ({"bodies": [{"name": "甲"}, {"name": "乙", "formerly": ["甲"]}]}, "曾用名"),
        ({"bodies": [{"name": "乙", "formerly": ["甲"]}, {"name": "丙", "formerly": ["甲"]}]}, "曾用名"),
        ({"bodies": [{"name": "乙"}], "handovers": [{"from_body": "乙", "to_body": "丁"}]}, "丁"),
        ({"bodies": [{"name": "乙", "formerly": ["甲"]}], "handovers": [{"from_body": "甲", "to_body": "乙"}]}, "自己"),
    ],
)
def test_a_file_that_says_two_things_of_one_body_is_refused(file: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Organisation.model_validate(file)


def test_a_reorganisation_says_anew_who_supervises_the_lead_body_of_an_item_that_asks_for_it() -> None:
    new = organisation({"name": "市医保局", "supervised_by": "民生组"}, {"name": "民生专项小组", "aliases": ["民生组"]})
    (item,) = changed(new, task(procedure="docking"))
    assert item.before.first(SUPERIOR_BODY) == "市委改革办"
    assert item.after.first(SUPERIOR_BODY) == "民生专项小组"
    unasked = changed(new, task(), policy=policy_of("bozhou"))
    assert unasked
    assert all(SUPERIOR_BODY not in each.after.bodies for each in unasked)


def test_another_deputy_is_told_where_the_rules_ask_who_urges_and_nowhere_else() -> None:
    deputy = {"name": "赵四", "role": "deputy"}
    new = organisation({"name": "市委改革办", "persons": [{"name": "王三", "role": "head"}, deputy]}, *KEPT)
    roles = {"reform_office": "市委改革办", "supervision_office": "市委改革办", "leading_group": "市委深改组"}
    new = new.model_copy(update={"roles": roles})
    (item,) = changed(new, task(), policy=policy_of("bozhou"))
    assert item.after.places == {"市委改革办": {"赵四": PersonRole.DEPUTY}}
    said = [str(each) for each in differences([item])]
    assert "市委改革办的领导和副职由未写明改为赵四（分管负责人）" in said
    assert not any("领导和副职" in str(each) for each in differences(changed(new, task())))


KEPT: tuple[dict[str, Any], ...] = (
    {"name": "市医保局", "persons": [{"name": "李一", "role": "head"}]},
    {"name": "市财政局"},
    {"name": "市国资委"},
)
