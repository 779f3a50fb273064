"""Who is on the other side of a connection to PostgreSQL: verified by TLS, or this machine, or named in words.

What libpq will do is asked of libpq: options come from the URL, from its own environment variables and from service
files. What was checked is then stated, so that nothing can change it between the check and the connection.
"""

from collections.abc import Collection, Mapping

from psycopg import pq

from duban.ledger.errors import LedgerError
from duban.transport import refused_in_plain

VERIFIED = "verify-full"
"""Encrypted, vouched for by an authority that we trust, for the very host: anything less lets others stand between."""
REMEDY = (
    "在 DUBAN_DATABASE_URL 末尾加上 ?sslmode=verify-full&sslrootcert=签发机构证书文件（或 sslrootcert=system），"
    "不要用更弱的 sslmode"
)


def stated_tls(stated: Mapping[str, object], plaintext_hosts: Collection[str]) -> dict[str, str]:
    """What must be added to the options of a connection so that it is made as it was checked.

    Args:
        stated: The connection's options as the URL gives them.
        plaintext_hosts: Hosts for which the demand is overruled.

    Raises:
        LedgerError: The database is elsewhere and need not prove that it is ours.
    """
    if stated.get("service"):
        # What a service file holds is known only once the connection is made.
        raise LedgerError("DUBAN_DATABASE_URL 中不能使用 service，请改用环境变量 PGSERVICE，或直接写明主机和 sslmode")
    options = _defaults() | {name: str(value) for name, value in stated.items() if value}
    mode = options.get("sslmode", "")
    if options.get("sslrootcert") == "system" and not stated.get("sslmode"):
        mode = VERIFIED  # as libpq has it
    if mode != VERIFIED:
        for place in _places(options):
            if reason := refused_in_plain("台账数据库", place, plaintext_hosts, REMEDY):
                raise LedgerError(reason)
    return {"sslmode": mode} if mode else {}


def _places(options: Mapping[str, str]) -> list[str]:
    """Where a connection may go: addresses where they are given, else hosts; without either it is a Unix socket."""
    hosts, addresses = options.get("host", "").split(","), options.get("hostaddr", "").split(",")
    count = max(len(hosts), len(addresses))
    hosts, addresses = (each + [""] * (count - len(each)) for each in (hosts, addresses))
    return [address or host for host, address in zip(hosts, addresses, strict=True) if address or host]


def _defaults() -> dict[str, str]:
    return {
        option.keyword.decode(): option.val.decode()
        for option in pq.Conninfo.get_defaults()
        if option.val is not None and option.keyword
    }
