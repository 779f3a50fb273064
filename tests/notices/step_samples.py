"""The notices of an item that goes step by step, as the core gives them."""

from duban.contracts import NoticeToSend, PaperNumber
from duban.supervision.tasks.entries import NoticeIntent, NoticeKind
from duban.supervision.tasks.messages import Amend
from tests.notices.samples import SHANGHAI
from tests.supervision.items import Item
from tests.supervision.supervised import GROUP, LEAD, OFFICE, SUPERVISOR, day


def _walked() -> Item:
    item = Item(code="DJ16-01", title="省方案对接")
    item.take(OFFICE, at="2016-06-01 11:00")
    item.until("2016-06-17")
    item.tell(Amend(**item.said(SUPERVISOR), reason="省里推迟", step_due_on=day("2016-06-30")))
    item.until("2016-06-20 10:00").take(facts={"plan": "分三步走"})
    item.take(OFFICE, person="李四", outcome="agreed", note="按此执行")
    return item


_NOTICES = tuple(_walked().changes(NoticeIntent))


def _to_send(recipient: str, key: str, kind: NoticeKind) -> NoticeToSend:
    intent = next(n for n in _NOTICES if (n.recipient, n.key, n.kind) == (recipient, key, kind))
    paper = PaperNumber(series=intent.paper, year=2016, number=3) if intent.paper else None
    return NoticeToSend(
        idempotency_key=f"DJ16-01/1/{key}/{recipient}",
        task_code="DJ16-01",
        task_title="省方案对接",
        plan_title="2016年对接台账",
        zone=SHANGHAI,
        paper=paper,
        intent=intent,
    )


STEP = _to_send(LEAD, "s2/reply", NoticeKind.REQUEST)
STEP_TO_DECIDE = _to_send(OFFICE, "s3/review", NoticeKind.REQUEST)
STEP_ADVANCE = _to_send(LEAD, "s2/reply/advance/2016-06-16/0", NoticeKind.ADVANCE_NOTICE)
STEP_CHASED = _to_send(LEAD, "s2/reply/step/chase/1", NoticeKind.CHASE)
STEP_MOVED = _to_send(LEAD, "amendment/1", NoticeKind.OTHER)
STEP_RESULT = _to_send(GROUP, "s3/review/result", NoticeKind.OTHER)
