"""Sichuan 2016: prompts to the lead body, and the important ones into the hands of the special group's head."""

from duban.supervision.bodies.organisation import Body, Organisation, Person
from duban.supervision.plans.plan import PlanDefinition
from duban.supervision.rules.parts import PersonRole
from duban.supervision.tasks.begin import begin
from duban.supervision.tasks.entries import NoticeKind
from tests.supervision.supervised import HANDLING, LEAD, Reminder, Supervised, day

OFFICE, GROUP = "省委改革办", "社会体制改革专项小组"
PROMPT, TO_THE_HEAD = "prompt", "notice_to_head"
ORGANISATION = Organisation(
    bodies=(
        Body(name=GROUP, persons=(Person(name="王副省长", role=PersonRole.HEAD),)),
        Body(name=LEAD, supervised_by=GROUP),
    )
)


class Organised(Supervised):
    """A task whose lead body has its special group."""

    def __init__(self, *due_on: str, watcher: str = "") -> None:
        super().__init__(*due_on, regime="sichuan", supervisor=OFFICE)
        task = self.state.definition
        roles = ORGANISATION.roles_for(task, OFFICE, self.policy.regime, watcher=watcher)
        plan = PlanDefinition(code="T", title="方案", issued_on=day("2016-05-03"))
        begun = begin(task, plan, roles, self.policy, self.now)
        self.state, self.entries = begun.state, list(begun.entries)


def test_after_two_urgings_the_lead_body_is_prompted_and_after_three_the_head_of_its_special_group() -> None:
    task = Organised("2016-06-30").until("2016-12-31")
    assert task.given() == [
        Reminder(PROMPT, "2016-07-28", "2016-07-28"),
        Reminder(TO_THE_HEAD, "2016-08-11", "2016-08-11"),
    ]
    *prompts, important = task.notices(NoticeKind.REMINDER)
    assert [notice.recipient for notice in prompts] == [HANDLING, LEAD]
    assert (important.recipient, important.facts["head"]) == (GROUP, "王副省长")
    assert "head" not in prompts[0].facts


def test_where_the_organisation_names_no_special_group_the_office_that_supervises_is_told() -> None:
    task = Supervised("2016-06-30", regime="sichuan", supervisor=OFFICE).until("2016-12-31")
    assert task.notices(NoticeKind.REMINDER)[-1].recipient == OFFICE


def test_s6_whoever_watches_a_plan_gets_a_copy_of_both_levels() -> None:
    task = Organised("2016-06-30", watcher="改革项目第三组").until("2016-12-31")
    copies = [n for n in task.notices(NoticeKind.OTHER) if n.facts.get("what") == "copy"]
    assert [(copy.recipient, task.delivered(copy)) for copy in copies] == [
        ("改革项目第三组", "2016-07-28"),
        ("改革项目第三组", "2016-08-11"),
    ]
