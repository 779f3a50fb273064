"""The words of the glossary as people read them."""

from duban.supervision.plans.plan import Found, ListKind, ReportCycle
from duban.supervision.rules.authority import Act
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.parts import PersonRole
from duban.supervision.tasks.entries import EntryKind
from duban.supervision.tasks.messages import Action, Cause, Ground
from duban.supervision.tasks.state import Obligation, Stage, TaskState

DUTY_WORDS: dict[Duty, str] = {
    Duty.ACCEPTANCE: "签收承办",
    Duty.FEEDBACK: "首次落实情况反馈",
    Duty.CYCLE_REPORT: "定期进展报告",
    Duty.CALL_RECORD: "电话提醒记录",
    Duty.EXPLANATION: "书面说明",
    Duty.VISIT_RECORD: "现场催办记录",
    Duty.INTERVIEW_RECORD: "约谈记录",
    Duty.RECTIFICATION: "整改落实情况",
    Duty.GROUNDS: "约谈情形核实",
    Duty.CONFIRMATION: "通报确认",
    Duty.DECISION: "约谈决定",
    Duty.CONSENT: "移交同意",
    Duty.EXTENSION_DECISION: "延期审批",
    Duty.VERIFICATION: "销号核验",
    Duty.STEP: "程序步骤",
    Duty.ADVANCE_EXPLANATION: "期前说明",
    Duty.HAND_OVER: "交办",
}

STAGE_WORDS: dict[Stage, str] = {
    Stage.REGISTERED: "已登记",
    Stage.ASSIGNED: "已交办",
    Stage.ACCEPTED: "已签收",
    Stage.UNDER_WAY: "办理中",
    Stage.STRIKE_OFF_REQUESTED: "申请销号",
    Stage.STRUCK_OFF: "已销号",
    Stage.CLOSED: "已办结",
    Stage.TERMINATED: "已终止",
}

ACT_WORDS: dict[Act, str] = {
    Act.PROGRESS: "报告进展",
    Act.ACCEPT: "签收任务",
    Act.SUBMIT_EXPLANATION: "提交书面说明",
    Act.RECORD_ACTION: "登记工作记录",
    Act.DECIDE: "作出决定",
    Act.REQUEST_EXTENSION: "申请延期",
    Act.SUSPEND: "暂停计时",
    Act.RESUME: "恢复计时",
    Act.URGE: "催办",
    Act.DEMAND: "提出整改要求",
    Act.RAISE_INTERVIEW: "提出约谈建议",
    Act.RETURN_FOR_REWORK: "退回重办",
    Act.REQUEST_STRIKE_OFF: "申请销号",
    Act.VERIFY: "核验销号",
    Act.TERMINATE: "终止任务",
    Act.CARRY_OVER: "结转任务",
    Act.ADOPT: "变更适用规则",
    Act.AMEND: "调整任务",
    Act.CORRECT: "更正记录",
    Act.INSPECT: "登记督查结果",
    Act.TAKE_STEP: "办理步骤",
    Act.MARK: "列入清单",
}

PLACE_WORDS: dict[PersonRole, str] = {
    PersonRole.HEAD: "主要负责人",
    PersonRole.DEPUTY: "分管负责人",
    PersonRole.LEADER: "领导",
    PersonRole.CLERK: "经办人",
}

ROLE_WORDS: dict[str, str] = {
    "supervising_body": "督察责任主体（交办单位）",
    "superior_body": "上级督察单位（所属专项小组等）",
    "lead_body": "牵头单位",
    "handling_body": "具体承办单位",
    "supporting_bodies": "配合单位",
    "reform_office": "改革办",
    "leading_group": "领导小组",
    "inspection_offices": "目督办",
    "special_group": "专项小组",
    "counties": "县（市）区",
    "county_governments": "县区政府",
    "supervision_office": "督查室",
    "government_office": "政府办公室",
    "municipal_government": "市政府",
    "supervision_department": "监察部门",
    "organisation_department": "组织部门",
    "watcher": "盯办人",
}

