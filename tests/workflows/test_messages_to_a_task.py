"""What people and their programs send to a running task, well formed or not, and what they see of it."""

from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError

from duban.contracts import Answer
from duban.names import Attributes
from duban.supervision.tasks.entries import EntryKind
from tests.supervision.supervised import HANDLING, LEAD, SUPERVISOR
from tests.workflows.installation import InFastTime, eventually

METADATA = "__temporal_workflow_metadata"


async def events_of(fast: InFastTime) -> int:
    return len((await fast.handle().fetch_history()).events)


async def test_the_same_message_twice_is_one_message(fast: InFastTime) -> None:
    await fast.issue(fast.task("2016-06-30"))
    message = await fast.said(HANDLING, note="已起草")
    first = await fast.handle().execute_update("report_progress", message, result_type=Answer)
    again = await fast.handle().execute_update("report_progress", message, result_type=Answer)
    await fast.handle().signal("progress", message)
    await fast.recorded()
    assert (first.repeated, again.repeated, again.version) == (False, True, first.version)
    assert [row.message_id for row in fast.of_kind(EntryKind.PROGRESS)] == [message["id"]]


async def test_a_refused_update_says_why_and_writes_no_history(fast: InFastTime) -> None:
    await fast.issue(fast.task("2016-06-30"))
    await fast.tell("accept", HANDLING)
    await fast.at_rest()
    before = await events_of(fast)
    refusals = {
        "无权": ("verify", await fast.said(HANDLING, passed=True)),
        "没有待核验的销号申请": ("verify", await fast.said(SUPERVISOR, passed=True)),
        "不在0—100之间": ("report_progress", await fast.said(HANDLING, percent=120)),
        "没有第7个节点": ("report_progress", await fast.said(HANDLING, milestones=[7], evidence="x")),
        "必须附成果": ("request_strike_off", await fast.said(HANDLING)),
        "没有提请决定的事项": ("decide", await fast.said(SUPERVISOR, approve=True)),
        "须晚于现行期限": (
            "request_extension",
            await fast.said(HANDLING, milestone=1, new_due_on="2016-06-01", reason="x"),
        ),
        "须为 JSON 对象": ("report_progress", "80%"),
    }
    for reason, (update, message) in refusals.items():
        assert reason in await fast.refused(update, message)
    assert await events_of(fast) == before


async def test_a_strike_off_is_not_verified_by_who_asked_for_it(fast: InFastTime) -> None:
    fast_task = fast.task("2016-06-30", handling_body=SUPERVISOR)
    await fast.issue(fast_task)
    await fast.tell("request_strike_off", SUPERVISOR, deliverable="市政发〔2016〕9号")
    assert "不得核验自己的申请" in await fast.refused("verify", await fast.said(SUPERVISOR, passed=True))
    await fast.tell("verify", SUPERVISOR, passed=True, person="李四")
    assert await fast.handle().result() == "struck_off"


async def test_progress_on_a_struck_off_task_is_refused(fast: InFastTime) -> None:
    await fast.issue(fast.task("2016-06-30"), fast.task("2016-06-30", number=2))
    await fast.tell("request_strike_off", HANDLING, deliverable="市医保发〔2016〕9号")
    await fast.tell("verify", SUPERVISOR, passed=True)
    assert await fast.handle().result() == "struck_off"
    with pytest.raises(Exception, match="already completed"):
        await fast.tell("report_progress", HANDLING, percent=10)


HUGE = {"body": HANDLING, "person": "张三", "note": "长" * 300_000}


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ("80%", "须为 JSON 对象"),
        ([1, 2], "须为 JSON 对象"),
        (80, "须为 JSON 对象"),
        (None, "须为 JSON 对象"),
        ({}, "缺少单位（body）"),
        ({"body": HANDLING, "person": "张三", "percent": "八成"}, "进度（percent）"),
        ({"body": HANDLING, "person": "张三", "procent": 80}, "不认识的字段“procent”"),
        ({"body": "市体育局", "person": "张三", "percent": 80}, "市体育局无权"),
        (HUGE, "说明（note）过长"),
    ],
    ids=["text", "list", "number", "null", "empty", "word", "spelling", "stranger", "huge"],
)
async def test_a_signal_that_is_refused_is_on_record_and_the_task_lives(
    fast: InFastTime, payload: Any, reason: str
) -> None:
    await fast.issue(fast.task("2016-06-30"))
    await fast.handle().signal("progress", payload)
    await fast.handle().signal("progress", {"body": HANDLING, "person": "张三", "percent": 40})

    async def counted() -> bool:
        return (await fast.status()).percent == 40

    await eventually(counted)
    await fast.recorded()
    [refused] = fast.of_kind(EntryKind.REFUSED)
    assert reason in refused.text
    assert len(refused.text) < 1_000


