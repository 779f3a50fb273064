"""An office that is in none of the bundled files: its regime, with procedures and rhythms, as it would write them."""

import json
from pathlib import Path

from duban.organisations import load_organisation
from duban.regimes.loading import load_rulebook
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.rules.authority import Act
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.rulebook import Rulebook

NAME = "qingyan"
OFFICE, GOVERNMENT = "区督查室", "区政府"
WATER, CIVIL = "区水务局", "区民政局"
ASSUMED = {"assumed": True}

RULES = """
procedures:
  instruction:
    title: 领导批示
    source: {assumed: true}
    opened_by: [reform_office, leading_group]
    handled_by: department
    facts:
      - {name: topic, title: 批示事项}
      - {name: department, title: 承办部门, kind: body}
      - {name: given_on, title: 批示日期, kind: date, optional: true}
      - {name: urgency, title: 缓急, kind: choice, choices: {usual: 一般, urgent: 紧急}, optional: true}
    alike: [topic]
    steps:
      - id: answer
        title: 报送办理结果
        by: department
        source: {assumed: true}
        limit: {days: 10, unit: working, source: {assumed: true}}
        outcomes:
          - {name: done, title: 已办结, then: closed}
          - name: hard
            title: 需研究
            then: closed
            opens: [{procedure: study, facts: {topic: topic}}]
  study:
    title: 专题研究
    source: {assumed: true}
    handled_by: reform_office
    facts: [{name: topic, title: 研究事项}]
    steps:
      - {id: decide, title: 形成意见, by: reform_office, source: {assumed: true},
         limit: {days: 20, unit: working, source: {assumed: true}}}
  monthly:
    title: 月报
    source: {assumed: true}
    handled_by: lead_body
    steps:
      - {id: report, title: 报送, by: lead_body, source: {assumed: true},
         limit: {days: 3, unit: working, source: {assumed: true}}}
  check:
    title: 部门自查
    source: {assumed: true}
    handled_by: departments
    supervised_by: leading_group
    steps:
      - {id: check, title: 自查, by: handling_body, source: {assumed: true},
         limit: {days: 15, unit: working, source: {assumed: true}}}
  evaluation:
    title: 方案评估
    source: {assumed: true}
    handled_by: reform_office
    steps:
      - {id: evaluate, title: 评估, by: reform_office, source: {assumed: true},
         limit: {days: 30, unit: working, source: {assumed: true}}}
rhythms:
  checks:
    title: 部门自查
    source: {assumed: true}
    period: quarter
    procedure: check
    owed_by: departments
  evaluations:
    title: 方案评估
    source: {assumed: true}
    period: half-year
    procedure: evaluation
    each: plan
    issued_for_months: 6
    opens: end
  monthly_reports:
    title: 月报
    source: {assumed: true}
    period: month
    procedure: monthly
    each: lead_body
    opens: end
"""

ASKING = RULES.replace(
    "rhythms:\n",
    """
  stocktaking:
    title: 年末盘点
    source: {assumed: true}
    opened_by: [reform_office]
    handled_by: reform_office
    facts: [{name: tasks, title: 任务编号, kind: code, several: true}]
    steps:
      - id: settle
        title: 审定新的时限
        by: reform_office
        source: {assumed: true}
        limit: {days: 10, unit: working, source: {assumed: true}}
        outcomes:
          - name: settled
            title: 同意
            facts:
              - {name: cause, title: 未完成原因}
              - {name: new_deadline, title: 完成时限, kind: date}
            asks:
              - {act: amend, to: tasks, facts: {new_due_on: new_deadline, reason: cause}}
              - {act: mark, to: tasks, always: {lists: key}}
          - {name: dropped, title: 不再审定, then: closed}
  strike_off:
    title: 方案销账
    source: {assumed: true}
    opened_by: [reform_office]
    handled_by: reform_office
    facts: [{name: plan, title: 方案编号, kind: code}]
    steps:
      - id: decide
        title: 决定销账
        by: leading_group
        source: {assumed: true}
        limit: {days: 10, unit: working, source: {assumed: true}}
        outcomes:
          - name: struck_off
            title: 同意销账
            asks: [{act: strike_off_plan, to: plan}]
          - {name: retained, title: 不同意, then: closed}
rhythms:
""",
)
"""The same office, with outcomes that act on tasks and plans."""

ORGANISATION = """
name: 青岩区
roles:
  departments: [区水务局, 区民政局]
bodies:
  - {name: 区政府, tier: 1}
  - name: 区督查室
    tier: 2
    persons: [{name: 张三, role: head}, {name: 李四}]
  - {name: 区水务局, aliases: [水务局]}
  - {name: 区民政局}
"""


def regime_text(rules: str = RULES) -> str:
    """The regime file."""
    limit = {"days": 5, "unit": "working", "source": ASSUMED}
    everybody = [
        "reform_office",
        "leading_group",
        "supervising_body",
        "lead_body",
        "handling_body",
        "supporting_bodies",
    ]
    head = {
        "name": NAME,
        "title": "青岩区督查办法",
        "document": {"title": "督查办法", "issuer": "青岩区", "issued_on": "2016-01-01", "file": "none.txt"},
        "offices": {"reform_office": [OFFICE], "leading_group": [GOVERNMENT]},
        "ladder": {"rungs": []},
        "advance_notice": limit,
        "cycle_notice": limit,
        "limits": {duty.value: limit for duty in Duty},
        "chasing": {"every": limit, "at_most": 3},
        "authority": {"source": ASSUMED, "acts": {act.value: everybody for act in Act}},
    }
    return "\n".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()) + rules


def write_office(folder: Path, rules: str = RULES) -> tuple[Path, Path]:
    """Write both files; returns the regime's and the organisation's."""
    regime, organisation = folder / f"{NAME}.yaml", folder / "organisation.yaml"
    regime.write_text(regime_text(rules), encoding="utf-8")
    organisation.write_text(ORGANISATION, encoding="utf-8")
    return regime, organisation


def own_office(folder: Path, rules: str = RULES) -> tuple[Rulebook, Organisation]:
    """The office as it is read from its files."""
    regime, organisation = write_office(folder, rules)
    return load_rulebook(regime), load_organisation(organisation)
