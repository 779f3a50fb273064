"""The example row of the template, by which a reader knows it again; and the sheets that hold no plan."""

from collections.abc import Mapping

from duban.intake.sheets.columns import Field

EXAMPLE_CODE = "示例"
EXAMPLE: Mapping[Field, str] = {
    Field.CODE: EXAMPLE_CODE,
    Field.TITLE: "（示例，填写前请删去本行）设立统一收件窗口",
    Field.LEADER: "李副市长",
    Field.LEAD_BODY: "市审批服务局",
    Field.HANDLING_BODY: "市政务服务中心",
    Field.SUPPORTING_BODIES: "市财政局、市公安局",
    Field.MEASURES: "梳理事项清单，合并各部门窗口，统一收件标准",
    Field.DELIVERABLE: "印发实施方案",
    Field.DEADLINE: "5月底前报送方案；10月底前完成",
    Field.LIST_KINDS: "年度",
    Field.DECIDED_ABOVE: "否",
    Field.MATTER: "",
    Field.HANDED_OVER_ON: "",
}
INSTRUCTIONS_SHEET = "填表说明"
PROBLEMS_SHEET = "问题清单"
OWN_SHEETS = frozenset({INSTRUCTIONS_SHEET, PROBLEMS_SHEET})
"""Written by Duban itself: not worth a word that they hold no plan."""
TITLE_HINT = "在此填写方案标题"
"""Stands above the template's heading, and is the title of no plan."""
