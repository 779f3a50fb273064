"""Settings that stand in files, as Docker, Kubernetes and systemd hand secrets over."""

import base64
import io
import logging
from pathlib import Path
from typing import Any, cast

import pytest
import typer

import starter
from duban.commands.worker_child import worker_environment
from duban.logging import configure_logging
from duban.server import RunningServer
from duban.settings import SettingsError, load_settings

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
URL = "https://gateway.example.test/send?key=planted-robot-token-0123"
DATABASE = "postgresql://office:planted-password@db.example.test/duban?sslmode=verify-full"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "secrets"
    made.mkdir(mode=0o700)
    monkeypatch.setenv("DUBAN_SECRETS_DIR", str(made))
    return made


def put(folder: Path, name: str, value: str | bytes, mode: int = 0o400) -> Path:
    file = folder / name
    file.write_bytes(value if isinstance(value, bytes) else value.encode())
    file.chmod(mode)
    return file


def told() -> list[str]:
    with pytest.raises(SettingsError) as wrong:
        load_settings()
    heading, *problems = str(wrong.value).splitlines()
    assert heading == "设置有误："
    return [problem.strip() for problem in problems]


def test_secrets_are_read_from_files_named_like_their_variables(folder: Path) -> None:
    put(folder, "DUBAN_WEBHOOK_SECRET", f"{SECRET}\n")
    put(folder, "duban_webhook_url", URL)
    put(folder, "DUBAN_DATABASE_URL", DATABASE)
    put(folder, "OTHER_PROGRAM", "not ours")
    settings = load_settings()
    assert settings.webhook_secret is not None
    assert settings.webhook_secret.get_secret_value() == SECRET
    assert str(settings.webhook_url) == URL
    assert settings.database_url == DATABASE.replace("postgresql://", "postgresql+psycopg://")
    assert settings.kept_in_files == {"webhook_secret", "webhook_url", "database_url"}


def test_files_that_lie_behind_links_are_read_as_kubernetes_lays_them(folder: Path) -> None:
    (folder / "..2026_11_22").mkdir()
    put(folder / "..2026_11_22", "DUBAN_WEBHOOK_SECRET", SECRET)
    (folder / "..data").symlink_to("..2026_11_22")
    (folder / "DUBAN_WEBHOOK_SECRET").symlink_to("..data/DUBAN_WEBHOOK_SECRET")
    assert load_settings().kept_in_files == {"webhook_secret"}


def test_the_environment_wins_over_a_file_and_the_command_line_over_both(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, "DUBAN_TASK_QUEUE", "from-the-file")
    assert load_settings().task_queue == "from-the-file"
    monkeypatch.setenv("DUBAN_TASK_QUEUE", "")
    assert load_settings().task_queue == "from-the-file"
    monkeypatch.setenv("DUBAN_TASK_QUEUE", "from-the-environment")
    assert load_settings().task_queue == "from-the-environment"
    assert load_settings(task_queue="said").task_queue == "said"
    assert load_settings().kept_in_files == frozenset()


def test_a_value_that_cannot_be_used_is_told_with_its_file_and_not_shown(folder: Path) -> None:
    file = put(folder, "DUBAN_WEBHOOK_SECRET", "plain!")
    [problem] = told()
    assert problem.startswith(f"DUBAN_WEBHOOK_SECRET（文件 {file}）：不是 Base64 编码的密钥。")
    assert "plain!" not in problem


