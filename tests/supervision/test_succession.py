"""Bodies renamed, merged, handed over: what is owed goes on, and nothing given is given again."""

from duban.supervision.bodies.roles import TaskRoles
from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.entries import (
    EntryKind,
    NoticeIntent,
    NoticeKind,
    NoticesWithdrawn,
    ObligationChange,
    ObligationStatus,
    TaskChange,
)
from duban.supervision.tasks.messages import Accept, Adopt, Decide, SubmitExplanation, Verify
from duban.supervision.tasks.views import status_view
from tests.supervision.supervised import GROUP, HANDLING, LEAD, OFFICE, SUPERVISOR, Supervised, day

LATE = "2016-12-20"
NEW = "市医保事业中心"
BUREAU = "市医疗保障局"


def renamed(roles: TaskRoles, successors: dict[str, str]) -> TaskRoles:
    """The roles with these bodies called otherwise."""
    names = {body: tuple(successors.get(one, one) for one in held) for body, held in roles.bodies.items()}
    return roles.model_copy(update={"bodies": {role: tuple(dict.fromkeys(held)) for role, held in names.items()}})


def adopt(task: Supervised, successors: dict[str, str], roles: TaskRoles | None = None) -> list[NoticeIntent]:
    """Bring the change to the task; returns whom it tells what."""
    wanted = roles or renamed(task.state.roles, successors)
    done = task.tell(Adopt(**task.said(OFFICE), reason="机构改革", roles=wanted, successors=successors))
    return [change for entry in done.entries for change in entry.changes if isinstance(change, NoticeIntent)]


def withdrawn(task: Supervised) -> list[NoticesWithdrawn]:
    return [c for entry in task.of_kind(EntryKind.ADOPTED) for c in entry.changes if isinstance(c, NoticesWithdrawn)]


def owed_by(task: Supervised) -> dict[Duty, str]:
    return {owed.duty: owed.owed_by for owed in task.state.obligations}


def test_a_renamed_body_owes_what_it_owed_by_the_same_dates() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-08-01 17:00")
    before = {owed.id: (owed.due_on, owed.next_chase_on, owed.chases) for owed in task.state.obligations}

    adopt(task, {LEAD: BUREAU, HANDLING: NEW})

    assert {owed.id: (owed.due_on, owed.next_chase_on, owed.chases) for owed in task.state.obligations} == before
    assert owed_by(task)[Duty.EXPLANATION] == BUREAU
    assert owed_by(task)[Duty.ACCEPTANCE] == NEW
    assert "无权" in task.refuses(SubmitExplanation(**task.said(LEAD), text="说明"))
    task.tell(SubmitExplanation(**task.said(BUREAU), text="等待省级目录"))
    assert Duty.EXPLANATION not in owed_by(task)


def test_nothing_given_is_given_again_and_the_next_level_goes_to_the_successor() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-08-02")
    given = task.given()

    adopt(task, {HANDLING: NEW})
    task.until("2016-08-14")
    assert task.given() == given

    task.until("2016-08-16")
    onsite = [n for n in task.notices(NoticeKind.REMINDER) if n.level == "onsite"]
    assert {n.recipient for n in onsite} == {NEW}


def test_the_successor_is_told_once_what_it_takes_over() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-08-02 10:00")

    told = adopt(task, {HANDLING: NEW})

    [notice] = told
    assert (notice.recipient, notice.issuer, notice.kind) == (NEW, SUPERVISOR, NoticeKind.OTHER)
    assert notice.facts["predecessors"] == HANDLING
    assert "未完成的节点：节点1（期限2016年6月30日）" in notice.facts["text"]
    assert "签收承办，2016年5月6日前（已逾期）" in notice.facts["text"]
    assert "书面提醒（2016年7月31日到期），此前已发出，不再重复发出" in notice.facts["text"]
    assert (notice.explanation.behind_since, notice.explanation.lag_days) == (day("2016-06-30"), 33)
    assert (notice.duty, notice.respond_by) == (None, None)


def test_the_successor_is_asked_for_what_is_due_next() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-05-04 10:00")
    [notice] = adopt(task, {HANDLING: NEW})
    assert (notice.duty, notice.respond_by) == (Duty.ACCEPTANCE, day("2016-05-06"))


def test_what_is_not_delivered_to_a_body_that_is_gone_stays_here_with_the_reason() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-09-03 10:00")
    task.decide(GROUP, True)  # on a Saturday: the circular waits for Monday

    [notice] = adopt(task, {HANDLING: NEW})

    [withdrawal] = withdrawn(task)
    assert (withdrawal.recipients, withdrawal.subjects, withdrawal.kinds) == ((HANDLING,), ("",), ())
    assert withdrawal.reason == f"{HANDLING}不再承担本任务，由{NEW}接续"
    assert "通报提醒（2016年8月30日到期），以本通知告知" in notice.facts["text"]
    assert "现场提醒（2016年8月15日到期），此前已发出，不再重复发出" in notice.facts["text"]


