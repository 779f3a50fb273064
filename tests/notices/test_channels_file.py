"""The channels file: all its problems at once, each with its line, and no secret in it."""

from pathlib import Path

import pytest

from duban.notices.arrangements import Arrangements, Way
from duban.notices.channels_file import ChannelsFile
from duban.notices.channels_reading import read_channels_file
from duban.notices.named_secrets import NamedSecrets, SecretMissing
from duban.office_files import OfficeFileError
from duban.settings import SettingsError, load_settings
from duban.supervision.bundling import QuietHours

GOOD = """\
default: 改革办群
channels:
  改革办群: {kind: wecom, address: WECOM_OFFICE}
  住建群: {kind: dingtalk, address: DING_ADDRESS, secret: DING_SECRET, keyword: 督办, mentions: {everybody: true}}
  短信:
    kind: sms
    url: https://api-v4.mysubmail.com/sms/xsend.json
    body:
      appid: "10001"
      to: "{phone}"
      project: kZ9Ky3
      vars: {title: "{title}", number: "{number}"}
      signature: "{secret:SMS_KEY}"
    success: {path: status, equals: success}
bodies:
  市住房城乡建设局:
    channel: 住建群
    fallback: 短信
    phones: ["13800001111"]
    quiet: 19:00-08:30
    send_at: ["10:30", "16:30"]
    weekly: 2
"""


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    folder = tmp_path / "secrets"
    folder.mkdir()
    for name in ("WECOM_OFFICE", "DING_ADDRESS", "DING_SECRET", "SMS_KEY"):
        (folder / name).write_text(f"https://example.com/{name.lower()}\n", encoding="utf-8")
        (folder / name).chmod(0o600)
    return folder


def read(tmp_path: Path, text: str, folder: Path | None = None) -> ChannelsFile:
    path = tmp_path / "channels.yaml"
    path.write_text(text, encoding="utf-8")
    return read_channels_file(path, NamedSecrets(folder), "outbox")


def problems(tmp_path: Path, text: str, folder: Path | None = None) -> list[str]:
    with pytest.raises(OfficeFileError) as refused:
        read(tmp_path, text, folder)
    return list(refused.value.problems)


