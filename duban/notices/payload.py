"""The JSON that a gateway receives: the letter as text, and each notice in fields, for a receiver that files them.

An interface with the world: a field is never renamed or taken away, only added.
"""

from datetime import date, datetime
from typing import Literal

from duban.contracts import Delivery, NoticeToSend
from duban.notices.letter import Letter
from duban.supervision.model import Frozen
from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.entries import Explanation, NoticeKind


class NoticeData(Frozen):
    """One notice.

    Attributes:
        idempotency_key: Readable and lasting: the same notice has it in whatever message it comes.
        number: Paper number, if it bears one.
        respond_by: Local date by which the recipient owes `duty`.
    """

    idempotency_key: str
    task_code: str
    task_title: str
    plan_title: str
    number: str | None
    kind: NoticeKind
    level: str | None
    episode: int
    issuer: str
    recipient: str
    issued_at: datetime
    duty: Duty | None
    respond_by: date | None
    facts: dict[str, str]
    explanation: Explanation


class MessageData(Frozen):
    """The message.

    Attributes:
        id: The delivery's own identifier; the header `webhook-id` holds its ASCII form.
        uncertain: An earlier attempt may have arrived.
    """

    id: str
    attempt: int
    uncertain: bool
    recipient: str
    title: str
    text: str
    numbers: tuple[str, ...]
    notices: tuple[NoticeData, ...]


class WebhookMessage(Frozen):
    """The envelope that Standard Webhooks recommends; `timestamp` is business time."""

    type: Literal["duban.notice"] = "duban.notice"
    timestamp: datetime
    data: MessageData


def payload_of(delivery: Delivery, letter: Letter) -> str:
    """The body of a request, JSON."""
    message = WebhookMessage(
        timestamp=delivery.claimed_at,
        data=MessageData(
            id=delivery.id,
            attempt=delivery.attempt,
            uncertain=delivery.uncertain,
            recipient=letter.recipient,
            title=letter.title,
            text=letter.text,
            numbers=letter.numbers,
            notices=tuple(_notice(notice) for notice in delivery.notices),
        ),
    )
    return message.model_dump_json()


def _notice(notice: NoticeToSend) -> NoticeData:
    intent = notice.intent
    return NoticeData(
        idempotency_key=notice.idempotency_key,
        task_code=notice.task_code,
        task_title=notice.task_title,
        plan_title=notice.plan_title,
        number=str(notice.paper) if notice.paper else None,
        kind=intent.kind,
        level=intent.level,
        episode=intent.episode,
        issuer=intent.issuer,
        recipient=intent.recipient,
        issued_at=intent.issued_at,
        duty=intent.duty,
        respond_by=intent.respond_by,
        facts=intent.facts,
        explanation=intent.explanation,
    )
