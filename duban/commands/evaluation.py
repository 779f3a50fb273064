"""`evaluation`: how far plans have been carried out, item by item in three states, with figures by field."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from duban.commands.connecting import reading_ledger
from duban.commands.pacing import pacing
from duban.commands.plan_options import AsJson
from duban.commands.reasons import Refused
from duban.commands.showing import say, show_json, show_table
from duban.commands.workbook import Table, write_workbook
from duban.ledger import Ledger
from duban.ledger.plans.plans import PlanRow
from duban.ledger.plans.registration import PlanStatus
from duban.ledger.questions.wanted import Wanted
from duban.regimes.loading import load_rulebook
from duban.settings import load_settings
from duban.supervision.reckoning.evaluation import (
    EvaluatedItem,
    EvaluatedPlan,
    Evaluation,
    EvaluationScope,
    Tally,
    evaluate,
    in_scope,
    state_of,
)
from duban.supervision.words import FOUND_WORDS

TITLE = "方案落实情况督察评估"
WITHOUT_FIELD = "（未分领域）"
PRELIMINARY = "初步认定"
STATES = tuple(FOUND_WORDS.values())


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("evaluation", help="督察评估：各方案逐项分已完成、已启动未完成、未启动，并分方案、分领域统计。")(
        evaluation
    )


def evaluation(
    regime: Annotated[str, typer.Option("--regime", metavar="NAME", help="制度：名称或文件；评估范围由它规定")],
    as_json: AsJson = False,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", metavar="FILE", help="另存为 Excel 文件：统计表和逐项的督察评估事项表")
    ] = None,
) -> None:
    """Show the figures."""
    settings = load_settings()
    rulebook = load_rulebook(regime, settings.regime_dir)
    if rulebook.evaluation is None:
        raise Refused(f"制度“{rulebook.name}”没有规定评估范围。请在制度文件中写出 evaluation（评估）一节。")
    with reading_ledger(settings) as door:
        rows = [r for r in door.plans.plan_rows() if r.regime == rulebook.name and not r.is_register]
        now = datetime.now(UTC)
        with pacing("汇总方案", len(rows)) as advance:
            plans = []
            for row in rows:
                plans.append(_evaluated(door, row, now))
                advance(1)
    if not rows:
        raise Refused(f"台账中没有适用制度“{rulebook.name}”的方案。")
    today = max(row.zone.local_date(row.clock.business(now)) for row in rows)
    figures = evaluate(plans, rulebook.evaluation, today)
    if xlsx is not None:
        chosen = in_scope(plans, rulebook.evaluation, today)
        write_workbook(xlsx, _tables(figures, chosen, rulebook.evaluation), footer=f"{TITLE} {today}")
    if as_json:
        show_json(figures)
        return
    _show(figures, rulebook.evaluation)
    if xlsx is not None:
        say(f"已写出 {xlsx}。")


def _evaluated(door: Ledger, row: PlanRow, now: datetime) -> EvaluatedPlan:
    newest = door.amendments.versions(row.code)[-1].digest
    definition = door.plans.load_plan(newest).definition
    items = []
    for task in door.rows.printed_rows(now, Wanted(plan=row.code)):
        state = state_of(task.status, task.percent, task.inspected)
        if state is not None:
            items.append(
                EvaluatedItem(
                    task_code=task.task_code,
                    title=task.title,
                    lead_body=task.lead_body,
                    found=state[0],
                    ground=state[1],
                )
            )
    return EvaluatedPlan(
        code=row.code,
        title=row.title,
        issued_on=row.issued_on,
        field=definition.field,
        adopted_by=definition.adopted_by,
        docks=definition.docks,
        is_closed=row.status is PlanStatus.CLOSED,
        items=tuple(items),
    )


def _scope(scope: EvaluationScope) -> str:
    reached = [
        words for wanted, words in ((scope.docking, "对接上级方案"), (scope.adopted, "经会议审议通过")) if wanted
    ]
    issued = f"印发满{scope.issued_for_months}个月" if scope.issued_for_months else ""
    basis = f"（第{scope.source.paragraph}段：{scope.source.sentence}）" if scope.source.paragraph else ""
    assumed = f"；{scope.assumed or '范围'}为假定" if scope.assumed or scope.source.assumed else ""
    return ("、".join(part for part in (issued, "或".join(reached)) if part) or "全部方案") + basis + assumed


def _show(figures: Evaluation, scope: EvaluationScope) -> None:
    say(f"评估范围：{_scope(scope)}")
    total = figures.total
    entering = sum(plan.enters_strike_off for plan in figures.by_plan)
    say(
        f"{figures.today}：共 {figures.plans} 个方案，纳入评估 {figures.evaluated} 个，含 {total.items} 项，"
        f"其中 {total.preliminary} 项为{PRELIMINARY}；{entering} 个方案的事项已全部完成，可进入销账程序。"
    )
    headings = ("事项", *STATES, PRELIMINARY)
    show_table(
        ("领域", "方案", *headings),
        [
            *((each.field or WITHOUT_FIELD, each.plans, *_cells(each.tally)) for each in figures.by_field),
            ("合计", figures.evaluated, *_cells(total)),
        ],
        title=TITLE,
    )
    show_table(
        ("方案", "标题", *headings, "销账"),
        [(p.code, p.title, *_cells(p.tally), "可进入" if p.enters_strike_off else "") for p in figures.by_plan],
    )


def _cells(tally: Tally) -> tuple[object, ...]:
    shares = (tally.completed, tally.started, tally.not_started)
    return (tally.items, *(f"{share.items}（{_percent(share.percent)}）" for share in shares), tally.preliminary)


def _percent(value: Decimal) -> str:
    return f"{value}%"


def _tables(
    figures: Evaluation, plans: tuple[EvaluatedPlan, ...], scope: EvaluationScope
) -> tuple[Table, Table, Table]:
    notes = (f"截至{figures.today}。评估范围：{_scope(scope)}。", f"未经督查认定的为{PRELIMINARY}。")
    states = tuple((words, 16) for words in STATES)
    return (
        Table(
            name="分领域统计",
            title=f"{TITLE}——分领域统计",
            notes=notes,
            columns=(("领域", 30), ("方案", 10), ("事项", 10), *states, (PRELIMINARY, 12)),
            rows=[
                *((each.field or WITHOUT_FIELD, each.plans, *_cells(each.tally)) for each in figures.by_field),
                ("合计", figures.evaluated, *_cells(figures.total)),
            ],
        ),
        Table(
            name="分方案统计",
            title=f"{TITLE}——分方案统计",
            notes=notes,
            columns=(("方案", 16), ("标题", 50), ("领域", 20), ("事项", 10), *states, (PRELIMINARY, 12), ("销账", 10)),
            rows=(
                (p.code, p.title, p.field, *_cells(p.tally), "可进入" if p.enters_strike_off else "")
                for p in figures.by_plan
            ),
        ),
        Table(
            name="督察评估事项表",
            title="督察评估事项表",
            notes=notes,
            columns=(
                ("方案", 16),
                ("任务编号", 16),
                ("具体改革事项", 60),
                ("牵头单位", 24),
                ("类型", 16),
                ("认定", 14),
            ),
            rows=(
                (
                    plan.code,
                    item.task_code,
                    item.title,
                    item.lead_body,
                    FOUND_WORDS[item.found],
                    PRELIMINARY if item.preliminary else "已认定",
                )
                for plan in plans
                for item in plan.items
            ),
        ),
    )
