"""What is reported before a task is done: by cycle where it takes long, and before a deadline that may not be met.

Bozhou 2015, paragraph 28: 办理时限规定超过 1 个月的,由办理单位分月报告工作进展情况;
期限内不能办结的,承办单位要提前向交办单位报告原因和进展情况.
"""

from duban.supervision.clauses import Limit, Sentence, Source
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import ReportCycle


class InterimReports(Frozen):
    """Reports of a task with a deadline, to the body that assigned it.

    Attributes:
        longer_than: Owed where the last deadline is later than this after the hand-over.
        cycle: A period ends with its last calendar day, as for open-ended tasks.
    """

    longer_than: Limit
    cycle: ReportCycle = ReportCycle.MONTHLY
    source: Source
    assumed: Sentence = ""


class ExplainedBefore(Frozen):
    """The word before the last deadline: will it be met, and if not, why and how far is it.

    Attributes:
        ahead: So long before the deadline the handling body is asked, on a working day.
    """

    ahead: Limit
    source: Source
    assumed: Sentence = ""
