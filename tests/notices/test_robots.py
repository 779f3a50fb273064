"""Group robots against servers that behave as their vendors' documents say, errors included."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from duban.contracts import Delivery, DeliveryOutcome
from duban.notices.channel import SendResult
from duban.notices.dingtalk import DingTalk
from duban.notices.feishu import Feishu
from duban.notices.gateway import Gateway
from duban.notices.gateway_codes import CODES, Vendor
from duban.notices.mentions import Mentions
from duban.notices.robot import Robot, RobotChannel
from duban.notices.wecom import Wecom
from duban.notices.wording import write_letter
from tests.notices import samples
from tests.notices.gateway import closed_port, running_gateway, silence
from tests.notices.platforms import DingTalkGroup, FeishuGroup, Platform, WecomGroup, running
from tests.notices.samples import delivery

SENT = delivery(samples.WRITTEN, id="8f3ac0ffee5500112233445566778899")
SECRET = "SEC0123456789abcdef"
DELIVERED, RETRY, UNDELIVERABLE = DeliveryOutcome.DELIVERED, DeliveryOutcome.RETRY, DeliveryOutcome.UNDELIVERABLE
GROUPS: dict[str, type[Platform]] = {"wecom": WecomGroup, "dingtalk": DingTalkGroup, "feishu": FeishuGroup}


def robot_of(vendor: str, secret: str = "") -> Robot:
    signed = SecretStr(secret) if secret else None
    robots: dict[str, Robot] = {"wecom": Wecom(), "dingtalk": DingTalk(signed), "feishu": Feishu(signed)}
    return robots[vendor]


@contextmanager
def group_of(vendor: str, **settings: Any) -> Iterator[Platform]:
    with running(GROUPS[vendor](**settings)) as platform:
        yield platform


def url_of(platform: Platform) -> str:
    return str(platform.url)  # type: ignore[attr-defined] # each has one


async def send(
    vendor: str, url: str, *, what: Delivery = SENT, secret: str = "", timeout: float = 5, **more: Any
) -> SendResult:
    channel = RobotChannel(robot_of(vendor, secret), Gateway(url, timeout), timeout, **more)
    try:
        return await channel.send(what, write_letter(what))
    finally:
        await channel.aclose()


def test_the_robots_of_every_vendor_are_tried_here_and_its_codes_are_known() -> None:
    assert GROUPS.keys() == CODES.keys() == set(Vendor)


@pytest.mark.parametrize("vendor", GROUPS)
async def test_a_letter_appears_in_the_group_whole_and_with_its_number(vendor: str) -> None:
    with group_of(vendor) as group:
        result = await send(vendor, url_of(group))
        assert (result.outcome, result.reason.startswith("机器人已接收")) == (DELIVERED, True)
        said = "\n".join(text.partition("\n")[2] for text in group.texts)
        assert said.split() == write_letter(SENT).text.split()
        assert all(text.startswith("【督办】编号 8f3ac0ffee55") for text in group.texts)
        assert "催办通知〔2016〕1号" in said


@pytest.mark.parametrize("vendor", ["dingtalk", "feishu"])
async def test_a_robot_that_asks_for_a_signature_gets_a_right_one(vendor: str) -> None:
    with group_of(vendor, secret=SECRET) as group:
        assert (await send(vendor, url_of(group), secret=SECRET)).outcome is DELIVERED
        wrong = await send(vendor, url_of(group), secret=SECRET + "x")
        assert wrong.outcome is UNDELIVERABLE
        assert "签名" in wrong.reason or "加签" in wrong.reason
        assert (await send(vendor, url_of(group))).outcome is UNDELIVERABLE


def test_signatures_are_those_of_another_program() -> None:
    """Made with `openssl dgst -sha256 -hmac`, of the moments of the vendors' own examples."""
    moment = datetime.fromtimestamp(1599360473, UTC)
    request = DingTalk(SecretStr("SECkey-of-the-group")).request("", Mentions(), moment)
    assert request.query == {"timestamp": "1599360473000", "sign": "Kk43WbA+0iPhIx+4Sjhb/bZoQK0umM7Y4ryED5zkgqk="}
    body = json.loads(Feishu(SecretStr("key-of-the-group")).request("", Mentions(), moment).content)
    assert (body["timestamp"], body["sign"]) == ("1599360473", "5QUF/0WjEKTo0jZWPrxzU/tP+2HB8Pwxi0u6HUUeWb8=")