def test_a_body_has_its_channel_its_other_one_and_its_hours(
    tmp_path: Path, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(tmp_path, GOOD, secrets)
    monkeypatch.setenv("DUBAN_CHANNELS_FILE", str(tmp_path / "channels.yaml"))
    monkeypatch.setenv("DUBAN_SECRETS_DIR", str(secrets))
    monkeypatch.setenv("DUBAN_QUIET_HOURS", "20:00-08:00")
    arranged = Arrangements.of(load_settings())

    assert arranged.way_of("市住房城乡建设局") == Way(channel="住建群", fallback="短信")
    assert arranged.way_of("市财政局") == Way(channel="改革办群")
    own, usual = arranged.rules_for("市住房城乡建设局"), arranged.rules_for("市财政局")
    assert own.quiet == QuietHours(begins=19 * 60, ends=8 * 60 + 30)
    assert (own.send_at, own.weekly) == ((10 * 60 + 30, 16 * 60 + 30), 2)
    assert usual.quiet == QuietHours(begins=20 * 60, ends=8 * 60)
    assert (usual.send_at, usual.weekly) == ((), 5)


def test_without_a_file_everything_goes_by_the_channel_of_the_settings() -> None:
    arranged = Arrangements.of(load_settings())
    assert arranged.way_of("市财政局") == Way(channel="outbox")
    assert (arranged.rules_for("市财政局").quiet, arranged.rules_for("市财政局").weekly) == (None, 5)


def test_all_problems_are_told_at_once_each_with_its_line(tmp_path: Path, secrets: Path) -> None:
    told = problems(
        tmp_path,
        """\
default: 没有的群
channels:
  outbox: {kind: wecom, address: WECOM_OFFICE}
  甲群: {kind: feishu, address: NOT_THERE}
  短信:
    kind: sms
    url: https://sms.example.com/send
    headers: {X-Phone: "{phone}"}
    body: {to: "{fone}", apikey: abcdef}
bodies:
  市财政局: {channel: 甲群, fallback: 甲群}
  市教育局: {channel: 短信}
""",
        secrets,
    )
    assert [line.partition("：")[0] for line in told] == [
        "第 3 行 channels.outbox",
        "第 1 行 default",
        "第 11 行 bodies.市财政局.fallback",
        "第 12 行 bodies.市教育局",
        "第 4 行 channels.甲群.address",
        "第 9 行 channels.短信.body",
        "第 8 行 channels.短信.headers",
        "第 9 行 channels.短信.body.apikey",
    ]
    assert "没有环境变量 NOT_THERE" in told[4]
    assert "{fone}" in told[5]


def test_names_that_name_nothing_are_told_together_with_what_does_not_fit(tmp_path: Path, secrets: Path) -> None:
    told = problems(
        tmp_path,
        """\
channels:
  甲群: {kind: fax}
bodies:
  市财政局: {channel: 甲群, fallback: 乙群}
  市教育局: {channel: 甲群, weekly: many}
""",
        secrets,
    )
    assert [line.partition("：")[0] for line in told] == [
        "第 2 行 channels.甲群",
        "第 5 行 bodies.市教育局.weekly",
        "第 4 行 bodies.市财政局.fallback",
    ]


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        ("{kind: wecom, address: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc'}", "不能写在文件里"),
        ("{kind: wecom, address: DUBAN_WECOM}", "另有用途"),
        ("{kind: dingtalk, address: DING_ADDRESS, secret: 'SEC 1234'}", "机密的名称"),
        ("{kind: webhook, url: 'https://gateway.example/hook?key=1'}", "像是有口令"),
        ("{kind: webhook, url: 'https://gateway.example/hook/0123456789abcdef0'}", "像是有口令"),
        ("{kind: webhook}", "url"),
        ("{kind: webhook, url: 'https://gateway.example/', address: DING_ADDRESS}", "写一个"),
        ("{kind: feishu, address: DING_ADDRESS, mentions: {phones: ['13800001111']}}", "open_id"),
        ("{kind: feishu, address: DING_ADDRESS, mentions: {users: ['a\"></at><at user_id=\"all']}}", "值无效"),
        ("{kind: fax}", "没有“fax”这一种"),
        ("{kind: wecom, adress: WECOM_OFFICE}", "是否应为 address"),
    ],
)
def test_a_channel_that_cannot_be_used_is_refused_with_the_reason(
    tmp_path: Path, secrets: Path, channel: str, said: str
) -> None:
    told = problems(tmp_path, f"channels:\n  甲: {channel}\n", secrets)
    assert any(said in line for line in told), told
    assert all(line.startswith("第 2 行") for line in told)
    assert not any("abc" in line for line in told), "what may be a secret is not repeated"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("quiet: 8点", "20:00-08:00"),
        ("quiet: 08:00-08:00", "notices stop"),
        ("send_at: [25:00]", "10:30"),
        ("send_at: [10:30]", "引号"),
        ("phones: [110a]", "值无效"),
        ("weekly: -1", "不小于 0"),
    ],
)
def test_hours_and_numbers_that_cannot_be_read_are_told_with_the_form_that_can(
    tmp_path: Path, entry: str, said: str
) -> None:
    told = problems(tmp_path, f"bodies:\n  市财政局:\n    {entry}\n")
    assert len(told) == 1
    assert told[0].startswith("第 3 行")
    assert said in told[0]


def test_a_secret_comes_from_the_environment_or_from_a_file_that_nobody_else_may_change(
    secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = NamedSecrets(secrets)
    assert named.get("SMS_KEY").get_secret_value() == "https://example.com/sms_key"
    monkeypatch.setenv("SMS_KEY", "from the environment")
    assert named.get("SMS_KEY").get_secret_value() == "from the environment"
    (secrets / "DING_SECRET").chmod(0o666)
    with pytest.raises(SecretMissing, match="其他用户可以改写它"):
        named.get("DING_SECRET")
    with pytest.raises(SecretMissing, match="DUBAN_SECRETS_DIR"):
        NamedSecrets(None).get("DING_SECRET")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DUBAN_QUIET_HOURS", "night"),
        ("DUBAN_SENDING_TIMES", "10:30;16:30"),
        ("DUBAN_WEEKLY_MESSAGES", "-1"),
    ],
)
def test_a_setting_that_cannot_be_read_is_refused_at_start(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=variable):
        load_settings()
