"""What outcomes of items ask of tasks and plans, and what came of it, as people read it."""

from collections.abc import Sequence

from duban.commands.changing import OUTCOME_WORDS
from duban.commands.showing import show_table
from duban.ledger.registers.asks import AskedRow
from duban.orders import ItemOutcome
from duban.supervision.steps.asking import ASKED_WORDS


def show_asked(rows: Sequence[AskedRow], *, title: str, with_item: bool = False) -> None:
    """Show what was asked; nothing where nothing was."""
    if not rows:
        return
    headings = ("对象", "办理", "以谁的名义", "结果", "变更单", "说明")
    show_table(
        (*(("事项",) if with_item else ()), *headings),
        [(*((row.item,) if with_item else ()), *_cells(row)) for row in rows],
        title=title,
    )


def _cells(row: AskedRow) -> tuple[object, ...]:
    result = OUTCOME_WORDS[row.outcome]
    if row.outcome is ItemOutcome.DONE and row.version is not None:
        result = f"{result}（第{row.version}条）"
    return row.target, ASKED_WORDS[row.act], f"{row.body} {row.person}", result, row.order, row.reason
