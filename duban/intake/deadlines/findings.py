"""What stands in a deadline cell, piece by piece: expressions, rhythms, words of going on, vague words."""

from collections.abc import Sequence
from datetime import date

from duban.intake.deadlines.cycles import cycle_named, first_occurrence, past_detail
from duban.intake.deadlines.deadline_reading import DeadlineProblem
from duban.intake.deadlines.expressions import Expression, ExpressionReader
from duban.intake.deadlines.lengths import AddWorkingDays
from duban.intake.deadlines.lexicon import Kind, Token
from duban.intake.deadlines.spans import BadDate
from duban.intake.rows.clauses import CLAUSE_ENDS, Clauses
from duban.supervision.plans.plan import ReportCycle


class Findings:
    """The pieces of one cell, found from left to right.

    Attributes:
        expressions: In the order written; those that recur yearly with their first occurrence.
        problems: Of what looked like a date and is none.
        taken: The places of tokens that belong to an expression, a rhythm or a problem.
        open_at: Places of 持续, 长期 and the like.
        loosely_open_at: Places of 按进度, 逐步 and the like, which say it only in a clause without a date.
        vague_at: Places of 及时, 春节 and the like, and of every 前 that no expression took.
        cycle: The first rhythm named.
        rhythmic_clauses: The clauses in which a rhythm stands, each as the place where it begins.
    """

    def __init__(
        self,
        tokens: Sequence[Token],
        clauses: Clauses,
        *,
        issued_on: date,
        plan_year: int,
        add_working_days: AddWorkingDays | None,
    ) -> None:
        self._tokens = tokens
        self._clauses = clauses
        self._issued_on = issued_on
        self._plan_year = plan_year
        self._reader = ExpressionReader(
            tokens, plan_year=plan_year, issued_on=issued_on, add_working_days=add_working_days
        )
        self.expressions: list[Expression] = []
        self.problems: list[DeadlineProblem] = []
        self.taken: set[int] = set()
        self.open_at: list[int] = []
        self.loosely_open_at: list[int] = []
        self.vague_at: list[int] = []
        self.cycle: ReportCycle | None = None
        self.rhythmic_clauses: set[int] = set()
        self._recurs_since = issued_on
        self._void_at: int | None = None
        self._find()

    def _find(self) -> None:
        at = 0
        rhythm: ReportCycle | None = None
        in_detail = False
        while at < len(self._tokens):
            kind = self._tokens[at].kind
            if kind in CLAUSE_ENDS:
                in_detail = False
            if rhythm is not None and rhythm is not ReportCycle.YEARLY:
                in_detail = in_detail or (kind is Kind.NAMED_MONTH and self._tokens[at].text[0] == "次")
            if in_detail and (past := past_detail(self._tokens, at)):
                self._take(at, past)
                at = past
                continue
            match kind:
                case Kind.OPEN:
                    self.open_at.append(at)
                case Kind.LOOSELY_OPEN:
                    self.loosely_open_at.append(at)
                case Kind.VAGUE | Kind.HOLIDAY | Kind.BEFORE:
                    self.vague_at.append(at)
                case Kind.CYCLE:
                    rhythm = self._read_cycle(at)
                    in_detail = rhythm is not ReportCycle.YEARLY
                case Kind.STOP:
                    self._reader.close(at + 1)
                    rhythm = None
                case Kind.OTHER | Kind.COMMA | Kind.LISTING | Kind.TO | Kind.WITHIN | Kind.END:
                    pass  # no expression begins with these, and most of a cell is made of them
                case _:
                    at = self._read_expression(at, rhythm, in_detail=in_detail)
                    continue
            at += 1

    def _read_cycle(self, at: int) -> ReportCycle:
        """A rhythm; what follows a yearly one is its first occurrence, the details of a shorter one are its own."""
        cycle = cycle_named(self._tokens[at].text)
        self.cycle = self.cycle or cycle
        self.rhythmic_clauses.add(self._clauses.begin(at))
        self._take(at, at + 1)
        if cycle is ReportCycle.YEARLY:
            self._reader.return_to_plan_year()
            if at + 1 < len(self._tokens) and self._tokens[at + 1].kind is Kind.END:
                self._take(at, at + 2)
                self.expressions.append(self._recurring(Expression(at, at + 2, (date(self._plan_year, 12, 31),))))
        return cycle

    def _read_expression(self, at: int, rhythm: ReportCycle | None, *, in_detail: bool) -> int:
        try:
            found = self._reader.read(at)
        except BadDate as bad:
            end = min(max(bad.end, at + 1), len(self._tokens))
            piece = self._clauses.piece(at, end)
            self.problems.append(
                DeadlineProblem(kind=bad.kind, phrase=piece, problem=bad.problem, suggestion=bad.suggestion)
            )
            self._reader.close(end)
            self._take(at, end)
            self._void_at = end
            return end
        if found is None:
            return at + 1
        self._reader.close(found.end)
        self._take(at, found.end)
        if in_detail and len(found.due_on) > 1:
            return found.end  # 每季度末3、6、9、12月25日: which months the rhythm has
        if at == self._void_at and not found.own_year:
            return found.end  # 9999年12月31日: with its year the day is void
        if rhythm is ReportCycle.YEARLY and not found.own_year:
            found = self._recurring(found)
        if found.since is not None:
            self._recurs_since = max(self._recurs_since, found.since)
        self.expressions.append(found)
        return found.end

    def _recurring(self, found: Expression) -> Expression:
        """Its first occurrence, within the years for which the cell says that it recurs."""
        after_cycle = found.begin > 0 and self._tokens[found.begin - 1].kind is Kind.CYCLE
        return found._replace(
            begin=found.begin - after_cycle,
            due_on=tuple(first_occurrence(day, self._recurs_since) for day in found.due_on),
        )

    def _take(self, begin: int, end: int) -> None:
        self.taken.update(range(begin, end))
