"""Who may do what by kind of decision and tier, who stands in for a head, and nobody decides what he asked for."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duban.supervision.bodies.organisation import Acting, Body, Organisation, Person
from duban.supervision.plans.plan import Found, PlanDefinition, TaskDefinition
from duban.supervision.rules.parts import PersonRole
from duban.supervision.rules.policy import Policy, encode
from duban.supervision.rules.regime import Regime
from duban.supervision.tasks.advance import Transition, advance
from duban.supervision.tasks.begin import begin
from duban.supervision.tasks.entries import EntryKind, NoticeKind
from duban.supervision.tasks.messages import (
    Amend,
    AnyMessage,
    CarryOver,
    Cause,
    Decide,
    Ground,
    Inspect,
    RaiseInterview,
    RequestExtension,
    RequestStrikeOff,
    SubmitExplanation,
    Terminate,
    Urge,
    Verify,
)
from duban.supervision.tasks.turn import Refusal
from tests.supervision.supervised import GROUP, HANDLING, LEAD, OFFICE, SUPERVISOR, Supervised, day, node, policy_of

ASSUMED = {"assumed": True}
EXTENSION = {"act": "decide", "duty": "extension_decision", "source": ASSUMED}
SECOND = {**EXTENSION, "title": "第二次延期", "extended": 1, "by": ["reform_office"]}
LONG = {**EXTENSION, "title": "延期超过90日", "beyond": {"days": 90, "unit": "calendar", "source": ASSUMED}}
LONG |= {"by": ["leading_group"]}


def rules(*grants: dict[str, Any], **authority: Any) -> Policy:
    policy = policy_of()
    data = policy.regime.model_dump(mode="json")
    data["authority"] |= {"granted": list(grants), **authority}
    roles = ["supervising_body", "reform_office", "leading_group"]
    data["authority"]["acts"]["decide"] = list(dict.fromkeys([*data["authority"]["acts"]["decide"], *roles]))
    return policy.model_copy(update={"regime": Regime.model_validate(data)})


class Known(Supervised):
    """A task whose bodies and persons an organisation file names."""

    def __init__(self, organisation: Organisation, policy: Policy, *, handled_by: str = HANDLING, **task: Any) -> None:
        super().__init__("2016-12-31", regime=policy)
        fields = {"code": "T-1", "title": "改革", "lead_body": LEAD, "handling_body": handled_by, **task}
        definition = TaskDefinition(milestones=(node(1, "2016-12-31"),), **fields)
        plan = PlanDefinition(code="T", title="方案", issued_on=day("2016-05-03"))
        supervising = organisation.supervising_body("", policy.regime)
        roles = organisation.roles_for(definition, supervising, policy.regime)
        begun = begin(definition, plan, roles, policy, self.now)
        self.state, self.entries = begun.state, list(begun.entries)


def decider(task: Supervised) -> str:
    return task.state.obligations[-1].owed_by


def test_an_extension_goes_to_whoever_is_meant_for_its_kind() -> None:
    task = Supervised("2016-06-30", regime=rules(LONG, SECOND)).until("2016-05-10 10:00")
    task.ask_extension(1, "2016-07-31")
    assert decider(task) == SUPERVISOR
    task.decide(SUPERVISOR, True)
    task.ask_extension(1, "2016-08-15")
    assert decider(task) == OFFICE
    assert f"由{OFFICE}决定" in task.refuses(Decide(**task.said(SUPERVISOR), approve=True))
    task.decide(OFFICE, True)
    # Measured from the plan's date, not from the last extension: piecemeal it comes to the same.
    task.ask_extension(1, "2016-09-28")
    assert decider(task) == OFFICE
    task.decide(OFFICE, False)
    task.ask_extension(1, "2016-09-29")
    assert decider(task) == GROUP
    assert task.notices(NoticeKind.DECISION)[-1].recipient == GROUP


def test_a_refused_wish_is_no_first_extension() -> None:
    task = Supervised("2016-06-30", regime=rules(SECOND)).until("2016-05-10 10:00")
    task.ask_extension(1, "2016-07-31")
    task.decide(SUPERVISOR, False)
    task.ask_extension(1, "2016-07-15")
    assert decider(task) == SUPERVISOR


def test_termination_and_a_long_carry_over_are_reserved() -> None:
    ends = {"title": "终止", "act": "terminate", "by": ["leading_group"], "source": ASSUMED}
    carries = {"title": "结转超过6个月", "act": "carry_over", "by": ["leading_group"], "source": ASSUMED}
    carries |= {"beyond": {"months": 6, "source": ASSUMED}}
    task = Supervised("2016-06-30", regime=rules(ends, carries)).until("2016-05-10 10:00")
    refusal = task.refuses(Terminate(**task.said(OFFICE), reason="合并"))
    assert refusal == f"{OFFICE}无权终止任务（终止）：本任务应由领导小组（{GROUP}）办理"
    far: dict[str, Any] = {"new_due_on": day("2016-12-31"), "cause": Cause.OBJECTIVE, "reason": "跨年"}
    assert "无权结转任务（结转超过6个月）" in task.refuses(CarryOver(**task.said(OFFICE), **far))
    task.tell(CarryOver(**task.said(OFFICE), **{**far, "new_due_on": day("2016-12-30")}))
    task.tell(Terminate(**task.said(GROUP), reason="合并"))


def test_what_a_body_may_do_depends_on_its_tier_and_on_whom_it_does_it_to() -> None:
    urges = {"title": "催办县级单位", "act": "urge", "handled_by_tiers": [4], "source": ASSUMED}
    urges |= {"by": ["supervising_body", "reform_office"], "tiers": [1, 2]}
    bodies = (Body(name="某县", tier=4), Body(name=OFFICE, tier=1), Body(name="专项小组", tier=3))
    who = Organisation(bodies=bodies, roles={"supervising_body": "专项小组"})
    county = Known(who, rules(urges), handled_by="某县")
    assert "限第1、2级单位" in county.refuses(Urge(**county.said("专项小组"), text="请抓紧"))
    county.tell(Urge(**county.said(OFFICE), text="请抓紧"))
    bureau = Known(who, rules(urges))
    bureau.tell(Urge(**bureau.said("专项小组"), text="请抓紧"))


def test_a_strike_off_is_put_to_whoever_verifies_its_kind() -> None:
    verifies: dict[str, Any] = {"title": "县级事项核验", "act": "verify", "handled_by_tiers": [4]}
    verifies |= {"by": ["reform_office"], "source": ASSUMED}
    who = Organisation(bodies=(Body(name="某县", tier=4),), roles={"supervising_body": SUPERVISOR})
    task = Known(who, rules(verifies), handled_by="某县")
    task.tell(RequestStrikeOff(**task.said("某县"), deliverable="文件"))
    assert task.state.obligations[-1].owed_by == OFFICE
    assert "无权核验销号（县级事项核验）" in task.refuses(Verify(**task.said(SUPERVISOR), passed=True))
    task.tell(Verify(**task.said(OFFICE), passed=True))


@pytest.mark.parametrize(
    ("grant", "why"),
    [
        ({**SECOND, "duty": None}, "须与 duty: extension_decision 同写"),
        ({**SECOND, "duty": "verification"}, "须与 duty: extension_decision 同写"),
        ({**SECOND, "act": "verify", "duty": None}, "beyond、extended 只用于"),
    ],
)
def test_a_grant_that_means_nothing_is_refused(grant: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        rules(grant)


def test_whoever_is_asked_for_a_kind_must_be_allowed_to_decide() -> None:
    with pytest.raises(ValueError, match="第二次延期：reform_office、inspection_offices 须都在 authority 的 decide 中"):
        rules({**SECOND, "by": ["reform_office", "inspection_offices"]})


# Deputies


def with_deputy(**deputy: Any) -> Organisation:
    deputy = {"acting": (Acting(from_on=day("2016-05-09"), until_on=day("2016-05-20")),), **deputy}
    persons = (
        Person(name="王局长", role=PersonRole.HEAD),
        Person(name="李副局长", role=PersonRole.DEPUTY, **deputy),
        Person(name="张三"),
    )
    bodies = (Body(name=HANDLING, persons=persons),)
    return Organisation(bodies=bodies, roles={"supervising_body": SUPERVISOR})


def by(task: Supervised, person: str) -> RequestExtension:
    said = {**task.said(HANDLING), "person": person}
    return RequestExtension(**said, milestone=1, new_due_on=day("2017-03-31"), reason="推迟")


def test_a_deputy_acts_for_the_head_within_his_dates_and_the_record_says_so() -> None:
    task = Known(with_deputy(), rules(by_head=["request_extension"]))
    task.until("2016-05-06 10:00")
    assert task.refuses(by(task, "李副局长")) == (f"“申请延期”须由{HANDLING}主要负责人王局长办理；现在没有人代行职责")
    task.until("2016-05-09 10:00")
    assert "或代行职责的李副局长" in task.refuses(by(task, "张三"))
    task.tell(by(task, "李副局长"))
    entry = task.of_kind(EntryKind.EXTENSION_REQUESTED)[-1]
    assert entry.person == "李副局长"
    assert entry.text.endswith(f"（李副局长代{HANDLING}主要负责人王局长办理）")


def test_on_the_last_day_he_still_does_and_the_day_after_no_more() -> None:
    for when, may in (("2016-05-20 23:00", True), ("2016-05-21 00:30", False)):
        task = Known(with_deputy(), rules(by_head=["request_extension"])).until(when)
        done = advance(task.state, by(task, "李副局长"), task.policy, task.now)
        assert isinstance(done, Transition) is may


def test_beside_his_dates_he_speaks_for_his_body_like_others() -> None:
    task = Known(with_deputy(), rules()).until("2016-05-06 10:00")
    task.tell(by(task, "李副局长"))
    assert "代" not in task.of_kind(EntryKind.EXTENSION_REQUESTED)[-1].text


def test_a_notice_to_the_head_names_who_acts_for_him() -> None:
    roles = Known(with_deputy(), rules()).state.roles
    assert roles.head_on(HANDLING, day("2016-05-08")) == "王局长"
    assert roles.head_on(HANDLING, day("2016-05-09")) == "王局长（李副局长代行职责）"


def test_of_a_body_whose_head_nobody_has_named_anybody_may() -> None:
    task = Supervised("2016-12-31", regime=rules(by_head=["request_extension"])).until("2016-05-10 10:00")
    task.tell(by(task, "张三"))


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"role": "leader", "acting": [{"from_on": "2016-05-09"}]}, "只有 role: deputy"),
        ({"role": "deputy", "acting": [{"from_on": "2016-05-09", "until_on": "2016-05-08"}]}, "早于起日"),
    ],
)
def test_dates_that_cannot_be_meant_are_refused(fields: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Person.model_validate({"name": "李副局长", **fields})


# Nobody decides what he asked for himself


PERSONS = ("张三", "李四", "赵六")


def everywhere(name: str) -> Organisation:
    """One body in all roles of the task, two persons, one of whom speaks for the leading group as well."""
    persons = (Person(name="张三"), Person(name="李四"))
    return Organisation(
        bodies=(Body(name=name, persons=persons), Body(name=GROUP, persons=(Person(name="张三"), Person(name="赵六")))),
        roles={"supervising_body": name, "reform_office": name},
    )


def test_a_body_may_supervise_lead_and_handle_and_another_of_its_persons_decides() -> None:
    task = Known(everywhere(LEAD), rules(separated=True), handled_by="")
    said = task.said(LEAD)
    task.tell(RequestExtension(**said, milestone=1, new_due_on=day("2017-03-31"), reason="推迟"))
    assert "申请人不得审批自己的申请" in task.refuses(Decide(**task.said(LEAD), approve=True))
    task.tell(Decide(**{**task.said(LEAD), "person": "李四"}, approve=True))
    task.tell(RequestStrikeOff(**task.said(LEAD), deliverable="文件"))
    assert "不得核验自己的申请" in task.refuses(Verify(**task.said(LEAD), passed=True))
    task.tell(Verify(**{**task.said(LEAD), "person": "李四"}, passed=True))


def test_whoever_speaks_for_two_bodies_does_not_decide_for_one_what_he_asked_for_the_other() -> None:
    grant = {**EXTENSION, "title": "延期", "by": ["leading_group"]}
    task = Known(everywhere(LEAD), rules(grant, separated=True), handled_by="")
    task.tell(RequestExtension(**task.said(LEAD), milestone=1, new_due_on=day("2017-03-31"), reason="推迟"))
    assert "申请人不得审批自己的申请" in task.refuses(Decide(**task.said(GROUP), approve=True))
    task.tell(Decide(**{**task.said(GROUP), "person": "赵六"}, approve=True))


def test_whoever_raises_an_interview_does_not_decide_on_it() -> None:
    task = Known(everywhere(LEAD), rules(separated=True), handled_by="")
    task.tell(RaiseInterview(**task.said(LEAD), grounds=(Ground.PASSIVE,), reason="多次催办未动"))
    assert "不得决定自己的建议" in task.refuses(Decide(**task.said(GROUP), approve=True))
    task.tell(Decide(**{**task.said(GROUP), "person": "赵六"}, approve=True))


@settings(deadline=None, max_examples=60, derandomize=True)
@given(
    st.lists(
        st.tuples(st.sampled_from([LEAD, GROUP]), st.sampled_from(["张三", "李四", "赵六"]), st.integers(0, 6)),
        max_size=14,
    )
)
def test_whatever_order_they_speak_in_nobody_decides_his_own_request(said: list[tuple[str, str, int]]) -> None:
    grant = {**EXTENSION, "title": "延期", "extended": 1, "by": ["leading_group"]}
    task = Known(everywhere(LEAD), rules(grant, separated=True), handled_by="")
    later, asked_by = day("2017-01-31"), ""
    for body, person, what in said:
        envelope = {**task.said(body), "person": person}
        messages: list[AnyMessage] = [
            RequestExtension(**envelope, milestone=1, new_due_on=later, reason="推迟"),
            Decide(**envelope, approve=True),
            Decide(**envelope, approve=False, reason="不妥"),
            RequestStrikeOff(**envelope, deliverable="文件"),
            Verify(**envelope, passed=False, note="不符"),
            Verify(**envelope, passed=True),
            SubmitExplanation(**envelope, text="说明"),
        ]
        done = advance(task.state, messages[what], task.policy, task.now)
        if isinstance(done, Refusal):
            continue
        if what in (1, 2, 4, 5):
            assert person != asked_by, f"{person} decided what he asked for"
        if what in (0, 3):
            asked_by = person
        task.state = done.state
        later = date.fromordinal(later.toordinal() + 20)


def test_rules_that_grant_nothing_keep_their_text() -> None:
    text = encode(policy_of("bozhou"))
    before = policy_of("bozhou").regime.authority.model_copy(update={"separated": False})
    assert "separated" not in before.model_dump_json()
    assert not any(f'"{name}"' in text for name in ("granted", "by_head", "copies"))
    roles = Supervised("2016-12-31").state.roles.model_dump_json()
    assert "tiers" not in roles
    assert "deputies" not in roles


# What in a body is for persons of some place

OFFICERS = Organisation(
    roles={"supervising_body": SUPERVISOR},
    bodies=(
        Body(
            name=SUPERVISOR,
            persons=(
                Person(name="王局长", role=PersonRole.HEAD),
                Person(name="李副局长", role=PersonRole.DEPUTY),
                Person(name="张三"),
            ),
        ),
        Body(name=OFFICE, persons=(Person(name="赵主任", role=PersonRole.HEAD), Person(name="钱七"))),
        Body(name=HANDLING, persons=(Person(name="孙局长", role=PersonRole.HEAD), Person(name="周九"))),
    ),
)
FREE = {"title": "改革办催办", "act": "urge", "of": ["reform_office"], "by": ["head", "clerk"], "source": ASSUMED}
DEPUTY_URGES = {"title": "催办", "act": "urge", "by": ["head", "deputy"], "source": ASSUMED}
HEAD_EXPLAINS = {"title": "书面说明", "act": "submit_explanation", "duty": "explanation", "by": ["head"]}


def urges(task: Supervised, body: str, person: str) -> Urge:
    return Urge(**{**task.said(body), "person": person}, text="请抓紧")


def test_in_a_body_the_deputy_urges_and_in_an_office_whoever_handles_it() -> None:
    task = Known(OFFICERS, rules(persons=[FREE, DEPUTY_URGES])).until("2016-05-10 10:00")
    assert task.refuses(urges(task, SUPERVISOR, "张三")) == (
        f"“催办”须由{SUPERVISOR}的主要负责人、分管负责人办理（王局长、李副局长）"
    )
    task.tell(urges(task, SUPERVISOR, "李副局长"))
    task.tell(urges(task, SUPERVISOR, "王局长"))
    task.tell(urges(task, OFFICE, "钱七"))


def test_a_deputy_who_acts_for_the_head_does_what_is_for_the_head() -> None:
    acting = Person(name="李副局长", role=PersonRole.DEPUTY, acting=(Acting(from_on=day("2016-05-09")),))
    persons = (Person(name="王局长", role=PersonRole.HEAD), acting, Person(name="张三"))
    who = Organisation(bodies=(Body(name=SUPERVISOR, persons=persons),), roles={"supervising_body": SUPERVISOR})
    task = Known(who, rules(persons=[{**DEPUTY_URGES, "by": ["head"]}])).until("2016-05-06 10:00")
    assert "（王局长）" in task.refuses(urges(task, SUPERVISOR, "李副局长"))
    task.until("2016-05-09 10:00")
    assert "（王局长、李副局长）" in task.refuses(urges(task, SUPERVISOR, "张三"))
    task.tell(urges(task, SUPERVISOR, "李副局长"))


def test_of_a_body_that_has_named_nobody_of_a_place_anybody_may() -> None:
    only_clerks = Organisation(
        bodies=(Body(name=SUPERVISOR, persons=(Person(name="张三"),)),), roles={"supervising_body": SUPERVISOR}
    )
    for who in (only_clerks, Organisation(roles={"supervising_body": SUPERVISOR})):
        task = Known(who, rules(persons=[DEPUTY_URGES])).until("2016-05-10 10:00")
        task.tell(urges(task, SUPERVISOR, "张三"))


def test_a_place_is_asked_for_by_tier_of_the_acting_body() -> None:
    kept = [{**DEPUTY_URGES, "tiers": [2]}]
    for tier, is_refused in ((2, True), (3, False)):
        body = OFFICERS.bodies[0].model_copy(update={"tier": tier})
        who = OFFICERS.model_copy(update={"bodies": (body, *OFFICERS.bodies[1:])})
        task = Known(who, rules(persons=kept)).until("2016-05-10 10:00")
        done = advance(task.state, urges(task, SUPERVISOR, "张三"), task.policy, task.now)
        assert isinstance(done, Refusal) is is_refused


def test_rules_without_such_acts_do_not_carry_the_places_of_persons() -> None:
    assert Known(OFFICERS, rules()).state.roles.places == {}
    assert Known(OFFICERS, rules(persons=[DEPUTY_URGES])).state.roles.places == {
        SUPERVISOR: {"李副局长": PersonRole.DEPUTY}
    }


@pytest.mark.parametrize("act", ["urge", "record_action"])
def test_a_duty_that_an_act_does_not_fulfil_is_refused(act: str) -> None:
    with pytest.raises(ValueError, match="duty 只与 act: submit_explanation、record_action 同写"):
        rules(persons=[{**HEAD_EXPLAINS, "act": act, "source": ASSUMED}])


# Whom the documents let inspect and urge whom

KUNMING_BODIES = (
    Body(name="某县", tier=4, supervised_by=OFFICE),
    Body(name="某县农业局", tier=4, supervised_by="某县"),
    Body(name="专项小组", tier=2),
    Body(name=OFFICE, tier=1),
    Body(name=LEAD, supervised_by="专项小组"),
)


def inspects(task: Supervised, body: str) -> Inspect:
    return Inspect(**task.said(body), found=Found.STARTED, on_schedule=True, content="查阅资料、实地查看")


def test_kunmings_counties_supervise_what_is_local_and_no_body_of_the_city() -> None:
    who = Organisation(bodies=KUNMING_BODIES, roles={"supervising_body": "某县"})
    local = Known(who, policy_of(), handled_by="某县农业局", lead_body="某县农业局")
    local.tell(inspects(local, "某县"))
    local.tell(Urge(**local.said("某县"), text="请抓紧"))
    of_the_city = Known(who, policy_of())
    assert "限第1、2、3级单位" in of_the_city.refuses(inspects(of_the_city, "某县"))
    of_the_city.tell(inspects(of_the_city, "专项小组"))
    of_the_city.tell(inspects(of_the_city, OFFICE))


def test_chengdus_special_groups_are_inspected_by_the_office_and_inspect_their_own_field() -> None:
    office = "市委深改小组办公室"
    who = Organisation(bodies=(*KUNMING_BODIES, Body(name=office, tier=1)), roles={"supervising_body": SUPERVISOR})
    group = Known(who, policy_of("chengdu"), handled_by="专项小组")
    assert group.refuses(inspects(group, SUPERVISOR)) == (
        f"{SUPERVISOR}无权登记督查结果（督察专项小组）：本任务应由改革办（{office}）办理"
    )
    group.tell(inspects(group, office))
    county = Known(who, policy_of("chengdu"), handled_by="某县")
    assert "无权登记督查结果（督察下一级地方党委）" in county.refuses(inspects(county, "专项小组"))
    county.tell(inspects(county, SUPERVISOR))
    of_the_field = Known(who, policy_of("chengdu"))
    of_the_field.tell(inspects(of_the_field, "专项小组"))


def test_bodies_that_an_amendment_names_come_with_the_places_of_their_persons_where_the_rules_ask() -> None:
    kept = {"title": "进展", "act": "progress", "by": ["deputy"], "source": ASSUMED}
    came: dict[str, Any] = {"persons": {"市民政局": ("甲副局长", "乙")}}
    came |= {"places": {"市民政局": {"甲副局长": PersonRole.DEPUTY}}}
    for policy, places in ((rules(persons=[kept]), came["places"]), (rules(), {})):
        task = Known(Organisation(roles={"supervising_body": SUPERVISOR}), policy).until("2016-05-10 10:00")
        task.tell(Amend(**task.said(SUPERVISOR), reason="调整分工", handling_body="市民政局", **came))
        assert task.state.roles.places == places