GROUND_WORDS: dict[Ground, str] = {
    Ground.INATTENTIVE: "思想上不重视",
    Ground.PASSIVE: "作为上不主动",
    Ground.INEFFECTIVE: "效果上不明显",
}

ACTION_WORDS: dict[Action, str] = {
    Action.CALL: "电话提醒记录",
    Action.VISIT: "现场催办记录",
    Action.INTERVIEW: "约谈记录",
    Action.RECTIFICATION: "整改落实情况",
}

ENTRY_WORDS: dict[EntryKind, str] = {
    EntryKind.REGISTERED: "登记",
    EntryKind.ASSIGNED: "交办",
    EntryKind.ACCEPTED: "签收",
    EntryKind.PROGRESS: "进展报告",
    EntryKind.EPISODE_OPENED: "开始滞后",
    EntryKind.EPISODE_ENDED: "滞后结束",
    EntryKind.EPISODE_REOPENED: "滞后延续",
    EntryKind.ADVANCE_NOTICE: "预告提醒",
    EntryKind.REPORT_DUE: "报告到期",
    EntryKind.REMINDER_ISSUED: "发出提醒",
    EntryKind.REMINDER_NOT_ISSUED: "提醒不再发出",
    EntryKind.APPROVAL_ASKED: "提请批准",
    EntryKind.DECIDED: "决定",
    EntryKind.URGED: "催办",
    EntryKind.DEMANDED: "整改要求",
    EntryKind.CHASED: "催报",
    EntryKind.RECORD_KEPT: "工作记录",
    EntryKind.EXPLAINED: "书面说明",
    EntryKind.RETURNED: "退回重办",
    EntryKind.EXTENSION_REQUESTED: "延期申请",
    EntryKind.SUSPENDED: "暂停计时",
    EntryKind.RESUMED: "恢复计时",
    EntryKind.STRIKE_OFF_REQUESTED: "销号申请",
    EntryKind.STRUCK_OFF: "销号",
    EntryKind.TERMINATED: "终止",
    EntryKind.CARRIED_OVER: "结转",
    EntryKind.ADOPTED: "规则变更",
    EntryKind.AMENDED: "方案调整",
    EntryKind.CORRECTED: "更正",
    EntryKind.INSPECTED: "督查结果",
    EntryKind.STEP_BEGUN: "步骤开始",
    EntryKind.STEP_TAKEN: "步骤办理",
    EntryKind.ITEM_OPENED: "另行立项",
    EntryKind.ITEM_CLOSED: "办结",
    EntryKind.ACT_ASKED: "提请办理",
    EntryKind.MARKED: "清单",
    EntryKind.REFUSED: "未受理来件",
    EntryKind.FORETELLING: "期前说明",
}

FOUND_WORDS: dict[Found, str] = {
    Found.COMPLETED: "已完成",
    Found.STARTED: "已启动未完成",
    Found.NOT_STARTED: "未启动",
}

LIST_WORDS: dict[ListKind, str] = {
    ListKind.ANNUAL: "年度",
    ListKind.KEY: "重点",
    ListKind.GRASSROOTS: "基层",
    ListKind.PILOT: "试点",
    ListKind.PROBLEM: "问题",
}

CAUSE_WORDS: dict[Cause, str] = {Cause.OBJECTIVE: "客观原因", Cause.SUBJECTIVE: "主观原因"}

CYCLE_WORDS: dict[ReportCycle, str] = {
    ReportCycle.MONTHLY: "月",
    ReportCycle.TWO_MONTHLY: "两个月",
    ReportCycle.QUARTERLY: "季度",
    ReportCycle.HALF_YEARLY: "半年",
    ReportCycle.YEARLY: "年",
}


def owed_words(state: TaskState, owed: Obligation) -> str:
    """What somebody owes: a duty's name, a step's own title."""
    run = state.step_run(owed.subject) if owed.duty is Duty.STEP else None
    return run.words if run is not None else DUTY_WORDS[owed.duty]


def role_words(role: str) -> str:
    """A role as people read it; an office of a regime's own keeps its key."""
    return ROLE_WORDS.get(role, role)
