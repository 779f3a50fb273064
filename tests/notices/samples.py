"""The worked example of the Kunming rules as notices: one milestone due 2016-06-30, nothing reported."""

from datetime import UTC, date, datetime
from typing import Any

from duban.calendars import compile_zone
from duban.contracts import Delivery, NoticeToSend, PaperNumber
from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.entries import Citation, Explanation, NoticeIntent, NoticeKind

SHANGHAI = compile_zone("Asia/Shanghai", 2015, 2018)
HANDLING = "市住房城乡建设局"
LEAD = "市政务服务局"
OFFICE = "市委改革办"
GROUP = "市委全面深化改革领导小组"
DOCUMENT = f"{GROUP}办公室《改革督察工作办法》"


def morning(month: int, day: int) -> datetime:
    """Nine o'clock in Kunming on a day of 2016."""
    return datetime(2016, month, day, 1, tzinfo=UTC)


def why(due_on: date, rule: str, **changed: Any) -> Explanation:
    """Why a notice of the example is given on a date; with no lag where `behind_since` is None."""
    behind_since = changed.get("behind_since", date(2016, 6, 30))
    lag = (due_on - behind_since).days - changed.get("suspended_days", 0) if behind_since else None
    stated: dict[str, Any] = {
        "milestone_phrase": "6月底前完成",
        "milestone_due_on": date(2016, 6, 30),
        "behind_since": behind_since,
        "lag_days": lag,
        "due_on": due_on,
        "citation": Citation(rule=rule, document=DOCUMENT, paragraph=6, sentence=f"{rule}的情形和办法"),
    }
    return Explanation(**{**stated, **changed})


def notice(explanation: Explanation, number: int | None = None, **intent: Any) -> NoticeToSend:
    """A notice to the handling body in the name of the reform office, unless said otherwise."""
    key = intent.setdefault("key", "e1/phone")
    stated: dict[str, Any] = {
        "kind": NoticeKind.REMINDER,
        "subject": key,
        "episode": 1,
        "recipient": HANDLING,
        "issuer": OFFICE,
        "issued_at": morning(7, 16),
        "deliver_not_before": morning(7, 18),
        "explanation": explanation,
    }
    told = NoticeIntent(**{**stated, **intent})
    return NoticeToSend(
        idempotency_key=f"KM16-07/1/{key}/{told.recipient}",
        task_code="KM16-07",
        task_title="工程建设项目审批提速",
        plan_title="昆明市2016年改革工作要点",
        zone=SHANGHAI,
        paper=PaperNumber(series=told.paper, year=2016, number=number) if told.paper and number else None,
        intent=told,
    )


def delivery(*notices: NoticeToSend, **changed: Any) -> Delivery:
    """One message with these notices."""
    stated: dict[str, Any] = {
        "id": "送达/2016-07-18/1",
        "recipient": notices[0].intent.recipient,
        "claimed_at": morning(7, 18),
        "notices": notices,
    }
    return Delivery(**{**stated, **changed})


PHONE = notice(
    why(
        date(2016, 7, 16),
        "电话提醒",
        shift="2016年7月16日（星期六）为非工作日，顺延至2016年7月18日（星期一）",
        citation=Citation(
            rule="电话提醒",
            document=DOCUMENT,
            paragraph=6,
            sentence="电话提醒的情形和办法",
            assumed="文件未写明是否含第15天，按不含处理",
        ),
    ),
    level="phone",
    facts={"title": "电话提醒", "grounds": ""},
)

CALL_RECORD = notice(
    PHONE.intent.explanation,
    key="e1/phone/call_record",
    kind=NoticeKind.REQUEST,
    recipient=OFFICE,
    duty=Duty.CALL_RECORD,
    respond_by=date(2016, 7, 20),
    facts={"level": "phone", "title": "电话提醒", "handling_body": HANDLING},
)

WRITTEN_SHIFT = "2016年7月31日（星期日）为非工作日，顺延至2016年8月1日（星期一）"

WRITTEN = notice(
    why(date(2016, 7, 31), "书面提醒", shift=WRITTEN_SHIFT),
    number=1,
    key="e1/written",
    level="written",
    paper="催办通知",
    issued_at=morning(7, 31),
    deliver_not_before=morning(8, 1),
)

WRITTEN_TO_LEAD = notice(
    WRITTEN.intent.explanation,
    number=1,
    key="e1/written",
    level="written",
    paper="催办通知",
    recipient=LEAD,
    duty=Duty.EXPLANATION,
    respond_by=date(2016, 8, 8),
    issued_at=morning(7, 31),
    deliver_not_before=morning(8, 1),
)

