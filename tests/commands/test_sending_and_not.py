"""Channels tried, all sending stopped, dead letters listed: what the commands say and leave in the ledger."""

from pathlib import Path

import pytest

from duban.contracts import DeliveryOutcome
from duban.ledger import Ledger, migrate, migrate_back
from tests.commands.conftest import CommandLine, PlanFileWriter
from tests.ledger.building import batch, entry, notice, plan, real, register, task
from tests.notices.platforms import SmsProvider, WecomGroup, running


@pytest.fixture
def told(home: Path) -> Ledger:
    """A ledger in the home, with one notice that no gateway would take and one that waits."""
    home.mkdir()
    url = f"sqlite:///{home / 'duban.db'}"
    migrate(url)
    ledger = Ledger.open(url)
    register(ledger, plan(task("P-1")))
    ledger.tasks.record(batch("P-1", entry(2, notice("a"), notice("b", to="财政局"))))
    delivery = ledger.deliveries.claim("统计局", real(9))
    assert delivery is not None
    ledger.deliveries.settle(delivery.id, 1, DeliveryOutcome.UNDELIVERABLE, real(9), "机器人已被移出群", channel="甲群")
    ledger.close()
    return ledger


@pytest.fixture
def starter_over(told: Ledger) -> CommandLine:
    """The command line over that ledger, without any server."""
    assert told.engine.url.database
    return CommandLine()


def test_stopping_says_what_waits_and_every_page_says_it_loudly_until_it_is_taken_back(
    starter_over: CommandLine,
) -> None:
    said = starter_over("notices", "stop", "--reason", "机构调整", "--person", "王五")
    assert said.exit_code == 0
    assert "已停止一切发送，现有待发 1 件" in said.stdout

    for command in (("notices",), ("notices", "dead"), ("stats",)):
        shown = starter_over(*command)
        assert shown.exit_code == 0
        assert "！！发送已停止！！" in shown.stderr, command
        assert "由王五决定：机构调整" in shown.stderr
    assert starter_over.json("stats")["sending_stopped"]["given_by"] == "王五"
    assert isinstance(starter_over.json("notices"), list), "the rows stay an array"
    assert "没有改变" in starter_over.refused("notices", "stop", "--reason", "再次")

    going_on = starter_over("notices", "start", "--person", "王五")
    assert going_on.exit_code == 0
    assert "待发 1 件，涉及 1 个单位" in going_on.stdout
    assert "五分钟内会自己送出" in going_on.stderr, "no server runs here"
    assert starter_over.json("stats")["sending_stopped"] is None
    assert "没有停止" in starter_over.refused("notices", "start")


def test_who_stops_all_sending_says_why(starter_over: CommandLine) -> None:
    assert starter_over("notices", "stop").exit_code == 2
    assert "--reason" in starter_over.refused("notices", "stop", "--reason", " ")
    assert starter_over.json("stats")["sending_stopped"] is None


def test_a_dead_letter_is_listed_with_its_reason_its_channel_and_what_to_do(starter_over: CommandLine) -> None:
    rows = starter_over.json("notices", "dead")
    assert [(row["recipient"], row["channel"], row["detail"]) for row in rows] == [
        ("统计局", "甲群", "机器人已被移出群")
    ]
    assert rows[0]["what_to_do"] == f"按原因处理后运行：starter.py notices resend {rows[0]['delivery_id']}"
    assert starter_over.json("notices", "undeliverable") == rows, "under its earlier name too"
    assert "无法送达 1 件" in starter_over("notices", "dead").stdout
    assert "--all" in starter_over.refused("notices", "resend")


@pytest.fixture
def channels_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "channels.yaml"
    path.write_text(
        """\
channels:
  甲群: {kind: wecom, address: WECOM_ROBOT}
  短信:
    kind: sms
    address: SMS_ADDRESS
    body: {to: "{phone}", vars: {title: "{title}", id: "{id}"}, signature: "{secret:SMS_KEY}"}
    success: {path: status, equals: success}
bodies:
  统计局: {channel: 甲群, fallback: 短信, phones: ["13800001111"], quiet: 20:00-08:00}
""",
        encoding="utf-8",
    )
    monkeypatch.setenv("DUBAN_CHANNELS_FILE", str(path))
    for name in ("WECOM_ROBOT", "SMS_ADDRESS", "SMS_KEY"):
        monkeypatch.setenv(name, "https://example.com/")
    return path