@pytest.mark.parametrize("vendor", ["dingtalk", "feishu"])
async def test_the_word_that_a_robot_asks_for_stands_in_every_message(vendor: str) -> None:
    with group_of(vendor, keyword="市改革办") as group:
        missing = await send(vendor, url_of(group))
        assert missing.outcome is UNDELIVERABLE
        assert "keyword" in missing.reason
        assert (await send(vendor, url_of(group), keyword="市改革办")).outcome is DELIVERED
        assert group.texts[0].startswith("【市改革办】")


@pytest.mark.parametrize("vendor", GROUPS)
async def test_a_robot_that_is_gone_waits_for_a_person_and_its_address_is_told_to_nobody(vendor: str) -> None:
    with group_of(vendor) as group:
        url = url_of(group)
        group.token = "another-robot-than-before"
        result = await send(vendor, url)
        assert result.outcome is UNDELIVERABLE
        assert "693a91f6" not in result.reason
        assert "代码" in result.reason


@pytest.mark.parametrize(("vendor", "wait"), [("wecom", 60), ("dingtalk", 600), ("feishu", 60)])
async def test_a_robot_that_has_had_too_many_is_left_alone_for_as_long_as_its_vendor_says(
    vendor: str, wait: int
) -> None:
    with group_of(vendor, takes=0) as group:
        result = await send(vendor, url_of(group))
        assert (result.outcome, result.retry_after) == (RETRY, timedelta(seconds=wait))


@pytest.mark.parametrize(
    ("vendor", "said", "outcome"),
    [
        ("wecom", {"errcode": -1, "errmsg": "system busy"}, RETRY),
        ("wecom", {"errcode": 45033, "errmsg": "api concurrent out of limit"}, RETRY),
        ("wecom", {"errcode": 93004, "errmsg": "robot disabled"}, UNDELIVERABLE),
        ("wecom", {"errcode": 40058, "errmsg": "exceed max length"}, UNDELIVERABLE),
        ("wecom", {"errcode": 99999, "errmsg": "nobody knows this one"}, UNDELIVERABLE),
        ("dingtalk", {"errcode": -1, "errmsg": "系统繁忙"}, RETRY),
        ("dingtalk", {"errcode": 410100, "errmsg": "发送速度太快而限流"}, RETRY),
        ("dingtalk", {"errcode": 400102, "errmsg": "机器人已停用"}, UNDELIVERABLE),
        ("dingtalk", {"errcode": 430104, "errmsg": "含有不合适的内容"}, UNDELIVERABLE),
        ("feishu", {"code": 19022, "msg": "Ip Not Allowed", "data": {}}, UNDELIVERABLE),
        ("feishu", {"code": 99991400, "msg": "request trigger frequency limit"}, RETRY),
    ],
)
async def test_an_error_code_inside_a_200_is_an_error(
    vendor: str, said: dict[str, Any], outcome: DeliveryOutcome
) -> None:
    with group_of(vendor) as group:
        group.then = [(200, said)]
        result = await send(vendor, url_of(group))
        assert result.outcome is outcome
        assert str(said.get("errcode", said.get("code"))) in result.reason
        assert group.messages == []


async def test_what_feishu_calls_a_bad_request_is_tried_again_but_not_for_ever() -> None:
    """It says so of too many requests as well."""
    with group_of("feishu") as group:
        group.then = [(400, {"code": 9499, "msg": "Bad Request", "data": {}})] * 2
        first = await send("feishu", url_of(group))
        last = await send("feishu", url_of(group), what=SENT.model_copy(update={"attempt": 5}))
        assert (first.outcome, last.outcome) == (RETRY, UNDELIVERABLE)


@pytest.mark.parametrize("vendor", GROUPS)
@pytest.mark.parametrize(
    "answer", [b"<html>please log in</html>", b"{}", b"", b"[0]"], ids=["page", "no code", "nothing", "no object"]
)
async def test_a_200_that_does_not_say_that_the_message_was_taken_is_no_success(vendor: str, answer: bytes) -> None:
    with running_gateway() as gateway:
        gateway.answer = answer
        assert (await send(vendor, gateway.url)).outcome is RETRY


@pytest.mark.parametrize("vendor", GROUPS)
async def test_the_status_decides_where_there_is_no_code(vendor: str) -> None:
    with group_of(vendor) as group:
        group.then = [(502, {}), (404, {})]
        assert (await send(vendor, url_of(group))).outcome is RETRY
        assert (await send(vendor, url_of(group))).outcome is UNDELIVERABLE
    assert (await send(vendor, f"http://127.0.0.1:{closed_port()}/")).outcome is RETRY


MANY = delivery(*[samples.WRITTEN] * 6, id=SENT.id)


