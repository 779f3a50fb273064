"""What inspectors find is on record beside what a body says and what the dates say."""

from datetime import date
from typing import Any

import pytest

from duban.supervision.plans.plan import Found
from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.entries import EntryKind, NoticeIntent, RecordChange
from duban.supervision.tasks.lights import Light, inspected_light
from duban.supervision.tasks.messages import Inspect
from tests.supervision.supervised import HANDLING, LEAD, OFFICE, SUPERVISOR, Supervised, day


def finding(task: Supervised, body: str = SUPERVISOR, **facts: Any) -> Inspect:
    usual: dict[str, Any] = {"found": Found.STARTED, "on_schedule": True, "content": "查阅台账并走访两个区县"}
    return Inspect(**task.said(body), **(usual | facts))


def working() -> Supervised:
    return Supervised("2016-06-30", "2016-12-31").until("2016-05-20 12:00")


def test_a_finding_is_a_record_and_meets_nothing() -> None:
    task = working()
    before = task.state
    task.tell(finding(task, found=Found.COMPLETED, on_schedule=None))
    assert (task.entries[-1].kind, task.entries[-1].body) == (EntryKind.INSPECTED, SUPERVISOR)
    assert "督查认定：已完成" in task.entries[-1].text
    [record] = [c for c in task.entries[-1].changes if isinstance(c, RecordChange)]
    assert (record.kind, record.facts["found"]) == ("inspection", "completed")
    told = {"version", "recent", "last_at"}
    assert task.state.model_dump(exclude=told) == before.model_dump(exclude=told)


def test_what_is_wanting_is_owed_by_the_handling_body_by_the_stated_day_and_chased() -> None:
    task = working()
    task.tell(finding(task, OFFICE, problems="未建立联席会议", rectify_by=day("2016-06-08")))
    [owed] = task.state.owing(Duty.RECTIFICATION)
    assert (owed.owed_by, owed.due_on) == (HANDLING, date(2016, 6, 8))
    [notice] = [c for c in task.entries[-1].changes if isinstance(c, NoticeIntent)]
    assert (notice.recipient, notice.issuer, notice.respond_by) == (HANDLING, OFFICE, date(2016, 6, 8))
    assert notice.facts["problems"] == "未建立联席会议"
    # 9 June is the Dragon Boat Festival, Sunday the 12th is worked in its place: the office is open next on that day.
    task.until("2016-06-14")
    chased = [e for e in task.entries if e.kind is EntryKind.CHASED and "整改落实情况" in e.text]
    assert [task.policy.calendar.zone.local_date(e.at) for e in chased] == [date(2016, 6, 12)]


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"on_schedule": None}, "进度是否符合要求"),
        ({"problems": "缺文件"}, "须同时写明整改期限"),
        ({"rectify_by": date(2016, 6, 8)}, "须同时写明整改期限"),
        ({"problems": "缺文件", "rectify_by": date(2016, 5, 19)}, "早于今天"),
        ({"problems": "缺文件", "rectify_by": date(2116, 5, 19)}, "过于遥远"),
    ],
)
def test_half_a_finding_is_refused(facts: dict[str, Any], why: str) -> None:
    task = working()
    assert why in task.refuses(finding(task, **facts))


def test_nobody_inspects_what_he_does_himself_and_a_lead_body_inspects_nothing_of_its_supervisor() -> None:
    task = working()
    assert "无权登记督查结果" in task.refuses(finding(task, LEAD))
    own = Supervised("2016-06-30", supervisor=HANDLING).until("2016-05-20 12:00")
    assert "不能督查自己承办的任务" in own.refuses(finding(own, HANDLING))


@pytest.mark.parametrize(
    ("found", "on_schedule", "light"),
    [
        (Found.COMPLETED, False, Light.GREEN),
        (Found.STARTED, True, Light.GREEN),
        (Found.NOT_STARTED, True, Light.GREEN),
        (Found.STARTED, False, Light.YELLOW),
        (Found.NOT_STARTED, False, Light.RED),
    ],
)
def test_the_light_of_an_inspection(found: Found, on_schedule: bool, light: Light) -> None:
    assert inspected_light(found, on_schedule=on_schedule) is light
