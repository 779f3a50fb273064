"""The example plan that ships with the project: complete, true to its source, and known to its organisation file.

The files are read plainly, not by the importer, so that an error in the importer cannot hide one in the data.
"""

import csv
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PLAN = ROOT / "plans" / "baotou-2022.csv"
ORGANISATION = ROOT / "plans" / "baotou-2022.organisation.yaml"
SOURCE = ROOT.parent / "shared" / "plans" / "baotou-2022.csv"

HEADINGS = ["编号", "改革事项", "牵头领导", "牵头单位", "配合单位", "任务措施", "成果形式", "完成时限"]
# Proper names and fixed terms, such as “双随机、一公开”, cannot be said in other words.
LONGEST_SHARED_RUN = 8
ROLES_OF_PERSONS = {"head", "leader", "clerk"}


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a table by heading; a row with a cell too many or too few is an error.

    Raises:
        ValueError: If a row has another number of cells than the heading.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        heading, *rows = csv.reader(file)
    return [dict(zip(heading, row, strict=True)) for row in rows]


@cache
def plan() -> list[dict[str, str]]:
    return rows_of(PLAN)


@cache
def source() -> list[dict[str, str]]:
    if not SOURCE.exists():
        pytest.skip("the public document's own table (../shared/plans) is not on this machine")
    return rows_of(SOURCE)


@cache
def organisation() -> dict[str, Any]:
    content = yaml.safe_load(ORGANISATION.read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


def bodies_in(cell: str) -> list[str]:
    return [body for body in re.split("[、，；]", cell) if body]


def names_of_bodies() -> set[str]:
    return {body["name"] for body in organisation()["bodies"]}


def spellings_of_bodies() -> list[str]:
    return [spelling for body in organisation()["bodies"] for spelling in (body["name"], *body["aliases"])]


def test_the_plan_has_ninety_tasks_numbered_without_a_gap() -> None:
    assert [row["编号"] for row in plan()] == [f"BT-{number:02d}" for number in range(1, 91)]


def test_the_plan_carries_the_six_fields_under_their_chinese_headings() -> None:
    assert list(plan()[0]) == HEADINGS


def test_excel_recognises_the_characters_by_the_byte_order_mark() -> None:
    assert PLAN.read_bytes().startswith(b"\xef\xbb\xbf")


def test_every_task_has_a_title_of_its_own_and_a_short_sentence_of_measures() -> None:
    titles = [row["改革事项"] for row in plan()]
    assert len(set(titles)) == len(titles)
    assert [title for title in titles if not 8 <= len(title) <= 25] == []
    assert [row["编号"] for row in plan() if not 10 <= len(row["任务措施"]) <= 40] == []


def test_every_task_has_a_lead_body_and_a_deadline() -> None:
    assert [row["编号"] for row in plan() if not row["牵头单位"] or not row["完成时限"]] == []


def test_leaders_and_forms_of_results_stay_empty_because_the_document_does_not_state_them() -> None:
    assert [row["编号"] for row in plan() if row["牵头领导"] or row["成果形式"]] == []


def test_one_body_occurs_in_two_spellings_and_is_one_body_in_the_organisation() -> None:
    leads = {row["编号"]: row["牵头单位"] for row in plan()}
    assert (leads["BT-22"], leads["BT-23"]) == ("市文旅局", "市文旅广电局")
    [culture] = [body for body in organisation()["bodies"] if body["name"] == "市文旅广电局"]
    assert culture["aliases"] == ["市文旅局"]


def test_some_cells_name_several_lead_bodies() -> None:
    assert [row["编号"] for row in plan() if len(bodies_in(row["牵头单位"])) > 1] == [
        "BT-03", "BT-04", "BT-05", "BT-08", "BT-36", "BT-86", "BT-87", "BT-88", "BT-89", "BT-90"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("编号", "code"), ("牵头单位", "牵头单位"), ("配合单位", "配合单位"), ("完成时限", "完成时限")],
    ids=["code", "lead-bodies", "supporting-bodies", "deadline"],
)
def test_a_fact_of_the_plan_is_as_the_document_has_it(ours: str, theirs: str) -> None:
    assert [row[ours] for row in plan()] == [row[theirs] for row in source()]


def test_titles_and_measures_share_no_long_run_of_characters_with_the_document() -> None:
    theirs = "\n".join(row[field] for row in source() for field in ("事项", "任务措施"))
    run = LONGEST_SHARED_RUN + 1
    taken_over = {
        text[start : start + run]
        for row in plan()
        for text in (row["改革事项"], row["任务措施"])
        for start in range(len(text) - run + 1)
        if text[start : start + run] in theirs
    }
    assert taken_over == set()


def test_every_body_of_the_plan_is_in_the_organisation_file_or_is_an_alias_there() -> None:
    named = {body for row in plan() for field in ("牵头单位", "配合单位") for body in bodies_in(row[field])}
    assert named - set(spellings_of_bodies()) == set()


def test_no_spelling_stands_for_two_bodies() -> None:
    spellings = spellings_of_bodies()
    assert len(set(spellings)) == len(spellings)


def test_every_role_is_filled_by_a_body_of_the_organisation() -> None:
    roles = organisation()["roles"]
    assert list(roles) == ["leading_group", "reform_office", "inspection_offices", "supervising_body"]
    filled = {roles["leading_group"], roles["reform_office"], roles["supervising_body"], *roles["inspection_offices"]}
    assert len(roles["inspection_offices"]) == 2
    assert filled - names_of_bodies() == set()


def test_every_body_is_supervised_by_another_except_the_leading_group() -> None:
    supervisors = {body["name"]: body.get("supervised_by") for body in organisation()["bodies"]}
    top = organisation()["roles"]["leading_group"]
    assert [name for name, supervisor in supervisors.items() if supervisor is None] == [top]
    for name in supervisors:
        path = [name]
        while (above := supervisors[path[-1]]) is not None:
            assert above in supervisors, f"{path[-1]} is supervised by {above}, which is not in the file"
            assert above not in path, f"{name} ends up supervising itself"
            path.append(above)


def test_every_body_stands_on_one_of_the_four_tiers() -> None:
    assert {body["tier"] for body in organisation()["bodies"]} <= {1, 2, 3, 4}


def test_the_persons_are_labelled_as_invented_and_belong_to_at_most_six_bodies() -> None:
    assert "INVENTED" in ORGANISATION.read_text(encoding="utf-8").split("bodies:")[0]
    staffed = [body for body in organisation()["bodies"] if body["persons"]]
    persons = [person for body in staffed for person in body["persons"]]
    assert len(staffed) <= 6
    assert all(len(body["persons"]) <= 2 for body in staffed)
    assert len({person["name"] for person in persons}) == len(persons)
    assert {person["role"] for person in persons} == ROLES_OF_PERSONS


def test_each_staffed_body_has_one_head_who_can_be_interviewed() -> None:
    for body in organisation()["bodies"]:
        heads = [person["name"] for person in body["persons"] if person["role"] == "head"]
        assert len(heads) == (1 if body["persons"] else 0), body["name"]
