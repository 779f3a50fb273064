"""What checks look at, had once for all of them: settings, a client of the server, the ledger."""

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from temporalio.client import Client

from duban.ledger import Ledger, LedgerError, schema_revisions
from duban.secret_files import files_in
from duban.settings import PREFIX, Settings, SettingsError, load_settings, variable

T = TypeVar("T")
SQLITE = "sqlite:///"
CONNECTIONS = 4
SECRET = ("database_url", "webhook_url", "webhook_secret", "payload_keys", "codec_token")
"""What is kept in files, where anything is."""


class NotExamined(Exception):
    """Nothing can be said of a thing; the text says which other line says why, in Chinese."""


class Surroundings:
    """One installation, as it is when it is looked at.

    Attributes:
        settings: Those that can be read; one that cannot has its default.
        problems: Why not all of them can be read.
        unreadable: The fields that cannot be read.
    """

    def __init__(
        self,
        settings: Settings,
        connect: Callable[[Settings], Awaitable[Client]],
        *,
        problems: tuple[str, ...] = (),
        unreadable: frozenset[str] = frozenset(),
    ) -> None:
        """Prepares to look; nothing is connected yet.

        Args:
            settings: Of the installation.
            connect: Connects to its server.
            problems: Why not all settings can be read.
            unreadable: The fields that cannot be read.
        """
        self.settings, self.problems, self.unreadable = settings, problems, unreadable
        self._connect = connect
        self._client: asyncio.Future[Client] | None = None
        self._ledger: asyncio.Future[Ledger] | None = None

    async def connected(self) -> Client:
        """A client of the server, for the one check whose affair the connection is.

        Raises:
            ConnectionFailed, ServerError: None can be had.
        """
        if self._client is None:
            self._client = asyncio.ensure_future(self._connect(self.settings))
        return await asyncio.shield(self._client)

    async def client(self) -> Client:
        """A client of the server.

        Raises:
            NotExamined: None can be had.
        """
        try:
            return await self.connected()
        except Exception as error:
            raise NotExamined("连不上 Temporal 服务器，见“Temporal 服务器”") from error

    async def reached(self) -> Ledger:
        """The ledger, once its database has answered, for the one check whose affair the database is.

        Raises:
            LedgerError: It cannot be opened or does not answer.
        """
        if self._ledger is None:
            self._ledger = asyncio.ensure_future(aside(self._open))
        return await asyncio.shield(self._ledger)

    async def ledger(self) -> Ledger:
        """The ledger, which has the schema of this release.

        Raises:
            NotExamined: There is none, its database does not answer, or it is of another release.
        """
        if self.sqlite_file_is_missing:
            raise NotExamined("还没有台账，见“台账数据库”")
        try:
            ledger = await self.reached()
        except LedgerError as error:
            raise NotExamined("台账数据库不可用，见“台账数据库”") from error
        present, newest = await aside(schema_revisions, ledger.engine)
        if present != newest:
            raise NotExamined("台账的结构与本版本不符，见“台账结构”")
        return ledger

    @property
    def sqlite_file_is_missing(self) -> bool:
        """Whether the ledger would be a file that nobody has made yet: connecting would make an empty one."""
        file = self.settings.database_url.removeprefix(SQLITE)
        return file != self.settings.database_url and not os.path.isfile(file)  # noqa: PTH113 - the URL's own spelling

    def close(self) -> None:
        """Let go of the ledger. What still hangs is left to the end of the process."""
        if self._ledger is not None and self._ledger.done() and self._ledger.exception() is None:
            self._ledger.result().close()

    def _open(self) -> Ledger:
        ledger = Ledger.open(
            self.settings.database_url,
            connections=CONNECTIONS,
            plaintext_hosts=self.settings.plaintext_host_names,
        )
        schema_revisions(ledger.engine)
        return ledger


async def aside(work: Callable[..., T], *arguments: object) -> T:
    """What blocks, in a thread that nobody waits for: one that hangs must not hold up the end of the process."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type] # a result where there is no error

    def run() -> None:
        result, error = None, None
        try:
            result = work(*arguments)
        except BaseException as raised:  # noqa: BLE001 - handed to the one who waits
            error = raised
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, daemon=True, name="doctor").start()
    return await done


@contextmanager
def surroundings(connect: Callable[[Settings], Awaitable[Client]]) -> Iterator[Surroundings]:
    """The installation that the environment names, however much of it can be read.

    A variable that cannot be used is out of the environment while the block runs, so that what looks at other things
    can do so; `Surroundings` says which.
    """
    left_out: dict[str, str] = {}
    problems: list[str] = []
    unreadable: set[str] = set()
    found: Surroundings | None = None
    try:
        while found is None:
            try:
                settings = load_settings()
            except SettingsError as error:
                problems += error.problems
                unreadable |= _fields_of(error.variables)
                at_fault = {name for name in error.variables if name in os.environ} or {
                    name for name in os.environ if name.startswith(PREFIX)
                }
                if not at_fault:  # the defaults themselves
                    raise
                left_out |= {name: os.environ.pop(name) for name in at_fault}
            else:
                found = Surroundings(settings, connect, problems=tuple(problems), unreadable=frozenset(unreadable))
        yield found
    finally:
        os.environ.update(left_out)
        if found is not None:
            found.close()


def _fields_of(variables: frozenset[str]) -> set[str]:
    """The fields that these variables set; of a folder that is at fault, those that have a file in it."""
    names = set(variables)
    if (folder := variable("secrets_dir")) in variables:
        try:
            names |= files_in(Path(os.environ[folder]), PREFIX).keys()
        except (OSError, KeyError):  # nobody knows what is in it
            names |= {variable(field) for field in SECRET if not os.environ.get(variable(field))}
    return {field for field in Settings.model_fields if variable(field) in names}
