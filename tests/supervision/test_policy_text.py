"""A policy travels as text and is one value in memory."""

import json

from duban.supervision.rules.authority import ADDED_LATER, Act
from duban.supervision.rules.policy import Policy, decode, digest, encode
from duban.supervision.tasks.messages import Adopt, Amend, Correct
from tests.supervision.supervised import HANDLING, OFFICE, SUPERVISOR, Supervised, policy_of


def test_a_policy_is_the_same_after_the_journey_and_is_held_once() -> None:
    for name in ("kunming", "bozhou"):
        text = encode(policy_of(name))
        assert decode(text) == policy_of(name)
        assert decode(text) is decode(text)
        assert encode(decode(text)) == text


def test_two_policies_have_two_names() -> None:
    assert digest(encode(policy_of("kunming"))) != digest(encode(policy_of("bozhou")))


def test_a_message_that_carries_a_policy_shares_it() -> None:
    message = Adopt(body=OFFICE, person="张三", reason="修订", policy=policy_of())
    wire = message.model_dump_json()
    first, second = (Adopt.model_validate_json(wire) for _ in range(2))
    assert first == message
    assert first.policy is second.policy


def of_an_earlier_release() -> Policy:
    """Rules whose text knows nothing of the acts that came later."""
    rules = json.loads(encode(policy_of()))
    for act in ADDED_LATER:
        rules["regime"]["authority"]["acts"].pop(act.value, None)
    return decode(json.dumps(rules, ensure_ascii=False, separators=(",", ":")))


def test_rules_that_were_written_before_an_act_was_known_keep_their_text_and_their_name() -> None:
    old = of_an_earlier_release()
    text = encode(old)
    assert "amend" not in text
    assert encode(decode(text)) == text
    assert old.regime.authority.acts.keys() == set(Act) - set(ADDED_LATER)


def test_under_such_rules_whoever_assigned_a_task_amends_it_and_the_makers_of_records_correct_them() -> None:
    task = Supervised("2016-12-31", regime=of_an_earlier_release()).until("2016-05-20 12:00")
    task.tell(Amend(**task.said(SUPERVISOR), reason="调整", title="新名"))
    assert task.state.definition.title == "新名"
    assert "无权调整任务" in task.refuses(Amend(**task.said(HANDLING), reason="调整", title="又改"))
    task.tell(Correct(**task.said(HANDLING), version=1, text="登记有误"))


def test_rules_that_state_what_is_the_case_without_them_are_the_same_rules() -> None:
    old, new = of_an_earlier_release(), policy_of()
    assert old.regime.authority != new.regime.authority
    assert old.regime.authority.spelled_out == new.regime.authority.spelled_out
