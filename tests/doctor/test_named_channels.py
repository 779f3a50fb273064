"""The channels file and the channels that it names, each broken in turn; nothing is ever sent."""

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from duban.doctor import Finding, State, named_channels
from duban.doctor.named_channels import MOST_NAMES
from tests.doctor.conftest import Doctor
from tests.notices.gateway import Gateway, closed_port, running_gateway
from tests.notices.platforms import WecomGroup, running

KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
SECRET = "SEC-of-the-group-that-nobody-sees"
WECOM = "channels:\n  建设群: {kind: wecom, address: ROBOT}\n"
Arrange = Callable[..., None]
Serve = Callable[[int], AbstractContextManager[Gateway]]


@pytest.fixture
def arrange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Arrange:
    """Writes a channels file and the secrets that it names."""
    secrets = tmp_path / "secrets"
    secrets.mkdir(mode=0o700)
    monkeypatch.setenv("DUBAN_SECRETS_DIR", str(secrets))
    monkeypatch.setenv("DUBAN_CHANNELS_FILE", str(tmp_path / "channels.yaml"))

    def write(text: str, **values: str) -> None:
        (tmp_path / "channels.yaml").write_text(text, encoding="utf-8")
        for name, value in values.items():
            (secrets / name).write_text(value, encoding="utf-8")
            (secrets / name).chmod(0o600)

    return write


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """Vouches for gateways, and is trusted here."""
    made = trustme.CA()
    made.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return made


@pytest.fixture
def serve(authority: trustme.CA) -> Serve:
    """A gateway on TLS whose certificate ends in so many days."""

    @contextmanager
    def gateway(days: int) -> Iterator[Gateway]:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        until = datetime.now(UTC) + timedelta(days=days)
        begun = until - timedelta(days=900)
        authority.issue_cert("localhost", not_before=begun, not_after=until).configure_cert(context)
        with running_gateway(context) as running_one:
            yield running_one

    return gateway


def robot_at(port: int, scheme: str = "https") -> str:
    return f"{scheme}://localhost:{port}/cgi-bin/webhook/send?key={KEY}"


async def _found(doctor: Doctor) -> Finding:
    found = (await doctor("channels_file"))["channels_file"]
    said = found.detail + found.remedy
    assert found.title == "渠道文件"
    assert not any(secret in said for secret in (KEY, SECRET)), said
    return found


async def test_where_there_is_none_that_is_as_it_should_be(doctor: Doctor) -> None:
    found = await _found(doctor)
    assert found.state is State.OK
    assert "DUBAN_CHANNELS_FILE" in found.detail


async def test_every_gateway_is_reached_and_nothing_is_sent_to_any(
    doctor: Doctor, arrange: Arrange, serve: Serve
) -> None:
    text = f"{WECOM}  政务群: {{kind: dingtalk, address: DING, secret: DING_SECRET}}\n"
    with serve(300) as gateway, running(WecomGroup()) as group:
        arrange(text, ROBOT=group.url, DING=robot_at(gateway.port), DING_SECRET=SECRET)  # type: ignore[attr-defined]
        found = await _found(doctor)
        assert (found.state, found.remedy) == (State.OK, ""), found.detail
        assert "2 个渠道" in found.detail
        assert (gateway.received, group.requests) == ([], [])
        assert gateway.connections == 1


async def test_all_problems_of_the_file_are_told_at_once_with_their_lines(doctor: Doctor, arrange: Arrange) -> None:
    arrange(
        f"""\
default: 群
channels:
  建设群: {{kind: wecom, address: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"}}
  政务群: {{kind: dingtalk, address: DING, secret: {SECRET}}}
bodies:
  市财政局: {{channel: 财政群}}
"""
    )
    found = await _found(doctor)
    assert found.state is State.FAULT
    for told in ("第 1 行", "第 3 行", "第 4 行", "第 6 行", "财政群", "DUBAN_SECRETS_DIR"):
        assert told in found.detail
    assert "starter.py notices channels" in found.remedy


async def test_a_file_that_is_not_there_is_told(doctor: Doctor, arrange: Arrange, tmp_path: Path) -> None:
    arrange(WECOM)
    (tmp_path / "channels.yaml").unlink()
    found = await _found(doctor)
    assert found.state is State.FAULT
    assert "没有这个文件" in found.detail


async def test_a_secret_that_is_not_there_is_named(doctor: Doctor, arrange: Arrange) -> None:
    arrange(WECOM)
    found = await _found(doctor)
    assert found.state is State.FAULT
    assert "ROBOT" in found.detail
    assert "第 2 行" in found.detail


