"""What inspectors found, beside what a body says of itself and what the dates say.

A finding is a record: it meets no milestone and takes none back. What is wanting is put right by a date and reported
(挂账整改, Chengdu 2016), chased like all that is owed.
"""

from datetime import UTC

from duban.supervision.days.calendar import FARTHEST
from duban.supervision.plans.plan import Found
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.parts import HANDLING_BODY
from duban.supervision.tasks.duties import owe
from duban.supervision.tasks.entries import Change, EntryKind, Explanation, NoticeIntent, NoticeKind, RecordChange
from duban.supervision.tasks.messages import Inspect
from duban.supervision.tasks.turn import Refusal, Turn, day_text
from duban.supervision.words import FOUND_WORDS

INSPECTION = "inspection"
"""The kind of the record."""
FOUND, ON_SCHEDULE = "found", "on_schedule"
"""What of it lights and figures are made of."""
YES, NO = "yes", "no"


def inspect(turn: Turn, message: Inspect) -> Refusal | None:
    """Put a finding on record; what is wanting is owed from now on."""
    if (refusal := _unfit(turn, message)) is not None:
        return refusal
    subject = f"{INSPECTION}/{turn.state.version + 1}"
    changes: list[Change] = [
        RecordChange(
            id=subject,
            kind=INSPECTION,
            subject=subject,
            body=message.body,
            person=message.person,
            at=min(message.occurred_at, turn.now).astimezone(UTC) if message.occurred_at else turn.at,
            facts=_facts(message),
        )
    ]
    if message.rectify_by is not None:
        changes.extend(_rectification(turn, message, subject))
    schedule = {True: "，进度符合要求", False: "，进度滞后", None: ""}[message.on_schedule]
    text = f"{message.body}督查认定：{FOUND_WORDS[message.found]}{schedule}。{message.content}"
    turn.enter(EntryKind.INSPECTED, text, *changes)
    return None


def _unfit(turn: Turn, message: Inspect) -> Refusal | None:
    if message.body in turn.state.roles.of(HANDLING_BODY):
        return Refusal(f"{message.body}承办本任务，不能督查自己承办的任务")
    if message.on_schedule is None and message.found is not Found.COMPLETED:
        return Refusal("督查结果须写明进度是否符合要求（on_schedule）")
    if bool(message.problems) != (message.rectify_by is not None):
        return Refusal("指出问题（problems）须同时写明整改期限（rectify_by），没有问题的两项都不写")
    if message.rectify_by is not None and not turn.today <= message.rectify_by <= turn.today + FARTHEST:
        return Refusal(f"整改期限{day_text(message.rectify_by)}早于今天或过于遥远，请核对")
    return None


def _facts(message: Inspect) -> dict[str, str]:
    facts = {
        FOUND: message.found.value,
        ON_SCHEDULE: {True: YES, False: NO, None: ""}[message.on_schedule],
        "content": message.content,
        "problems": message.problems,
        "rectify_by": message.rectify_by.isoformat() if message.rectify_by else "",
    }
    return {name: text for name, text in facts.items() if text}


def _rectification(turn: Turn, message: Inspect, subject: str) -> tuple[Change, Change]:
    handling = turn.state.roles.first(HANDLING_BODY)
    owed, change = owe(
        turn, Duty.RECTIFICATION, handling, subject, not_before=turn.deliver_from, due_on=message.rectify_by
    )
    return change, NoticeIntent(
        key=f"{subject}/rectification",
        kind=NoticeKind.OTHER,
        subject=owed.id,
        recipient=handling,
        issuer=message.body,
        issued_at=turn.now,
        deliver_not_before=turn.deliver_from,
        duty=Duty.RECTIFICATION,
        respond_by=owed.due_on,
        facts={"what": "inspected", "found": FOUND_WORDS[message.found], "problems": message.problems},
        explanation=Explanation(
            due_on=turn.today, citation=turn.cite("挂账整改", turn.regime.limits[Duty.RECTIFICATION].source)
        ),
    )
