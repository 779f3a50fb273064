"""What awaits somebody as lines, the most urgent first."""

from collections.abc import Iterator
from itertools import groupby

from duban.commands.agenda_line import AgendaLine, LineKind, Speaker, Urgency, command_line
from duban.commands.showing import KIND_WORDS, NOTICE_WORDS, level_words
from duban.ledger.questions.agenda_rows import Agenda, DueTaskRow, OwedRow, RefusedRow, UndeliveredRow
from duban.ledger.tables.notice_tables import NoticeStatus
from duban.supervision.rules.owed import Duty
from duban.supervision.steps.asking import ASKED_WORDS
from duban.supervision.tasks.decisions import DECIDED_BY_MESSAGE
from duban.supervision.tasks.messages import Action
from duban.supervision.words import DUTY_WORDS

RECORDS = {
    Duty.CALL_RECORD: Action.CALL,
    Duty.VISIT_RECORD: Action.VISIT,
    Duty.INTERVIEW_RECORD: Action.INTERVIEW,
    Duty.RECTIFICATION: Action.RECTIFICATION,
}


def agenda_lines(agenda: Agenda, speaker: Speaker) -> tuple[AgendaLine, ...]:
    """All lines of an agenda, by urgency."""
    lines = [
        *(_owed(row, speaker) for row in agenda.owed),
        *(_late(row, speaker) for row in agenda.late),
        *(_chased(row, speaker) for row in agenda.to_chase),
        *(_due_soon(row, speaker) for row in agenda.due_soon),
        *_undelivered(agenda),
        *map(_refused, agenda.refused),
        *_dead_letters(agenda),
    ]
    return tuple(sorted(lines, key=_place))


def _place(line: AgendaLine) -> tuple[int, int, str, str]:
    return line.urgency, -max(line.days_over or 0, line.lag_days or -10_000), line.task_code, line.request


def _owed(row: OwedRow, speaker: Speaker) -> AgendaLine:
    kind = LineKind.VERIFICATION if row.duty is Duty.VERIFICATION else LineKind.OWED
    if row.duty in DECIDED_BY_MESSAGE:
        kind = LineKind.DECISION
    over = (row.today - row.due_on).days
    return AgendaLine(
        kind=kind,
        urgency=Urgency.OVERDUE if over >= 0 else Urgency.OWED,
        task_code=row.task_code,
        plan_code=row.plan_code,
        title=row.title,
        body=row.owed_by,
        what=_what(row),
        due_on=row.due_on,
        days_over=over,
        request=row.request,
        reason=_limit(row, over),
        command=speaker.command(*fulfilling(row), body=row.owed_by),
    )


def fulfilling(row: OwedRow) -> tuple[str, ...]:
    """The command by which what is owed is given."""
    match row.duty:
        case Duty.ACCEPTANCE:
            return "accept", row.task_code
        case Duty.FEEDBACK | Duty.CYCLE_REPORT:
            return "progress", row.task_code
        case Duty.EXPLANATION:
            return "explain", row.task_code
        case Duty.ADVANCE_EXPLANATION:
            return "explain", row.task_code, "--ahead"
        case Duty.HAND_OVER:  # met by the issue itself, and never open
            return "status", row.task_code
        case Duty.CONFIRMATION:
            return "confirm", row.task_code, "--request", row.request
        case Duty.EXTENSION_DECISION:
            return "extend", row.task_code, "--request", row.request
        case Duty.GROUNDS | Duty.DECISION | Duty.CONSENT:
            return "decide", row.task_code, "--request", row.request
        case Duty.VERIFICATION:
            return "strike-off", row.task_code
        case Duty.CALL_RECORD | Duty.VISIT_RECORD | Duty.INTERVIEW_RECORD | Duty.RECTIFICATION:
            return "record", row.task_code, RECORDS[row.duty].value
        case Duty.STEP:
            return "step", row.task_code


def _what(row: OwedRow) -> str:
    """What is owed: a step by its own title, anything else by its duty's name."""
    return row.step or DUTY_WORDS[row.duty]


