"""What two regime files say differently, in words."""

from collections.abc import Iterator

from duban.commands.regime_words import ladder_rows, procedure_rows, rhythm_row, roles_of, urging_words
from duban.supervision.model import Frozen
from duban.supervision.rules.authority import Act
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.rulebook import Rulebook
from duban.supervision.words import ACT_WORDS, DUTY_WORDS, role_words

LEVEL_FIELDS = ("", "", "何时", "由谁发出", "发给", "先报批", "须反馈", "文号")
STEP_FIELDS = ("", "", "由谁办理", "时限", "结果")
WHOLE = ""
"""The key of an item's own name: where only one file has it, the rest of it goes without saying."""

SECTIONS = ("制度", "单位", "提醒阶梯", "时限", "提示和催报", "权限", "程序", "定期工作")

Said = dict[tuple[str, str], dict[str, str]]


class FileDifference(Frozen):
    """One thing that is said differently.

    Attributes:
        section, item, field: Where; a field is empty where an item comes or goes as a whole.
        before, after: Empty where one of the files does not say it.
    """

    section: str
    item: str
    field: str
    before: str
    after: str


def said_differently(old: Rulebook, new: Rulebook) -> tuple[FileDifference, ...]:
    """All differences, in the order of the sections."""
    before, after = _said(old), _said(new)
    items = sorted(dict.fromkeys((*before, *after)), key=lambda item: SECTIONS.index(item[0]))
    return tuple(
        FileDifference(section=section, item=item, field=field, before=was, after=will)
        for section, item in items
        for field, was, will in _of_item(before.get((section, item), {}), after.get((section, item), {}))
    )


def _of_item(before: dict[str, str], after: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    if not before or not after:
        yield WHOLE, before.get(WHOLE, ""), after.get(WHOLE, "")
        return
    for field in dict.fromkeys((*before, *after)):
        if field and before.get(field, "") != after.get(field, ""):
            yield field, before.get(field, ""), after.get(field, "")


def _said(rules: Rulebook) -> Said:
    found: Said = {("制度", "制度"): {WHOLE: "有", "名称": rules.title, "依据": rules.document.title}}
    for role, bodies in rules.offices.items():
        found["单位", role_words(role)] = {WHOLE: "、".join(bodies), "由谁担任": "、".join(bodies)}
    found |= _levels(rules)
    for duty in Duty:
        if duty in rules.limits:
            found["时限", DUTY_WORDS[duty]] = {WHOLE: rules.limits[duty].words, "时限": rules.limits[duty].words}
    chasing = f"每 {rules.chasing.every.words}一次，至多 {rules.chasing.at_most} 次"
    notices = (("节点预告", rules.advance_notice.words), ("定期报告提示", rules.cycle_notice.words), ("催报", chasing))
    for item, words in notices:
        found["提示和催报", item] = {WHOLE: words, "时间": words}
    for act in Act:
        roles = roles_of(rules.authority.of(act), rules)
        found["权限", ACT_WORDS[act]] = {WHOLE: roles, "由谁办理": roles}
    found |= _step_by_step(rules)
    return found


def _levels(rules: Rulebook) -> Said:
    found: Said = {}
    tracks: dict[str, list[str]] = {}
    for rung, row in zip(rules.ladder.rungs, ladder_rows(rules), strict=True):
        fields = {name: text for name, text in zip(LEVEL_FIELDS, row, strict=False) if name}
        found["提醒阶梯", rung.level] = {WHOLE: f"{rung.title}：{row[2]}", "名称": rung.title, **fields}
        tracks.setdefault(rung.track, []).append(rung.title)
    for track, titles in tracks.items():
        order = "、".join(titles)
        found["提醒阶梯", f"{track} 各级次序"] = {WHOLE: order, "次序": order}
    if urging := urging_words(rules.ladder):
        found["提醒阶梯", "按期催办"] = {WHOLE: urging, "时间": urging}
    return found


def _step_by_step(rules: Rulebook) -> Said:
    found: Said = {}
    for key, procedure in rules.procedures.items():
        steps = "→".join(step.title for step in procedure.steps)
        found["程序", procedure.title] = {WHOLE: steps, "步骤": steps}
        for step, row in zip(procedure.steps, procedure_rows(key, procedure, rules), strict=True):
            fields = {name: str(text) for name, text in zip(STEP_FIELDS, row, strict=False) if name}
            found["程序", f"{procedure.title} · {step.title}"] = {WHOLE: f"{row[2]} {row[3]}".strip(), **fields}
    for key, rhythm in rules.rhythms.items():
        title, period, owed, procedure_key, _ = (str(cell) for cell in rhythm_row(key, rhythm, rules))
        found["定期工作", title] = {WHOLE: f"{period}，{owed}", "周期": period, "由谁承担": owed, "程序": procedure_key}
    return found
