"""The ledger's errors, and the one place where a database's errors become ours.

What the driver says may hold values and addresses, therefore it travels as the cause (for the
log) and never in our text.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

TOO_MUCH = "台账存不下这次写入的内容：有的名称或文字太长，或数字太大"


class LedgerError(Exception):
    """Something is wrong with the ledger; the text is Chinese."""


class LedgerUnavailable(LedgerError):
    """The database cannot be reached or is busy: nothing was written, and trying again may succeed."""


class LedgerConflict(LedgerError):
    """What is asked contradicts what is recorded: nothing was written, and trying again changes nothing."""


class NotInLedger(LedgerConflict):
    """What is asked about was never recorded."""


@contextmanager
def translated() -> Iterator[None]:
    """Turns database errors of the block into ours; a mistake in a query stays what it is.

    Raises:
        LedgerUnavailable: No connection, a lock not got in time, a deadlock, a full disk.
        LedgerConflict: A constraint of the schema forbids it, or a value does not fit.
        LedgerError: The file is no database.
    """
    try:
        yield
    except exc.DataError as error:
        raise LedgerConflict(TOO_MUCH) from error
    except exc.OperationalError as error:
        # PostgreSQL's class 54, a limit of the program: psycopg counts it among what passes by itself.
        if (getattr(error.orig, "sqlstate", None) or "").startswith("54"):
            raise LedgerConflict(TOO_MUCH) from error
        raise LedgerUnavailable("台账数据库暂时不可用，稍后会自动重试") from error
    except (exc.InterfaceError, exc.InternalError, exc.TimeoutError) as error:
        raise LedgerUnavailable("台账数据库暂时不可用，稍后会自动重试") from error
    except exc.IntegrityError as error:
        raise LedgerConflict("台账拒绝了这次写入：与已有记录相抵触") from error
    except exc.DBAPIError as error:
        if error.connection_invalidated:
            raise LedgerUnavailable("台账数据库的连接已中断，稍后会自动重试") from error
        if type(error) is exc.DatabaseError:  # what SQLite says of a file that holds something else, or is damaged
            raise LedgerError("台账数据库的文件不是数据库，或已损坏，请核对 DUBAN_DATABASE_URL") from error
        raise
