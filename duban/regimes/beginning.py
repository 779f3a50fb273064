"""A regime file to begin with: small, usable as it is, every section with what it is for.

Lines with two number signs explain; what stands behind one is a section that many documents have, to be uncommented.
"""

from string import Template

SCHEMA_FILE = "regime.schema.json"
"""What an editor completes by; it is written beside the regime file."""

_BEGINNING = Template(
    """\
# yaml-language-server: $$schema=$schema
## 制度文件：本单位的督办规则。怎么写，见 docs/writing-a-regime.zh.md；写完用 starter.py regime check 检查。
## 两个 # 开头的行是说明；一个 # 开头的是常用而未启用的部分，需要时去掉 # 和其后的一个空格。
## 每个参数都有出处 source：文件写了的，写第几段（标题不计）和原句；没有写的，写 assumed: true，
## 它会作为〔假定〕显示在由此产生的每件通知上。原句里有冒号或井号的，整句加引号。
name: $name
title: （请改：制度名称）
document:
  title: （请改：文件标题）
  issuer: （请改：制定单位）
  issued_on: 2026-01-01
  file: $name.txt
zone: Asia/Shanghai

## 各角色由哪些单位担任。reform_office（日常督办的单位）和 leading_group（最后决定的机构）必须有；
## 其余自定，如 discipline。
## 任务自身的角色不在这里写：supervising_body 交办单位、superior_body 上级督察单位（机构文件的 supervised_by）、
## lead_body 牵头单位、handling_body 具体承办单位、supporting_bodies 配合单位。
## 一个角色有几个单位的，须办的事只找第一个；“所属的那一个”用 superior_body。
offices:
  reform_office: [（请改：督查办公室）]
  leading_group: [（请改：领导小组）]

## 提醒阶梯，由低到高。同一 track 的各级互相取代；above 不含、through 含，
## “以上”“不足”用 above_included、through_included。
## 何时到期（triggers）：lag 滞后天数，urgings 催办次数，return 退回次数，demand 领导要求后若干天，
## grounds 情形成立。
ladder:
  rungs:
    - level: prompt
      title: 督办提示
      triggers: [{kind: lag, above: 0, through: 10, unit: working}]
      source: {assumed: true}
      issuers: [supervising_body]
      recipients: [handling_body]
      answers: [{duty: explanation, by: handling_body, source: {assumed: true}}]
      paper: 督办提示单
    - level: notice
      title: 督办通知
      triggers: [{kind: lag, above: 10, unit: working}]
      source: {assumed: true}
      issuers: [reform_office]
      recipients: [handling_body]
      to_head: true
      approvals: [{duty: decision, by: leading_group, source: {assumed: true}}]
      answers: [{duty: rectification, by: handling_body, source: {assumed: true}}]
      paper: 督办通知单
  ## 逾期后按期催办；不写则只由人工催办。
  # urging:
  #   after: {days: 5, unit: working, source: {assumed: true}}
  #   every: {days: 5, unit: working, source: {assumed: true}}
  #   at_most: 3
  #   source: {assumed: true}

## 节点到期前多久预告；报告期末之前多久通知报送。
advance_notice: {days: 7, unit: calendar, source: {assumed: true}}
cycle_notice: {days: 7, unit: calendar, source: {assumed: true}}

## 各类应办事项的时限，须全部写出；unit: working 工作日，calendar 日历日，或以 months 写月数。
limits:
  acceptance: {days: 3, unit: working, source: {assumed: true}}
  feedback: {days: 10, unit: working, source: {assumed: true}}
  cycle_report: {days: 0, unit: working, source: {assumed: true}}
  call_record: {days: 2, unit: working, source: {assumed: true}}
  explanation: {days: 3, unit: working, source: {assumed: true}}
  visit_record: {days: 5, unit: working, source: {assumed: true}}
  interview_record: {days: 5, unit: working, source: {assumed: true}}
  rectification: {days: 10, unit: working, source: {assumed: true}}
  grounds: {days: 5, unit: working, source: {assumed: true}}
  confirmation: {days: 5, unit: working, source: {assumed: true}}
  decision: {days: 5, unit: working, source: {assumed: true}}
  consent: {days: 5, unit: working, source: {assumed: true}}
  extension_decision: {days: 3, unit: working, source: {assumed: true}}
  verification: {days: 5, unit: working, source: {assumed: true}}

## 逾期未办的多久催一次，至多几次。
chasing:
  every: {days: 5, unit: working, source: {assumed: true}}
  at_most: 3

## 哪些角色可以办理哪些事项。应办的单位须在其中，否则检查时会指出。
authority:
  source: {assumed: true}
  acts:
    progress: [handling_body, lead_body, supporting_bodies]
    accept: [handling_body, lead_body]
    submit_explanation: [handling_body, lead_body]
    record_action: [supervising_body, reform_office, handling_body, lead_body]
    decide: [leading_group, reform_office, supervising_body]
    request_extension: [handling_body, lead_body]
    suspend: [supervising_body, reform_office]
    resume: [supervising_body, reform_office]
    urge: [supervising_body, reform_office]
    demand: [leading_group]
    raise_interview: []
    return_for_rework: [supervising_body, reform_office]
    request_strike_off: [handling_body, lead_body]
    verify: [supervising_body, reform_office]
    terminate: [reform_office, leading_group]
    carry_over: [reform_office, leading_group]
    adopt: [reform_office]

## 方案印发后多久内交办。
# hand_over: {days: 2, unit: working, source: {assumed: true}}

## 历时超过多久的，按什么周期报告：monthly、two-monthly、quarterly、half-yearly、yearly。
# interim_reports:
#   longer_than: {months: 3, source: {assumed: true}}
#   cycle: monthly
#   source: {assumed: true}

## 到期前多久说明能否按期完成。
# explained_before:
#   ahead: {days: 7, unit: calendar, source: {assumed: true}}
#   source: {assumed: true}

## 各类事项自有的时限：方案的“事项类别”一栏写了的，可以不写完成时限。
# matters:
#   instruction:
#     title: 领导批示
#     names: [批示件]
#     task: 办结
#     limit: {days: 15, unit: working, source: {assumed: true}}

## 哪些级别另抄送给谁。
# copies:
#   - {levels: [notice], to: [superior_body], source: {assumed: true}}

## 程序：按步骤办理的事项。opened_by 谁可以立项，handled_by 归谁；
## steps 各步由谁（by）、多久（limit 或 due）、有什么结果（outcomes）。
procedures:
  instruction:
    title: 领导批示办理
    source: {assumed: true}
    opened_by: [reform_office]
    handled_by: body
    supervised_by: reform_office
    facts:
      - {name: matter, title: 批示事项}
      - {name: body, title: 承办单位, kind: body}
    alike: [matter]
    steps:
      - id: carry_out
        title: 办理并报告
        by: body
        limit: {days: 15, unit: working, source: {assumed: true}}
        announce: {days: 3, unit: working, source: {assumed: true}}
        source: {assumed: true}
        facts:
          - {name: result, title: 办理结果}
        tells: [reform_office]
      - id: verify
        title: 核验
        by: reform_office
        limit: {days: 3, unit: working, source: {assumed: true}}
        source: {assumed: true}
        outcomes:
          - {name: passed, title: 通过, then: closed}
          - {name: returned, title: 退回, then: carry_out}
  report:
    title: 督查月报
    source: {assumed: true}
    handled_by: reform_office
    supervised_by: leading_group
    steps:
      - id: report
        title: 报送上月督查情况
        by: reform_office
        limit: {days: 10, unit: calendar, source: {assumed: true}}
        counts_from: period_to
        source: {assumed: true}
        facts:
          - {name: text, title: 督查情况}
        tells: [leading_group]

## 定期工作：到时由登记簿自行立项。period 周期；opens: end 为期末立项（如次月10日前报上月情况）。
rhythms:
  report:
    title: 督查月报
    source: {assumed: true}
    period: month
    opens: end
    procedure: report
    owed_by: reform_office

## 考核计分：每次多少分，一年至多多少分。
# appraisal:
#   full: 100
#   rules:
#     - {title: 督办通知, counts: reminder, of: [notice], points: -2, at_most: 10, source: {assumed: true}}

## 评估哪些方案。
# evaluation:
#   issued_for_months: 6
#   source: {assumed: true}
"""
)


def beginning(name: str) -> str:
    """The text of a regime file of this name."""
    return _BEGINNING.substitute(name=name, schema=SCHEMA_FILE)
