"""Reports of what takes longer than a month, to the body that assigned it (Bozhou 2015, paragraph 28), day by day."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from duban.supervision.clauses import Limit, Source
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.policy import Policy
from duban.supervision.rules.reporting_rules import InterimReports
from duban.supervision.tasks.advance import Transition, advance
from duban.supervision.tasks.entries import EntryKind, NoticeKind
from duban.supervision.tasks.messages import Adopt, Amend, AmendedMilestone, Decide
from tests.supervision.supervised import HANDLING, SUPERVISOR, Supervised, day, policy_of

ASSUMED = Source(assumed=True)
GOVERNMENT_OFFICE = "市政府督查室"


def under(monthly: bool = True, regime: str = "kunming") -> Policy:
    """Kunming's ladder, with monthly reports or without: what is shown here depends on no other rule of Bozhou's."""
    policy = policy_of(regime)
    rule = InterimReports(longer_than=Limit(months=1, source=ASSUMED), source=ASSUMED) if monthly else None
    return policy.model_copy(
        update={"regime": policy.regime.model_copy(update={"interim_reports": rule, "explained_before": None})}
    )


MONTHLY = under()


def asked(task: Supervised) -> list[tuple[str, str]]:
    """When a report was asked for, and by when."""
    notices = task.notices(NoticeKind.REPORT_DUE)
    return [(task.delivered(n), n.respond_by.isoformat()) for n in notices if n.respond_by]


def test_what_takes_longer_than_a_month_is_reported_on_by_month() -> None:
    task = Supervised("2016-09-15", regime=MONTHLY).until("2016-08-31")
    # Asked for 7 days before the end of the month, on a working day on or before.
    assert asked(task) == [
        ("2016-05-24", "2016-05-31"),
        ("2016-06-23", "2016-06-30"),
        ("2016-07-22", "2016-07-31"),
        ("2016-08-24", "2016-08-31"),
    ]
    notice = task.notices(NoticeKind.REPORT_DUE)[0]
    assert (notice.recipient, notice.issuer, notice.duty) == (HANDLING, SUPERVISOR, Duty.CYCLE_REPORT)


def test_in_bozhou_it_says_so_with_the_clause() -> None:
    task = Supervised("2016-09-15", regime="bozhou", supervisor=GOVERNMENT_OFFICE).until("2016-05-31")
    cited = task.notices(NoticeKind.REPORT_DUE)[0].explanation.citation
    assert (cited.rule, cited.paragraph) == ("办理时限超过1个月的定期报告", 28)
    assert cited.sentence == "办理时限规定超过 1 个月的,由办理单位分月报告工作进展情况"


def test_a_limit_of_a_month_is_not_longer_than_a_month() -> None:
    assert asked(Supervised("2016-06-03", regime=MONTHLY).until("2016-07-31")) == []
    assert asked(Supervised("2016-06-04", regime=MONTHLY).until("2016-05-31")) == [("2016-05-24", "2016-05-31")]


def test_the_month_in_which_it_is_due_is_reported_on_by_the_completion() -> None:
    task = Supervised("2016-06-28", regime=MONTHLY).until("2016-06-28")
    assert asked(task) == [("2016-05-24", "2016-05-31")]


def test_what_is_overdue_is_reported_on_as_before() -> None:
    task = Supervised("2016-06-10", regime=MONTHLY).until("2016-07-31")
    assert [due for _, due in asked(task)] == ["2016-05-31", "2016-06-30", "2016-07-31"]


def test_a_report_that_does_not_come_is_chased_and_one_that_comes_is_enough() -> None:
    task = Supervised("2016-09-15", regime=MONTHLY).until("2016-06-02")
    assert task.chases("report/2016-05-31/cycle_report") == ["2016-06-01"]
    task.report()
    assert not task.state.owing(Duty.CYCLE_REPORT)


def test_a_task_started_half_way_reports_from_then_on() -> None:
    task = Supervised("2016-09-15", regime=MONTHLY, entered="2016-05-27", handed_over_on=day("2016-03-01"))
    assert asked(task.until("2016-06-30")) == [("2016-06-23", "2016-06-30")]
    # Its month counts from the hand-over, not from the day on which it was taken over.
    short = Supervised("2016-06-20", regime=MONTHLY, entered="2016-05-27", handed_over_on=day("2016-03-01"))
    assert short.state.cycle_ends_on is not None
    assert Supervised("2016-06-20", regime=MONTHLY, entered="2016-05-27").state.cycle_ends_on is None


def test_a_month_that_ended_while_the_count_stood_still_is_not_reported_on() -> None:
    task = Supervised("2016-12-31", regime=MONTHLY).until("2016-05-25 10:00")
    task.report()
    task.suspend(until="2016-08-05")
    task.until("2016-09-01")
    assert [due for _, due in asked(task)] == ["2016-05-31", "2016-08-31"]


def test_after_an_outage_the_last_month_missed_is_reported_on_once() -> None:
    task = Supervised("2016-12-31", regime=MONTHLY).asleep_until("2016-09-05 10:00").wake()
    assert asked(task) == [("2016-09-05", "2016-09-05")]
    assert [due for _, due in asked(task.until("2016-10-01"))] == ["2016-09-05", "2016-09-30"]


def test_an_extension_that_makes_it_long_begins_the_reports_and_one_that_was_long_goes_on() -> None:
    task = Supervised("2016-06-01", regime=MONTHLY).until("2016-05-25 10:00")
    task.extend(1, "2016-08-15")
    assert [due for _, due in asked(task.until("2016-07-31"))] == ["2016-05-31", "2016-06-30", "2016-07-31"][1:]
    long = Supervised("2016-06-20", regime=MONTHLY).until("2016-06-01 10:00")
    long.extend(1, "2016-08-15")
    assert [due for _, due in asked(long.until("2016-07-31"))] == ["2016-05-31", "2016-06-30", "2016-07-31"]


def test_an_amendment_that_makes_it_short_ends_them() -> None:
    task = Supervised("2016-09-15", regime=MONTHLY).until("2016-05-20 10:00")
    earlier = AmendedMilestone(number=1, due_on=day("2016-06-03"))
    task.tell(Amend(**task.said(SUPERVISOR), reason="提前", milestones=(earlier,)))
    assert task.state.cycle_ends_on is None
    assert asked(task.until("2016-07-31")) == []


def test_nothing_is_asked_while_the_strike_off_is_checked_and_again_once_it_is_returned() -> None:
    task = Supervised("2016-12-31", regime=MONTHLY).until("2016-05-10 10:00")
    task.ask_strike_off()
    assert asked(task.until("2016-07-10 10:00")) == []
    task.verify(passed=False)
    assert [due for _, due in asked(task.until("2016-08-01"))] == ["2016-07-10", "2016-07-31"]


def test_rules_without_it_ask_for_nothing_and_rules_adopted_with_it_begin_from_then_on() -> None:
    task = Supervised("2016-12-31", regime=under(monthly=False)).until("2016-07-05 10:00")
    assert asked(task) == []
    office = task.policy.regime.offices["reform_office"][0]
    task.tell(Adopt(**task.said(office), reason="修订", policy=MONTHLY))
    assert [due for _, due in asked(task.until("2016-08-31"))] == ["2016-07-31", "2016-08-31"]
    task.tell(Adopt(**task.said(office), reason="修订", policy=under(monthly=False)))
    assert len(asked(task.until("2016-12-01"))) == 2


def test_an_open_ended_task_is_reported_on_in_the_cycle_of_its_plan() -> None:
    task = Supervised(regime=MONTHLY, open_ended=True, report_cycle="quarterly").until("2016-12-31")
    assert [due for _, due in asked(task)] == ["2016-06-30", "2016-09-30", "2016-12-31"]
    assert "无明确期限" in task.notices(NoticeKind.REPORT_DUE)[0].explanation.citation.rule


@settings(deadline=None, max_examples=40)
@given(
    st.dates(day("2016-01-04"), day("2016-12-30")),
    st.integers(0, 400),
    st.lists(st.tuples(st.integers(1, 60), st.sampled_from(["extend", "report", "suspend"])), max_size=5),
)
def test_each_month_is_asked_for_once_at_most_and_only_of_a_long_limit(
    entered: date, length: int, happenings: list[tuple[int, str]]
) -> None:
    due = date.fromordinal(entered.toordinal() + length)
    task = Supervised(due.isoformat(), regime=MONTHLY, entered=entered.isoformat())
    was_ever_long = task.state.cycle_ends_on is not None
    for days, what in happenings:
        local = task.policy.calendar.zone.local_date(task.now)
        task.until(f"{date.fromordinal(local.toordinal() + days).isoformat()} 10:00")
        later = date.fromordinal(local.toordinal() + days + 90)
        if what == "extend" and later > task.state.milestones[0].due_on:
            task.ask_extension(1, later.isoformat())
            task.tell(Decide(body=SUPERVISOR, person="李四", approve=True))
        elif what == "report":
            task.report()
        elif what == "suspend" and not task.state.suspended_on(later):
            done = advance(task.state, task.suspension(until=later.isoformat()), task.policy, task.now)
            if isinstance(done, Transition):
                task.state = done.state
        was_ever_long = was_ever_long or task.state.cycle_ends_on is not None
    task.until("2017-12-01")
    keys = [n.key for n in task.notices(NoticeKind.REPORT_DUE)]
    assert len(keys) == len(set(keys))
    assert was_ever_long or not keys
    assert len(task.of_kind(EntryKind.REPORT_DUE)) == len(keys)
