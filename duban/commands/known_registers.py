"""Which register a command means, and what it goes by."""

from duban.commands.reasons import Refused
from duban.ledger import Ledger
from duban.ledger.plans.plans import PlanRow
from duban.ledger.plans.registration import PlanStatus
from duban.open_registers import OpenRegister, newest_digest, open_register


def known_register(ledger: Ledger, code: str) -> PlanRow:
    """The row of a register; without a code the only one that is open.

    Raises:
        Refused: There is none of this code, or more than one to choose from.
    """
    if code:
        row = ledger.plans.plan_row(code)
        if row is None or not row.is_register:
            what = "是方案编号" if row is not None else "台账中没有"
            raise Refused(f"没有登记簿 {code}（{what}）。{_known(ledger)}")
        return row
    found = [row for row in ledger.plans.plan_rows() if row.is_register and row.status is not PlanStatus.CLOSED]
    if len(found) != 1:
        raise Refused(f"请用 --register 写明哪一本登记簿。{_known(ledger)}")
    return found[0]


def opened_register(ledger: Ledger, row: PlanRow) -> OpenRegister:
    """What a register goes by now."""
    return open_register(ledger, row.code, newest_digest(ledger, row.code, row.digest), row.clock)


def _known(ledger: Ledger) -> str:
    found = [f"{row.code}《{row.title}》" for row in ledger.plans.plan_rows() if row.is_register]
    return f"已建立的有：{'、'.join(found)}。" if found else "还没有登记簿，请先用 starter.py register begin 建立。"
