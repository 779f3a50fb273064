"""What awaits a body, row by row. Days are those of each plan's own clock."""

from datetime import date, datetime

from duban.ledger.tables.notice_tables import NoticeStatus
from duban.supervision.model import Frozen
from duban.supervision.rules.asks import AskedAct
from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.entries import NoticeKind


class OwedRow(Frozen):
    """What a body owes on a task.

    Attributes:
        request: Names it in a decision.
        today: Business date of its plan.
        step: The title of the step that is owed, where it is one.
    """

    task_code: str
    plan_code: str
    title: str
    request: str
    duty: Duty
    owed_by: str
    due_on: date
    chases: int
    today: date
    step: str = ""


class DueTaskRow(Frozen):
    """An open task by its earliest deadline, passed or to come.

    Attributes:
        supervised_by: Who assigned it.
        lag_days: 0 while nothing is overdue.
        node, node_phrase, is_final: The earliest milestone not met; the final one is met by the strike-off request.
        next_level, next_level_on: What comes if nothing is done, in words, and the day it becomes due.
        provisional: That day rests on a year whose holidays have not been announced.
        step, step_by: Of an item that goes step by step: the title of the step that waits, and who owes it.
    """

    task_code: str
    plan_code: str
    title: str
    lead_body: str
    handling_body: str
    supervised_by: str
    status: str
    due_on: date
    lag_days: int
    behind_since: date | None
    reminder_level: str | None
    today: date
    node: int | None = None
    node_phrase: str = ""
    is_final: bool = False
    next_level: str = ""
    next_level_on: date | None = None
    provisional: bool = False
    step: str = ""
    step_by: str = ""


class UndeliveredRow(Frozen):
    """A notice that has not reached its body.

    Attributes:
        deliver_from: Local time from which it may go out.
        delivery: The message that could not be delivered; empty for one that waits.
    """

    task_code: str
    plan_code: str
    title: str
    kind: NoticeKind
    level: str | None
    recipient: str
    issuer: str
    status: NoticeStatus
    deliver_from: datetime
    delivery: str = ""


class RefusedRow(Frozen):
    """What an outcome of an item asked and a task or plan refused: somebody has to look.

    Attributes:
        item: Code of the item, ``title`` its own, ``plan_code`` its register.
        targets: Those that refused, ``reasons`` what each of them said.
        order: Names it in a command.
    """

    item: str
    title: str
    plan_code: str
    body: str
    act: AskedAct
    targets: tuple[str, ...]
    reasons: tuple[str, ...]
    order: str


class DeadLetterRow(Frozen):
    """A notice of the body that could not be delivered to another.

    Attributes:
        delivery: The message that carries it.
        detail: What the last attempt met with (Chinese).
    """

    task_code: str
    plan_code: str
    title: str
    kind: NoticeKind
    level: str | None
    issuer: str
    recipient: str
    delivery: str
    detail: str


class AgendaCounts(Frozen):
    """How much there is; each is counted up to `COUNTED_AT_MOST`.

    Attributes:
        owed, overdue: What the body owes, decisions and verifications included; what of it is past its limit.
        decisions, verifications: What of it is to be decided, to be verified.
        late: Open tasks with a deadline passed, its own and those it supervises.
        due_soon: Open tasks with a deadline in the next days.
        to_chase: What others owe on tasks that it supervises, past its limit.
        undelivered: Notices to the body on their way, or undeliverable.
        refused: Orders of outcomes that a task or plan refused, in the registers that it keeps.
        dead_letters: Notices of the body to others that could not be delivered.
    """

    owed: int = 0
    overdue: int = 0
    decisions: int = 0
    verifications: int = 0
    late: int = 0
    due_soon: int = 0
    to_chase: int = 0
    undelivered: int = 0
    refused: int = 0
    dead_letters: int = 0


class Agenda(Frozen):
    """What awaits some bodies: of everything the most urgent, and how much there is.

    Attributes:
        days: Business dates of the plans, each once.
    """

    days: tuple[date, ...]
    counts: AgendaCounts
    owed: tuple[OwedRow, ...] = ()
    late: tuple[DueTaskRow, ...] = ()
    due_soon: tuple[DueTaskRow, ...] = ()
    to_chase: tuple[OwedRow, ...] = ()
    undelivered: tuple[UndeliveredRow, ...] = ()
    refused: tuple[RefusedRow, ...] = ()
    dead_letters: tuple[DeadLetterRow, ...] = ()
