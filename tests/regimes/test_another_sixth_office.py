"""A second office in none of Duban's files (invented): what the first does not need and rules often ask for."""

from datetime import date
from pathlib import Path

import pytest

from duban.calendars import compile_calendar
from duban.regimes import load_rulebook
from duban.regimes.checking import check_regime
from duban.supervision.bodies.organisation import Body, Organisation
from duban.supervision.registers.occurrences import occurrences
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.policy import Policy
from duban.supervision.rules.rulebook import Rulebook
from duban.supervision.tasks.entries import NoticeKind
from duban.supervision.tasks.messages import ReturnForRework
from duban.supervision.tasks.moments import upcoming
from duban.supervision.tasks.state import RungStatus
from tests.commands.conftest import CommandLine
from tests.supervision.items import Item
from tests.supervision.supervised import HANDLING, LEAD, Supervised

FILE = Path(__file__).with_name("yunting.yaml")
CENTRE, DIRECTOR, GROUP = "市督查中心", "市督查中心主任", "市督查落实工作领导小组"
SQUAD = "民生保障专班"
ORGANISATION = Organisation(
    roles={"counties": ("东桥区",)},
    bodies=(Body(name=LEAD, supervised_by=SQUAD), Body(name=SQUAD, tier=2)),
)


@pytest.fixture(scope="module")
def rules() -> Rulebook:
    return load_rulebook(FILE)


@pytest.fixture(scope="module")
def policy(rules: Rulebook) -> Policy:
    return Policy(regime=rules.regime, calendar=compile_calendar(rules.zone, 2015, 2018))


def task(policy: Policy, *due: str) -> Supervised:
    return Supervised(*due, regime=policy, supervisor=SQUAD)


def item(rules: Rulebook, policy: Policy, procedure: str, **facts: tuple[str, ...]) -> Item:
    steps = rules.procedures[procedure]
    policy = policy.model_copy(update={"procedure": steps})
    return Item(steps, policy=policy, procedure=procedure, facts=facts, lead_body=CENTRE)


def test_its_file_passes_every_check() -> None:
    assert check_regime(FILE, organisation=ORGANISATION).problems == ()


def test_the_second_return_of_a_task_lights_the_red_lamp_and_the_first_does_not(policy: Policy) -> None:
    late = task(policy, "2016-06-30", "2017-03-31").until("2016-06-15 10:00")
    late.report(1)
    late.tell(ReturnForRework(**late.said(SQUAD), reason="依据不足"))
    assert late.levels() == {}
    late.until("2016-06-16 10:00").report(1)
    late.tell(ReturnForRework(**late.said(SQUAD), reason="依据不足"))
    assert late.levels() == {"r2/red": RungStatus.AWAITING_APPROVAL}


def test_returns_before_the_lag_count_once_one_comes_within_it(policy: Policy) -> None:
    late = task(policy, "2016-06-30", "2017-03-31").until("2016-06-15 10:00")
    late.report(1)
    late.tell(ReturnForRework(**late.said(SQUAD), reason="依据不足"))
    late.until("2016-07-04 10:00").report(1)
    late.tell(ReturnForRework(**late.said(SQUAD), reason="依据不足"))
    late.until("2016-07-05")
    assert late.levels()["e1/red"] is RungStatus.AWAITING_APPROVAL


def test_the_red_slip_goes_out_after_two_approvals_to_the_head_and_is_copied(policy: Policy) -> None:
    late = task(policy, "2016-06-30").until("2016-07-15")
    late.decide(SQUAD, True)
    assert late.levels()["e1/red"] is RungStatus.AWAITING_APPROVAL
    late.decide(DIRECTOR, True)
    red = [n.recipient for n in late.notices(NoticeKind.REMINDER) if n.level == "red"]
    assert HANDLING in red


def test_a_level_gives_its_own_time_for_what_another_level_asks_for_too(policy: Policy) -> None:
    late = task(policy, "2016-06-30").until("2016-07-15")
    late.decide(SQUAD, True)
    late.decide(DIRECTOR, True)
    owed = {each.id: each for each in late.state.obligations}
    # The yellow slip goes out on Friday 07-01, the red one on Monday 07-18.
    assert str(owed["e1/yellow/explanation"].due_on) == "2016-07-06"
    assert str(owed["e1/red/explanation"].due_on) == "2016-07-25"
    late.until("2016-07-26")
    chased = [n for n in late.notices(NoticeKind.CHASE) if n.subject == "e1/red/explanation"]
    assert "5个工作日" in chased[0].explanation.citation.rule