@pytest.mark.usefixtures("channels_file")
def test_a_channel_is_tried_with_a_real_message_and_nothing_is_written(
    starter: CommandLine, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(WecomGroup()) as group, running(SmsProvider(secret="https://example.com/")) as provider:
        monkeypatch.setenv("WECOM_ROBOT", group.url)  # type: ignore[attr-defined]
        monkeypatch.setenv("SMS_ADDRESS", provider.url)  # type: ignore[attr-defined]

        said = starter("notices", "test", "甲群")
        assert said.exit_code == 0, said.stderr
        assert "机器人已接收" in said.stdout
        assert "这是一条测试消息，用于核对渠道“甲群”是否通畅" in group.texts[0]
        assert group.texts[0].partition("编号 ")[2][:12] in said.stdout

        assert "phones" in starter.refused("notices", "test", "短信")
        assert starter("notices", "test", "短信", "--body", "统计局").exit_code == 0
        assert provider.messages[0]["to"] == "13800001111"

        group.token = "no longer in the group"
        refused = starter.refused("notices", "test", "甲群")
        assert "93000" in refused
        assert "重新添加机器人" in refused
        assert "key=" not in refused
    assert not home.exists(), "no ledger, no row"


@pytest.mark.usefixtures("channels_file")
def test_an_unknown_channel_is_refused_with_those_there_are(starter: CommandLine) -> None:
    assert starter.refused("notices", "test", "乙群") == "没有名为“乙群”的渠道，可用：outbox、甲群、短信。"


@pytest.mark.usefixtures("channels_file")
def test_who_is_told_by_what_is_shown_and_no_secret_with_it(starter: CommandLine) -> None:
    rows = starter.json("notices", "channels")
    assert rows == [
        {
            "body": None,
            "channel": "outbox",
            "fallback": None,
            "phones": 0,
            "rules": "到时即发；每周5件，超过后不紧急的等到下周",
        },
        {
            "body": "统计局",
            "channel": "甲群",
            "fallback": "短信",
            "phones": 1,
            "rules": "到时即发；20:00至08:00不发送；每周5件，超过后不紧急的等到下周",
        },
    ]
    assert "example.com" not in starter("notices", "channels").stdout


def test_a_channels_file_with_problems_is_told_with_all_of_them(starter: CommandLine, channels_file: Path) -> None:
    channels_file.write_text("default: 没有\nbodies:\n  统计局: {chanel: 甲群}\n", encoding="utf-8")
    assert "第 3 行 bodies.统计局" in starter.refused("notices", "channels")


def test_whoever_stops_sending_without_a_name_is_the_person_of_the_settings_or_must_say_so(
    starter_over: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr("getpass.getuser", nameless)  # as in a container
    assert "--person" in starter_over.refused("notices", "stop", "--reason", "机构调整")
    monkeypatch.setenv("DUBAN_PERSON", "赵六")
    assert starter_over("notices", "stop", "--reason", "机构调整").exit_code == 0
    assert "由赵六决定" in starter_over("notices").stderr


def test_a_look_at_an_amendment_creates_no_ledger_and_brings_none_up_to_date(
    starter_over: CommandLine, home: Path, plan_file: PlanFileWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = plan_file("P-1,甲事,张三,市医保局,,,文件,2022年6月30日")
    url = f"sqlite:///{home / 'duban.db'}"
    migrate_back(url, "0007")
    before = (home / "duban.db").read_bytes()
    for look in ("--dry-run", "--json"):
        assert "台账的结构" in starter_over.refused("amend", file, "--code", "P", look)
    assert (home / "duban.db").read_bytes() == before

    monkeypatch.setenv("DUBAN_HOME", str(home / "elsewhere"))
    for look in ("--dry-run", "--json"):
        assert "还没有台账" in starter_over.refused("amend", file, "--code", "P", look)
    assert not (home / "elsewhere").exists()
