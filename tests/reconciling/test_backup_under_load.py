"""Everything is thrown away and put back from a backup that was taken while tasks climbed their ladders."""

import asyncio

from duban.keeping.backup import take_backup
from duban.keeping.restore import restore_backup
from duban.ledger import Ledger
from tests.reconciling.conftest import Losing
from tests.reconciling.test_what_was_lost import begun, dealt_with, goes_on_to_its_end


async def test_a_backup_taken_under_load_brings_ledger_and_server_back_together(losing: Losing) -> None:
    await begun(losing)
    await dealt_with(losing, 1)
    archive, said = losing.settings.home / "backup.tar", list[str]()
    manifest = await asyncio.to_thread(take_backup, losing.settings, archive, losing.state, said.append)
    assert manifest.temporal_at is not None
    assert manifest.temporal_at > manifest.ledger_at
    await dealt_with(losing, 2)

    await losing.rest()
    losing.ledger.close()
    await losing.server.stop()
    for file in (*losing.state.parent.glob("temporal.db*"), *losing.settings.home.glob("duban.db*")):
        file.unlink()
    log = losing.settings.home / "worker.log"
    restored = await asyncio.to_thread(
        restore_backup, losing.settings, archive, losing.state, log=log, replace=False, say=said.append
    )
    assert restored.temporal
    assert restored.kept == ()
    losing.ledger = Ledger.open(losing.settings.database_url)
    await losing.server_is_back()

    # Temporal has all that the ledger has; what it has beyond, the ledger gets back.
    await losing.mended()
    await goes_on_to_its_end(losing)
