"""Whatever is said to a task becomes a message or a short refusal, at once; nothing else comes of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duban.supervision.days.calendar import Zone, ZoneOffset
from duban.supervision.plans.plan_closing import PlanClosing
from duban.supervision.rules.authority import Act
from duban.supervision.rules.policy import encode
from duban.supervision.tasks.advance import Transition, advance
from duban.supervision.tasks.door import LONGEST_NAME, MOST_DAYS, MOST_NAMES, MOST_POLICY, MOST_VALUES, refuse_excess
from duban.supervision.tasks.messages import Adopt, Amend
from duban.supervision.tasks.reading import FIELD_WORDS, read_message, read_plan_closing
from duban.supervision.tasks.turn import Refusal
from tests.hostile import NO_OBJECT, ODD_BUT_FIT, UNFIT
from tests.supervision.supervised import HANDLING, OFFICE, Supervised, policy_of, roles_of

LONGEST_REFUSAL = 600
WHO = {"body": HANDLING, "person": "张三"}


def refused(act: Act, data: object) -> str:
    """Why it is refused; the reason is one that a ledger, a log and a terminal can take."""
    read = read_message(act, data)
    assert isinstance(read, Refusal)
    assert len(read.reason) < LONGEST_REFUSAL
    read.reason.encode()
    assert all(char.isprintable() for char in read.reason)
    return read.reason


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("data", NO_OBJECT.values(), ids=NO_OBJECT)
def test_what_is_no_object_is_refused_with_an_example(act: Act, data: object) -> None:
    assert "须为 JSON 对象，例如" in refused(act, data)


@pytest.mark.parametrize("data", [v for n, v in UNFIT.items() if n != "a moment without a zone"], ids=lambda _: "")
@pytest.mark.parametrize("act", [Act.PROGRESS, Act.DECIDE, Act.ADOPT])
def test_an_object_that_is_no_message_is_refused_in_few_words(act: Act, data: dict[str, Any]) -> None:
    assert refused(act, {**WHO, **data} if len(data) > 0 else {})


@pytest.mark.parametrize("data", [v for v in UNFIT.values() if v], ids=lambda _: "")
def test_what_is_no_decision_to_close_a_plan_is_refused_in_few_words(data: dict[str, Any]) -> None:
    read = read_plan_closing({**WHO, **data})
    assert "occurred_at" in data if isinstance(read, PlanClosing) else read.reason


@pytest.mark.parametrize("name", ["150,000 unknown fields", "a list of 300,000 words", "a list of 300,000 numbers"])
def test_what_would_take_seconds_to_explain_is_refused_by_its_size(name: str) -> None:
    assert "消息内容过多" in refused(Act.PROGRESS, {**WHO, **UNFIT[name]})


@pytest.mark.parametrize("data", ODD_BUT_FIT.values(), ids=ODD_BUT_FIT)
def test_what_only_looks_dangerous_is_a_message(data: dict[str, Any]) -> None:
    task = Supervised("2016-06-30").until("2016-06-01 10:00")
    read = read_message(Act.PROGRESS, {**WHO, "percent": 5, **data})
    assert not isinstance(read, Refusal)
    done = advance(task.state, read, task.policy, task.now)
    assert isinstance(done, Transition)
    assert all(entry.model_dump_json().encode() for entry in done.entries)
    assert task.state.last_at <= done.entries[-1].at <= task.now


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from([*FIELD_WORDS, "policy", "roles", "act"])


@given(st.sampled_from(Act), st.dictionaries(fields, json_values, max_size=5))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_any_object_at_all_is_a_message_or_a_refusal_and_the_task_goes_on(act: Act, data: dict[str, Any]) -> None:
    task = Supervised("2016-06-30", "2016-12-31").until("2016-09-20 10:00")
    read = read_message(act, {"body": OFFICE, "person": "张三", **data})
    if isinstance(read, Refusal):
        assert len(read.reason) < LONGEST_REFUSAL
        read.reason.encode()
    else:
        done = advance(task.state, read, task.policy, task.now)
        if isinstance(done, Refusal):
            assert len(done.reason) < 2 * LONGEST_REFUSAL


def test_more_values_than_anybody_types_are_refused_before_they_are_looked_at() -> None:
    roles = {"bodies": {f"r{n}": ["甲局"] for n in range(MOST_VALUES)}}
    assert (
        refused(Act.ADOPT, {**WHO, "reason": "x", "roles": roles})
        == f"消息内容过多，最多{MOST_VALUES}项；材料请写明链接或文号"
    )
    assert "规则和日历（policy）过长" in refused(Act.ADOPT, {**WHO, "reason": "x", "policy": "x" * (MOST_POLICY + 1)})


def excess(**fields: Any) -> str:
    task = Supervised("2016-06-30")
    refusal = refuse_excess(Adopt(**task.said(OFFICE), reason="x", **fields))
    return refusal.reason if refusal else ""


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"offsets": tuple(ZoneOffset(since=datetime(2000, 1, 1, tzinfo=UTC), minutes=m) for m in (0, 60))}, "先后"),
        ({"offsets": (ZoneOffset(since=datetime(2000, 1, 1, tzinfo=UTC), minutes=10**9),)}, "时区数据不能用"),
        ({"offsets": (ZoneOffset(since=datetime(2000, 1, 1), minutes=0),)}, "时区数据不能用"),  # noqa: DTZ001
        (
            {
                "offsets": tuple(
                    ZoneOffset(since=datetime(1900, 1, 1, tzinfo=UTC) + timedelta(days=d), minutes=d % 2)
                    for d in range(700)
                )
            },
            "时区数据不能用",
        ),
    ],
    ids=["not in order", "years from UTC", "naive", "hundreds"],
)
def test_a_zone_that_no_place_has_is_not_adopted(changes: dict[str, Any], why: str) -> None:
    policy = policy_of()
    zone = Zone(name="x", **changes)
    assert why in excess(
        policy=policy.model_copy(update={"calendar": policy.calendar.model_copy(update={"zone": zone})})
    )


def test_a_calendar_without_office_hours_or_with_holidays_without_end_is_not_adopted() -> None:
    policy = policy_of()

    def with_calendar(**changes: Any) -> str:
        return excess(policy=policy.model_copy(update={"calendar": policy.calendar.model_copy(update=changes)}))

    first = datetime(2016, 1, 1, tzinfo=UTC).date()
    assert "上班时间不早于下班时间" in with_calendar(opens=1_000, closes=900)
    assert "节假日或调休日过多" in with_calendar(
        holidays=tuple(first + timedelta(days=n) for n in range(MOST_DAYS + 1))
    )
    assert excess(policy=policy) == ""
    assert len(encode(policy)) < MOST_POLICY / 4


@pytest.mark.parametrize("name", ["", " ", "局" * (LONGEST_NAME + 1), "甲\n局", "甲\x00局"])
def test_a_body_that_nobody_could_address_is_not_adopted(name: str) -> None:
    task = Supervised("2016-06-30")
    roles = roles_of(task.state.definition, task.policy)
    assert "不能用" in excess(roles=roles.model_copy(update={"bodies": {**roles.bodies, "x": (name,)}}))
    assert "不能用" in excess(roles=roles.model_copy(update={"persons": {HANDLING: (name,)}}))


@pytest.mark.parametrize("name", ["甲\u200b局", "甲\u202e局"])
def test_a_body_that_nobody_could_address_takes_no_task_over(name: str) -> None:
    for fields in ({"lead_body": name}, {"supporting_bodies": [name]}, {"persons": {name: ["李四"]}}):
        message = Amend.model_validate({**WHO, "reason": "调整", **fields})
        refusal = refuse_excess(message)
        assert refusal is not None
        assert "不能用" in refusal.reason


def test_more_persons_than_stand_around_one_task_do_not_come_with_an_amendment() -> None:
    message = Amend.model_validate({**WHO, "reason": "调整", "persons": {"甲局": [f"{n}" for n in range(MOST_NAMES)]}})
    refusal = refuse_excess(message)
    assert refusal is not None
    assert "过多" in refusal.reason


def test_more_bodies_than_stand_around_one_task_are_not_adopted() -> None:
    task = Supervised("2016-06-30")
    roles = roles_of(task.state.definition, task.policy)
    many = tuple(f"第{n}局" for n in range(MOST_NAMES))
    assert "过多" in excess(roles=roles.model_copy(update={"bodies": {**roles.bodies, "x": many}}))
    assert excess(roles=roles) == ""
