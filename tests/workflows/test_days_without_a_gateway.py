"""Nothing at all from the gateway for three days: the ladder goes on, and when it is back all is said once."""

from collections import Counter

import pytest

from duban.ledger.tables.notice_tables import NoticeStatus
from duban.notices.opening import channel_from
from duban.supervision.tasks.entries import NoticeKind
from tests.notices.gateway import closed_port, running_gateway
from tests.supervision.supervised import HANDLING
from tests.workflows.installation import OnSkippedTime

GONE, BACK, END = "2016-07-17", "2016-07-21 10:00", "2016-07-21"
PHONED_ON = "2016-07-18"
"""The reminder falls due on a Saturday and is issued on Monday; the gateway is away until Thursday."""


@pytest.fixture
def port(days: OnSkippedTime) -> int:
    """Of a gateway that is not there yet."""
    found = closed_port()
    days.channel = channel_from(
        "webhook", outbox_dir=days.settings.outbox_dir, webhook_url=f"http://127.0.0.1:{found}/hook"
    )
    return found


async def test_notices_of_three_days_without_a_gateway_are_each_delivered_once_when_it_is_back(
    days: OnSkippedTime, port: int
) -> None:
    with running_gateway(port=port) as before:
        await days.issue("2016-06-30", "2016-12-20")
        await days.until(GONE)
    said_before = {row.idempotency_key for row in days.notices() if row.status is NoticeStatus.DELIVERED}
    assert said_before

    await days.until(BACK)
    waiting = [row for row in days.notices() if row.idempotency_key not in said_before]
    [phone] = [row for row in waiting if row.kind is NoticeKind.REMINDER]
    assert (phone.level, phone.recipient, days.local_date(phone.issued_at)) == ("phone", HANDLING, PHONED_ON)
    assert {row.delivered_at for row in waiting} == {None}
    assert {row.status for row in waiting} <= {NoticeStatus.PENDING, NoticeStatus.SENDING}
    # Half a minute, a minute, … an hour, and then every hour: nobody is hammered.
    assert 50 < phone.attempts < 80

    with running_gateway(port=port) as after:
        await days.until(END)
    assert {row.status for row in days.notices()} == {NoticeStatus.DELIVERED}
    sent = Counter(received.headers["webhook-id"] for gateway in (before, after) for received in gateway.received)
    assert set(sent.values()) == {1}
    [phone] = [row for row in days.notices() if row.kind is NoticeKind.REMINDER]
    assert days.local_date(phone.delivered_at) == END
    days.check_ledger()
