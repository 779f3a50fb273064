"""Numbers of papers: one series counts within a year, without a gap.

The series' row is locked until the transaction ends. Whoever comes next waits, and a number whose
transaction is rolled back is given again. That is the price of having no gaps.
"""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Connection

from duban.ledger.database.writing import upserting
from duban.ledger.tables.notice_tables import PaperNumberTable


def allot_numbers(connection: Connection, papers: Sequence[tuple[str, int]]) -> list[int]:
    """Numbers for papers given as (series, year), in their order; a paper to several bodies is given once."""
    # Sorted: two writers that need the same two series lock them in the same order.
    following = {
        paper: _take(connection, *paper, count) - count + 1 for paper, count in sorted(Counter(papers).items())
    }
    numbers = []
    for paper in papers:
        numbers.append(following[paper])
        following[paper] += 1
    return numbers


def _take(connection: Connection, series: str, year: int, count: int) -> int:
    statement = upserting(connection, PaperNumberTable).values(series=series, year=year, last_number=count)
    raised = statement.on_conflict_do_update(
        index_elements=["series", "year"],
        set_={"last_number": PaperNumberTable.last_number + statement.excluded.last_number},
    ).returning(statement.table.c.last_number)
    return int(connection.execute(raised).scalar_one())
