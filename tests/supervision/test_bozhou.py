"""Bozhou 2015, two circulars and one transfer (两通报、一移交), run by the same core."""

from duban.supervision.bodies.organisation import Body, Organisation, Person
from duban.supervision.rules.parts import PersonRole
from duban.supervision.tasks.entries import EntryKind, NoticeKind
from duban.supervision.tasks.messages import Decide, Demand, ReportProgress, SubmitExplanation, Urge
from duban.supervision.tasks.state import RungStatus
from tests.supervision.supervised import HANDLING, LEAD, Reminder, Supervised, day, policy_of

SUPERVISION_OFFICE, GOVERNMENT = "市政府督查室", "市政府"
FIRST, SECOND, TRANSFER = "circular_by_supervision_office", "circular_by_government_office", "transfer"
LATE = "2016-12-31"


def bozhou(*due_on: str) -> Supervised:
    return Supervised(*due_on, regime="bozhou", supervisor=SUPERVISION_OFFICE)


def test_three_urgings_lead_to_two_circulars_and_a_transfer_with_the_governments_consent() -> None:
    task = bozhou("2016-06-30", LATE).until("2016-08-10 10:00")
    zone = task.policy.calendar.zone
    assert [zone.local_date(e.at) for e in task.of_kind(EntryKind.URGED)] == [
        day("2016-07-07"),
        day("2016-07-21"),
        day("2016-08-04"),
    ]
    assert task.given() == [
        Reminder(FIRST, "2016-07-12", "2016-07-12"),
        Reminder(SECOND, "2016-07-26", "2016-07-26"),
    ]
    asked = task.notices(NoticeKind.DECISION)[-1]
    assert (asked.recipient, asked.duty, asked.explanation.due_on) == (GOVERNMENT, "consent", day("2016-08-09"))
    task.decide(GOVERNMENT, True)
    assert task.given()[-1] == Reminder(TRANSFER, "2016-08-09", "2016-08-10")
    transfer = task.notices(NoticeKind.REMINDER)[-1]
    assert (transfer.recipient, transfer.paper) == ("市监察部门", "移交函")


def test_without_the_governments_consent_nothing_is_transferred() -> None:
    task = bozhou("2016-06-30", LATE).until("2016-08-10 10:00")
    task.decide(GOVERNMENT, False)
    task.until("2016-12-01")
    assert task.levels()[f"e1/{TRANSFER}"] is RungStatus.REFUSED
    assert len(task.of_kind(EntryKind.URGED)) == 3


def test_a_returned_report_is_circulated_at_once_even_without_an_urging() -> None:
    task = bozhou("2016-06-30", LATE).until("2016-06-29 10:00")
    task.report(1)
    task.until("2016-07-05 10:00")
    task.send_back()
    assert task.until("2016-07-06").given() == [Reminder(FIRST, "2016-07-05", "2016-07-05")]
    # "urged once OR returned" is one level: the urging that follows brings no second circular of it.
    task.until("2016-07-20")
    assert [r.level for r in task.given()].count(FIRST) == 1


def test_an_answer_returned_before_anything_is_overdue_is_circulated_too() -> None:
    task = bozhou(LATE, "2017-03-31").until("2016-06-15 10:00")
    task.report(1)
    task.send_back()
    assert task.given() == [Reminder(FIRST, "2016-06-15", "2016-06-15")]


def test_a_leaders_demand_leads_to_the_second_circular_without_two_urgings() -> None:
    task = bozhou("2016-06-30", LATE).until("2016-07-04 10:00")
    task.tell(Demand(**task.said(GOVERNMENT), text="限期整改"))
    task.until("2016-07-18")
    assert task.given()[-1] == Reminder(SECOND, "2016-07-18", "2016-07-18")


