"""`regime check`: everything that would bite later is said at once, each with its line, its place and the remedy."""

from pathlib import Path

import pytest

from duban.office_files import OfficeFileError, Problem
from duban.regimes import available_regimes, load_rulebook
from duban.regimes.assumptions import assumptions
from duban.regimes.checking import check_organisation, check_regime
from duban.regimes.loading import BUNDLED
from duban.supervision.bodies.organisation import Organisation

KUNMING = (BUNDLED / "kunming.yaml").read_text(encoding="utf-8").partition("\nprocedures:")[0] + "\n"
"""Without what goes step by step."""
STEP_BY_STEP = """
procedures:
  blame:
    title: 问责
    source: {assumed: true}
    handled_by: reform_office
    facts:
      - {name: target, title: 对象, kind: choice, choices: {group: 专项小组, district: 县区}}
      - {name: decided_on, title: 决定日期, kind: date}
      - {name: whose, title: 何单位, kind: body}
    steps:
      - id: propose
        title: 提出建议
        by: whose
        source: {assumed: true}
        limit: {days: 3, source: {assumed: true}}
        facts: [{name: measured_on, title: 落实日期, kind: date}]
      - id: decide
        title: 作出决定
        by:
          - {by: leading_group, when: {target: [group]}, source: {assumed: true}}
          - {by: reform_office, when: {target: [district]}, source: {assumed: true}}
        source: {assumed: true}
        limit: {days: 5, source: {assumed: true}}
        counts_from: decided_on
        outcomes: [{name: agreed, title: 同意}, {name: refused, title: 不同意, then: closed}]
      - id: carry_out
        title: 落实
        by: whose
        source: {assumed: true}
        due: measured_on
rhythms:
  meeting:
    title: 季度会议
    source: {assumed: true}
    period: quarter
    procedure: blame
    owed_by: reform_office
    facts: {target: group, decided_on: '2016-01-01', whose: 市财政局}
"""


def checked(
    folder: Path, *changes: tuple[str, str], more: str = "", organisation: Organisation | None = None
) -> list[str]:
    """What is said of Kunming's file with these changes."""
    return [str(problem) for problem in problems(folder, *changes, more=more, organisation=organisation)]


def problems(
    folder: Path, *changes: tuple[str, str], more: str = "", organisation: Organisation | None = None
) -> tuple[Problem, ...]:
    text = KUNMING + more
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = folder / "kunming.yaml"
    path.write_text(text, encoding="utf-8")
    return check_regime(path, organisation=organisation).problems


@pytest.mark.parametrize("name", available_regimes())
def test_nothing_is_wrong_in_the_regimes_that_come_with_duban(name: str) -> None:
    assert check_regime(name).problems == ()


def test_a_procedure_that_can_be_walked_is_not_objected_to(tmp_path: Path) -> None:
    assert checked(tmp_path, more=STEP_BY_STEP, organisation=Organisation()) == []


def test_all_that_is_wrong_is_said_at_once_whatever_else_is_wrong(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        ("above: 30, through: 45", "above: 33, through: 50"),
        ("issuers: [reform_office]", "issuers: [reform_offce]"),
        ("  explanation: {days: 5, unit: working, source: {assumed: true}}\n", ""),
        ("    verify: [supervising_body, reform_office]", "    verify: [reform_office]"),
        ("at_most: 3", "at_most: many"),
        ("then: closed", "then: nowhere"),
        ("procedure: blame", "procedure: praise"),
        more=STEP_BY_STEP,
        organisation=Organisation(),
    )
    said = "\n".join(str(problem) for problem in found)
    for words in (
        "ladder.rungs[2].triggers[1]：电话提醒（滞后 16 至 30 日）与书面提醒（滞后 34 至 50 日）之间有空档",
        "滞后 31 至 33 天不属于任何一级，请使两级相接",
        "ladder.rungs[3].triggers[1]：现场提醒（滞后 46 至 60 日）与书面提醒（滞后 34 至 50 日）重叠",
        "没有单位担任“reform_offce”",
        "limits：缺少 explanation 的时限",
        "authority.acts.verify：verification（销号核验）由 supervising_body 办理",
        "chasing.at_most：“many”应为整数",
        "procedures.blame.steps[2].outcomes[2].then：结果“不同意”指向的步骤“nowhere”不存在",
        "rhythms.meeting.procedure：没有程序“praise”",
    ):
        assert words in said
    assert len(found) == 8
    lines = (tmp_path / "kunming.yaml").read_text(encoding="utf-8").splitlines()
    assert [line for line in (problem.line for problem in found) if not 1 <= line <= len(lines)] == []
    assert [problem.line for problem in found] == sorted(problem.line for problem in found)


