"""Off this machine in plain text: commands and worker refuse at start, and have done nothing anywhere by then."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from duban.server import DevServer
from tests.commands.conftest import CommandLine

ROOT = Path(__file__).parents[2]
DATABASE = "postgresql://office:planted-password@db.example.test/duban?sslmode=require"
REFUSED = "台账数据库 db.example.test 不在本机，而连接没有加密或不验证对方的证书，已拒绝连接。"


@pytest.mark.parametrize(
    "command",
    [
        ("ledger",),
        ("stats",),
        ("notices",),
        ("notices", "undeliverable"),
        ("timeline", "KM16-01"),
        ("notices", "send-again", "D1"),
    ],
    ids=" ".join,
)
def test_reading_commands_refuse_a_database_elsewhere_that_need_not_prove_who_it_is(
    starter: CommandLine, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DUBAN_DATABASE_URL", DATABASE)
    reason = starter.refused(*command)
    assert reason.startswith(REFUSED)
    assert "planted-password" not in reason


def test_a_server_elsewhere_without_tls_is_refused_by_serve(
    starter: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.example.test:7233")
    last = starter.refused("serve").splitlines()[-1]
    assert last.startswith("Temporal 服务器 temporal.example.test 不在本机，而连接没有加密")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"DUBAN_DATABASE_URL": DATABASE}, REFUSED),
        (
            {"DUBAN_CHANNEL": "webhook", "DUBAN_WEBHOOK_URL": "http://gateway.example.test/send?key=planted-token"},
            "webhook 网关 gateway.example.test 不在本机，而连接没有加密或不验证对方的证书，已拒绝连接。",
        ),
    ],
    ids=["database", "gateway"],
)
async def test_a_worker_that_is_refused_has_done_nothing(
    dev_server: DevServer, tmp_path: Path, settings: dict[str, str], told: str
) -> None:
    home = tmp_path / "home"
    environment = {"TEMPORAL_ADDRESS": dev_server.address, "DUBAN_HOME": str(home), **settings}
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "worker.py"),
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await asyncio.wait_for(child.communicate(), 60)
    assert child.returncode == 1
    assert said.decode().startswith(told)
    assert "planted" not in said.decode()
    assert not home.exists()