ONSITE = notice(
    why(date(2016, 8, 15), "现场提醒"),
    key="e1/onsite",
    level="onsite",
    issuer="市委改革办、市委目督办、市政府目督办",
    issued_at=morning(8, 15),
    deliver_not_before=morning(8, 15),
)

CONFIRMATION = notice(
    why(date(2016, 8, 30), "通报提醒"),
    key="e1/circular/confirmation",
    kind=NoticeKind.DECISION,
    recipient=GROUP,
    duty=Duty.CONFIRMATION,
    respond_by=date(2016, 9, 6),
    issued_at=morning(8, 30),
    deliver_not_before=morning(8, 30),
    facts={"level": "circular", "request": "e1/circular/confirmation", "grounds": ""},
)

CIRCULAR = notice(
    why(date(2016, 8, 30), "通报提醒", shift=f"2016年8月30日到期，经{GROUP}确认后于2016年9月2日发出"),
    number=1,
    key="e1/circular",
    level="circular",
    paper="通报",
    duty=Duty.RECTIFICATION,
    respond_by=date(2016, 10, 2),
    issued_at=morning(9, 2),
    deliver_not_before=morning(9, 2),
    facts={"confirmed_by": GROUP, "scope": "市级各部门"},
)

GROUNDS = notice(
    why(date(2016, 9, 14), "约谈提醒"),
    key="e1/interview/grounds",
    kind=NoticeKind.REQUEST,
    recipient=OFFICE,
    duty=Duty.GROUNDS,
    respond_by=date(2016, 9, 21),
    issued_at=morning(9, 14),
    deliver_not_before=morning(9, 14),
    facts={"level": "interview", "request": "e1/interview/grounds"},
)

INTERVIEW = notice(
    why(
        date(2016, 9, 14),
        "约谈提醒",
        shift=f"2016年9月14日到期，经{OFFICE}核实情形、{GROUP}决定后于2016年9月26日发出",
    ),
    key="e1/interview",
    level="interview",
    issued_at=morning(9, 26),
    deliver_not_before=morning(9, 26),
    facts={"title": "约谈提醒", "grounds": "作为上不主动：连续两次未按要求报送进展", "decided_by": GROUP},
)

ASSIGNMENT = notice(
    Explanation(due_on=date(2016, 4, 14), citation=Citation(rule="交办", assumed="文件未作规定，为系统预设")),
    key="assignment",
    kind=NoticeKind.OTHER,
    episode=0,
    duty=Duty.ACCEPTANCE,
    respond_by=date(2016, 4, 19),
    issued_at=morning(4, 14),
    deliver_not_before=morning(4, 14),
    facts={
        "what": "assignment",
        "measures": "梳理审批环节\n公布办理时限",
        "deliverable": "实施办法",
        "deadline": "6月底前完成",
        "feedback_by": "2016-04-28",
    },
)

ASSIGNMENT_TO_LEAD = notice(
    ASSIGNMENT.intent.explanation,
    key="assignment",
    kind=NoticeKind.OTHER,
    episode=0,
    recipient=LEAD,
    issued_at=morning(4, 14),
    deliver_not_before=morning(4, 14),
    facts={**ASSIGNMENT.intent.facts, "handling_body": HANDLING, "leader": "分管副市长"},
)

ADVANCE = notice(
    why(
        date(2016, 6, 23),
        "关键节点预告提醒",
        behind_since=None,
        citation=Citation(rule="关键节点预告提醒", assumed="提前7天"),
    ),
    key="m1/advance/2016-06-30",
    kind=NoticeKind.ADVANCE_NOTICE,
    episode=0,
    respond_by=date(2016, 6, 30),
    issued_at=morning(6, 23),
    deliver_not_before=morning(6, 23),
    facts={"milestone": "1"},
)

CHASE = notice(
    Explanation(due_on=date(2016, 7, 21), citation=Citation(rule="电话提醒记录的办理时限", assumed="2个工作日")),
    key="e1/phone/call_record/chase/2",
    kind=NoticeKind.CHASE,
    recipient=OFFICE,
    issuer="市委督查室",
    duty=Duty.CALL_RECORD,
    respond_by=date(2016, 7, 20),
    issued_at=morning(7, 21),
    deliver_not_before=morning(7, 21),
    facts={"owed": "电话提醒记录", "occurrence": "2"},
)

RETURNED = notice(
    Explanation(due_on=date(2016, 7, 6), citation=Citation(rule="退回重办", assumed="文件未作规定，为系统预设")),
    key="return/1",
    kind=NoticeKind.OTHER,
    episode=0,
    issued_at=morning(7, 6),
    deliver_not_before=morning(7, 6),
    facts={"what": "return", "text": "市委改革办退回报告（r-1）重办：没有附成果文件"},
)
