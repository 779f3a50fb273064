"""What a deployment may set, and what it is told when it is wrong."""

from pathlib import Path

import pytest

from duban.settings import NoticeChannel, SettingsError, load_settings


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
    monkeypatch.setenv("DUBAN_WEBHOOK_URL", "https://gateway/send?key=token")
    monkeypatch.setenv("DUBAN_DATABASE_URL", "postgresql://office:password@host/duban")
    shown = repr(load_settings())
    monkeypatch.setenv("DUBAN_WEBHOOK_SECRET", "plain!")
    with pytest.raises(SettingsError) as wrong:
        load_settings()
    for secret in ("c2VjcmV0", "token", "password", "plain!"):
        assert secret not in shown + str(wrong.value)
