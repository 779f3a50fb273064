"""The years whose holidays the office has taken over, for whoever reads a plan: also where there is no ledger yet."""

from duban.commands.connecting import reading_ledger
from duban.commands.reasons import Refused
from duban.commands.showing import complain
from duban.ledger import LedgerError
from duban.settings import Settings
from duban.supervision.days.announced_year import AnnouncedYear


def announced_years(settings: Settings) -> dict[int, AnnouncedYear]:
    """As the ledger has them; none without a ledger that this release can read. Says so where it cannot be reached."""
    try:
        with reading_ledger(settings) as ledger:
            return ledger.years.announced()
    except Refused:
        return {}
    except LedgerError:
        complain("台账数据库不可用，日历只按 holidays 库推算；本单位采用的放假安排没有计入。")
        return {}
