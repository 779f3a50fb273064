"""Why a command was refused or failed, in words: the one place where errors become sentences."""

from temporalio.client import (
    WorkflowFailureError,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import FailureError
from temporalio.service import RPCError, RPCStatusCode

from duban.attributes import SearchAttributesUnusable
from duban.calendars import CalendarError
from duban.client import ConnectionFailed
from duban.encryption.errors import EndpointError, PayloadUnreadable
from duban.intake import IntakeError
from duban.keeping.manifest import KeepingError
from duban.ledger import LedgerError, LedgerUnavailable
from duban.notices.channel import ChannelError
from duban.office_files import OfficeFileError
from duban.server import ServerError
from duban.settings import SettingsError

OURS = (
    CalendarError,
    ChannelError,
    ConnectionFailed,
    EndpointError,
    IntakeError,
    KeepingError,
    OfficeFileError,
    PayloadUnreadable,
    SearchAttributesUnusable,
    ServerError,
    SettingsError,
)
"""Errors whose text is the sentence already."""


class Refused(Exception):
    """A command is refused, or has failed in a way that is understood; the text is the sentence for stderr."""


def reason_of(error: BaseException) -> str | None:
    """The sentence for an error; None for one that nobody foresaw."""
    match error:
        case Refused():
            return str(error)
        case LedgerUnavailable():
            return "台账数据库不可用。请检查 DUBAN_DATABASE_URL、数据库是否在运行、磁盘是否已满，然后再试。"
        case LedgerError():
            return str(error)
        case WorkflowUpdateFailedError() | WorkflowFailureError():
            return _innermost(error.cause)
        case WorkflowUpdateRPCTimeoutOrCancelledError():
            return "工作进程没有按时答复。请确认 starter.py serve 或 worker.py 在运行，然后再试。"
        case WorkflowQueryFailedError() | WorkflowQueryRejectedError():
            return f"查询没有成功（{error}）。请确认工作进程在运行，然后再试。"
        case RPCError():
            return _rpc(error)
        case UnicodeEncodeError():
            return "输入的文字里有无法保存的字符（不是 UTF-8）。请检查终端的编码，重新输入。"
        case OSError():
            where = f"“{error.filename}”" if error.filename else ""
            return f"文件{where}不能读写（{error.strerror or error}）。请核对路径、权限和磁盘空间。"
        case _ if isinstance(error, OURS):
            return str(error)
        case _:
            return None


def _innermost(error: BaseException | None) -> str:
    """What the workflow itself said, beneath the failures that carried it here."""
    while isinstance(error, FailureError) and error.cause is not None:
        error = error.cause
    return error.message if isinstance(error, FailureError) else str(error)


def _rpc(error: RPCError) -> str:
    match error.status:
        case RPCStatusCode.DEADLINE_EXCEEDED | RPCStatusCode.CANCELLED:
            return "Temporal 服务器或工作进程没有按时答复。请确认 starter.py serve 或 worker.py 在运行，然后再试。"
        case RPCStatusCode.UNAVAILABLE:
            return "与 Temporal 服务器的连接中断了。请确认它在运行，然后再试。"
        case RPCStatusCode.FAILED_PRECONDITION:  # the workflow's own step fails again and again
            return f"任务停住了，暂时不能办理（{error.message}）。请用 starter.py stuck 查看原因，恢复后再试。"
        case RPCStatusCode.NOT_FOUND:
            return "Temporal 服务器上没有对应的工作流：可能连到了另一台服务器，或它已结束。请核对后再试。"
        case _:
            return f"Temporal 服务器拒绝了请求（{error.status.name}：{error.message}）。"
