"""The sections of a regime file that are one sentence each, as people read them."""

from collections.abc import Iterator

from duban.commands.regime_words import roles_of, source_words
from duban.supervision.reckoning.appraisal import AppraisalRule, Counted
from duban.supervision.rules.authority import Grant
from duban.supervision.rules.rulebook import Rulebook
from duban.supervision.words import ACT_WORDS, CYCLE_WORDS, DUTY_WORDS

COUNTED_WORDS: dict[Counted, str] = {
    Counted.REMINDER: "每次提醒",
    Counted.LATE_NODE: "每个逾期节点",
    Counted.RETURNED: "每次退回",
    Counted.OWED_LATE: "每件逾期应办事项",
    Counted.IN_TIME: "每项按期销号",
    Counted.STEP: "每次",
}


def sections(rules: Rulebook) -> Iterator[str]:
    """What is said beside ladder, limits, procedures and what comes round; nothing of what a file does not have."""
    yield from _of_plans(rules)
    yield from _of_kinds(rules)
    yield from _of_who(rules)
    yield from _of_the_year(rules)


def _of_plans(rules: Rulebook) -> Iterator[str]:
    if (limit := rules.hand_over) is not None:
        yield f"交办：方案印发后 {limit.words}内（{source_words(limit.source)}）。"
    if (interim := rules.interim_reports) is not None:
        yield (
            f"历时超过 {interim.longer_than.words}的，每{CYCLE_WORDS[interim.cycle]}报告一次"
            f"（{source_words(interim.source)}）。"
        )
    if (before := rules.explained_before) is not None:
        yield f"到期前 {before.ahead.words}说明能否按期完成（{source_words(before.source)}）。"
    if (meetings := rules.meetings) is not None:
        person = "，须写明责任人" if meetings.responsible_person else ""
        paper = f"，发《{meetings.paper}》" if meetings.paper else ""
        yield f"会议议定事项：逐项写明责任单位和时限{person}{paper}（{source_words(meetings.source)}）。"


def _of_kinds(rules: Rulebook) -> Iterator[str]:
    for kind in rules.matters.values():
        also = f"（又称{'、'.join(kind.names)}）" if kind.names else ""
        most = f"，最长 {kind.at_most.words}" if kind.at_most is not None else ""
        source = source_words(kind.limit.source)
        yield f"事项类别“{kind.title}”{also}：{kind.limit.words}内{kind.task}{most}（{source}）。"


def _of_who(rules: Rulebook) -> Iterator[str]:
    for copy in rules.copies:
        titles = "、".join(rung.title for rung in rules.ladder.rungs if rung.level in copy.levels)
        head = "的主要负责人" if copy.to_heads else ""
        yield f"抄送：{titles}抄送{roles_of(copy.to, rules)}{head}（{source_words(copy.source)}）。"
    if rules.authority.by_head:
        acts = "、".join(ACT_WORDS[act] for act in rules.authority.by_head)
        yield f"须由主要负责人办理：{acts}。"
    if rules.authority.separated:
        yield "提出的人和单位不得自己作出决定。"
    for grant in rules.authority.granted:
        by = roles_of(grant.by, rules)
        yield f"权限：{grant.title}，由{by}办理{_of_grant(grant)}（{source_words(grant.source)}）。"


def _of_grant(grant: Grant) -> str:
    kinds = [
        DUTY_WORDS[grant.duty] if grant.duty is not None else ACT_WORDS[grant.act],
        f"超过 {grant.beyond.words}的" if grant.beyond is not None else "",
        f"已延期 {grant.extended} 次以后的" if grant.extended else "",
        f"承办单位为第 {'、'.join(map(str, grant.handled_by_tiers))} 层级的" if grant.handled_by_tiers else "",
    ]
    return f"（{'，'.join(filter(None, kinds))}）"


def _of_the_year(rules: Rulebook) -> Iterator[str]:
    if (scope := rules.evaluation) is not None:
        kinds = [
            f"印发满 {scope.issued_for_months} 个月的" if scope.issued_for_months else "",
            "对接上级方案的" if scope.docking else "",
            "会议审议通过的" if scope.adopted else "",
        ]
        named = "、".join(filter(None, kinds)) or "全部方案"
        yield f"评估范围：{named}（{source_words(scope.source)}）。"
    if rules.appraisal is not None:
        yield f"考核：满分 {rules.appraisal.full}；" + "；".join(_points(rule) for rule in rules.appraisal.rules) + "。"


def _points(rule: AppraisalRule) -> str:
    most = f"，至多 {rule.at_most}" if rule.at_most is not None else ""
    each = "按填写的数字每个" if rule.step is not None and rule.step.number is not None else COUNTED_WORDS[rule.counts]
    return f"{rule.title}{each} {rule.points:+} 分{most}"
