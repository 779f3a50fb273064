"""Where a task of an amended plan comes from, or goes: columns that only ``starter.py amend`` takes up."""

from collections.abc import Sequence

from duban.intake.rows.codes import under
from duban.intake.sheets.columns import Columns, Field
from duban.intake.spelling import compact
from duban.supervision.plans.plan import TaskDefinition

_STATED_IN = {"split_from": Field.SPLIT_FROM, "merged_into": Field.MERGED_INTO}


def related(task: TaskDefinition, columns: Columns, cells: Sequence[str], plan: str) -> TaskDefinition:
    """A task with the codes of the one it was split off from and of the one it is merged into, under the plan's."""
    if columns.places.keys().isdisjoint(_STATED_IN.values()):
        return task
    stated = {
        name: under(plan, compact(written))
        for name, field in _STATED_IN.items()
        if (written := columns.cell(cells, field))
    }
    return task.model_copy(update=stated) if stated else task
