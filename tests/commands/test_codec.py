"""`starter.py codec`: keys and tokens are made, and the endpoint refuses to serve what is not set up."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import trustme

from duban.encryption.keys import KeyRing
from duban.settings import load_settings
from tests.commands.conftest import CommandLine
from tests.encryption.conftest import KEY, STARTER, TOKEN


def test_a_new_key_is_one_that_the_settings_take(starter: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = starter("codec", "new-key"), starter("codec", "new-key")
    monkeypatch.setenv("DUBAN_PAYLOAD_KEYS", f"{first.stdout.strip()},{second.stdout.strip()}")
    settings = load_settings()
    assert settings.payload_keys is not None
    ring = KeyRing.parse(settings.payload_keys.get_secret_value())
    assert [key.id for key in ring.keys] == [first.stdout.partition(":")[0], second.stdout.partition(":")[0]]
    assert "备份" in first.stderr
    assert ring.keys[0].line not in first.stderr


def test_a_new_token_is_one_that_the_settings_take(starter: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_CODEC_TOKEN", starter("codec", "new-token").stdout.strip())
    assert load_settings().codec_token is not None


@pytest.mark.parametrize("what", ["new-key", "new-token"])
def test_into_a_file_a_secret_is_for_its_owner_alone_and_replaces_nothing(
    starter: CommandLine, tmp_path: Path, what: str
) -> None:
    file = tmp_path / "secret"
    made = starter("codec", what, "--out", file)
    written = file.read_text().strip()
    assert (made.exit_code, made.stdout) == (0, "")
    assert written not in made.output
    assert file.stat().st_mode & 0o777 == 0o600
    assert "已存在" in starter.refused("codec", what, "--out", file)
    assert file.read_text().strip() == written


@pytest.fixture
def set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_PAYLOAD_KEYS", KEY.line)
    monkeypatch.setenv("DUBAN_CODEC_TOKEN", TOKEN)


@pytest.mark.usefixtures("set_up")
@pytest.mark.parametrize(
    ("changed", "arguments", "told"),
    [
        ({"DUBAN_PAYLOAD_KEYS": ""}, (), "DUBAN_PAYLOAD_KEYS"),
        ({"DUBAN_CODEC_TOKEN": ""}, (), "DUBAN_CODEC_TOKEN"),
        ({"DUBAN_CODEC_TOKEN": "short"}, (), "DUBAN_CODEC_TOKEN"),
        ({"DUBAN_CODEC_ORIGINS": "null"}, (), "DUBAN_CODEC_ORIGINS"),
        ({"DUBAN_CODEC_ORIGINS": "https://ui.example/path"}, (), "DUBAN_CODEC_ORIGINS"),
        ({}, ("--host", "0.0.0.0"), "必须使用 TLS"),  # noqa: S104 - refused, which is the point
        ({}, ("--host", "::"), "必须使用 TLS"),
        ({"DUBAN_CODEC_TLS_KEY": "/none/key.pem"}, (), "必须同时设置"),
        (
            {"DUBAN_CODEC_TLS_KEY": "/none/key.pem", "DUBAN_CODEC_TLS_CERTIFICATE": "/none/chain.pem"},
            (),
            "TLS 证书或私钥无法使用",
        ),
    ],
)
def test_the_endpoint_serves_nothing_that_is_not_set_up_and_says_what_to_set(
    starter: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
    changed: dict[str, str],
    arguments: tuple[str, ...],
    told: str,
) -> None:
    for name, value in changed.items():
        monkeypatch.setenv(name, value)
    assert told in starter.refused("codec", "serve", "--port", "0", *arguments)


@pytest.mark.usefixtures("set_up")
def test_a_certificate_and_the_key_of_another_are_refused_in_words(
    starter: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    one, other = authority.issue_cert("127.0.0.1"), authority.issue_cert("127.0.0.1")
    one.cert_chain_pems[0].write_to_path(str(tmp_path / "chain.pem"))
    other.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    monkeypatch.setenv("DUBAN_CODEC_TLS_CERTIFICATE", str(tmp_path / "chain.pem"))
    monkeypatch.setenv("DUBAN_CODEC_TLS_KEY", str(tmp_path / "key.pem"))
    assert "相互匹配" in starter.refused("codec", "serve", "--port", "0")


@pytest.mark.usefixtures("set_up")
def test_a_port_that_is_taken_is_named(starter: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"127.0.0.1:{port}" in starter.refused("codec", "serve", "--port", port)


@pytest.mark.usefixtures("set_up", "home")
def test_ctrl_c_is_the_ordinary_end(tmp_path: Path) -> None:
    serving = subprocess.Popen(
        [sys.executable, "-u", STARTER, "codec", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ,
        cwd=tmp_path,
    )
    assert serving.stdout is not None
    while "Ctrl-C" not in serving.stdout.readline().decode():
        assert serving.poll() is None
    serving.send_signal(signal.SIGINT)
    _, complaints = serving.communicate(timeout=30)
    assert serving.returncode == 0
    assert "解密服务已停止" in complaints.decode()
