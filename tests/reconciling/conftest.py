"""An installation on a server of the test's own, whose state may be lost, and a ledger that may be."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from duban.attributes import register_search_attributes
from duban.commands.issuing import someone_works
from duban.commands.reconcile import reconciled
from duban.ledger import Ledger
from duban.ledger.copies.copies import copy_ledger, file_of, prepare_copy, put_ledger, refuse_to_replace
from duban.ledger.database.sqlite_files import copy_sqlite
from duban.reconciling.differences import Difference
from duban.server import DevServer
from tests.workflows.installation import InFastTime, eventually

PLAN = "RC"


class Losing(InFastTime):
    """An installation that can lose what it knows."""

    server: DevServer
    state: Path

    async def reconcile(self, *, mend: bool = False) -> list[Difference]:
        """As ``starter.py reconcile`` does it."""
        _, found = await reconciled(self.settings, None, mend=mend)
        return found

    async def kinds(self) -> set[str]:
        return {difference.kind.value for difference in await self.reconcile()}

    async def mended(self) -> list[Difference]:
        """Mend until nothing is left; returns what was found."""
        found = await self.reconcile(mend=True)
        assert all(difference.mended for difference in found), found
        assert await self.reconcile() == []
        return found

    def keep_ledger(self) -> Path:
        file = self.settings.home / "kept.db"
        copy_ledger(self.settings.database_url, file)
        return file

    async def lose_ledger_since(self, kept: Path) -> None:
        """The ledger is what it was; the workflows are not."""
        await self.rest()
        self.ledger.close()
        url = self.settings.database_url
        there = refuse_to_replace(url, replace=True)
        prepare_copy(kept)
        put_ledger(url, kept, stamp="lost", aside=there)
        assert file_of(url).exists()
        self.ledger = Ledger.open(url)
        await self.work()

    async def keep_server(self) -> Path:
        kept = self.state.with_name("kept.db")
        await self.server.stop()
        copy_sqlite(self.state, kept)  # with what the server had not yet moved out of its write-ahead log
        await self.server.start()
        return kept

    async def lose_server_since(self, kept: Path | None) -> None:
        """The server knows what it knew then, or nothing."""
        await self.rest()
        await self.server.stop()
        for file in self.state.parent.glob("temporal.db*"):
            if not file.name.endswith(".lock"):
                file.unlink()
        if kept is not None:
            self.state.write_bytes(kept.read_bytes())
        await self.server_is_back()

    async def server_is_back(self) -> None:
        """The server runs again, with a worker."""
        await self.server.start()
        await register_search_attributes(self.client)
        await self.work()

        async def is_at_work() -> bool:
            return await someone_works(self.client, self.settings.task_queue)

        await eventually(is_at_work)


@pytest.fixture
async def losing(temporal_program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Losing]:
    state = tmp_path / "server" / "temporal.db"
    async with DevServer(temporal_program, db_file=state) as server:
        monkeypatch.setenv("TEMPORAL_ADDRESS", server.address)
        client = await Client.connect(server.address, data_converter=pydantic_data_converter)
        installation = Losing(client, tmp_path / "home", PLAN)
        installation.server, installation.state = server, state
        yield installation
        await installation.end()