def test_the_urged_body_itself_explains_again_what_was_returned() -> None:
    task = bozhou("2016-06-30", LATE).until("2016-07-27 10:00")
    owed = task.state.obligation(f"e1/{SECOND}/explanation")
    assert owed is not None
    assert owed.owed_by == HANDLING != LEAD
    task.tell(SubmitExplanation(**task.said(HANDLING), text="人手不足"))
    task.send_back(what="explanation")
    again = [o for o in task.state.obligations if o.duty == "explanation"]
    assert [(o.id, o.owed_by) for o in again] == [(f"e1/{SECOND}/explanation/r1", HANDLING)]


def test_urgings_do_not_pile_up_in_a_suspension_nor_does_the_time_to_answer_them_run() -> None:
    task = bozhou("2016-06-30", LATE).until("2016-07-08 10:00")  # urged on 07-07
    task.suspend(until="2016-09-05")
    task.until("2016-09-07 08:00")
    assert task.given() == []
    assert task.until("2016-09-07").given() == [Reminder(FIRST, "2016-09-07", "2016-09-07")]
    assert len(task.of_kind(EntryKind.URGED)) == 1


def test_after_an_outage_one_urging_is_given_not_several() -> None:
    task = bozhou("2016-06-30", LATE).until("2016-07-01").asleep_until("2016-09-05 11:00").wake()
    assert len(task.of_kind(EntryKind.URGED)) == 1
    assert task.given() == []


def demand(task: Supervised) -> None:
    task.tell(Demand(**task.said(GOVERNMENT), text="限期整改"))


def test_a_demand_made_before_anything_was_overdue_stands_when_the_deadline_is_missed() -> None:
    task = bozhou("2016-06-30", LATE).until("2016-06-20 10:00")
    demand(task)
    # Nobody is behind before the deadline: the ten working days run from it.
    assert task.until("2016-07-13").given() == [Reminder(FIRST, "2016-07-12", "2016-07-12")]
    assert task.until("2016-07-14").given()[1:] == [Reminder(SECOND, "2016-07-14", "2016-07-14")]


def test_a_demand_that_was_complied_with_says_nothing_of_a_later_milestone() -> None:
    task = bozhou("2016-06-30", "2016-09-30", LATE).until("2016-06-20 10:00")
    demand(task)
    task.until("2016-06-29 10:00").report(1)
    # The second circular comes after two urgings only.
    task.until("2016-10-25")
    assert [r.level for r in task.given()] == [FIRST]


def test_a_demand_that_a_reported_milestone_be_put_right_stands_when_its_report_is_returned() -> None:
    task = bozhou("2016-06-30", LATE).until("2016-06-29 10:00")
    task.report(1)
    task.until("2016-07-06 10:00")
    demand(task)
    task.until("2016-07-08 10:00").send_back()
    assert task.until("2016-07-20").given() == [
        Reminder(FIRST, "2016-07-08", "2016-07-08"),
        Reminder(SECOND, "2016-07-20", "2016-07-20"),
    ]


def test_a_demand_counts_in_one_stretch_of_lag() -> None:
    task = bozhou("2016-06-30", LATE).until("2016-06-20 10:00")
    demand(task)
    task.until("2016-07-05 10:00")
    task.ask_extension(1, "2016-09-30")
    task.tell(Decide(body=SUPERVISION_OFFICE, person="李四", approve=True))
    # In the new stretch the second circular comes after two urgings only.
    assert [r.level for r in task.until("2016-10-25").given()] == [FIRST]


def test_of_two_demands_in_stretches_that_a_return_joins_the_first_counts() -> None:
    task = bozhou("2016-06-30", "2016-07-20", LATE).until("2016-07-04 10:00")
    demand(task)
    task.until("2016-07-06 10:00").report(1)
    task.until("2016-07-25 10:00")
    demand(task)
    task.until("2016-07-26 09:00").send_back()
    assert task.until("2016-07-26").given() == [Reminder(SECOND, "2016-07-26", "2016-07-26")]


