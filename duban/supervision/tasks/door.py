"""How much one message may bring: the door through which everything comes that people say to a task.

Asked before a message is accepted and never when a history is replayed: what was accepted once stays accepted. What is
too much is refused, never cut. The sums that the bounds rest on are proven in ``tests/supervision/test_sums.py``: with
all of them exhausted a record, a task carried into its next run and an answer stay below the 2 MB of a payload.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import pairwise

from duban.supervision.bodies.roles import TaskRoles
from duban.supervision.days.calendar import OfficeCalendar
from duban.supervision.rules.authority import Act
from duban.supervision.rules.policy import Policy, encode
from duban.supervision.tasks.messages import Adopt, Amend, AnyMessage, Decide, ReportProgress
from duban.supervision.tasks.state import TaskState
from duban.supervision.tasks.turn import Refusal

MOST_VALUES = 20_000
"""Keys and values of one message, however they are nested: naming what is wrong with each takes time."""
MOST_POLICY = 300_000
"""Characters of a changed policy; one of five years has a tenth of it."""
MOST_STATE = 300_000
"""Bytes of a task's state. What ends a task is accepted beyond it."""
MOST_EVIDENCE = 20_000
"""Bytes of evidence in one report, counted for each milestone that it is kept with."""
MOST_IN_SCOPE, LONGEST_SCOPE = 100, 1_500
"""Bodies of a circular, and characters of all their names: each of them is told the whole scope."""
LONGEST_NAME = 100
"""Characters of a body's or person's name: Temporal's search attributes hold 2 KB each."""
MOST_NAMES = 2_000
"""Bodies and persons around one task."""
MOST_DAYS = 10_000
"""Holidays, or worked weekends, of a calendar: more than any window of years has."""
MOST_OFFSETS = 600
FARTHEST_OFFSET = timedelta(hours=26)

ENDS: frozenset[Act] = frozenset(
    {
        Act.REQUEST_STRIKE_OFF,
        Act.VERIFY,
        Act.TERMINATE,
        Act.DECIDE,
        Act.RETURN_FOR_REWORK,
        Act.RESUME,
        Act.TAKE_STEP,
    }
)
"""What a task needs to come to its end; nothing of it makes the state grow for ever."""


def refuse_shape(data: Mapping[object, object]) -> Refusal | None:
    """Why a message is too much to be read at all."""
    left = MOST_VALUES
    waiting: list[object] = [data]
    while waiting:
        value = waiting.pop()
        inner = (*value.keys(), *value.values()) if isinstance(value, Mapping) else value
        if isinstance(inner, list | tuple):
            left -= len(inner)
            if left < 0:
                return Refusal(f"消息内容过多，最多{MOST_VALUES}项；材料请写明链接或文号")
            waiting.extend(part for part in inner if isinstance(part, Mapping | list | tuple))
    policy = data.get("policy")
    if isinstance(policy, str) and len(policy) > MOST_POLICY:
        return Refusal(f"规则和日历（policy）过长，最多{MOST_POLICY}字符")
    return None


def refuse_excess(message: AnyMessage) -> Refusal | None:
    """Why a message brings more than the ledger and its notices can carry."""
    match message:
        case ReportProgress():
            kept = len(message.evidence.encode()) * len(message.milestones)
            if kept > MOST_EVIDENCE:
                return Refusal(
                    f"依据（evidence）随{len(message.milestones)}个节点各存一份，合计过长："
                    "请把依据缩短为文号或链接，或分次报告"
                )
        case Decide():
            if len(message.scope) > MOST_IN_SCOPE or sum(map(len, message.scope)) > LONGEST_SCOPE:
                return Refusal(
                    f"通报范围（scope）最多{MOST_IN_SCOPE}个单位、合计{LONGEST_SCOPE}字：请改用“各县（市、区）”等合称"
                )
        case Adopt():
            unusable = (
                (message.roles and _unusable_roles(message.roles))
                or _unusable_names([name for pair in (message.successors or {}).items() for name in pair])
                or (message.policy and _unusable_policy(message.policy))
            )
            if unusable:
                return Refusal(unusable)
        case Amend():
            if unusable := _unusable_parts(message):
                return Refusal(unusable)
        case _:
            pass
    return None


def refuse_growth(act: Act, before: TaskState, after: TaskState) -> Refusal | None:
    """Why a task's state would become too large to be carried on; what ends a task is never refused for that."""
    if act in ENDS:
        return None
    size = size_of(after)
    if size <= MOST_STATE or size <= size_of(before):
        return None
    return Refusal(
        "本任务的在办记录已达上限，只受理销号、核验、决定、退回、恢复、步骤和终止；请缩短文字，材料写明文号或链接"
    )


def size_of(state: TaskState) -> int:
    """Bytes of a state as it is carried on."""
    return len(state.model_dump_json().encode())


def _unusable_roles(roles: TaskRoles) -> str:
    names = [
        *(name for bodies in roles.bodies.values() for name in bodies),
        *(name for body, persons in roles.persons.items() for name in (body, *persons)),
        *(name for pair in roles.heads.items() for name in pair),
        *roles.tiers,
        *(name for body, sections in roles.sections.items() for pair in sections.items() for name in (body, *pair)),
        *(name for body, places in roles.places.items() for name in (body, *places)),
        *(name for body, deputies in roles.deputies.items() for name in (body, *(d.name for d in deputies))),
        *roles.bodies,
    ]
    if len(names) > MOST_NAMES:
        return f"机构信息（roles）中的单位和人员过多，最多{MOST_NAMES}个"
    return _unusable_names(names)


def _unusable_parts(message: Amend) -> str:
    names = [
        *(name for name in (message.lead_body, message.handling_body, message.leader) if name),
        *(message.supporting_bodies or ()),
        *(name for body, persons in message.persons.items() for name in (body, *persons)),
        *(name for pair in message.heads.items() for name in pair),
        *message.tiers,
        *(name for body, places in message.places.items() for name in (body, *places)),
        *(name for body, deputies in message.deputies.items() for name in (body, *(d.name for d in deputies))),
    ]
    if len(names) > MOST_NAMES:
        return f"单位和人员过多，最多{MOST_NAMES}个"
    return _unusable_names(names)


def _unusable_names(names: Iterable[str]) -> str:
    for name in names:
        if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
            return f"机构信息（roles）中的名称“{name[:20]}”不能用：应为1至{LONGEST_NAME}个可见字符"
    return ""


def _unusable_policy(policy: Policy) -> str:
    if len(encode(policy)) > MOST_POLICY:
        return f"规则和日历（policy）过长，最多{MOST_POLICY}字符"
    return _unusable_calendar(policy.calendar)


def _unusable_calendar(calendar: OfficeCalendar) -> str:
    """By what is no calendar of any office the next moment would be sought for ever, or not be found."""
    offsets = calendar.zone.offsets
    if len(offsets) > MOST_OFFSETS or any(
        abs(timedelta(minutes=o.minutes)) > FARTHEST_OFFSET or o.since.utcoffset() is None for o in offsets
    ):
        return "日历（policy）的时区数据不能用：请由 starter.py 生成"
    if any(later.since <= earlier.since for earlier, later in pairwise(offsets)):
        return "日历（policy）的时区数据没有按先后排列：请由 starter.py 生成"
    if calendar.opens >= calendar.closes:
        return "日历（policy）的上班时间不早于下班时间，请改正"
    if max(len(calendar.holidays), len(calendar.workdays)) > MOST_DAYS:
        return f"日历（policy）的节假日或调休日过多，最多{MOST_DAYS}天"
    return ""
