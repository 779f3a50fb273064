"""A year that has not been announced: marked wherever a date rests on it, and followed by what is still to come."""

from datetime import date

from duban.calendars import library_year, with_years
from duban.supervision.days.calendar import OfficeCalendar
from duban.supervision.rules.policy import Policy
from duban.supervision.tasks.entries import NoticeKind
from duban.supervision.tasks.messages import Adopt
from duban.supervision.tasks.moments import upcoming
from duban.supervision.tasks.views import details, snapshot, status_view
from tests.supervision.supervised import OFFICE, Supervised, policy_of

STATUTORY = tuple(
    date(2017, month, day) for month, day in ((1, 30), (4, 4), (5, 1), (5, 30), (10, 2), (10, 3), (10, 4))
)
"""Weekdays of 2017 that are holidays by the statute alone."""


def unannounced() -> Policy:
    """Kunming's rules on a calendar that knows 2016, and nothing of 2017 but the statute."""
    known = policy_of()
    calendar = OfficeCalendar(
        zone=known.calendar.zone,
        holidays=(*(day for day in known.calendar.holidays if day.year <= 2016), *STATUTORY),
        workdays=tuple(day for day in known.calendar.workdays if day.year <= 2016),
        known_until=date(2016, 12, 31),
    )
    return Policy(regime=known.regime, calendar=calendar)


def announced(policy: Policy) -> Policy:
    year = library_year(2017)
    assert year is not None
    return Policy(regime=policy.regime, calendar=with_years(policy.calendar, [year]))


def adopt(task: Supervised, *, reckon_anew: bool = True) -> None:
    task.tell(Adopt(**task.said(OFFICE), reason="国办通知", policy=announced(task.policy), reckon_anew=reckon_anew))


def test_everything_that_rests_on_the_year_is_marked_until_it_is_announced() -> None:
    task = Supervised("2017-02-08", "2017-06-30", entered="2016-12-29", regime=unannounced())

    view = status_view(task.state, task.policy, task.now)
    assert view.next_moment_provisional
    assert {one.what: one.provisional for one in view.awaiting} == {"签收承办": True, "首次落实情况反馈": True}
    assert view.calendar_known_until == date(2016, 12, 31)
    assert "（暂定）" in details(task.state, task.policy)
    assert snapshot(task.state, task.policy).next_moment_text.endswith("（暂定）")
    assert task.entries[1].text.endswith("（所涉日期暂定：有关年度的放假调休安排尚未公布）")
    assert all(notice.explanation.provisional for notice in task.notices(NoticeKind.OTHER) if notice.respond_by)

    adopt(task)

    view = status_view(task.state, task.policy, task.now)
    assert not view.next_moment_provisional
    assert not any(one.provisional for one in view.awaiting)
    assert "暂定" not in details(task.state, task.policy)
    assert "暂定" not in snapshot(task.state, task.policy).next_moment_text
    assert "暂定" not in task.entries[-1].text


def test_what_does_not_rest_on_the_year_is_not_marked() -> None:
    task = Supervised("2016-09-30", "2017-06-30", entered="2016-05-03", regime=unannounced())

    view = status_view(task.state, task.policy, task.now)
    assert not view.next_moment_provisional
    assert not any(one.provisional for one in view.awaiting)
    assert not any("暂定" in entry.text for entry in task.entries)


def test_what_is_reckoned_follows_the_announced_year_and_what_was_given_stays() -> None:
    task = Supervised("2017-02-08", "2017-06-30", entered="2017-01-18", regime=unannounced())
    due = {owed.id: owed.due_on for owed in task.state.obligations}
    assert _day_of(task, "节点1") == "2017-02-01"

    adopt(task)

    assert _day_of(task, "节点1") == "2017-01-26"  # the holiday lasts until 2 February
    assert {owed.id: owed.due_on for owed in task.state.obligations} == due


def test_a_chase_still_to_come_waits_for_a_day_on_which_the_office_works() -> None:
    task = Supervised("2017-06-30", entered="2017-01-25", regime=unannounced())  # to be accepted by 31 January
    [acceptance] = [owed for owed in task.state.obligations if owed.id == "assignment/acceptance"]
    assert acceptance.next_chase_on is not None
    assert acceptance.next_chase_on < date(2017, 2, 3)

    adopt(task)

    chases = {owed.id: owed.next_chase_on for owed in task.state.obligations}
    assert chases["assignment/acceptance"] == date(2017, 2, 3)
    task.until("2017-02-02")
    assert task.chases("assignment/acceptance") == []
    task.until("2017-02-03")
    assert task.chases("assignment/acceptance") == ["2017-02-03"]


def test_a_mistaken_year_is_put_right_by_adopting_again() -> None:
    task = Supervised("2017-02-08", "2017-06-30", entered="2017-01-18", regime=unannounced())
    before = task.policy
    adopt(task)
    task.tell(Adopt(**task.said(OFFICE), reason="更正", policy=before, reckon_anew=True))

    assert _day_of(task, "节点1") == "2017-02-01"
    assert task.policy == before


def test_a_calendar_told_as_earlier_releases_told_it_leaves_chases_where_they_were() -> None:
    task = Supervised("2017-06-30", entered="2017-01-25", regime=unannounced())
    before = task.state.obligations

    adopt(task, reckon_anew=False)

    assert task.state.obligations == before


def _day_of(task: Supervised, words: str) -> str:
    """The local date of the advance notice that names a milestone."""
    found = [moment for moment in upcoming(task.state, task.policy) if words in moment.text and "预告" in moment.text]
    return task.policy.calendar.zone.local_date(found[0].at).isoformat()