def test_two_bodies_that_become_one_owe_together_what_they_owed_and_are_told_in_one_notice() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-08-02 10:00")
    count = len(task.state.obligations)

    told = adopt(task, {LEAD: BUREAU, HANDLING: BUREAU})

    [notice] = told
    assert notice.facts["predecessors"] == f"{LEAD}、{HANDLING}"
    assert len(task.state.obligations) == count
    assert {owed.owed_by for owed in task.state.obligations} == {BUREAU, SUPERVISOR}
    assert task.state.definition.lead_body == BUREAU
    assert task.state.definition.handled_by == BUREAU


def test_a_task_handed_over_leaves_with_what_is_owed_in_that_role_and_its_old_body_keeps_the_rest() -> None:
    task = Supervised("2016-06-30", LATE, lead_body=LEAD, handling_body=LEAD).until("2016-08-02 10:00")
    bodies = {**task.state.roles.bodies, "handling_body": (NEW,)}

    told = adopt(task, {LEAD: NEW}, task.state.roles.model_copy(update={"bodies": bodies}))

    assert owed_by(task)[Duty.ACCEPTANCE] == NEW
    assert owed_by(task)[Duty.EXPLANATION] == LEAD
    assert [n.recipient for n in told] == [NEW]
    taken_back = {w.subjects[0]: w.recipients for w in withdrawn(task)}
    assert taken_back["assignment/acceptance"] == (LEAD,)
    assert "" not in taken_back


def test_a_decision_that_waits_is_for_the_body_that_decides_now() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-09-01 10:00")

    [notice] = adopt(task, {GROUP: "市委深改委"})

    assert notice.recipient == "市委深改委"
    assert "通报确认" in notice.facts["text"]
    assert "无权" in task.refuses(Decide(**task.said(GROUP), approve=True))
    task.decide("市委深改委", True)
    assert task.given()[-1].level == "circular"


def test_who_asked_for_a_strike_off_may_not_verify_it_under_a_new_name() -> None:
    task = Supervised(LATE, supervisor=HANDLING).until("2016-06-01 10:00")
    task.ask_strike_off()

    adopt(task, {HANDLING: NEW})

    assert task.state.requester is not None
    assert task.state.requester.body == NEW
    assert "不得" in task.refuses(Verify(**task.said(NEW), passed=True))


def test_an_extension_asked_for_by_a_body_that_is_gone_can_be_decided_and_its_successor_is_told() -> None:
    task = Supervised(LATE).until("2016-06-01 10:00")
    task.ask_extension(1, "2017-03-31")

    adopt(task, {HANDLING: NEW})
    task.decide(SUPERVISOR, True)

    assert task.state.milestones[0].due_on == day("2017-03-31")
    result = [n for n in task.notices(NoticeKind.OTHER) if n.facts.get("what") == "result"]
    assert [n.recipient for n in result] == [NEW]


def test_persons_who_came_may_speak_and_persons_who_left_may_not() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-06-01 10:00")
    named = task.state.roles.model_copy(update={"persons": {HANDLING: ("李四",)}, "heads": {HANDLING: "赵局长"}})

    told = adopt(task, {}, named)

    assert told == []
    owing = [c for c in task.changes(ObligationChange) if c.status is ObligationStatus.OPEN]
    assert {c.owed_by for c in owing} == {HANDLING}
    assert "张三不在" in task.refuses(Accept(**task.said(HANDLING)))
    task.tell(Accept(**{**task.said(HANDLING), "person": "李四"}))
    assert task.state.roles.heads == {HANDLING: "赵局长"}
    assert list(task.changes(TaskChange)) == []


def test_the_ledgers_row_shows_the_names_that_bodies_have_now() -> None:
    task = Supervised("2016-06-30", LATE, supporting_bodies=("市财政局", "市卫健委")).until("2016-06-01 10:00")

    adopt(task, {LEAD: BUREAU, "市财政局": "市财政和国资局", SUPERVISOR: "市委督查室"})

    [change] = task.changes(TaskChange)
    assert (change.lead_body, change.handling_body, change.supervising_body) == (BUREAU, HANDLING, "市委督查室")
    assert change.supporting_bodies == ("市财政和国资局", "市卫健委")
    shown = status_view(task.state, task.policy, task.now)
    assert (shown.lead_body, shown.supporting_bodies) == (BUREAU, ("市财政和国资局", "市卫健委"))
    assert task.entries[0].text == Supervised("2016-06-30", LATE).entries[0].text


def test_a_change_told_without_successors_is_done_as_it_was_before() -> None:
    task = Supervised("2016-06-30", LATE).until("2016-08-02 10:00")
    roles = renamed(task.state.roles, {HANDLING: NEW})

    done = task.tell(Adopt(**task.said(OFFICE), reason="机构改革", roles=roles))

    assert {type(change) for change in done.entries[-1].changes} == {ObligationChange}
