"""The ledger's database: whether it answers, who can listen in, whether it has our schema, where its file lies."""

import os
from pathlib import Path

from duban.doctor.finding import Check, Diagnosis
from duban.doctor.surroundings import SQLITE, NotExamined, Surroundings, aside
from duban.ledger import LedgerUnavailable, schema_revisions
from duban.redaction import Redactor

OTHERS = 0o077
ACROSS_THE_NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs", "glusterfs"})
"""File systems on which SQLite's locks and its shared memory (WAL) do not hold."""
MOUNTS = Path("/proc/mounts")
URL = frozenset({"database_url", "home"})


async def database(at: Surroundings) -> Diagnosis:
    """Whether it answers."""
    shown = Redactor().text(at.settings.database_url)
    if at.sqlite_file_is_missing:
        return Diagnosis.beware(
            f"还没有台账（{shown}）", "第一次下发方案时建立；已经下发过的，核对 DUBAN_HOME 和 DUBAN_DATABASE_URL"
        )
    try:
        ledger = await at.reached()
        found = await aside(ledger.watch.database)
    except LedgerUnavailable as error:
        return Diagnosis.mend(
            f"没有答复（{shown}）：{_said(error)}", "启动数据库；核对 DUBAN_DATABASE_URL、网络、口令和磁盘空间"
        )
    detail = f"{found.kind} {found.version}，{shown}"
    if found.encrypted is False:
        return Diagnosis.beware(f"{detail}；连接没有加密，由 DUBAN_PLAINTEXT_HOSTS 允许", "改用 ?sslmode=verify-full")
    return Diagnosis.well(detail + ("，连接已加密" if found.encrypted else ""))


def _said(error: BaseException) -> str:
    """The first line of what the driver said, without passwords."""
    cause = error.__cause__ or error
    orig = getattr(cause, "orig", None) or cause
    return Redactor().text(str(orig)).strip().splitlines()[0][:200] if str(orig).strip() else type(orig).__name__


async def schema(at: Surroundings) -> Diagnosis:
    """Whether all migrations have been made, and none that we do not know."""
    if at.sqlite_file_is_missing:
        raise NotExamined("还没有台账，见“台账数据库”")
    try:
        ledger = await at.reached()
    except Exception as error:
        raise NotExamined("台账数据库不可用，见“台账数据库”") from error
    present, newest = await aside(schema_revisions, ledger.engine)
    if present == newest:
        return Diagnosis.well(f"{present}，与本版本相符")
    known = present is None or present < newest  # ours are numbered
    return Diagnosis.mend(
        f"台账为 {present or '空'}，本版本为 {newest}",
        "用本版本启动 worker.py 或 starter.py serve，它会升级台账（先 starter.py backup）"
        if known
        else "台账已由更新的版本升级过：改用那个版本；要退回的，在那个版本的目录运行 starter.py schema --back-to",
    )


async def file(at: Surroundings) -> Diagnosis:
    """Where an SQLite ledger lies, and who can read and write it."""
    if not at.settings.database_url.startswith(SQLITE):
        return Diagnosis.well("台账在数据库服务器上")
    if at.sqlite_file_is_missing:
        raise NotExamined("还没有台账，见“台账数据库”")
    return await aside(_file, Path(at.settings.database_url.removeprefix(SQLITE)))


def _file(ledger: Path) -> Diagnosis:
    kind = file_system_of(ledger)
    if kind in ACROSS_THE_NETWORK:
        return Diagnosis.mend(
            f"{ledger} 在网络文件系统（{kind}）上，SQLite 的锁在那里不可靠，台账会损坏",
            "把 DUBAN_HOME 移到本机磁盘，或改用 PostgreSQL（DUBAN_DATABASE_URL）",
        )
    if not os.access(ledger, os.R_OK | os.W_OK) or not os.access(ledger.parent, os.W_OK | os.X_OK):
        return Diagnosis.mend(
            f"当前用户不能读写 {ledger} 或它所在的文件夹", f"ls -l {ledger}，用工作进程的用户运行，或改正所有者和权限"
        )
    closed = ledger.parent.stat().st_mode & OTHERS == 0
    if os.name == "posix" and not closed and ledger.stat().st_mode & OTHERS:
        return Diagnosis.beware(f"本机其他用户可以读取 {ledger}", f"chmod 600 {ledger}（有意共用的不必理会）")
    return Diagnosis.well(f"{ledger}（{kind or '本机磁盘'}，{ledger.stat().st_size / (1 << 20):.1f} MiB）")


def file_system_of(path: Path, mounts: Path = MOUNTS) -> str:
    """The kind of file system that a path is on; empty where this machine does not tell."""
    try:
        lines = [line.split() for line in mounts.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return ""
    real = path.resolve()
    at = {Path(line[1].replace("\\040", " ")): line[2] for line in lines if len(line) > 2}  # the last mount wins
    return next((at[folder] for folder in (real, *real.parents) if folder in at), "")


CHECKS = (
    Check("database", "台账数据库", database, URL),
    Check("schema", "台账结构", schema, URL),
    Check("database_file", "台账文件", file, URL),
)
