"""Checks know nothing of each other: one that fails or hangs is a finding, and the others are as they were."""

import asyncio
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from duban import doctor as doctor_room
from duban.commands.connecting import connect_to_server
from duban.commands.reasons import Refused, reason_of
from duban.doctor import Finding, State, examine
from duban.doctor.finding import Check, Diagnosis
from duban.doctor.surroundings import Surroundings, aside
from tests.commands.conftest import CommandLine

NAMED = re.compile(r"starter\.py ([a-z-]+(?: (?:current|serve|channels|dead|resend|start|test|resume))?)")


async def _well(_: Surroundings) -> Diagnosis:
    return Diagnosis.well("好")


async def _refused(_: Surroundings) -> Diagnosis:
    raise Refused("请核对。")


async def _mistaken(_: Surroundings) -> Diagnosis:
    raise KeyError("x")


async def _waiting(_: Surroundings) -> Diagnosis:
    await asyncio.Event().wait()
    raise AssertionError


@pytest.fixture
def for_ever() -> Iterator[threading.Event]:
    """What a thread waits for that hangs; ends with the test."""
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.usefixtures("home")
async def test_one_that_fails_or_hangs_hides_no_other(for_ever: threading.Event) -> None:
    async def hanging(_: Surroundings) -> Diagnosis:
        await aside(for_ever.wait)
        raise AssertionError

    looks = {"a": _refused, "b": _well, "c": _mistaken, "d": _waiting, "e": hanging, "f": _well}
    checks = tuple(Check(name, name, look) for name, look in looks.items())
    found = await examine(connect_to_server, reason_of, checks=checks, within=0.5)

    assert [one.check for one in found] == list("abcdef")
    assert [one.state is State.OK for one in found] == [False, True, False, False, False, True]
    assert found[0].detail == "请核对。"
    assert "KeyError" in found[2].detail
    assert all(one.remedy for one in found if one.state is State.FAULT)


def test_the_command_shows_every_line_and_says_by_its_exit_code_that_something_is_to_be_mended(
    home: Path,
) -> None:
    starter = CommandLine()
    shown = starter("doctor")
    as_json = starter("doctor", "--json")

    assert (shown.exit_code, as_json.exit_code) == (1, 1)  # there is no server
    assert "要处理  Temporal 服务器：" in shown.stdout
    assert "正常  日历：" in shown.stdout
    assert "未核对  命名空间、" in shown.stdout
    assert "要处理 1 项" in shown.stderr
    assert '"check": "server"' in as_json.stdout
    assert '"state": "fault"' in as_json.stdout
    assert home.is_dir()


def test_warnings_alone_are_no_failure(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from duban.commands import doctor as command

    async def warned(*_: object) -> list[object]:
        return [
            Finding(check="a", title="甲", state=State.WARNING, detail="旧", remedy="换"),
        ]

    monkeypatch.setattr(command, "examine", warned)
    shown = CommandLine()("doctor")
    assert shown.exit_code == 0
    assert shown.stdout.splitlines() == ["注意  甲：旧", "      → 换"]
    assert home.is_dir()


def _named_commands() -> list[str]:
    sources = Path(doctor_room.__file__).parent.glob("*.py")
    named = (NAMED.findall(file.read_text(encoding="utf-8")) for file in sources)
    return sorted({command for commands in named for command in commands})


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("command", _named_commands())
def test_a_command_that_the_doctor_names_exists(command: str) -> None:
    assert CommandLine()(*command.split(), "--help").exit_code == 0
