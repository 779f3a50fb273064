"""Every foreseeable error is a sentence; the others stay what they are."""

import subprocess
import sys
from pathlib import Path

import pytest
from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ActivityError, ApplicationError, RetryState
from temporalio.service import RPCError, RPCStatusCode

from duban.client import ConnectionFailed
from duban.commands.reasons import Refused, reason_of
from duban.ledger import LedgerConflict, LedgerUnavailable
from duban.server import NothingWorked
from duban.settings import SettingsError
from tests.commands.conftest import CommandLine

STARTER = Path(__file__).resolve().parents[2] / "starter.py"


@pytest.mark.parametrize("kind", [Refused, ConnectionFailed, LedgerConflict, NothingWorked, SettingsError])
def test_an_error_of_ours_is_its_own_sentence(kind: type[Exception]) -> None:
    assert reason_of(kind("请核对。")) == "请核对。"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (LedgerUnavailable("稍后会自动重试"), "DUBAN_DATABASE_URL"),
        (WorkflowUpdateRPCTimeoutOrCancelledError(), "serve"),
        (RPCError("x", RPCStatusCode.UNAVAILABLE, b""), "连接中断"),
        (RPCError("x", RPCStatusCode.DEADLINE_EXCEEDED, b""), "没有按时答复"),
        (RPCError("x", RPCStatusCode.NOT_FOUND, b""), "没有对应的工作流"),
        (RPCError("quota", RPCStatusCode.RESOURCE_EXHAUSTED, b""), "RESOURCE_EXHAUSTED：quota"),
        (UnicodeEncodeError("utf-8", "\udcff", 0, 1, "surrogates not allowed"), "不是 UTF-8"),
        (PermissionError(13, "Permission denied", "/x/y"), "“/x/y”"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value,
)
def test_an_error_of_the_world_around_says_what_to_do(error: Exception, words: str) -> None:
    assert words in (reason_of(error) or "")


def test_what_the_task_refuses_is_told_in_its_own_words() -> None:
    refusal = ApplicationError("进度130%不在0—100之间", type="Refused", non_retryable=True)

    assert reason_of(WorkflowUpdateFailedError(refusal)) == "进度130%不在0—100之间"


def test_of_a_failure_within_failures_the_innermost_is_told() -> None:
    failed = ActivityError(
        "Activity task failed",
        scheduled_event_id=5,
        started_event_id=6,
        identity="",
        activity_type="register_plan",
        activity_id="1",
        retry_state=RetryState.NON_RETRYABLE_FAILURE,
    )
    failed.__cause__ = ApplicationError("方案未登记：T-1", type="PlanRefused", non_retryable=True)

    assert reason_of(WorkflowUpdateFailedError(failed)) == "方案未登记：T-1"


def test_an_error_that_nobody_foresaw_is_not_explained_away() -> None:
    assert reason_of(ZeroDivisionError()) is None


@pytest.mark.parametrize("command", [["ledger"], ["status", "T-1"], ["notices"], ["stats"], ["timeline", "T-1"]])
def test_reading_a_ledger_that_is_not_there_says_so_and_makes_none(
    starter: CommandLine, home: Path, command: list[str]
) -> None:
    assert "还没有台账" in starter.refused(*command)
    assert not home.exists()


def test_a_database_file_that_holds_something_else_is_an_error_in_words(starter: CommandLine, home: Path) -> None:
    home.mkdir()
    (home / "duban.db").write_text("这不是数据库，" * 200, encoding="utf-8")

    assert "不是数据库" in starter.refused("ledger")


@pytest.mark.parametrize(
    ("command", "code"), [(["--help"], 0), (["check", "none.csv"], 1), (["ledger"], 1), (["check"], 2)]
)
@pytest.mark.usefixtures("home")
def test_the_process_ends_with_the_exit_code_of_the_command(command: list[str], code: int) -> None:
    done = subprocess.run([sys.executable, STARTER, *command], capture_output=True, check=False, timeout=60)

    assert done.returncode == code
    assert b"Traceback" not in done.stderr


@pytest.mark.usefixtures("home")
def test_a_reader_that_goes_away_is_no_traceback() -> None:
    shell = f"{sys.executable} {STARTER} --help | true"

    done = subprocess.run(["/bin/sh", "-c", shell], capture_output=True, check=False, timeout=60)

    assert done.stderr == b""
