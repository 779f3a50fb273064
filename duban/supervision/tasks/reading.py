"""Reads what people send: JSON, typed by hand or sent by our clients.

Nothing that does not fit is dropped silently: every problem becomes a sentence that names the
field, so the sender knows what to mend. It is short whatever was sent: a refused signal is kept
in the ledger.
"""

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from duban.supervision.plans.plan_amending import PlanAmending
from duban.supervision.plans.plan_closing import PlanAdoption, PlanClosing
from duban.supervision.registers.registers import ItemOpening, RegisterAdoption, RegisterClosing
from duban.supervision.rules.authority import Act
from duban.supervision.tasks.door import refuse_shape
from duban.supervision.tasks.messages import AnyMessage, Message
from duban.supervision.tasks.turn import Refusal
from duban.supervision.words import ACT_WORDS

M = TypeVar("M", bound=Message)

_MESSAGES: TypeAdapter[AnyMessage] = TypeAdapter(AnyMessage)
_PROBLEMS_TOLD = 5
_LONGEST_SHOWN = 50

FIELD_WORDS = {
    "body": "单位",
    "person": "人员",
    "id": "消息编号",
    "occurred_at": "发生时间",
    "percent": "进度",
    "note": "说明",
    "milestones": "节点序号",
    "evidence": "依据",
    "text": "内容",
    "reason": "理由",
    "approve": "是否同意",
    "passed": "是否通过",
    "request": "事项号",
    "grounds": "约谈情形",
    "scope": "通报范围",
    "action": "工作类型",
    "with_whom": "对象",
    "content": "内容",
    "new_due_on": "新期限",
    "milestone": "节点序号",
    "until": "恢复日期",
    "rectify_by": "整改期限",
    "deliverable": "成果",
    "what": "退回内容",
    "report": "报告编号",
    "cause": "原因类别",
    "successors": "接续",
    "leading_group": "领导小组",
    "reform_office": "改革办",
    "persons": "人员",
    "document": "文号",
    "title": "事项",
    "leader": "牵头领导",
    "measures": "任务措施",
    "deadline_text": "完成时限",
    "withdrawn_milestones": "取消的节点",
    "lead_body": "牵头单位",
    "handling_body": "承办单位",
    "supporting_bodies": "配合单位",
    "absorbed": "并入的任务",
    "version": "记录序号",
    "step": "步骤",
    "outcome": "结果",
    "facts": "所写事项",
    "counted": "台账所计",
    "step_due_on": "步骤期限",
    "procedure": "程序",
    "concerns": "相关编号",
    "anyway": "仍要办理的理由",
    "lists": "清单类别",
    "remove": "是否移出",
    "item": "据以决定的事项",
}


def read_message(act: Act, data: object) -> AnyMessage | Refusal:
    """The message in a JSON object, or why there is none in it."""
    if not isinstance(data, Mapping):
        return Refusal(f'“{ACT_WORDS[act]}”须为 JSON 对象，例如 {{"body": "单位全称", "person": "姓名"}}')
    if (refusal := refuse_shape(data)) is not None:
        return refusal
    stated = data.get("act", act.value)
    if stated != act.value:
        return Refusal(f"消息类型（act）为“{_shown(stated)}”，与“{act.value}”不符")
    # Through JSON mode, so that dates and lists read the same from the UI and from our clients.
    try:
        return _MESSAGES.validate_python({**cast("Mapping[str, Any]", data), "act": act})
    except ValidationError as problem:
        return _refused(problem)


def _refused(problem: ValidationError) -> Refusal:
    return Refusal("；".join(_sentence(error) for error in problem.errors(include_url=False)[:_PROBLEMS_TOLD]))


def _shown(value: object) -> str:
    """What was sent, as far as a sentence has room for it, and without what cannot be written down."""
    start = value if isinstance(value, str) else repr(value)
    return start[:_LONGEST_SHOWN].encode("utf-8", "replace").decode() + ("…" if len(start) > _LONGEST_SHOWN else "")