ASKING = (
    "outcomes: [{name: agreed, title: 同意}, ",
    "outcomes: [{name: agreed, title: 同意, asks: [%s]}, ",
)


@pytest.mark.parametrize(
    ("ask", "place", "problem"),
    [
        ("{act: mark, to: target, always: {lists: key}}", "to", "“target”须是已定义的编号（kind: code）"),
        ("{act: mark, to: concerns}", "facts", "mark 不能这样办理：缺少清单类别（lists）"),
        ("{act: mark, to: concerns, always: {lists: best}}", "facts", "清单类别（lists.0）只能是"),
        ("{act: amend, to: concerns, facts: {new_due_on: whose}}", "facts", "不是有效日期"),
        ("{act: amend, to: concerns, facts: {new_due_on: due_by}}", "facts.new_due_on", "“due_by”在本程序中从未填写"),
        ("{act: amend, to: concerns, always: {person: 张三}}", "facts", "“person”不能写：由办理步骤的单位和人员"),
        ("{act: verify, to: concerns, always: {passed: maybe}}", "facts", "verify 不能这样办理：是否通过（passed）"),
        (
            "{act: verify, to: concerns, always: {passed: true}}, {act: strike_off_plan, to: concerns, facts: {}}",
            "",
            "",
        ),
    ],
)
def test_what_an_outcome_asks_for_and_nobody_could_read_is_refused(
    tmp_path: Path, ask: str, place: str, problem: str
) -> None:
    old, new = ASKING
    found = checked(tmp_path, (old, new % ask), more=STEP_BY_STEP)
    if not problem:
        assert [line for line in found if "永远不会受理" not in line] == []
        return
    [line] = found
    assert f"asks[1].{place}：" in line
    assert problem in line


def test_what_an_outcome_asks_for_and_nobody_may_do_is_refused_as_far_as_the_bodies_are_known(tmp_path: Path) -> None:
    office = "{by: reform_office, when: {target: [district]}, source: {assumed: true}}"
    group = "{by: leading_group, when: {target: [group]}, source: {assumed: true}}"
    by_office = (group, group.replace("leading_group", "reform_office"))
    old, new = ASKING
    ask = (old, new % "{act: strike_off_plan, to: concerns}, {act: mark, to: concerns, always: {lists: key}}")
    assert checked(tmp_path, ask, more=STEP_BY_STEP) == []  # one of two routes may
    [line] = checked(tmp_path, by_office, ask, more=STEP_BY_STEP)
    assert (
        "outcomes[1].asks[1].act：本步骤由市委改革办办理，而 strike_off_plan 只能由市委全面深化改革领导小组办理" in line
    )
    nobody = ("    mark: [supervising_body, reform_office, leading_group]\n", "    mark: []\n")
    [line] = checked(tmp_path, nobody, ask, more=STEP_BY_STEP)
    assert "没有谁有权办理 mark" in line
    assert office in STEP_BY_STEP


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("{kind: lag, above: 15, through: 30}", "{kind: lag, above: 15}", "没有上限，与书面提醒"),
        ("above: 30, through: 45", "above: 31, through: 45", "滞后 31 至 31 天不属于任何一级"),
        ("above: 30, through: 45", "above: 29, through: 45", "滞后 30 天同属两级"),
        ("above: 30, through: 45}", "above: 30, through: 45, unit: working}", "请用同一种 unit"),
        ("above: 15, through: 30", "above: 30, through: 32", "电话提醒永远轮不到"),
        ("level: written", "level: phone", "每个 level 只能出现一次"),
        (
            "        - duty: confirmation\n          by: leading_group",
            "        - duty: confirmation\n          by: reform_office",
            "等于自己批准自己",
        ),
        ("name: kunming\n", "name: chengdu\n", "与文件名“kunming”不同"),
    ],
)
def test_a_ladder_or_an_authority_that_would_bite_later_is_refused(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    assert problem in "\n".join(checked(tmp_path, (old, new)))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "handled_by: reform_office",
            "handled_by: inspectors",
            "procedures.blame.handled_by：没有单位担任“inspectors”",
        ),
        ("owed_by: reform_office", "owed_by: nobody", "rhythms.meeting.owed_by：没有单位担任“nobody”"),
        ("by: reform_office, when", "by: court, when", "steps[2].by[2].by：没有单位担任“court”"),
        ("when: {target: [district]}", "when: {target: [group]}", "对象为“县区”时没有单位办理"),
        ("when: {target: [district]}", "when: {aim: [district]}", "“aim”从未填写"),
        ("when: {target: [district]}", "when: {target: [distrct]}", "“distrct”不是“对象”的选项（group、district）"),
        ("counts_from: decided_on", "counts_from: measured_in", "“measured_in”不是已定义的日期"),
        ("due: measured_on", "due: decided_on", ""),
        ("counts_from: decided_on", "due: decided_on", "须写一个，也只写一个"),
        (
            "name: agreed, title: 同意}",
            "name: agreed, title: 同意, then: closed}",
            "步骤“落实”走不到：没有哪一步的结果指向它",
        ),
        ("then: closed}", "then: decide}", ""),
        ("facts: {target: group, ", "facts: {", "程序“问责”立项时须填写“target”（对象）"),
        ("facts: {target: group", "facts: {aim: x, target: group", "程序“问责”立项时没有“aim”这个事实"),
    ],
)
def test_a_procedure_that_could_not_be_walked_is_refused(tmp_path: Path, old: str, new: str, problem: str) -> None:
    found = checked(tmp_path, (old, new), more=STEP_BY_STEP, organisation=Organisation())
    assert (problem in "\n".join(found)) if problem else found == []


