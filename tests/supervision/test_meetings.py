"""A meeting's decisions are handed over at once, each on a slip that names meeting and decision (Bozhou 2015, 19)."""

from typing import Any

from duban.supervision.plans.plan import Meeting, PlanDefinition, TaskDefinition
from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.advance import Transition
from duban.supervision.tasks.begin import begin
from duban.supervision.tasks.entries import EntryKind, NoticeIntent, ObligationChange
from tests.supervision.supervised import HANDLING, LEAD, SUPERVISOR, day, node, policy_of, roles_of

MEETING = Meeting(title="第12次常务会议", held_on=day("2016-04-28"), body="市政府")


def begun(regime: str, meeting: Meeting | None = MEETING, at: str = "2016-04-29", **plan: Any) -> Transition:
    policy = policy_of(regime)
    definition = TaskDefinition(
        code="T-1",
        title="老旧小区改造",
        lead_body=LEAD,
        leader="刘局长",
        handling_body=HANDLING,
        deliverable="改造方案",
        deadline_text="12月底前",
        milestones=(node(1, "2016-12-31"),),
    )
    decisions = PlanDefinition(code="T", title="决定事项", issued_on=day("2016-04-29"), meeting=meeting, **plan)
    now = policy.calendar.zone.at(day(at), 600)
    return begin(definition, decisions, roles_of(definition, policy), policy, now)


def slips(done: Transition) -> list[NoticeIntent]:
    return [c for e in done.entries for c in e.changes if isinstance(c, NoticeIntent)]


def told(done: Transition) -> str:
    return next(e.text for e in done.entries if e.kind is EntryKind.ASSIGNED)


def test_every_decision_goes_out_on_a_numbered_slip_that_names_its_meeting() -> None:
    done = begun("bozhou")
    assert [(s.recipient, s.key, s.paper) for s in slips(done)] == [
        (HANDLING, "assignment", "市政府重要事项交办单"),
        (LEAD, "assignment", "市政府重要事项交办单"),
    ]
    facts = slips(done)[0].facts
    assert facts["meeting"] == "市政府“第12次常务会议”（2016年4月28日）"
    assert (facts["leader"], facts["deadline"], facts["what"]) == ("刘局长", "12月底前", "meeting_decision")
    cited = slips(done)[0].explanation.citation
    assert (cited.rule, cited.paragraph) == ("会议决定事项交办", 19)


def test_the_timeline_of_every_task_says_which_meeting_decided_it() -> None:
    text = f"按市政府“第12次常务会议”（2016年4月28日）的决定，{SUPERVISOR}交办给{HANDLING}"
    assert told(begun("bozhou")) == text
    assert told(begun("kunming")) == text


def test_where_the_rules_say_nothing_of_meetings_the_slip_has_no_number() -> None:
    assert {s.paper for s in slips(begun("kunming"))} == {None}
    assert slips(begun("kunming"))[0].facts["meeting"]


def test_a_plan_that_no_meeting_decided_is_handed_over_as_ever() -> None:
    done = begun("bozhou", meeting=None)
    assert told(done) == f"{SUPERVISOR}交办给{HANDLING}"
    assert {(s.paper, s.facts["what"]) for s in slips(done)} == {(None, "assignment")}


def test_the_time_to_hand_over_runs_from_the_meeting() -> None:
    def reason(meeting: Meeting | None, at: str) -> str:
        changes = (c for e in begun("kunming", meeting, at).entries for c in e.changes)
        return next(c.reason for c in changes if isinstance(c, ObligationChange) and c.duty is Duty.HAND_OVER)

    # Five working days: from the meeting until 6 May, from the day of issue until 9 May.
    assert reason(MEETING, "2016-05-06") == ""
    assert "应于2016年4月28日起5个工作日内即2016年5月6日前交办，迟3天" in reason(MEETING, "2016-05-09")
    assert reason(None, "2016-05-09") == ""


def test_a_plan_without_a_meeting_keeps_its_text() -> None:
    plan = PlanDefinition(code="T", title="方案", issued_on=day("2016-04-29"))
    assert "meeting" not in plan.model_dump_json()
    assert "watcher" not in plan.model_dump_json()
