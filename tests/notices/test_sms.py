"""Short messages by template, against a provider that checks what it gets."""

from collections.abc import Iterator
from typing import Any

import pytest

from duban.contracts import Delivery, DeliveryOutcome
from duban.notices.channel import SendResult
from duban.notices.gateway import Gateway
from duban.notices.sms import SmsChannel, values_of
from duban.notices.sms_template import Expected, SmsRequest, fill, placeholders
from duban.notices.wording import write_letter
from tests.notices import samples
from tests.notices.platforms import SmsProvider, running
from tests.notices.samples import delivery

SENT = delivery(samples.WRITTEN, id="8f3ac0ffee5500112233445566778899")
KEY = "app-key-of-the-office"
BODY: dict[str, Any] = {
    "appid": "10001",
    "to": "{phone}",
    "project": "kZ9Ky3",
    "vars": {"title": "{title}", "number": "{number}", "text": "{text_short}", "id": "{id}"},
    "signature": "{secret:SMS_KEY}",
}
SUCCESS = Expected(path="status", equals="success")
DELIVERED, RETRY, UNDELIVERABLE = DeliveryOutcome.DELIVERED, DeliveryOutcome.RETRY, DeliveryOutcome.UNDELIVERABLE


@pytest.fixture
def provider() -> Iterator[SmsProvider]:
    with running(SmsProvider(secret=KEY)) as platform:
        assert isinstance(platform, SmsProvider)
        yield platform


async def send(
    provider: SmsProvider,
    *phones: str,
    what: Delivery = SENT,
    key: str = KEY,
    success: Expected | None = SUCCESS,
    **request: Any,
) -> SendResult:
    asked = SmsRequest(**{"body": BODY, "success": success, **request})
    by_body = {what.recipient: phones}
    channel = SmsChannel(asked, Gateway(provider.url, 5), 5, phones=by_body, secrets={"SMS_KEY": key})
    try:
        return await channel.send(what, write_letter(what))
    finally:
        await channel.aclose()


async def test_the_provider_gets_its_template_filled_in_with_the_number_of_the_notice(provider: SmsProvider) -> None:
    result = await send(provider, "13800001111")
    assert (result.outcome, result.reason) == (DELIVERED, "短信网关已接收（status＝success）")
    said = provider.messages[0]
    assert (said["to"], said["project"]) == ("13800001111", "kZ9Ky3")
    assert said["vars"] == {
        "title": "催办通知",
        "number": "催办通知〔2016〕1号",
        "text": "催办通知（催办通知〔2016〕1号）：工程建设项目审批提速（KM16-07）",
        "id": "8f3ac0ffee55",
    }


async def test_a_provider_that_wants_a_form_gets_one(provider: SmsProvider) -> None:
    assert (await send(provider, "13800001111", as_form=True)).outcome is DELIVERED
    assert provider.messages[0]["vars"]["number"] == "催办通知〔2016〕1号"


async def test_a_bundle_says_how_many_notices_it_holds(provider: SmsProvider) -> None:
    what = delivery(samples.WRITTEN, samples.RETURNED)
    assert (await send(provider, "13800001111", what=what)).outcome is DELIVERED
    assert provider.messages[0]["vars"]["text"] == "改革督办通知（共2件）"


async def test_a_refusal_inside_a_200_is_one_and_says_what_the_provider_said(provider: SmsProvider) -> None:
    result = await send(provider, "13800001111", key="wrong")
    assert result.outcome is UNDELIVERABLE
    assert "status＝error" in result.reason
    assert "signature验证失败" in result.reason


async def test_what_passes_by_itself_is_tried_again_where_the_file_says_which_values_mean_that(
    provider: SmsProvider,
) -> None:
    provider.then = [(200, {"code": "busy"}), (200, {}), (503, {})]
    expected = Expected(path="code", equals="0", busy=("busy",))
    for _ in range(3):
        assert (await send(provider, "13800001111", success=expected)).outcome is RETRY


@pytest.mark.parametrize(
    ("path", "equals", "answer", "outcome"),
    [
        ("code", "0", {"code": 0}, DELIVERED),
        ("SendStatusSet.0.Code", "Ok", {"SendStatusSet": [{"Code": "Ok"}]}, DELIVERED),
        ("SendStatusSet.0.Code", "Ok", {"SendStatusSet": [{"Code": "FailedOperation"}]}, UNDELIVERABLE),
        ("ok", "true", {"ok": True}, DELIVERED),
        ("ok", "true", {"ok": {"no": "value"}}, RETRY),
        ("a.1", "x", {"a": ["y"]}, RETRY),
    ],
)
async def test_success_is_known_by_the_field_that_the_file_names(
    provider: SmsProvider, path: str, equals: str, answer: dict[str, Any], outcome: DeliveryOutcome
) -> None:
    provider.then = [(200, answer)]
    assert (await send(provider, "13800001111", success=Expected(path=path, equals=equals))).outcome is outcome


async def test_what_one_person_of_a_body_has_received_the_body_has_received(provider: SmsProvider) -> None:
    provider.refused = ("13800001111",)
    result = await send(provider, "13800001111", "13800002222")
    assert result.outcome is DELIVERED
    assert result.reason.startswith("2个号码中1个已接收")
    assert "错误的收件人" in result.reason
    assert [message["to"] for message in provider.messages] == ["13800002222"]
    assert (await send(provider, "13800001111")).outcome is UNDELIVERABLE


async def test_a_body_without_a_number_waits_for_a_person(provider: SmsProvider) -> None:
    result = await send(provider)
    assert (result.outcome, provider.requests) == (UNDELIVERABLE, [])
    assert "phones" in result.reason


def test_what_is_filled_in_is_never_read_as_a_template_again() -> None:
    assert fill({"a": ["{title}"], "b": 1}, {"title": "{secret:KEY}", "secret:KEY": "s"}) == {
        "a": ["{secret:KEY}"],
        "b": 1,
    }
    assert list(placeholders({"a": ["{x} {y}", 1], "b": {"c": "{z}"}})) == ["x", "y", "z"]


def test_a_parameter_is_no_longer_than_what_approved_templates_take() -> None:
    long_one = samples.WRITTEN.model_copy(update={"task_title": "很长的事项名称" * 20})
    what = delivery(long_one)
    values = values_of(what, write_letter(what), "1")
    assert len(values["text_short"]) <= 60
    assert len(values["text_tiny"]) <= 20
