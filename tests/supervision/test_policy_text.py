"""A policy travels as text and is one value in memory."""

from duban.supervision.messages import Adopt
from duban.supervision.policy import decode, digest, encode
from tests.supervision.supervised import OFFICE, policy_of


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