def _limit(row: OwedRow, over: int) -> str:
    chased = f"，已催{row.chases}次" if row.chases else ""
    return f"应于{row.due_on}前完成{_what(row)}，{_over(over)}{chased}"


def _over(days: int) -> str:
    if days > 0:
        return f"已逾期{days}天"
    return f"还有{-days}天" if days else "今天到期"


def _late(row: DueTaskRow, speaker: Speaker) -> AgendaLine:
    own = _own(row, speaker)
    node = f"第{row.node}个节点（{row.node_phrase}）" if row.node else f"“{row.step}”" if row.step else "节点"
    behind = row.step_by or row.handling_body
    return _of_task(
        row,
        speaker,
        LineKind.LATE,
        urgency=Urgency.OWN_LAG if own else Urgency.OTHERS_LAG,
        body=own or _looking_on(row, speaker),
        what=f"滞后{row.lag_days}天" + ("" if own else f"（{behind}）"),
        reason="，".join((f"{node}应于{row.due_on}完成", *_ladder(row))),
    )


def _own(row: DueTaskRow, speaker: Speaker) -> str:
    """Of the speaker's bodies the one that has to move; empty where others have to."""
    moves = (row.step_by,) if row.step else (row.handling_body, row.lead_body)
    return next((body for body in moves if body in speaker.bodies), "")


def _looking_on(row: DueTaskRow, speaker: Speaker) -> str:
    """Of the speaker's bodies the one that supervises, or else to which the item belongs whose step another takes."""
    mine = (row.supervised_by, row.handling_body, row.lead_body)
    return next((body for body in mine if body in speaker.bodies), row.supervised_by)


def _ladder(row: DueTaskRow) -> Iterator[str]:
    if row.step:
        return
    yield f"已发{level_words(row.reminder_level)}" if row.reminder_level else "尚未提醒"
    if row.next_level_on is not None:
        marked = "（暂定，该年节假日安排尚未公布）" if row.provisional else ""
        yield f"下一级{row.next_level}：{row.next_level_on}{marked}"


def _due_soon(row: DueTaskRow, speaker: Speaker) -> AgendaLine:
    own = _own(row, speaker)
    node = f"第{row.node}个节点（{row.node_phrase}）" if row.node else f"“{row.step}”" if row.step else ""
    left = (row.due_on - row.today).days
    return _of_task(
        row,
        speaker,
        LineKind.DUE_SOON,
        urgency=Urgency.DUE_SOON,
        body=own or _looking_on(row, speaker),
        what="今天到期" if left == 0 else f"{left}天后到期",
        reason=f"{node}{row.due_on}到期",
    )


def _of_task(
    row: DueTaskRow, speaker: Speaker, kind: LineKind, *, urgency: Urgency, body: str, what: str, reason: str
) -> AgendaLine:
    return AgendaLine(
        kind=kind,
        urgency=urgency,
        task_code=row.task_code,
        plan_code=row.plan_code,
        title=row.title,
        body=body,
        what=what,
        due_on=row.due_on,
        days_over=(row.today - row.due_on).days,
        lag_days=row.lag_days,
        reminder_level=row.reminder_level,
        next_level=row.next_level,
        next_level_on=row.next_level_on,
        reason=reason,
        command=_meeting(row, speaker, body, late=kind is LineKind.LATE),
    )


def _meeting(row: DueTaskRow, speaker: Speaker, body: str, *, late: bool) -> str:
    """The command by which the node is met; whoever supervises urges, or looks."""
    if row.step and body == row.step_by:
        return speaker.command("step", row.task_code, body=body)
    if row.step or body not in (row.handling_body, row.lead_body):
        urges = late and body == row.supervised_by
        return speaker.command("urge", row.task_code, body=body) if urges else command_line("status", row.task_code)
    if row.is_final:
        return speaker.command("strike-off", row.task_code, body=body)
    node = ("--milestone", str(row.node)) if row.node else ()
    return speaker.command("progress", row.task_code, *node, body=body)


