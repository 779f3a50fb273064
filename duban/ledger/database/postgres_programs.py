"""PostgreSQL's own programs, run on the ledger's database: ``pg_dump``, ``pg_restore``, ``psql``.

What they connect with is in a file for our eyes only and in their environment, never on a command line, which every
user of the machine can read.
"""

import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from duban.ledger.database.postgres_tls import stated_tls
from duban.ledger.errors import LedgerError

DEBIAN = "usr/lib/postgresql/*/bin"
"""Under the root: Debian keeps these programs off PATH, a folder for each version."""
SERVICE = "duban"


@dataclass(frozen=True)
class Access:
    """How a program reaches the database.

    Attributes:
        dbname: For ``--dbname``.
        environment: Of the program.
    """

    dbname: str
    environment: Mapping[str, str]


def program(name: str) -> Path:
    """One of PostgreSQL's programs; of several versions the newest, which can speak with all older servers.

    Raises:
        LedgerError: This machine has none; the text says what to do.
    """
    debian = sorted(Path("/").glob(DEBIAN), key=lambda path: int(path.parts[-2]), reverse=True)
    for folder in debian:
        if (folder / name).exists():
            return folder / name
    found = shutil.which(name)
    if found is None:
        raise LedgerError(
            f"找不到 PostgreSQL 的 {name}，不能备份或恢复 PostgreSQL 上的台账。"
            "请安装 PostgreSQL 客户端程序（Debian、Ubuntu：apt-get install postgresql-client），不低于服务器版本。"
        )
    return Path(found)


@contextmanager
def access(url: str, plaintext_hosts: Collection[str]) -> Iterator[Access]:
    """Lets a program reach a database while the block runs.

    Raises:
        LedgerError: The database is elsewhere and need not prove that it is ours.
    """
    address = make_url(url)
    _, stated = address.get_dialect()().create_connect_args(address)
    options = {**stated, **stated_tls(stated, plaintext_hosts)}
    password = options.pop("password", None)
    environment = {name: value for name, value in os.environ.items() if name not in ("PGSERVICE", "PGSERVICEFILE")}
    with tempfile.TemporaryDirectory(prefix="duban-pg-") as folder:
        file = Path(folder) / "service"
        lines = [f"[{SERVICE}]", *(f"{name}={value}" for name, value in options.items() if value is not None)]
        file.touch(mode=0o600)
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        environment |= {"PGSERVICEFILE": str(file), "PGCONNECT_TIMEOUT": "10", "PGCLIENTENCODING": "UTF8"}
        if password is not None:
            environment["PGPASSWORD"] = str(password)
        yield Access(f"service={SERVICE}", environment)
