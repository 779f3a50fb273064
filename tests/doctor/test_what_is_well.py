"""An installation that is well: every line says so, and the doctor has changed nothing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from temporalio.client import Client

from duban.keeping.last import LastBackup, note_backup
from duban.names import SWEEP_SCHEDULE
from duban.schedules import ensure_sweep
from duban.settings import load_settings
from tests.doctor.conftest import Doctor, not_well
from tests.workflows.installation import Installation


@pytest.fixture
def backed_up(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "duban.tar"
    file.touch()
    note_backup(home, LastBackup(at=datetime.now(UTC), file=file))


@pytest.mark.usefixtures("backed_up")
async def test_an_installation_with_server_worker_and_ledger_is_well(
    doctor: Doctor, registered: Client, home: Path
) -> None:
    installation = Installation(registered, home, load_settings().task_queue)
    await ensure_sweep(registered, load_settings().task_queue)
    try:
        await installation.work()
        found = await doctor()
    finally:
        await installation.rest()
        await installation.channel.aclose()
        installation.ledger.close()
        installation.threads.shutdown()
        await registered.get_schedule_handle(SWEEP_SCHEDULE).delete()

    assert not_well(found) == {}
    assert all(finding.remedy == "" and finding.detail for finding in found.values())
    assert "1.29" in found["server"].detail
    assert "3653 天" in found["namespace"].detail
    assert "相差不到 1 秒" in found["server_clock"].detail


async def test_looking_makes_no_file(doctor: Doctor, home: Path) -> None:
    await doctor()
    assert list(home.iterdir()) == []
