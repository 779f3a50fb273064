"""What a deployment may set, and what it is told when it is wrong."""

from pathlib import Path

import pytest

from duban.settings import NoticeChannel, SettingsError, load_settings

KEY = "S0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0s="


def test_with_nothing_set_the_ledger_and_the_outbox_lie_in_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_HOME", str(tmp_path))
    settings = load_settings()
    assert settings.database_url == f"sqlite:///{tmp_path}/duban.db"
    assert (settings.channel, settings.outbox_dir) == (NoticeChannel.OUTBOX, tmp_path / "outbox")
    assert (settings.task_queue, settings.build_id) == ("duban", None)


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_BUILD_ID", "")
    monkeypatch.setenv("DUBAN_TASK_QUEUE", "")
    assert (load_settings().build_id, load_settings().task_queue) == (None, "duban")


def test_the_command_line_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_TASK_QUEUE", "elsewhere")
    assert load_settings(task_queue="here").task_queue == "here"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_postgresql_url_as_people_write_it_gets_the_driver_that_is_installed(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_DATABASE_URL", f"{scheme}://office@host/duban")
    assert load_settings().database_url == "postgresql+psycopg://office@host/duban"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("DUBAN_DATABASE_URL", "mysql://host/duban", "DUBAN_DATABASE_URL：不支持这种数据库。应为：台账数据库"),
        ("DUBAN_DATABASE_URL", "sqlite://", "DUBAN_DATABASE_URL：内存数据库不能由各进程共用，请写明文件。"),
        ("DUBAN_DATABASE_URL", "duban.db", "DUBAN_DATABASE_URL：不支持这种数据库。"),
        ("DUBAN_CHANNEL", "fax", "DUBAN_CHANNEL：值无效。应为：通知的送达渠道：outbox（写成文件）或 webhook"),
        ("DUBAN_WEBHOOK_TIMEOUT_SECONDS", "0", "DUBAN_WEBHOOK_TIMEOUT_SECONDS：值无效。应为：等待网关答复的秒数"),
        ("DUBAN_WEBHOOK_SECRET", "whsec_督办", "DUBAN_WEBHOOK_SECRET：不是 Base64 编码的密钥。"),
        ("DUBAN_MAX_CONCURRENT_ACTIVITIES", "many", "DUBAN_MAX_CONCURRENT_ACTIVITIES：值无效。应为：一个工作进程"),
        ("DUBAN_CHANNEL", "webhook", "没有设置 DUBAN_WEBHOOK_URL"),
        ("DUBAN_PAYLOAD_KEYS", "k1:c2hvcnQ=", "DUBAN_PAYLOAD_KEYS：第 1 个密钥不是 32 字节的 Base64。"),
        ("DUBAN_CODEC_TOKEN", "short", "DUBAN_CODEC_TOKEN：太短，或含有空格、汉字等不能用的字符。"),
        ("DUBAN_CODEC_ORIGINS", "*", "DUBAN_CODEC_ORIGINS：“*”不是来源"),
        (
            "DUBAN_PLAINTEXT_HOSTS",
            "*.intranet",
            "DUBAN_PLAINTEXT_HOSTS：不能用通配符，请逐个写明主机。应为：允许不加密",
        ),
        ("DUBAN_PLAINTEXT_HOSTS", "db:5432", "DUBAN_PLAINTEXT_HOSTS：只写主机名或 IP 地址，不带协议、端口和路径。"),
        ("DUBAN_WEBHOOK_NETWORKS", "10.1.2.3/16", "DUBAN_WEBHOOK_NETWORKS：不是网段，或主机位不为零。应为：网关可以"),
        ("DUBAN_WEBHOOK_NETWORKS", "0.0.0.0/0", "DUBAN_WEBHOOK_NETWORKS：不能允许所有地址，请写明网段。"),
        ("DUBAN_SECRETS_DIR", "/nowhere/at/all", "DUBAN_SECRETS_DIR：不能读取目录 /nowhere/at/all（"),
        ("DUBAN_DATABSE_URL", "sqlite:///x", "DUBAN_DATABSE_URL：没有这个变量。是否应为 DUBAN_DATABASE_URL？"),
    ],
)
def test_a_wrong_setting_is_told_with_its_variable_and_the_remedy_in_one_line(
    name: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as wrong:
        load_settings()
    heading, *problems = str(wrong.value).splitlines()
    assert heading == "设置有误："
    assert len(problems) == 1
    assert told in problems[0]


def test_secrets_are_shown_neither_in_errors_nor_in_the_settings_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_WEBHOOK_SECRET", "whsec_c2VjcmV0")
    monkeypatch.setenv("DUBAN_WEBHOOK_URL", "https://gateway/send?key=robot")
    monkeypatch.setenv("DUBAN_DATABASE_URL", "postgresql://office:password@host/duban")
    monkeypatch.setenv("DUBAN_PAYLOAD_KEYS", f"k1:{KEY}")
    monkeypatch.setenv("DUBAN_CODEC_TOKEN", "t" * 32)
    shown = repr(load_settings())
    monkeypatch.setenv("DUBAN_PAYLOAD_KEYS", f"k1:{KEY},k1:{KEY}")
    monkeypatch.setenv("DUBAN_WEBHOOK_SECRET", "plain!")
    with pytest.raises(SettingsError) as wrong:
        load_settings()
    for secret in ("c2VjcmV0", "robot", "password", "plain!", KEY, "t" * 32):
        assert secret not in shown + str(wrong.value)
