"""Which form a notice takes: its heading and the template of its sentences."""

from enum import StrEnum
from typing import assert_never

from duban.notices.facts import Fact
from duban.notices.plain_text import one_line
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import Level
from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.entries import NoticeIntent, NoticeKind


class Matter(StrEnum):
    """What a notice of the kind `other` tells; the core names it in the fact `what`."""

    ASSIGNMENT = "assignment"
    URGING = "urging"
    DEMAND = "demand"
    RETURN = "return"
    RESULT = "result"
    TAKEOVER = "takeover"
    AMENDMENT = "amendment"
    RELEASED = "released"
    INSPECTED = "inspected"
    STEP_RESULT = "step_result"
    STEP_MOVED = "step_moved"
    MEETING_DECISION = "meeting_decision"
    COPY = "copy"
    COPY_TO_HEAD = "copy_to_head"


class Form(Frozen):
    """A form of notice.

    Attributes:
        heading: Its name, as it stands at the head of the letter.
        template: File of its sentences, below `templates`.
        woven: Facts that those sentences tell, and the list of facts therefore does not.
        expected: Facts that are listed even where they are missing.
        to_the_head: It addresses the body's head (主要负责人), not the body.
    """

    heading: str
    template: str
    woven: frozenset[Fact] = frozenset()
    expected: tuple[Fact, ...] = ()
    to_the_head: bool = False


_COUNTED = frozenset({Fact.OCCURRENCE})
_OF_A_STEP = frozenset({Fact.PROCEDURE})

_REMINDERS: dict[str, Form] = {
    Level.PHONE: Form(heading="电话提醒单", template="reminder/phone.txt"),
    Level.WRITTEN: Form(heading="催办通知", template="reminder/written.txt"),
    Level.ONSITE: Form(heading="现场提醒", template="reminder/onsite.txt"),
    Level.CIRCULAR: Form(
        heading="通报", template="reminder/circular.txt", woven=frozenset({Fact.CONFIRMED_BY, Fact.SCOPE})
    ),
    Level.INTERVIEW: Form(
        heading="约谈提醒", template="reminder/interview.txt", woven=frozenset({Fact.DECIDED_BY}), to_the_head=True
    ),
}

_ASKS: dict[Duty, str] = {
    Duty.ACCEPTANCE: "签收提示",
    Duty.FEEDBACK: "反馈提示",
    Duty.CYCLE_REPORT: "报告提示",
    Duty.CALL_RECORD: "电话提醒办理单",
    Duty.EXPLANATION: "书面说明办理单",
    Duty.VISIT_RECORD: "现场催办办理单",
    Duty.INTERVIEW_RECORD: "约谈办理单",
    Duty.RECTIFICATION: "整改通知",
    Duty.GROUNDS: "关于核实约谈情形的通知",
    Duty.CONFIRMATION: "关于提请确认通报的请示",
    Duty.DECISION: "关于提请决定约谈的请示",
    Duty.CONSENT: "关于提请同意移交的请示",
    Duty.EXTENSION_DECISION: "延期申请",
    Duty.VERIFICATION: "销号申请",
    Duty.STEP: "步骤办理通知",
    Duty.ADVANCE_EXPLANATION: "期前说明提示",
    Duty.HAND_OVER: "交办提示",
}

_TOLD: dict[str, Form] = {
    Matter.ASSIGNMENT: Form(
        heading="交办通知",
        template="told/assignment.txt",
        woven=frozenset({Fact.FEEDBACK_BY}),
        expected=(Fact.LEADER, Fact.MEASURES, Fact.DELIVERABLE, Fact.DEADLINE),
    ),
    Matter.URGING: Form(heading="催办函", template="told/urging.txt", woven=_COUNTED),
    Matter.DEMAND: Form(heading="整改要求", template="told/demand.txt"),
    Matter.RETURN: Form(heading="退回重办通知", template="told/return.txt"),
    Matter.RESULT: Form(heading="决定告知", template="told/result.txt"),
    Matter.TAKEOVER: Form(heading="事项接续通知", template="told/takeover.txt", woven=frozenset({Fact.PREDECESSORS})),
    Matter.AMENDMENT: Form(heading="任务调整通知", template="told/amendment.txt"),
    Matter.RELEASED: Form(heading="任务移交告知", template="told/released.txt"),
    Matter.INSPECTED: Form(heading="整改督办通知", template="told/inspected.txt"),
    Matter.STEP_RESULT: Form(
        heading="办理结果告知", template="told/step_result.txt", woven=frozenset({Fact.PROCEDURE, Fact.OUTCOME})
    ),
    Matter.STEP_MOVED: Form(heading="期限调整通知", template="told/step_moved.txt"),
    Matter.MEETING_DECISION: Form(
        heading="会议决定事项交办单",
        template="told/meeting_decision.txt",
        woven=frozenset({Fact.FEEDBACK_BY, Fact.MEETING}),
        expected=(Fact.LEADER, Fact.MEASURES, Fact.DELIVERABLE, Fact.DEADLINE),
    ),
    Matter.COPY: Form(heading="提醒抄送", template="told/copy.txt", woven=frozenset({Fact.ADDRESSED})),
    Matter.COPY_TO_HEAD: Form(
        heading="提醒抄送", template="told/copy.txt", woven=frozenset({Fact.ADDRESSED}), to_the_head=True
    ),
}


def form_of(intent: NoticeIntent) -> Form:
    """The form of a notice: by its kind, then its level, duty or matter. Total: what is unknown has a plain form."""
    match intent.kind:
        case NoticeKind.REMINDER:
            return _REMINDERS.get(intent.level or "") or _named(intent, "督办提醒", "reminder/other.txt")
        case NoticeKind.ADVANCE_NOTICE if intent.duty is Duty.STEP:
            return Form(heading="步骤到期预告提醒", template="step_advance.txt", woven=_OF_A_STEP)
        case NoticeKind.ADVANCE_NOTICE:
            return Form(heading="关键节点预告提醒", template="advance_notice.txt")
        case NoticeKind.CHASE:
            return Form(heading="催报", template="chase.txt", woven=_COUNTED | {Fact.HEAD})
        case NoticeKind.REPORT_DUE:
            return Form(heading="报告到期提示", template="report_due.txt")
        case NoticeKind.REQUEST | NoticeKind.DECISION:
            if intent.duty is None:
                return _named(intent, "办理事项提示", "ask/other.txt")
            woven = _OF_A_STEP if intent.duty is Duty.STEP else frozenset[Fact]()
            return Form(heading=_ASKS[intent.duty], template=f"ask/{intent.duty.value}.txt", woven=woven)
        case NoticeKind.OTHER:
            told = _TOLD.get(intent.facts.get(Fact.WHAT, ""))
            if told is not None and intent.facts.get(Fact.WHAT) == Matter.STEP_RESULT and intent.paper:
                return told.model_copy(update={"heading": one_line(intent.paper)})
            if told is not None and intent.facts.get(Fact.WHAT) == Matter.MEETING_DECISION:
                own = one_line(intent.facts.get(Fact.TITLE, ""))  # as the office calls its slip
                return told.model_copy(update={"heading": own}) if own else told
            return told or _named(intent, "督办事项告知", "told/other.txt")
        case _:
            assert_never(intent.kind)


def _named(intent: NoticeIntent, heading: str, template: str) -> Form:
    """A plain form under the name that the regime gives it (the level's title), else under ours."""
    return Form(heading=one_line(intent.facts.get(Fact.TITLE, "")) or heading, template=template)
