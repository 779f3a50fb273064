"""How a command finds what it works with: the settings, the ledger, a Temporal server.

A server that `serve` runs on this machine is found without any setting: it leaves its address in `home`. Nothing else
is guessed: a command must not speak to a server that nobody meant.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from pydantic import ValidationError
from temporalio.client import Client
from temporalio.envconfig import ClientConfigProfile, ClientConnectConfig

from duban.client import ConnectionFailed, connect
from duban.commands.reasons import Refused
from duban.ledger import Ledger, migrate, schema_revisions
from duban.private_files import private_folder
from duban.server import ServerError
from duban.settings import Settings
from duban.supervision.model import Frozen

SERVING = "serving.json"
SQLITE = "sqlite:///"
WHAT_TO_DO = "请在另一个窗口运行 starter.py serve，或设置 TEMPORAL_ADDRESS（主机:端口）。"


class Serving(Frozen):
    """Where the server is that runs on this machine."""

    address: str
    namespace: str


@contextmanager
def announced(settings: Settings, serving: Serving) -> Iterator[None]:
    """Lets other commands on this machine find a server while the block runs."""
    note = settings.home / SERVING
    private_folder(settings.home)
    note.write_text(serving.model_dump_json(), encoding="utf-8")
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


async def connect_to_server(settings: Settings, *, within: timedelta = timedelta(seconds=10)) -> Client:
    """A client of the server that the environment names, or of the one that `serve` runs here.

    Raises:
        ConnectionFailed: None is named or announced, or it does not answer; the text says what to do.
    """
    serving = served_here(settings)
    if serving is None:
        return await connect(within=within)
    try:
        return await connect(
            ClientConnectConfig(target_host=serving.address, namespace=serving.namespace), within=within
        )
    except ConnectionFailed as error:
        raise ConnectionFailed(f"本机的 serve（{serving.address}）没有在运行。{WHAT_TO_DO}") from error


def served_here(settings: Settings) -> Serving | None:
    """The server that `serve` runs on this machine; None where the environment names another.

    Raises:
        ConnectionFailed: None is named or announced; the text says what to do.
    """
    if is_named():
        return None
    serving = _announced(settings)
    if serving is None:
        raise ConnectionFailed(f"没有正在运行的 Temporal 服务器。{WHAT_TO_DO}")
    return serving


def is_named() -> bool:
    """Whether the environment or a profile names a server."""
    try:
        return bool(ClientConfigProfile.load().address)
    except RuntimeError as error:  # what the SDK raises for a profile that is missing or cannot be read
        raise ServerError(
            f"Temporal 配置档无法使用（{error}）。请检查 TEMPORAL_PROFILE 和 TEMPORAL_CONFIG_FILE。"
        ) from error


def _announced(settings: Settings) -> Serving | None:
    with suppress(FileNotFoundError, ValidationError):
        return Serving.model_validate_json((settings.home / SERVING).read_bytes())
    return None


@contextmanager
def reading_ledger(settings: Settings) -> Iterator[Ledger]:
    """The ledger, for a command that changes nothing, not even the schema.

    Raises:
        Refused: There is no ledger yet, or it was made by another release.
        LedgerUnavailable: The database cannot be reached.
    """
    with opened_ledger(settings) as ledger:
        present, newest = schema_revisions(ledger.engine)
        if present != newest:
            raise Refused(
                f"台账的结构（{present or '空'}）与本版本（{newest}）不符。"
                "台账较旧的，请先用本版本运行 starter.py serve 或 worker.py，它会升级台账；"
                "台账已由更新的版本升级过的，请改用那个版本。"
            )
        yield ledger


@contextmanager
def opened_ledger(settings: Settings) -> Iterator[Ledger]:
    """The ledger as it is, whatever its schema.

    Raises:
        Refused: There is none yet.
    """
    url = settings.database_url
    # Connecting would create an empty file, and the next command would take it for a ledger.
    if url.startswith(SQLITE) and not Path(url.removeprefix(SQLITE)).is_file():
        raise Refused("还没有台账。请先用 starter.py issue 下发方案，并核对 DUBAN_HOME 和 DUBAN_DATABASE_URL。")
    with _open(settings) as ledger:
        yield ledger


@contextmanager
def writing_ledger(settings: Settings) -> Iterator[Ledger]:
    """The ledger, created or brought up to date first.

    Raises:
        LedgerUnavailable: The database cannot be reached.
    """
    migrate(settings.database_url, plaintext_hosts=settings.plaintext_host_names)
    with _open(settings) as ledger:
        yield ledger


@contextmanager
def _open(settings: Settings) -> Iterator[Ledger]:
    ledger = Ledger.open(settings.database_url, connections=2, plaintext_hosts=settings.plaintext_host_names)
    try:
        yield ledger
    finally:
        ledger.close()