async def test_a_gateway_that_takes_no_connections_is_told_with_the_channels_behind_it(
    doctor: Doctor, arrange: Arrange
) -> None:
    arrange(f"{WECOM}  改革办群: {{kind: wecom, address: ROBOT}}\n", ROBOT=robot_at(closed_port(), "http"))
    found = await _found(doctor)
    assert found.state is State.FAULT
    assert found.detail.count("无法连接网关 localhost") == 1
    assert "渠道“建设群”、“改革办群”" in found.detail
    assert "starter.py notices test" in found.remedy
    assert "starter.py notices resend" in found.remedy


async def test_a_channel_that_cannot_be_opened_hides_no_other(doctor: Doctor, arrange: Arrange) -> None:
    arrange(
        f"{WECOM}  改革办群: {{kind: wecom, address: OTHER}}\n",
        ROBOT=f"http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}",
        OTHER=robot_at(closed_port(), "http"),
    )
    found = await _found(doctor)
    assert found.state is State.FAULT
    assert "渠道“建设群”" in found.detail
    assert "https://" in found.detail
    assert "渠道“改革办群”：无法连接网关" in found.detail


@pytest.mark.parametrize(
    ("days", "state", "words"),
    [(-1, State.FAULT, "证书未通过验证"), (10, State.WARNING, "到期"), (300, State.OK, "网关都可以连接")],
)
async def test_the_end_of_a_gateways_certificate_is_told_before_it_comes(
    doctor: Doctor, arrange: Arrange, serve: Serve, days: int, state: State, words: str
) -> None:
    with serve(days) as gateway:
        arrange(WECOM, ROBOT=robot_at(gateway.port))
        found = await _found(doctor)
    assert found.state is state
    assert words in found.detail


async def test_a_gateway_for_which_nobody_vouches_is_told(
    doctor: Doctor, arrange: Arrange, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(300) as gateway:
        monkeypatch.delenv("SSL_CERT_FILE")
        arrange(WECOM, ROBOT=robot_at(gateway.port))
        found = await _found(doctor)
    assert found.state is State.FAULT
    assert "SSL_CERT_FILE" in found.detail


async def test_who_could_sign_and_does_not_is_warned_of_but_not_who_cannot(doctor: Doctor, arrange: Arrange) -> None:
    with running_gateway() as gateway:
        arrange(
            f"""\
{WECOM}  政务群: {{kind: dingtalk, address: ROBOT, keyword: 督办}}
  住建群: {{kind: feishu, address: ROBOT}}
  平台: {{kind: webhook, url: "http://localhost:{gateway.port}/hook"}}
  签名群: {{kind: feishu, address: ROBOT, secret: SIGNING}}
""",
            ROBOT=robot_at(gateway.port, "http"),
            SIGNING=SECRET,
        )
        found = await _found(doctor)
    assert found.state is State.WARNING
    assert "渠道“政务群”、“住建群”、“平台”：" in found.detail
    assert "启用签名" in found.remedy


async def test_of_many_channels_with_one_trouble_a_few_are_named_and_all_counted(
    doctor: Doctor, arrange: Arrange
) -> None:
    many = "".join(f"  群{number}: {{kind: wecom, address: ROBOT}}\n" for number in range(MOST_NAMES + 3))
    arrange(f"channels:\n{many}", ROBOT=robot_at(closed_port(), "http"))
    found = await _found(doctor)
    assert f"等 {MOST_NAMES + 3} 个" in found.detail
    assert f"“群{MOST_NAMES}”" not in found.detail


async def test_gateways_that_keep_silent_are_named_in_time_beside_those_that_are_found_out(
    doctor: Doctor, arrange: Arrange, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def silent(host: str, _port: int) -> list[str]:
        asked.append(host)
        await asyncio.Event().wait()
        raise AssertionError("nobody answers")

    monkeypatch.setattr(named_channels, "resolved", silent)
    monkeypatch.setattr(named_channels, "DOORS_WITHIN_SECONDS", 1.0)
    count = MOST_NAMES + 3
    robots = "".join(f"  群{each}: {{kind: wecom, address: ROBOT_{each}}}\n" for each in range(count))
    values = {f"ROBOT_{each}": f"https://gateway-{each}.test/send?key={KEY}" for each in range(count)}
    near = f"http://127.0.0.1:{closed_port()}/send?key={KEY}"
    arrange(f"channels:\n{robots}  近处: {{kind: wecom, address: NEAR}}\n", NEAR=near, **values)
    found = await _found(doctor)

    assert found.state is State.FAULT
    assert f"等 {count} 个：1 秒内没有连上" in found.detail
    assert "“近处”：无法连接网关" in found.detail
    assert len(asked) == named_channels.NAMES_AT_ONCE