def test_a_step_from_which_no_way_leads_to_an_end_is_named(tmp_path: Path) -> None:
    found = checked(
        tmp_path,
        ("due: measured_on", "due: measured_on\n        outcomes: [{name: again, title: 再办, then: carry_out}]"),
        ("then: closed", "then: carry_out"),
        more=STEP_BY_STEP,
    )
    assert [each.split("：", 1)[1] for each in found] == [
        f"步骤“{title}”走不到结束，请为它或其后的步骤写出 then: closed。" for title in ("提出建议", "作出决定", "落实")
    ]


def test_two_levels_of_one_track_that_both_follow_a_return_are_one_too_many(tmp_path: Path) -> None:
    found = checked(
        tmp_path,
        ("{kind: lag, above: 15, through: 30}", "{kind: return}"),
        ("{kind: lag, above: 30, through: 45}", "{kind: return}"),
    )
    assert ["电话提醒永远轮不到" in each and "书面提醒已同时或先到期" in each for each in found] == [True]


def test_who_holds_a_role_may_be_left_to_the_organisation_file(tmp_path: Path) -> None:
    change = ("issuers: [reform_office]", "issuers: [circulating_office]")
    assert checked(tmp_path, change) == []
    assert checked(tmp_path, change, organisation=Organisation(roles={"circulating_office": "市委办公室"})) == []
    assert checked(tmp_path, change, organisation=Organisation()) != []


def test_bodies_that_supervise_each_other_in_a_ring_are_named(tmp_path: Path) -> None:
    path = tmp_path / "bodies.yaml"
    path.write_text(
        "bodies:\n  - {name: 甲, supervised_by: 乙方}\n  - {name: 乙, aliases: [乙方], supervised_by: 丙}\n"
        "  - {name: 丙, supervised_by: 甲}\n  - {name: 丁, supervised_by: 甲}\n  - {name: 戊, supervised_by: 戊}\n",
        encoding="utf-8",
    )
    _, found = check_organisation(path)
    remedy = "没有谁在上，请改正其中一个单位的 supervised_by。"
    assert [str(problem) for problem in found] == [
        f"第 2 行 bodies[1].supervised_by：督察关系成环（甲→乙→丙→甲），{remedy}",
        f"第 6 行 bodies[5].supervised_by：督察关系成环（戊→戊），{remedy}",
    ]


def test_rules_by_which_a_level_could_never_be_given_are_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "kunming.yaml"
    path.write_text(KUNMING.replace("above: 15, through: 30", "above: 30, through: 32"), encoding="utf-8")
    with pytest.raises(OfficeFileError, match=r"ladder\.rungs\[1\]\.triggers：电话提醒永远轮不到"):
        load_rulebook(path)


def test_every_assumption_of_a_regime_is_listed_with_what_it_belongs_to() -> None:
    found = assumptions(load_rulebook("kunming"))
    said = [" · ".join((*each.of, each.text)) for each in found]
    assert "电话提醒 · 文件未写明“15天以上”是否含第15天，比照“(含30天)”的写法，按不含处理" in said
    assert "书面说明 · 文件未作规定（5个工作日）" in said
    assert not any(each.of == () for each in found)


def test_a_date_that_must_fit_one_that_nobody_states_is_named_at_its_place(tmp_path: Path) -> None:
    wrong = STEP_BY_STEP.replace("title: 落实日期, kind: date}", "title: 落实日期, kind: date, not_before: decided}")
    [problem] = checked(tmp_path, more=wrong)
    assert "procedures.blame.steps[1].facts[1].not_before" in problem
    assert "“decided”不是另一个已定义的日期" in problem