def test_a_demand_made_between_report_and_return_does_not_replace_an_earlier_one() -> None:
    task = bozhou("2016-06-30", LATE).until("2016-07-04 10:00")
    demand(task)
    task.until("2016-07-06 10:00").report(1)
    task.until("2016-07-15 10:00")
    demand(task)
    task.until("2016-07-18 09:00").send_back()
    assert task.until("2016-07-18").given() == [Reminder(SECOND, "2016-07-18", "2016-07-18")]


def test_a_second_demand_gives_no_second_respite() -> None:
    task = bozhou("2016-06-30", LATE).until("2016-07-04 10:00")
    demand(task)
    task.until("2016-07-15 10:00")
    demand(task)
    assert task.until("2016-07-18").given()[-1] == Reminder(SECOND, "2016-07-18", "2016-07-18")


def test_two_returns_on_a_weekend_are_circulated_as_of_the_first() -> None:
    task = bozhou("2016-06-30", "2016-07-01", LATE).until("2016-06-29 10:00")
    task.report(1, id="one")
    task.report(2, id="two")
    task.until("2016-07-09 10:00").send_back(report="one")
    task.until("2016-07-10 10:00").send_back(report="two")
    assert task.until("2016-07-11").given() == [Reminder(FIRST, "2016-07-09", "2016-07-11")]


def test_however_short_the_interval_a_body_is_urged_once_a_day_at_most() -> None:
    policy = policy_of("bozhou")
    urging = policy.regime.ladder.urging
    assert urging is not None
    at_once = urging.model_copy(update={"every": urging.every.model_copy(update={"days": 0})})
    ladder = policy.regime.ladder.model_copy(update={"urging": at_once})
    regime = policy.regime.model_copy(update={"ladder": ladder})
    task = Supervised(
        "2016-06-30", LATE, regime=policy.model_copy(update={"regime": regime}), supervisor=SUPERVISION_OFFICE
    ).until("2016-07-12")
    zone = policy.calendar.zone
    days = [zone.local_date(e.at).isoformat() for e in task.of_kind(EntryKind.URGED)]
    assert days == ["2016-07-07", "2016-07-08", "2016-07-11"]  # 07-09 and 07-10 are a weekend


def test_an_urging_given_during_an_outage_counts_from_its_own_day() -> None:
    task = bozhou("2016-06-30", LATE).until("2016-07-03").asleep_until("2016-07-06 10:00")
    task.tell(Urge(**task.said(SUPERVISION_OFFICE, "2016-07-04 10:00"), text="请抓紧"))
    assert task.until("2016-07-08").given() == [Reminder(FIRST, "2016-07-07", "2016-07-07")]


def of_persons(handling: bool, supervisor: str = SUPERVISION_OFFICE) -> Supervised:
    """A task whose handling body or supervising body has named head, deputy and clerk."""
    persons = (
        Person(name="刘局长", role=PersonRole.HEAD),
        Person(name="陈副局长", role=PersonRole.DEPUTY),
        Person(name="吴科员"),
    )
    task = Supervised("2016-06-30", LATE, regime="bozhou", supervisor=supervisor)
    mayor = Body(name=GOVERNMENT, persons=(Person(name="周市长", role=PersonRole.HEAD),))
    bodies = (Body(name=HANDLING if handling else supervisor, persons=persons), mayor)
    who = Organisation(bodies=bodies, roles={"supervising_body": supervisor})
    roles = who.roles_for(task.state.definition, supervisor, task.policy.regime)
    task.state = task.state.model_copy(update={"roles": roles})
    return task


