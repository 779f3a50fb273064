"""What runs, as the ledger has it: for whoever wants to know what a change would do, without asking any workflow."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from duban.contracts import StoredPlan, TaskInput
from duban.ledger import Ledger
from duban.ledger.plans.plans import PlanRow
from duban.ledger.plans.registration import PlanStatus
from duban.open_registers import newest_digest


@dataclass(frozen=True)
class RunningPlan:
    """A plan that is not closed, with those of its tasks that are open.

    Attributes:
        stored: As it was issued.
        tasks: What each task knows, and the rules that it runs by.
        unknown: Codes of tasks whose state is not on record: an earlier release wrote it last.
    """

    row: PlanRow
    stored: StoredPlan
    tasks: tuple[TaskInput, ...]
    unknown: tuple[str, ...] = field(default=())


def content_of(ledger: Ledger, row: PlanRow) -> str:
    """Digest of the content that a plan or register goes by now."""
    if row.is_register:
        return newest_digest(ledger, row.code, row.digest)
    return ledger.amendments.versions(row.code)[-1].digest


def running_plans(ledger: Ledger, plan: str | None, advance: Callable[[int], None]) -> Iterator[RunningPlan]:
    """All plans that run, or one of them.

    Args:
        advance: Hears how many more tasks have been looked at.
    """
    for row in ledger.plans.plan_rows():
        if row.status is not PlanStatus.CLOSED and plan in (None, row.code):
            yield _running(ledger, row, advance)


def _running(ledger: Ledger, row: PlanRow, advance: Callable[[int], None]) -> RunningPlan:
    tasks: list[TaskInput] = []
    unknown: list[str] = []
    after = ""
    while page := ledger.standings.standings(row.code, after):
        for standing in (one for one in page if one.is_open):
            beginning = ledger.standings.beginning(standing.code)
            if beginning is None:
                unknown.append(standing.code)
            else:
                tasks.append(beginning.given)
        advance(len(page))
        after = page[-1].code
    return RunningPlan(row, ledger.plans.load_plan(row.digest), tuple(tasks), tuple(unknown))