def _chased(row: OwedRow, speaker: Speaker) -> AgendaLine:
    over = (row.today - row.due_on).days
    return AgendaLine(
        kind=LineKind.TO_CHASE,
        urgency=Urgency.OTHERS_LAG,
        task_code=row.task_code,
        plan_code=row.plan_code,
        title=row.title,
        body=speaker.bodies[0],
        what=f"{row.owed_by}未完成{_what(row)}",
        due_on=row.due_on,
        days_over=over,
        request=row.request,
        reason=f"{row.owed_by}{_limit(row, over)}",
        command=speaker.command("urge", row.task_code, body=speaker.bodies[0]),
    )


def _undelivered(agenda: Agenda) -> Iterator[AgendaLine]:
    """Each notice that met with trouble, and all that only wait for their hour as one line."""
    waiting = [row for row in agenda.undelivered if row.status is NoticeStatus.PENDING]
    for row in agenda.undelivered:
        if row.status is not NoticeStatus.PENDING:
            kind = level_words(row.level) or KIND_WORDS[row.kind]
            again = ("resend", row.delivery) if row.delivery else ("--task", row.task_code)
            what = f"{kind}{NOTICE_WORDS[row.status]}"
            yield _notice(row, what, f"{row.issuer}发来，{what}", command_line("notices", *again))
    for row in waiting[:1]:
        count = agenda.counts.undelivered - (len(agenda.undelivered) - len(waiting))
        first = ("最早于" if count > 1 else "") + f"{row.deliver_from:%Y-%m-%d %H:%M}送达"
        look = command_line("notices", "--body", row.recipient, "--status", row.status.value)
        line = _notice(row, f"{count}件通知待送达", first, look)
        yield line if count == 1 else line.model_copy(update={"task_code": "", "plan_code": "", "title": ""})


def _notice(row: UndeliveredRow, what: str, reason: str, command: str) -> AgendaLine:
    return AgendaLine(
        kind=LineKind.UNDELIVERED,
        urgency=Urgency.UNDELIVERED,
        task_code=row.task_code,
        plan_code=row.plan_code,
        title=row.title,
        body=row.recipient,
        what=what,
        due_on=None,
        days_over=None,
        reason=reason,
        command=command,
    )


def _refused(row: RefusedRow) -> AgendaLine:
    """What an outcome asked and somebody refused: what stood in the way is put right, or it is left at that."""
    more = f"等{len(row.targets)}项" if len(row.targets) > 1 else ""
    return AgendaLine(
        kind=LineKind.REFUSED,
        urgency=Urgency.OWED,
        task_code=row.item,
        plan_code=row.plan_code,
        title=row.title,
        body=row.body,
        what=f"{row.targets[0]}{more}未受理{ASKED_WORDS[row.act]}",
        due_on=None,
        days_over=None,
        request=row.order,
        reason=f"{'；'.join(dict.fromkeys(row.reasons))}。排除原因后再办；不再办理的用 changes drop {row.order}",
        command=command_line("changes", "resume", row.order),
    )


def _dead_letters(agenda: Agenda) -> Iterator[AgendaLine]:
    """Each message that did not reach whom it was sent to: the sender alone can mend it."""
    letters = sorted(agenda.dead_letters, key=lambda row: row.delivery)
    for delivery, carried in groupby(letters, key=lambda row: row.delivery):
        first, *others = carried
        kind = level_words(first.level) or KIND_WORDS[first.kind]
        yield AgendaLine(
            kind=LineKind.DEAD_LETTER,
            urgency=Urgency.OWED,
            task_code=first.task_code,
            plan_code=first.plan_code,
            title=first.title,
            body=first.issuer,
            what=f"{kind}{f'等{len(others) + 1}件' if others else ''}无法送达{first.recipient}",
            due_on=None,
            days_over=None,
            reason=f"{first.recipient}没有收到。最后一次：{first.detail}。按原因处理后重新发送",
            command=command_line("notices", "resend", delivery),
        )
