"""The points of bodies for a year: the rules of the appraisal over what the ledger knows.

The same for whoever shows them and for whoever counts what was taken from a body.
"""

from datetime import date, datetime

from duban.ledger import Ledger
from duban.supervision.reckoning.appraisal import AppraisalSheet, appraise, step_incidents
from duban.supervision.rules.rulebook import Rulebook


def appraised(
    ledger: Ledger, rulebook: Rulebook, year: int, real_now: datetime, *, body: str | None = None
) -> tuple[AppraisalSheet, ...]:
    """The sheet of every body that anything is reckoned for, the fewest points first.

    Args:
        year: In local days.
        body: Only this one's.
    """
    rules = rulebook.appraisal
    if rules is None:
        return ()
    stretch = (date(year, 1, 1), date(year, 12, 31))
    found = ledger.incidents
    if body is None:
        plans = found.plans_under(rulebook.name)
        incidents = [one for plan in plans for one in found.incidents(plan, *stretch, real_now)]
    else:
        kinds = {rule.counts for rule in rules.rules}
        incidents = list(found.of_body(rulebook.name, body, *stretch, real_now, kinds))
    procedures = {rule.step.procedure for rule in rules.rules if rule.step is not None}
    items = ledger.figures.stepped_items(rulebook.name, procedures)
    sheets = appraise(rules, [*incidents, *step_incidents(rules, items, rulebook.procedures, *stretch)])
    return tuple(sheet for sheet in sheets if body in (None, sheet.body))
