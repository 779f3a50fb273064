"""An announced year brought to running tasks by the command line, on the real server."""

import asyncio
from datetime import date
from pathlib import Path

import pytest

from duban.changes import carrying
from duban.supervision.tasks.entries import EntryKind
from tests.commands.conftest import CommandLine
from tests.supervision.supervised import HANDLING, OFFICE
from tests.supervision.test_provisional import unannounced
from tests.workflows.installation import InFastTime

ORDERED = ("--body", OFFICE, "--person", "王五")
ENTERED = "2017-01-18"


async def test_an_announced_year_reaches_every_task_and_shows_what_moves(
    fast: InFastTime, starter: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying, "TOLD_AT_ONCE", 2)
    fast.policy = unannounced()
    await fast.issue(*(fast.task("2017-02-08", "2017-06-30", number=n) for n in (1, 2, 3)), entered=ENTERED)
    await fast.tell("terminate", OFFICE, 3, reason="上级取消")
    await fast.handle(3).result()
    assert (await fast.recorded(1)).next_moment_provisional

    asked = await asyncio.to_thread(starter, "calendar", "adopt", 2017, *ORDERED)
    assert asked.exit_code == 1
    assert "没有作任何改动" in asked.stderr
    assert fast.ledger.years.announced() == {}
    refused = await asyncio.to_thread(
        starter, "calendar", "adopt", 2017, "--body", HANDLING, "--person", "王五", "--yes"
    )
    assert "无权变更适用规则" in refused.stderr
    done = await asyncio.to_thread(starter, "calendar", "adopt", 2017, *ORDERED, "--yes")
    again = await asyncio.to_thread(starter, "calendar", "adopt", 2017, *ORDERED, "--yes")

    assert done.exit_code == 0, done.output
    assert "2 项在办任务的日历随之改变" in done.stdout
    assert "2017-02-01" in done.stdout
    assert "2017-01-26" in done.stdout
    assert "共 2 项，已办理 2 项" in done.stdout
    assert "0 项在办任务的日历随之改变" in again.stdout
    for number in (1, 2):
        status = await fast.recorded(number)
        assert not status.next_moment_provisional
        assert status.calendar_known_until == date(2017, 12, 31)
        assert len(fast.of_kind(EntryKind.ADOPTED, number)) == 1
    [line] = [each for each in await asyncio.to_thread(starter.json, "calendar") if each["year"] == 2017]
    assert (line["announced"], line["edition"], line["with_it"], line["without_it"]) == (True, 1, 2, 0)
    [order] = await asyncio.to_thread(starter.json, "changes")
    assert (order["kind"], order["title"]) == ("calendar", "2017年放假调休安排")


async def test_a_mistaken_year_is_put_right_by_adopting_another_file(
    fast: InFastTime, starter: CommandLine, tmp_path: Path
) -> None:
    fast.policy = unannounced()
    await fast.issue(fast.task("2017-02-08", "2017-06-30"), entered=ENTERED)
    festivals = "\n".join(
        f"  - {{name: {name}, first: 2017-{first}, last: 2017-{last}}}"
        for name, first, last in (
            ("元旦", "01-01", "01-02"),
            ("春节", "01-27", "01-31"),
            ("清明节", "04-02", "04-04"),
            ("劳动节", "04-29", "05-01"),
            ("端午节", "05-28", "05-30"),
            ("国庆节、中秋节", "10-01", "10-08"),
        )
    )
    mistaken = tmp_path / "mistaken.yaml"
    mistaken.write_text(f"year: 2017\nsource: 抄错的通知\nholidays:\n{festivals}\nworked_weekends: [2017-01-22]\n")
    wrong = await asyncio.to_thread(starter, "calendar", "adopt", 2017, "--file", mistaken, *ORDERED, "--yes")

    right = await asyncio.to_thread(starter, "calendar", "adopt", 2017, *ORDERED, "--yes")

    assert (wrong.exit_code, right.exit_code) == (0, 0), wrong.output + right.output
    assert "第2版" in right.stdout
    assert "2017-01-26" in right.stdout
    await fast.recorded()
    assert len(fast.of_kind(EntryKind.ADOPTED)) == 2