async def test_a_long_letter_goes_to_wecom_in_numbered_parts_none_of_which_is_too_long() -> None:
    with group_of("wecom") as group:
        result = await send("wecom", url_of(group), what=MANY)
        assert result.outcome is DELIVERED
        count = len(group.texts)
        assert count > 1
        heads = [text.partition("\n")[0] for text in group.texts]
        assert heads == [f"【督办】编号 8f3ac0ffee55（第{n}部分，共{count}部分）" for n in range(1, count + 1)]
        assert "".join("".join(t.partition("\n")[2].split()) for t in group.texts) == "".join(
            write_letter(MANY).text.split()
        )


async def test_a_letter_that_would_take_too_many_parts_goes_as_one_line_a_notice_each_with_its_number() -> None:
    with group_of("wecom") as group:
        what = delivery(*[samples.WRITTEN] * 50, id=SENT.id)
        assert (await send("wecom", url_of(group), what=what)).outcome is DELIVERED
        said = "\n".join(group.texts)
        assert len(group.texts) <= 8
        assert said.count("催办通知（催办通知〔2016〕1号）：工程建设项目审批提速（KM16-07）") == 50
        assert "全文较长" in said


async def test_a_message_that_breaks_off_in_the_middle_is_repeated_whole_and_says_that_it_may_be_a_repetition() -> None:
    with group_of("wecom", takes=1) as group:
        broken = await send("wecom", url_of(group), what=MANY)
        assert (broken.outcome, broken.retry_after) == (RETRY, timedelta(minutes=1))
        assert "已收1部分，将整件重发" in broken.reason
        group.takes = 100
        again = await send("wecom", url_of(group), what=MANY.model_copy(update={"attempt": 2}))
        assert again.outcome is DELIVERED
        assert group.texts[1].startswith("【督办】编号 8f3ac0ffee55（第1部分，共")
        assert "可能重复，同一编号以一份为准" in group.texts[1].partition("\n")[0]


async def test_a_message_of_which_nobody_knows_whether_it_arrived_says_so() -> None:
    with group_of("wecom") as group:
        await send("wecom", url_of(group), what=SENT.model_copy(update={"attempt": 2, "uncertain": True}))
        assert all("可能重复" in text.partition("\n")[0] for text in group.texts)


class Seconds:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_message_is_not_begun_that_would_go_beyond_what_the_robot_takes_in_a_minute() -> None:
    with group_of("wecom") as group:
        clock = Seconds()
        channel = RobotChannel(Wecom(), Gateway(url_of(group), 5), 5, clock=clock)
        letter = write_letter(MANY)
        parts = 0
        while True:
            before = len(group.requests)
            result = await channel.send(MANY, letter)
            if result.outcome is not DELIVERED:
                break
            parts = len(group.requests) - before
            clock.now += 10
        assert (result.outcome, len(group.requests)) == (RETRY, before), "nothing of it was sent"
        assert len(group.requests) <= 20 < len(group.requests) + parts
        assert result.retry_after is not None
        clock.now += result.retry_after.total_seconds()
        assert (await channel.send(MANY, letter)).outcome is DELIVERED
        await channel.aclose()


CALLED = Mentions(users=("zhangsan",), everybody=True)


async def test_people_are_called_as_each_platform_wants_it_and_by_the_first_part_only() -> None:
    phones = CALLED.model_copy(update={"phones": ("13800001111",)})
    with group_of("wecom") as group:
        await send("wecom", url_of(group), what=MANY, mentions=phones)
        assert group.messages[0]["text"]["mentioned_list"] == ["zhangsan", "@all"]
        assert group.messages[0]["text"]["mentioned_mobile_list"] == ["13800001111"]
        assert "mentioned_list" not in group.messages[1]["text"]
    with group_of("dingtalk") as group:
        await send("dingtalk", url_of(group), mentions=phones)
        assert group.messages[0]["at"] == {"atUserIds": ["zhangsan"], "atMobiles": ["13800001111"], "isAtAll": True}
    with group_of("feishu") as group:
        await send("feishu", url_of(group), mentions=CALLED)
        assert group.texts[0].startswith('<at user_id="zhangsan"></at> <at user_id="all"></at> 【督办】')


@pytest.mark.parametrize("vendor", GROUPS)
async def test_what_people_typed_calls_nobody(vendor: str) -> None:
    titled = samples.WRITTEN.model_copy(update={"task_title": '<@all> <at user_id="all"></at>'})
    with group_of(vendor) as group:
        assert (await send(vendor, url_of(group), what=delivery(titled))).outcome is DELIVERED
        assert "<" not in "".join(group.texts)


async def test_all_parts_together_end_in_bounded_time() -> None:
    with running_gateway() as gateway:
        gateway.talk = silence(2)
        result = await asyncio.wait_for(send("wecom", gateway.url, timeout=0.3), 10)
        assert result.outcome is RETRY
