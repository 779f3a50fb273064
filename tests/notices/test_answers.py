"""A refusal inside a 200, as gateways write it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban.contracts import DeliveryOutcome
from duban.notices.answers import LONGEST_MESSAGE, refusal_in
from duban.notices.status import result_of

NOW = datetime(2016, 7, 18, 1, 0, tzinfo=UTC)
DELIVERED, RETRY, UNDELIVERABLE = DeliveryOutcome.DELIVERED, DeliveryOutcome.RETRY, DeliveryOutcome.UNDELIVERABLE


def outcome_of(answer: bytes) -> DeliveryOutcome:
    return result_of(200, None, NOW, answer).outcome


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        # WeCom, DingTalk, Feishu
        ('{"errcode":0,"errmsg":"ok"}', DELIVERED),
        ('{"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"}', DELIVERED),
        ('{"errcode":93000,"errmsg":"invalid webhook url"}', UNDELIVERABLE),
        ('{"errcode":45009,"errmsg":"api freq out of limit"}', RETRY),
        ('{"errcode":-1,"errmsg":"系统繁忙"}', RETRY),
        ('{"errcode":310000,"errmsg":"sign not match"}', UNDELIVERABLE),
        ('{"errcode":130101,"errmsg":"send too fast"}', RETRY),
        ('{"code":19001,"msg":"param invalid"}', UNDELIVERABLE),
        ('{"code":11232,"msg":"frequency limited"}', RETRY),
        ('{"StatusCode":19021}', UNDELIVERABLE),
        # the envelopes of home-made gateways
        ('{"code":200,"msg":"success"}', DELIVERED),
        ('{"code":"200","msg":"success"}', DELIVERED),
        ('{"code":"0000","msg":"成功"}', DELIVERED),
        ('{"code":"SUCCESS"}', DELIVERED),
        ('{"code":1,"success":true}', DELIVERED),
        ('{"code":500,"msg":"服务器内部错误"}', RETRY),
        ('{"code":"503"}', RETRY),
        ('{"code":429}', RETRY),
        ('{"code":401,"msg":"未登录"}', UNDELIVERABLE),
        ('{"code":0,"errcode":7}', UNDELIVERABLE),
        ('{"success":false,"message":"单位不存在"}', UNDELIVERABLE),
        ('{"success":false,"code":200}', UNDELIVERABLE),
        ('{"errcode":93000.0}', UNDELIVERABLE),
        # what says nothing
        ("", DELIVERED),
        ("ok", DELIVERED),
        ("[]", DELIVERED),
        ("[" * 60_000, DELIVERED),
        ('{"a":' * 12_000, DELIVERED),
        ('{"errcode":930', DELIVERED),
        ('{"errcode":null,"code":true,"StatusCode":[1]}', DELIVERED),
        ('{"errcode":NaN}', DELIVERED),
        ('{"errcode":' + "9" * 5000 + "}", DELIVERED),
        ('{"data":{"errcode":93000}}', DELIVERED),
        ("<html>500</html>", DELIVERED),
    ],
)
def test_what_a_200_says_inside_decides(answer: str, outcome: DeliveryOutcome) -> None:
    assert outcome_of(answer.encode()) is outcome


def test_a_refusal_is_told_in_the_gateway_s_words() -> None:
    answer = b'{"errcode":93000,"errmsg":"invalid\\u202e webhook\\n url"}'
    assert result_of(200, None, NOW, answer).reason == (
        "网关没有接收：代码 93000，“invalid webhook url”。请按网关的说明处理后重新发送（HTTP 200）"
    )
    assert result_of(200, None, NOW, b'{"success":false}').reason == (
        "网关没有接收。请按网关的说明处理后重新发送（HTTP 200）"
    )


def test_a_gateway_without_end_to_its_words_is_cut_short() -> None:
    refusal = refusal_in(json.dumps({"errcode": 1, "errmsg": "长" * 10_000}).encode())
    assert refusal is not None
    assert refusal.message == "长" * LONGEST_MESSAGE + "…"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_an_answer_is_read_in_the_encodings_that_are_met(encoding: str) -> None:
    refusal = refusal_in('{"errcode":40001,"errmsg":"签名错误"}'.encode(encoding))
    assert refusal is not None
    assert (refusal.code, refusal.message) == (40001, "签名错误")


def test_a_gateway_that_is_busy_inside_a_200_is_waited_for_as_long_as_it_asks() -> None:
    assert result_of(200, "90", NOW, b'{"errcode":45009}').retry_after == timedelta(seconds=90)


def test_the_body_of_any_other_status_changes_nothing() -> None:
    for status in (302, 410, 500):
        assert result_of(status, None, NOW, b'{"errcode":0}') == result_of(status, None, NOW)


@given(st.binary(max_size=200) | st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
       lambda inner: st.dictionaries(st.sampled_from(["errcode", "code", "success", "msg"]), inner), max_leaves=5)
       .map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_whatever_the_body_it_has_an_outcome(answer: bytes) -> None:
    assert result_of(200, None, NOW, answer).reason.endswith("（HTTP 200）")
