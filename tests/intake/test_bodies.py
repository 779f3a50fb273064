"""The bodies that a cell names."""

import pytest

from duban.intake.rows.bodies import KnownBodies, Role, read_bodies


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("市财政局", ["市财政局"]),
        ("市财政局、市教育局，市民政局；市司法局", ["市财政局", "市教育局", "市民政局", "市司法局"]),
        ("市财政局\n市教育局", ["市财政局", "市教育局"]),
        ("市财政局 市教育局", ["市财政局", "市教育局"]),
        ("市 财 政 局", ["市财政局"]),
        ("市财政局、市财政局", ["市财政局"]),
        ("市住建局、审批服务局", ["市住建局", "审批服务局"]),
        ("市财政局（国资委、金融办）、市教育局", ["市财政局（国资委、金融办）", "市教育局"]),
        ("市财政局（牵头、市教育局", ["市财政局", "市教育局"]),
        ("", []),
        ("、；", []),
        # collectives
        ("各区、县级市", ["各区、县级市"]),
        ("市教育局，各区、县级市", ["市教育局", "各区、县级市"]),
        ("市科协，各有关区、县级市", ["市科协", "各有关区、县级市"]),
        ("各有关单位，各区、县级市", ["各有关单位", "各区、县级市"]),
        ("各省、自治区、直辖市人民政府", ["各省、自治区、直辖市人民政府"]),
        ("各旗县区、开发区管委会，市财政局", ["各旗县区、开发区管委会", "市财政局"]),
        ("各县（市、区）人民政府、市财政局", ["各县（市、区）人民政府", "市财政局"]),
        ("市委各部、委、办、局", ["市委各部、委、办、局"]),
        ("各区、市财政局", ["各区", "市财政局"]),
        # the words between
        ("市发改委会同市财政局", ["市发改委", "市财政局"]),
        ("市发改委及市财政局", ["市发改委", "市财政局"]),
        ("市文化和旅游局、市委和市政府", ["市文化和旅游局", "市委", "市政府"]),
        ("市发改委/市财政局", ["市发改委", "市财政局"]),
        ("1.市发改委 2.市财政局", ["市发改委", "市财政局"]),
        # no body
        *[(mark, []) for mark in ("无", "/", "—", "同上")],
        # the words around
        ("市财政局、教育局等有关部门和单位", ["市财政局", "教育局", "有关部门和单位"]),
        ("市财政局、市教育局等", ["市财政局", "市教育局"]),
        ("市财政局、市教育局按职责分工负责", ["市财政局", "市教育局"]),
    ],
)
def test_bodies_are_split_as_offices_list_them(cell: str, names: list[str]) -> None:
    assert [body.name for body in read_bodies(cell)] == names


@pytest.mark.parametrize(
    ("cell", "roles"),
    [
        ("市财政局牵头，市教育局配合", {"市财政局": Role.LEAD, "市教育局": Role.SUPPORTING}),
        ("市财政局（牵头）、市教育局", {"市财政局": Role.LEAD, "市教育局": Role.UNSAID}),
        ("牵头单位：市财政局；配合单位：市教育局、市民政局",
         {"市财政局": Role.LEAD, "市教育局": Role.SUPPORTING, "市民政局": Role.SUPPORTING}),
        ("由市财政局牵头，会同市教育局", {"市财政局": Role.LEAD, "市教育局": Role.SUPPORTING}),
        ("市财政局、市教育局分别牵头", {"市财政局": Role.LEAD, "市教育局": Role.LEAD}),
        ("市财政局、市教育局牵头", {"市财政局": Role.LEAD, "市教育局": Role.LEAD}),
        ("市财政局、市教育局（牵头）", {"市财政局": Role.UNSAID, "市教育局": Role.LEAD}),
        ("（牵头单位:市财政局；责任单位:市教育局）", {"市财政局": Role.LEAD, "市教育局": Role.SUPPORTING}),
    ],
)  # fmt: skip
def test_a_cell_may_say_itself_who_leads(cell: str, roles: dict[str, Role]) -> None:
    assert {body.name: body.role for body in read_bodies(cell)} == roles


def test_an_alias_is_replaced_by_the_organisations_name() -> None:
    known = KnownBodies({"市财政局": "市财政局", "财政局": "市财政局"})
    assert known.canonical("财政局") == "市财政局"
    assert (known.knows("财政局"), known.knows("市财征局")) == (True, False)
    assert known.similar("市财征局") == "市财政局"


def test_without_an_organisation_file_every_name_stands_as_written() -> None:
    known = KnownBodies(None)
    assert known.knows("市财征局")
    assert known.canonical("市财征局") == "市财征局"
