"""What an organisation file lacks of the people whom a document demands: told at once, never a refusal."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from duban.regimes import load_rulebook
from duban.supervision.bodies.organisation import Body, Organisation, Person
from duban.supervision.bodies.staffing import StaffMinimum, staff_warnings
from duban.supervision.rules.parts import PersonRole
from tests.commands.conftest import CommandLine

OFFICE, GROUP, DEPARTMENT, DISTRICT = "市委深改小组办公室", "经济体制改革专项小组", "市发改委", "锦江区委深改小组办公室"
HEAD, DEPUTY, LEADER = PersonRole.HEAD, PersonRole.DEPUTY, PersonRole.LEADER
ENOUGH: dict[str, tuple[Person, ...]] = {
    OFFICE: tuple(Person(name=f"督{n}", section="督察处", full_time=True) for n in (1, 2, 3)),
    GROUP: (
        Person(name="王组长", role=HEAD, post="组长"),
        Person(name="李主任", role=LEADER, post="联络员兼办公室主任"),
        Person(name="甲"),
        Person(name="乙"),
    ),
    DEPARTMENT: (Person(name="张副主任", role=LEADER, post="分管领导"), Person(name="丙", post="改革联络员")),
    DISTRICT: (
        Person(name="刘副书记", role=HEAD, post="主任"),
        Person(name="陈副主任", role=DEPUTY, post="副主任、督察专员", full_time=True),
        Person(name="丁", section="督察科", full_time=True),
    ),
}
TIERS = {OFFICE: 1, GROUP: 2, DEPARTMENT: 3, DISTRICT: 4}


def office(**changed: tuple[Person, ...]) -> Organisation:
    return Organisation(
        roles={"special_group": GROUP},
        bodies=tuple(
            Body(name=name, tier=TIERS[name], persons=changed.get(name, persons)) for name, persons in ENOUGH.items()
        ),
    )


def told(organisation: Organisation, regime: str = "chengdu") -> list[str]:
    rules = load_rulebook(regime)
    return [str(warning) for warning in staff_warnings(rules.staffing, rules.regime, organisation)]


def test_of_an_office_with_everybody_whom_the_document_demands_nothing_is_said() -> None:
    assert told(office()) == []


@pytest.mark.parametrize(
    ("body", "persons", "said"),
    [
        (
            GROUP,
            ENOUGH[GROUP][:3],
            (
                f"{GROUP}：专项小组办公室工作人员应不少于2名，机构文件写明1名（甲）（第44段：並配備至少2名工作人員承擔日常工作；"
                "专项小组办公室的人员写在专项小组之下，经办人（clerk）计为工作人员）"
            ),
        ),
        (
            DEPARTMENT,
            ENOUGH[DEPARTMENT][1:],
            (
                f"{DEPARTMENT}：分管改革工作的领导应不少于1名，机构文件写明0名（第44段：承擔改革任務的部門要明確分管領導；"
                "第三级单位视为承担改革任务的部门）"
            ),
        ),
        (
            OFFICE,
            (*ENOUGH[OFFICE][:2], Person(name="督3", section="督察处")),
            (
                f"{OFFICE}：专职从事改革督察工作的人员应不少于3名，机构文件写明2名（督1、督2）"
                "（第46段：市委深改小組辦公室配備至少3人專職從事改革督察工作）"
            ),
        ),
    ],
)
def test_who_is_missing_is_named_with_what_there_is_what_is_demanded_and_the_clause(
    body: str, persons: tuple[Person, ...], said: str
) -> None:
    assert told(office(**{body: persons})) == [said]


def test_a_district_has_a_full_time_deputy_a_section_and_two_persons_for_inspection() -> None:
    part_time = Person(name="陈副主任", role=DEPUTY, post="副主任、督察专员")
    lines = told(office(**{DISTRICT: (ENOUGH[DISTRICT][0], part_time, Person(name="丁"))}))
    assert [line.split("，")[0] for line in lines] == [
        f"{DISTRICT}：区（市）县委深改小组办公室专职副主任应不少于1名",
        f"{DISTRICT}：区（市）县委深改小组办公室下设的科应不少于1个",
        f"{DISTRICT}：专职从事改革督察工作的人员应不少于2名",
    ]


def test_of_bodies_without_any_person_one_line_says_that_nothing_is_known() -> None:
    whole = office()
    bare = tuple(Body(name=f"第{number}局") for number in range(1, 301))
    assert told(whole.model_copy(update={"bodies": (*whole.bodies, *bare)})) == [
        "机构文件没有写明以下300个单位的人员，人员配备是否达到要求无从核对：第1局、第2局、第3局、第4局、第5局等"
    ]


def test_nothing_is_demanded_of_an_office_as_if_it_were_a_department() -> None:
    whole = office()
    inspection = Body(name="市委督查室", persons=(Person(name="戊"),))  # tier 3 where nothing is written
    assert told(whole.model_copy(update={"bodies": (*whole.bodies, inspection)})) == []


def test_without_a_body_in_a_role_it_is_said_that_this_cannot_be_looked_at() -> None:
    rules = load_rulebook("chengdu")
    minimum = StaffMinimum(title="督学", of=("inspector_school",), source=rules.staffing[0].source)
    [warning] = staff_warnings((minimum,), rules.regime, office())
    assert warning.text == "没有单位担任“inspector_school”（inspector_school），“督学”无从核对"


def test_a_minimum_says_of_whom_it_is() -> None:
    with pytest.raises(ValidationError, match="说明是对哪些单位的要求"):
        StaffMinimum(title="督学", source=load_rulebook("chengdu").staffing[0].source)


def test_jincheng_counts_sections_by_the_persons_who_work_in_them() -> None:
    persons = (
        Person(name="主任", role=HEAD),
        Person(name="副主任", role=DEPUTY),
        Person(name="甲", post="督查专员", section="一科"),
        Person(name="乙", post="督查专员", section="一科"),
        Person(name="丙", section="二科"),
    )
    lines = told(Organisation(bodies=(Body(name="市委市政府督查办公室", persons=persons),)), "jincheng")
    assert [line.split("（")[0] for line in lines] == [
        "市委市政府督查办公室：科室应不少于3个，机构文件写明2个",
        "机构文件没有写明以下1个单位的人员，人员配备是否达到要求无从核对：市委市政府督查工作领导小组",
    ]


def test_bozhou_counts_three_regular_staff_in_a_countys_supervision_organ() -> None:
    county = (
        Person(name="县长", role=HEAD),
        Person(name="副县长", role=LEADER),
        Person(name="甲", section="县政府督查室"),
        Person(name="乙", section="县政府督查室"),
        Person(name="丙", section="秘书科"),
    )
    supervision = (Person(name="主任", role=HEAD), Person(name="专员", post="督查专员"))
    bodies = (Body(name="谯城区政府", tier=4, persons=county), Body(name="市政府督查室", persons=supervision))
    [line] = told(Organisation(roles={"county_governments": "谯城区政府"}, bodies=bodies), "bozhou")
    assert line.startswith("谯城区政府：县级督促检查机构正式工作人员应不少于3名，机构文件写明2名（甲、乙）（第38段：")


def test_kunmings_document_gives_no_minima() -> None:
    assert load_rulebook("kunming").staffing == ()


FILE = f"""
name: 成都市
roles: {{special_group: {GROUP}}}
bodies:
  - {{name: 市委深改小组, tier: 1, persons: [{{name: 组长, role: head}}]}}
  - {{name: {OFFICE}, tier: 1, persons: [{{name: 甲一, section: 督察处, full_time: true}}]}}
  - {{name: {GROUP}, tier: 2}}
  - {{name: {DEPARTMENT}, supervised_by: {GROUP}}}
