"""Each body is told by its own channel, and by its other one where that one cannot."""

from pathlib import Path

import pytest

from duban.contracts import DeliveryOutcome
from duban.logging import configure_logging
from duban.notices.channel import ChannelError
from duban.notices.office import open_office
from duban.notices.wording import write_letter
from duban.settings import load_settings
from tests.notices import samples
from tests.notices.platforms import DingTalkGroup, SmsProvider, WecomGroup, running
from tests.notices.samples import HANDLING, LEAD, delivery

SENT = delivery(samples.WRITTEN)
DELIVERED, RETRY, UNDELIVERABLE = DeliveryOutcome.DELIVERED, DeliveryOutcome.RETRY, DeliveryOutcome.UNDELIVERABLE


@pytest.fixture
def arrange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "channels.yaml").write_text(
        f"""\
channels:
  建设群: {{kind: wecom, address: WECOM_BUILDING}}
  政务群: {{kind: dingtalk, address: DING_AFFAIRS, secret: DING_SECRET}}
  短信:
    kind: sms
    address: SMS_ADDRESS
    body: {{to: "{{phone}}", vars: {{title: "{{title}}"}}, signature: "{{secret:SMS_KEY}}"}}
    success: {{path: status, equals: success}}
bodies:
  {HANDLING}: {{channel: 建设群, fallback: 短信, phones: ["13800001111"]}}
  {LEAD}: {{channel: 政务群}}
""",
        encoding="utf-8",
    )
    monkeypatch.setenv("DUBAN_HOME", str(tmp_path))
    monkeypatch.setenv("DUBAN_CHANNELS_FILE", str(tmp_path / "channels.yaml"))


@pytest.mark.usefixtures("arrange")
async def test_each_body_is_told_by_its_own_channel_and_all_others_by_that_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        running(WecomGroup()) as wecom,
        running(DingTalkGroup(secret="SECabcdef")) as ding,
        running(SmsProvider(secret="k")) as sms,
    ):
        for name, value in {
            "WECOM_BUILDING": wecom.url,  # type: ignore[attr-defined]
            "DING_AFFAIRS": ding.url,  # type: ignore[attr-defined]
            "DING_SECRET": "SECabcdef",
            "SMS_ADDRESS": sms.url,  # type: ignore[attr-defined]
            "SMS_KEY": "k",
        }.items():
            monkeypatch.setenv(name, value)
        office = open_office(load_settings())
        results = {
            body: await office.send(what := SENT.model_copy(update={"recipient": body}), write_letter(what))
            for body in (HANDLING, LEAD, "市财政局")
        }
        assert {body: (each.outcome, each.channel) for body, each in results.items()} == {
            HANDLING: (DELIVERED, "建设群"),
            LEAD: (DELIVERED, "政务群"),
            "市财政局": (DELIVERED, "outbox"),
        }
        assert (len(wecom.texts), len(ding.texts), sms.messages) == (1, 1, [])
        assert len(list((tmp_path / "outbox").iterdir())) == 1

        wecom.token = "thrown out of the group"
        by_sms = await office.send(SENT, write_letter(SENT))
        assert (by_sms.outcome, by_sms.channel) == (DELIVERED, "短信")
        assert "渠道“建设群”无法送达" in by_sms.reason
        assert [message["to"] for message in sms.messages] == ["13800001111"]

        wecom.then = [(200, {"errcode": 45009, "errmsg": "api freq out of limit"})]
        busy = await office.send(SENT, write_letter(SENT))
        assert (busy.outcome, busy.channel, len(sms.messages)) == (RETRY, "建设群", 1), "it will take it later"

        sms.secret = "another key"
        neither = await office.send(SENT, write_letter(SENT))
        assert neither.outcome is UNDELIVERABLE
        assert "建设群" in neither.reason
        assert "短信" in neither.reason
        await office.aclose()


@pytest.mark.usefixtures("arrange")
def test_a_channel_that_cannot_be_opened_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DING_AFFAIRS", "SMS_ADDRESS"):
        monkeypatch.setenv(name, "https://example.com/")
    for name in ("DING_SECRET", "SMS_KEY"):
        monkeypatch.setenv(name, "value")
    monkeypatch.setenv("WECOM_BUILDING", "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abcdefgh")
    with pytest.raises(ChannelError, match="渠道“建设群”") as refused:
        open_office(load_settings())
    assert "abcdefgh" not in str(refused.value)


@pytest.mark.usefixtures("arrange")
def test_no_log_line_holds_a_secret_of_the_channels_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    values = {
        "WECOM_BUILDING": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=key-of-the-robot",
        "DING_AFFAIRS": "https://oapi.dingtalk.com/robot/send?access_token=token-of-the-robot",
        "DING_SECRET": "SEC-of-the-group",
        "SMS_ADDRESS": "https://sms.example.com/send/path-of-the-provider",
        "SMS_KEY": "key-of-the-provider",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    configure_logging(load_settings())
    import logging

    for value in (*values.values(), "key-of-the-robot", "token-of-the-robot", "path-of-the-provider"):
        logging.getLogger("duban.test").warning("it said %s", value)
    said = capsys.readouterr().err
    assert said.count("it said") == len(values) + 3
    assert "of-the-" not in said
