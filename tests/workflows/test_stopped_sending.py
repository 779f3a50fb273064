"""All sending is stopped while tasks go on: nothing goes out, nothing is lost, and it goes on in one message a body."""

from datetime import UTC, datetime

from temporalio.client import WorkflowExecutionStatus

from activities.nudging import Dispatches
from duban.ledger.delivery.sending_orders import SendingOrder
from duban.ledger.tables.notice_tables import NoticeStatus
from duban.names import dispatch_workflow_id
from duban.supervision.tasks.entries import NoticeKind
from tests.supervision.supervised import HANDLING, LEAD
from tests.workflows.installation import InFastTime, eventually

DAY = 0.15


def order(*, stops: bool) -> SendingOrder:
    return SendingOrder(stops=stops, given_at=datetime.now(UTC), given_by="王五", reason="机构调整" if stops else "")


async def test_what_became_due_meanwhile_goes_out_bundled_and_what_became_untrue_does_not(
    on_either_database: InFastTime,
) -> None:
    fast = on_either_database
    fast.ledger.sending.give(order(stops=True))
    await fast.issue(fast.task("2016-06-30", "2016-12-20"), entered="2016-07-10", day_seconds=DAY)

    async def two_reminders_and_a_chase() -> bool:
        kinds = [row.kind for row in fast.notices() if row.recipient == HANDLING]
        return kinds.count(NoticeKind.REMINDER) >= 2 and NoticeKind.OTHER in kinds

    await eventually(two_reminders_and_a_chase)
    await fast.report(1)
    await fast.recorded()
    assert {row.status for row in fast.notices()} <= {NoticeStatus.PENDING, NoticeStatus.WITHDRAWN}
    assert fast.ledger.deliveries.claim(HANDLING, datetime.now(UTC)) is None

    async def nobody_waits() -> bool:
        dispatch = await fast.client.get_workflow_handle(dispatch_workflow_id(HANDLING)).describe()
        return dispatch.status is WorkflowExecutionStatus.COMPLETED

    await eventually(nobody_waits)

    fast.ledger.sending.give(order(stops=False))
    bodies = fast.ledger.sending.waiting_bodies()
    assert {HANDLING, LEAD} <= set(bodies)
    await Dispatches(fast.client, fast.settings.task_queue).nudge(bodies)

    async def all_has_gone() -> bool:
        return not any(row.status in (NoticeStatus.PENDING, NoticeStatus.SENDING) for row in fast.notices())

    await eventually(all_has_gone)
    rows = [row for row in fast.notices() if row.recipient == HANDLING]
    reminders = [row for row in rows if row.kind is NoticeKind.REMINDER]
    assert {row.status for row in reminders} == {NoticeStatus.WITHDRAWN}, "the milestone was reported meanwhile"
    sent = [row for row in rows if row.status is NoticeStatus.DELIVERED]
    assert sent
    first = min(row.delivered_at for row in sent if row.delivered_at is not None)
    assert len({row.delivered_at for row in sent if row.deliver_not_before <= first}) == 1, "one message"