def test_a_slip_that_asks_for_two_answers_tells_of_both(policy: Policy) -> None:
    late = task(policy, "2016-06-30").until("2016-07-15")
    late.decide(SQUAD, True)
    late.decide(DIRECTOR, True)
    [red] = [n for n in late.notices(NoticeKind.REMINDER) if n.level == "red"]
    assert (red.duty, str(red.respond_by)) == (Duty.RECTIFICATION, "2016-08-08")
    assert red.facts["also_owed"] == "书面说明（2016年7月25日前）"
    assert "also_owed" not in late.notices(NoticeKind.REMINDER)[0].facts


def test_what_takes_long_is_reported_on_every_two_months(policy: Policy) -> None:
    long = task(policy, "2016-12-31").until("2016-12-31")
    asked = [str(n.explanation.due_on)[:7] for n in long.notices(NoticeKind.REPORT_DUE)]
    assert asked == ["2016-06", "2016-08", "2016-10"]


def test_an_approved_project_opens_three_items(rules: Rulebook, policy: Policy) -> None:
    facts = {"matter": ("供水",), "body": (LEAD,), "group": (SQUAD,), "finish_by": ("2016-08-31",)}
    project = item(rules, policy, "inspection_project", **facts)
    project.take(GROUP, step="approve", outcome="approved")
    assert [each.procedure for each in project.opens()] == ["field_check", "opinion_check", "funds_check"]
    assert project.waits() == ("s2/gather", CENTRE, "2016-09-07")


def test_a_measure_is_carried_out_by_whom_it_names_with_others(rules: Rulebook, policy: Policy) -> None:
    case = item(rules, policy, "accountability", body=(LEAD,), grounds=("通报两次",), proposed=("check",))
    case.take(GROUP, step="decide", outcome="accountable", facts={"measure": ["post"]})
    assert case.waits()[1] == "市委组织部"


def test_meetings_are_three_in_a_half_year_and_reports_end_with_their_month(rules: Rulebook, policy: Policy) -> None:
    year = (date(2016, 1, 1), date(2016, 12, 31))
    of = {key: occurrences(rhythm, *year, policy.calendar) for key, rhythm in rules.rhythms.items()}
    assert {key: len(found) for key, found in of.items()} == {
        "calendar": 1,
        "joint_meeting": 2,
        "hotline_review": 11,  # that of December 2016 is opened on the first working day of 2017
        "evaluation": 1,
        "monthly_report": 11,
        "archives": 1,
    }
    assert rules.procedures["joint_meeting"].steps[0].times == 3


def test_the_command_line_says_all_that_its_file_says() -> None:
    said = CommandLine()("regime", "show", FILE)
    assert said.exit_code == 0, said.output
    text = "".join(said.stdout.split())
    for words in (
        "每两个月报告一次",
        "到期前15日说明能否按期完成",
        "事项类别“市领导批示”（又称批示、批示件）：15个工作日内办结",
        "期满日期之前1个月",
        "只限全年第11期",
        "印发满9个月的",
        "会同",
        "累计",
        "黄灯每次提醒-0.5分，至多5",
        "延期审批，已延期1次以后的",
    ):
        assert words in text, words


def test_who_may_is_named_by_its_bodies_where_only_the_file_knows_the_role(policy: Policy) -> None:
    late = task(policy, "2016-06-30")
    told = late.refuses(ReturnForRework(**late.said("市财政局"), reason="依据不足"))
    assert "本任务应由市督查中心、专项小组（经济运行专班）" in told


def test_what_would_be_late_when_it_is_opened_is_named_before_anybody_is_chased(tmp_path: Path) -> None:
    text = FILE.read_text(encoding="utf-8").replace(
        "opens: end, procedure: monthly_report", "procedure: monthly_report"
    )
    path = tmp_path / "yunting.yaml"
    path.write_text(text.replace("counts_from: period_to", "counts_from: period_from"), encoding="utf-8")
    organisation = tmp_path / "organisation.yaml"
    organisation.write_text("roles: {counties: [东桥区]}\n", encoding="utf-8")
    options = ("--organisation", organisation, "--year", "2026")
    late = "立项时已经到期：专班月报——2026-10-08 立项、2026-10-06 到期。"
    assert late in CommandLine()("rehearse-year", "--regime", path, *options).stdout
    assert "立项时已经到期" not in CommandLine()("rehearse-year", "--regime", FILE, *options).stdout


def test_the_next_level_is_foretold_in_the_days_in_which_its_rule_counts(policy: Policy) -> None:
    late = task(policy, "2016-06-30").until("2016-07-04")
    assert "滞后满11个工作日即红灯" in [moment.text for moment in upcoming(late.state, late.policy)]
