"""`verify`: the ledger is as it was written, or the place where it is not; heads filed elsewhere bear witness."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from duban.ledger import Ledger, migrate
from duban.ledger.database.engine import writing
from tests.commands.conftest import CommandLine
from tests.ledger.building import batch, entry, milestone, plan, register, task


@pytest.fixture
def ledger(home: Path) -> Iterator[Ledger]:

    url = f"sqlite:///{home / 'duban.db'}"
    migrate(url)
    with closing(Ledger.open(url)) as opened:
        register(opened, plan(task("P-1"), task("P-2")))
        opened.tasks.record(batch("P-1", entry(2, milestone()), entry(3)))
        yield opened


def tampered(ledger: Ledger, statement: str) -> None:
    with writing(ledger.engine) as connection:
        connection.execute(text(statement))


def test_a_ledger_that_holds_is_said_to(starter: CommandLine, ledger: Ledger) -> None:
    assert ledger.proofs.count() == 2
    for arguments in ((), ("P",), ("P-1",)):
        checked = starter("verify", *arguments)
        assert checked.exit_code == 0, checked.stderr
        assert "记录完整，没有改动" in checked.stdout
    assert starter.json("verify", "--rows") == []


def test_every_place_is_named_and_the_exit_code_says_so(starter: CommandLine, ledger: Ledger) -> None:
    tampered(ledger, "UPDATE timeline SET text = '改过' WHERE task_code = 'P-1' AND version = 2")
    tampered(ledger, "DELETE FROM timeline WHERE task_code = 'P-2'")
    reason = starter.refused("verify")
    assert "任务 P-1：时间线第 2 步写入后被改动过" in reason
    assert "任务 P-2：时间线第 1 步起的记录被截去" in reason
    assert starter("verify", "P-1", "--json").exit_code == 1


def test_heads_that_were_filed_bear_witness_against_a_ledger_that_was_cut_back(
    starter: CommandLine, ledger: Ledger, tmp_path: Path
) -> None:
    heads = tmp_path / "heads.jsonl"
    assert starter("verify", "--heads", heads).exit_code == 0
    assert len(heads.read_text().splitlines()) == 2
    assert starter("verify", "--against", heads).exit_code == 0
    tampered(ledger, "DELETE FROM timeline WHERE task_code = 'P-1' AND version = 3")
    tampered(
        ledger,
        "UPDATE tasks SET version = 2, chain_head = (SELECT hash FROM timeline WHERE task_code = 'P-1' AND version = 2)"
        " WHERE code = 'P-1'",
    )
    assert starter("verify").exit_code == 0
    assert "任务 P-1：时间线第 3 步起的记录被截去" in starter.refused("verify", "--against", heads)


def test_what_is_no_file_of_heads_is_refused_with_its_line(
    starter: CommandLine, ledger: Ledger, tmp_path: Path
) -> None:
    assert ledger.proofs.count() == 2
    file = tmp_path / "other.txt"
    file.write_text("{}\n")
    assert "第 1 行不是任务的摘要" in starter.refused("verify", "--against", file)


def test_a_check_of_a_strike_off_request_needs_its_actor_and_its_outcome(starter: CommandLine, ledger: Ledger) -> None:
    assert ledger.proofs.count() == 2
    result = starter("verify", "P-1", "--passed")
    assert result.exit_code == 2
    assert "缺少 --body、--person。" in result.stderr
    assert "台账中没有任务或方案 X" in starter.refused("verify", "X")