@pytest.mark.parametrize("arguments", [[], [{"body": HANDLING}, "80%"]], ids=["none", "two"])
async def test_a_signal_with_a_wrong_number_of_arguments_leaves_the_task_alive(
    fast: InFastTime, arguments: list[Any]
) -> None:
    await fast.issue(fast.task("2016-06-30"))
    await fast.handle().signal("progress", args=arguments)
    await fast.plan.signal("start_again", args=arguments)
    answer = await fast.report(percent=40)
    assert answer.text == "已受理：报告进展"
    await fast.recorded()
    assert len(fast.of_kind(EntryKind.REFUSED)) == 1
    assert (await fast.plan.query("status"))["status"] == "under_way"


async def test_the_query_answers_where_the_task_stands_and_what_happened_last(fast: InFastTime) -> None:
    await fast.issue(fast.task("2016-06-30"))
    await fast.tell("accept", HANDLING)
    status = await fast.status()
    assert (status.status, status.lead_body, status.handling_body) == ("accepted", LEAD, HANDLING)
    assert [awaited.request for awaited in status.awaiting] == ["assignment/feedback"]
    assert status.next_moment_why == "市医保中心未完成首次落实情况反馈即催报"
    lines = await fast.handle().query("timeline")
    assert [line["version"] for line in lines] == [1, 2, 3]
    assert lines[-1]["text"] == "市医保中心签收承办"


async def test_the_temporal_ui_shows_a_task_without_training(fast: InFastTime) -> None:
    await fast.issue(
        fast.task("2016-06-30", "2016-12-20", title="医保支付方式改革"),
        fast.task("2016-12-20", number=2),
        entered="2016-08-19",
    )
    task = await fast.handle().describe()
    summary = await task.static_summary()
    assert summary is not None
    assert "医保支付方式改革" in summary
    await fast.recorded()
    shown = (await fast.handle().query(METADATA)).current_details
    assert shown.startswith("| 项目 | 内容 |")
    assert "2016" in shown

    async def found(query: str) -> list[str]:
        where = f"PlanCode = '{fast.plan_code}' AND WorkflowType = 'ReformTask' AND {query}"
        return sorted([w.id async for w in fast.client.list_workflows(where)])

    async def behind_is_found() -> bool:
        return await found("BehindSince IS NOT NULL") == [fast.tasks[0]]

    await eventually(behind_is_found)
    assert await found("BehindSince IS NULL") == [fast.tasks[1]]
    assert await found(f"LeadBody = '{LEAD}' AND SupervisingBody = '{SUPERVISOR}'") == list(fast.tasks)
    described = (await fast.handle().describe()).typed_search_attributes
    shown_day = described[Attributes.BEHIND_SINCE]
    assert fast.local_date(shown_day) == "2016-06-30"
    assert fast.local_date(described[Attributes.DUE_AT]) == "2016-06-30"
    assert described[Attributes.NEXT_MOMENT_AT] == (await fast.status()).next_moment_at
    assert described[Attributes.AWAITING_BODIES] == [HANDLING]
    assert (described[Attributes.TASK_STATUS], described[Attributes.REMINDER_LEVEL]) == ("assigned", "none")


async def test_closing_is_refused_while_a_task_is_open(fast: InFastTime) -> None:
    await fast.issue(fast.task("2016-06-30"))
    with pytest.raises(WorkflowUpdateFailedError) as refusal:
        await fast.plan.execute_update("close", await fast.said("市委全面深化改革领导小组"))
    assert "等待各项任务销号，不能销账" in str(refusal.value.cause)