def _sentence(error: Mapping[str, Any]) -> str:
    path = [_shown(part) if isinstance(part, str) else str(part) for part in error["loc"] if part != _tag(error)]
    name = ".".join(path) or "消息"
    label = f"{FIELD_WORDS[path[0]]}（{name}）" if path and path[0] in FIELD_WORDS else name
    match error["type"]:
        case "missing":
            return f"缺少{label}"
        case "extra_forbidden":
            return f"不认识的字段“{name}”，请核对拼写"
        case "string_too_short":
            return f"{label}不能为空"
        case "string_too_long":
            return f"{label}过长，最多{error.get('ctx', {}).get('max_length')}字；附件请写明链接或文号"
        case "enum" | "literal_error":
            return f"{label}只能是 {error.get('ctx', {}).get('expected')}"
        case "string_pattern_mismatch":
            return f"{label}含有不可见的控制字符，请重新输入"
        case "string_unicode":
            return f"{label}含有无法保存的字符，请重新输入"
        case "too_long":
            return f"{label}过多，最多{error.get('ctx', {}).get('max_length')}项"
        case "greater_than_equal" | "less_than_equal":
            return f"{label}不是可用的数，请核对"
        case kind if "date" in kind:
            return f"{label}不是有效日期或时间，请按 2026-06-30 或 2026-06-30T09:00:00+08:00 填写"
        case kind if kind.startswith(("int", "bool", "string", "tuple")):
            return f"{label}的类型不对，收到“{_shown(error.get('input'))}”"
        case _:
            return f"{label}无法识别，收到“{_shown(error.get('input'))}”"


def _tag(error: Mapping[str, Any]) -> str:
    """The discriminator that pydantic puts first in the place of an error in a union."""
    first = error["loc"][0] if error["loc"] else ""
    return str(first.value if isinstance(first, Act) else first) if first in tuple(Act) else ""


def read_plan_closing(data: object) -> PlanClosing | Refusal:
    """The decision to close a plan, or why there is none in the JSON."""
    return _read_for_plan(PlanClosing, data, '方案销账须为 JSON 对象，例如 {"body": "领导小组全称", "person": "姓名"}')


def read_plan_adoption(data: object) -> PlanAdoption | Refusal:
    """Who is who towards a plan, or why it cannot be read from the JSON."""
    return _read_for_plan(PlanAdoption, data, "变更机构人员须为 JSON 对象，请由 starter.py organisation apply 送出")


def read_plan_amending(data: object) -> PlanAmending | Refusal:
    """The amendment of a plan, or why there is none in the JSON."""
    return _read_for_plan(PlanAmending, data, "方案调整须为 JSON 对象，由 starter.py amend 生成")


def read_item_opening(data: object) -> ItemOpening | Refusal:
    """The item that a person opens, or why there is none in the JSON."""
    example = '{"procedure": "…", "facts": {"…": "…"}, "body": "单位全称", "person": "姓名"}'
    return _read_for_plan(ItemOpening, data, f"开立事项须为 JSON 对象，例如 {example}")


def read_register_closing(data: object) -> RegisterClosing | Refusal:
    """The decision to close a register, or why there is none in the JSON."""
    example = '{"body": "单位全称", "person": "姓名", "reason": "理由"}'
    return _read_for_plan(RegisterClosing, data, f"登记簿办结须为 JSON 对象，例如 {example}")


def read_register_adoption(data: object) -> RegisterAdoption | Refusal:
    """Under which content a register goes on, or why it cannot be read from the JSON."""
    return _read_for_plan(RegisterAdoption, data, "变更登记簿的依据须为 JSON 对象，由 starter.py 送出")


def _read_for_plan(model: type[M], data: object, otherwise: str) -> M | Refusal:
    if not isinstance(data, Mapping):
        return Refusal(otherwise)
    if (refusal := refuse_shape(data)) is not None:
        return refusal
    try:
        return model.model_validate(data)
    except ValidationError as problem:
        return _refused(problem)
