"""How much one row of a plan may hold.

A task carries its row through its whole life, and hands it to the ledger and to every body concerned: what is more than
this would not fit into one message between the programs (``tests/supervision/test_sums.py`` adds it up). It is refused
by name, never cut: a list of measures cut off in the middle would be handed over as if it were whole.
"""

from collections.abc import Iterator
from typing import NamedTuple

from duban.intake.files.tables import LONGEST_CELL
from duban.intake.sheets.columns import Field
from duban.supervision.plans.plan import TaskDefinition

LONGEST_PLAN_TITLE = 200
LONGEST_TITLE = 1_000
LONGEST_NAME = 100
"""Of a body or a person; Temporal's search attributes hold 2 KB each."""
LONGEST_MEASURES = 8_000
LONGEST_DELIVERABLE = 3_000
LONGEST_DEADLINE = 1_000
LONGEST_HISTORY = 5_000
"""Of what was met, or given as a reminder, before the task was taken over."""
LONGEST_EVIDENCE = 3_000
"""Of all milestones met before the task was taken over, together."""
MOST_SUPPORTING = 100
MOST_MILESTONES = 30


LONGEST_READ = {
    Field.DEADLINE: LONGEST_DEADLINE,
    Field.MILESTONES_MET: LONGEST_HISTORY,
    Field.REMINDERS_GIVEN: LONGEST_HISTORY,
}
"""Cells that are read word by word: a longer one is named, and not read."""


class Excess(NamedTuple):
    """What of a row is too much."""

    field: Field
    value: str
    problem: str
    suggestion: str


def too_long(field: Field, text: str, longest: int) -> Excess:
    """A cell that holds more than it may."""
    return Excess(field, text, f"有{len(text)}字，最多{longest}字。", "请缩短；详细内容另附文件，这里写明文号。")


def excesses(task: TaskDefinition) -> Iterator[Excess]:
    """Everything in a task that is more than it may hold."""
    lengths = (
        (Field.TITLE, task.title, LONGEST_TITLE),
        (Field.LEADER, task.leader, LONGEST_NAME),
        (Field.MEASURES, task.measures, LONGEST_MEASURES),
        (Field.DELIVERABLE, task.deliverable, LONGEST_DELIVERABLE),
    )
    for field, text, longest in lengths:
        if longest < len(text) <= LONGEST_CELL:  # a longer one is told of as such
            yield too_long(field, text, longest)
    evidence = "；".join([node.evidence for node in task.milestones if node.evidence])
    if len(evidence) > LONGEST_EVIDENCE:
        problem = f"各节点的依据共{len(evidence)}字，最多{LONGEST_EVIDENCE}字。"
        yield Excess(Field.MILESTONES_MET, evidence, problem, "请把依据缩短为文号或链接。")
    bodies = (
        (Field.LEAD_BODY, (task.lead_body,)),
        (Field.HANDLING_BODY, (task.handling_body,)),
        (Field.SUPPORTING_BODIES, task.supporting_bodies),
    )
    for field, names in bodies:
        for name in names:
            if len(name) > LONGEST_NAME:
                yield Excess(
                    field, name, f"单位名称有{len(name)}字，最多{LONGEST_NAME}字。", "请检查单位之间的顿号是否写了。"
                )
    if len(task.supporting_bodies) > MOST_SUPPORTING:
        listed = "、".join(task.supporting_bodies)
        problem = f"配合单位有{len(task.supporting_bodies)}个，最多{MOST_SUPPORTING}个。"
        yield Excess(Field.SUPPORTING_BODIES, listed, problem, "请改用“各县（市、区）”等合称。")
    if len(task.milestones) > MOST_MILESTONES:
        problem = f"读出{len(task.milestones)}个时间节点，最多{MOST_MILESTONES}个。"
        yield Excess(Field.DEADLINE, task.deadline_text, problem, "请把任务分成几行。")