def test_only_the_head_explains_after_a_circular_and_whoever_handles_it_says_beforehand_what_will_be_late() -> None:
    task = of_persons(handling=True)
    ahead = {"person": "吴科员", "text": "缺资金", "on_time": False, "progress": "完成六成"}
    task.tell(SubmitExplanation(**{**task.said(HANDLING), **ahead}))
    task.until("2016-07-27 10:00")
    assert task.given()[-1].level == SECOND
    explains = {**task.said(HANDLING), "text": "已补救"}
    assert task.refuses(SubmitExplanation(**{**explains, "person": "陈副局长"})) == (
        f"“通报后的说明”须由{HANDLING}的主要负责人办理（刘局长）"
    )
    task.tell(SubmitExplanation(**{**explains, "person": "刘局长"}))
    told = task.notices(NoticeKind.OTHER)[-1]
    assert (told.recipient, told.issuer) == (GOVERNMENT, HANDLING)
    assert told.facts == {"what": "explained", "title": "市政府办公室通报后的说明", "text": "已补救", "head": "周市长"}


def test_in_a_department_the_deputy_urges_and_in_the_supervision_office_whoever_handles_the_document() -> None:
    task = of_persons(handling=False, supervisor=LEAD).until("2016-05-10 10:00")
    assert task.refuses(Urge(**{**task.said(LEAD), "person": "吴科员"}, text="请抓紧")) == (
        f"“催办”须由{LEAD}的主要负责人、分管负责人、领导办理（刘局长、陈副局长）"
    )
    task.tell(Urge(**{**task.said(LEAD), "person": "陈副局长"}, text="请抓紧"))
    office = of_persons(handling=False).until("2016-05-10 10:00")
    office.tell(Urge(**{**office.said(SUPERVISION_OFFICE), "person": "吴科员"}, text="请抓紧"))


def of_sections(body: str, supervisor: str = SUPERVISION_OFFICE) -> Supervised:
    """A task of which a body has two sections and a deputy."""
    task = Supervised("2016-06-30", LATE, regime="bozhou", supervisor=supervisor).until("2016-05-10 10:00")
    persons = (
        Person(name="陈副局长", role=PersonRole.DEPUTY),
        Person(name="甲", section="一科"),
        Person(name="乙", section="一科"),
        Person(name="丙", section="二科"),
        Person(name="丁"),
    )
    who = Organisation(bodies=(Body(name=body, persons=persons),), roles={"supervising_body": supervisor})
    roles = who.roles_for(task.state.definition, supervisor, task.policy.regime)
    task.state = task.state.model_copy(update={"roles": roles})
    return task


def reports(task: Supervised, person: str) -> ReportProgress:
    return ReportProgress(**{**task.said(HANDLING), "person": person}, note="推进中")


def test_the_section_that_handles_a_matter_reports_on_it_and_no_other() -> None:
    task = of_sections(HANDLING)
    task.tell(reports(task, "陈副局长"))  # says nothing of who handles it
    task.tell(reports(task, "甲"))
    task.tell(reports(task, "乙"))
    for other in ("丙", "丁"):
        assert task.refuses(reports(task, other)) == (
            f"本事项由{HANDLING}一科承办，应由该科室的人员或本单位领导办理，不应由{other}办理"
        )
    task.tell(reports(task, "陈副局长"))
    assert task.state.handled_in == {HANDLING: "一科"}


def test_a_section_in_which_nobody_works_any_more_holds_nothing() -> None:
    task = of_sections(HANDLING)
    task.tell(reports(task, "甲"))
    persons = dict.fromkeys(("甲", "乙", "丙"), "二科")
    roles = task.state.roles.model_copy(update={"sections": {HANDLING: persons}})
    task.state = task.state.model_copy(update={"roles": roles})
    task.tell(reports(task, "丙"))
    assert task.state.handled_in == {HANDLING: "二科"}


def test_in_the_government_office_the_section_that_handled_the_document_presses_it() -> None:
    office = "市政府办公室"
    task = of_sections(office, supervisor=office)
    task.tell(Urge(**{**task.said(office), "person": "甲"}, text="请抓紧"))
    refused = task.refuses(Urge(**{**task.said(office), "person": "丙"}, text="请抓紧"))
    assert refused.startswith(f"本事项由{office}一科承办")