"""
SHORT = f"{OFFICE}：专职从事改革督察工作的人员应不少于3名，机构文件写明1名（甲一）"
UNKNOWN = f"机构文件没有写明以下2个单位的人员，人员配备是否达到要求无从核对：{GROUP}、{DEPARTMENT}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "organisation.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_regime_check_warns_and_the_files_can_be_used(file: Path) -> None:
    said = CommandLine()("regime", "check", "chengdu", "--organisation", file)
    assert said.exit_code == 0, said.output
    assert f"[警告] {SHORT}" in said.stderr
    assert f"[警告] {UNKNOWN}。" in said.stderr
    assert "人员配备共 2 个警告，不影响使用" in said.stderr
    assert "没有问题，可以使用" in said.stdout
    found = CommandLine().json("regime", "check", "chengdu", "--organisation", file)
    assert found["usable"] is True
    short, unknown = found["warnings"]
    assert (short["body"], short["at_least"], short["found"], short["source"]["paragraph"]) == (OFFICE, 3, ["甲一"], 46)
    assert unknown["warning"] == UNKNOWN


def test_a_plan_is_checked_with_the_same_warnings_and_no_error(file: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(
        "code: CD-2016\ntitle: 要点\nissued_on: 2016-07-11\ntasks:\n"
        f"  - {{title: 事项, lead_body: {DEPARTMENT}, leader: 王, deliverable: 文件, deadline: 2016年12月31日前}}\n",
        encoding="utf-8",
    )
    found = CommandLine().json("check", plan, "--regime", "chengdu", "--organisation", file)
    warned = [(p["severity"], p["value"], p["problem"]) for p in found["problems"] if p["column"] == "--organisation"]
    assert [(severity, value) for severity, value, _ in warned] == [("warning", OFFICE), ("warning", "")]
    assert warned[1][2] == f"{UNKNOWN}。"