@pytest.mark.parametrize(
    ("name", "value", "mode", "why"),
    [
        ("DUBAN_WEBHOOK_SECERT", SECRET, 0o400, "没有这个变量。是否应为 DUBAN_WEBHOOK_SECRET？"),
        ("DUBAN_WEBHOOK_SECRET", "  \n", 0o400, "文件是空的。请写入内容，或删除它。"),
        ("DUBAN_WEBHOOK_SECRET", b"\xff\xfe\x00", 0o400, "不是 UTF-8 文本。请核对内容。"),
        ("DUBAN_WEBHOOK_SECRET", "x" * 70_000, 0o400, "超过 65536 字节，不是设置。请核对内容。"),
        ("DUBAN_WEBHOOK_SECRET", SECRET, 0o620, "其他用户可以改写它。请运行 chmod 400，或修正挂载时的权限。"),
        ("DUBAN_WEBHOOK_SECRET", SECRET, 0o402, "其他用户可以改写它。请运行 chmod 400，或修正挂载时的权限。"),
    ],
    ids=["mistyped", "empty", "no text", "too long", "group may write", "all may write"],
)
def test_a_file_that_cannot_be_relied_on_is_named_with_the_remedy(
    folder: Path, name: str, value: str | bytes, mode: int, why: str
) -> None:
    file = put(folder, name, value, mode)
    assert told() == [f"{file}：{why}"]


def test_what_is_no_file_of_the_folder_is_not_passed_over(folder: Path, tmp_path: Path) -> None:
    (folder / "DUBAN_WEBHOOK_SECRET").mkdir()
    (folder / "DUBAN_WEBHOOK_URL").symlink_to(put(tmp_path, "elsewhere", URL))
    (folder / "DUBAN_TASK_QUEUE").symlink_to(tmp_path / "missing")
    problems = told()
    assert [problem.partition("：")[2].partition("。")[0].partition("（")[0] for problem in problems] == [
        "不能读取",
        "不是文件",
        "指向目录之外",
    ]


@pytest.mark.parametrize(("folder_mode", "warned"), [(0o755, 1), (0o700, 0)])
def test_a_secret_that_everybody_on_the_machine_may_read_is_warned_of(
    folder: Path, caplog: pytest.LogCaptureFixture, folder_mode: int, warned: int
) -> None:
    file = put(folder, "DUBAN_WEBHOOK_SECRET", SECRET, 0o444)
    folder.chmod(folder_mode)
    with caplog.at_level(logging.WARNING):
        load_settings()
    messages = [record.getMessage() for record in caplog.records if record.name == "duban.settings"]
    assert messages == [f"{file}：本机其他用户可以读取它，建议运行 chmod 400，或修正挂载时的权限。"] * warned


def test_what_comes_from_files_is_kept_out_of_the_log(folder: Path) -> None:
    put(folder, "DUBAN_WEBHOOK_SECRET", SECRET)
    put(folder, "DUBAN_WEBHOOK_URL", URL)
    put(folder, "DUBAN_DATABASE_URL", DATABASE)
    stream = io.StringIO()
    root = logging.getLogger()
    before = list(root.handlers)
    try:
        configure_logging(load_settings(log_format="json"), stream=stream)
        log = logging.getLogger("duban.worker")
        log.warning("one %s two %s three %s", SECRET, "planted-robot-token-0123", "planted-password")
    finally:
        root.handlers = before
    line = stream.getvalue()
    assert "one *** two *** three ***" in line


def test_what_stands_in_a_file_is_not_put_into_the_environment_of_a_child(folder: Path) -> None:
    put(folder, "DUBAN_WEBHOOK_SECRET", SECRET)
    put(folder, "DUBAN_DATABASE_URL", DATABASE)
    named = cast("RunningServer", type("Named", (), {"own": None}))
    inherited = worker_environment(load_settings(database_url="sqlite:////tmp/said.db"), named)
    assert "DUBAN_WEBHOOK_SECRET" not in inherited
    assert inherited["DUBAN_SECRETS_DIR"] == str(folder)
    # What the command line says instead of the file has to be told.
    assert inherited["DUBAN_DATABASE_URL"] == "sqlite:////tmp/said.db"


def test_no_command_takes_a_secret_as_an_option() -> None:
    def options(command: Any) -> list[str]:
        own = [parameter.name or "" for parameter in command.params]
        return own + [name for each in getattr(command, "commands", {}).values() for name in options(each)]

    words = {"secret", "password", "token", "key", "keys", "url", "credential"}
    found = options(typer.main.get_command(starter.app))
    assert len(found) > 50
    named = [name for name in found if words & set(name.split("_"))]
    assert named == []
