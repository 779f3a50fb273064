"""Deadlines as people write them: ``6月底完成``, ``2021年6月底前``, ``持续推进``, ``5月底取得明显成效并持续推进``.

Nothing is guessed silently: what allows two readings is read one way with a
warning that says so, and what gives no date is a problem with a suggestion.
Any text whatever gives a reading; nothing raises.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import zip_longest

from duban.intake.clauses import CLAUSE_ENDS, Clauses
from duban.intake.cycles import cycle_named, first_occurrence, past_detail
from duban.intake.deadline_reading import (
    DeadlineProblem,
    DeadlineProblemKind,
    DeadlineReading,
    ReadMilestone,
)
from duban.intake.expressions import AddWorkingDays, Expression, ExpressionReader
from duban.intake.lexicon import NUMBERS, Kind, Token, tokens_of
from duban.intake.spans import BadDate
from duban.intake.spelling import PlainText, compact, plain
from duban.intake.undated import only_a_start, unreadable, vague
from duban.supervision.plan import ReportCycle

_NOTHING = frozenset(
    {"", "-", "--", "---", "/", "\\", "//", "无", "无。", "空", "n/a", "na", "none", "nil", "null", "——"}
)
_PREPOSITIONS = frozenset("于在从自争")
_CACHED_CELLS = 4096
_MOST_PROBLEMS = 20


def read_deadlines(
    cell: str, *, issued_on: date, year: int | None = None, add_working_days: AddWorkingDays | None = None
) -> DeadlineReading:
    """Reads every deadline of a cell.

    Args:
        cell: The cell as written.
        issued_on: Local date on which the plan was issued; ``30日内`` and ``本月底`` count from it.
        year: The plan's year, for phrases without one; by default the year of issue.
        add_working_days: The calendar's answer to ``30个工作日内``; without it such a phrase is a problem.

    Returns:
        Milestones, whether the task is open-ended, and all problems. Never raises, whatever the text.
    """
    plan_year = issued_on.year if year is None else year
    if add_working_days is None:
        return _read_without_calendar(cell, issued_on, plan_year)
    return _Cell(cell, issued_on, plan_year, add_working_days).reading()


@lru_cache(maxsize=_CACHED_CELLS)
def _read_without_calendar(cell: str, issued_on: date, plan_year: int) -> DeadlineReading:
    return _Cell(cell, issued_on, plan_year, None).reading()


class _Cell:
    """One cell while it is read: the tokens, and what has been found among them."""

    def __init__(self, cell: str, issued_on: date, plan_year: int, add_working_days: AddWorkingDays | None) -> None:
        self._plain: PlainText = plain(cell)
        self._tokens: Sequence[Token] = tokens_of(self._plain.text)
        self._issued_on = issued_on
        self._plan_year = plan_year
        self._clauses = Clauses(self._plain, self._tokens)
        self._reader = ExpressionReader(
            self._tokens, plan_year=plan_year, issued_on=issued_on, add_working_days=add_working_days
        )
        self._found: list[Expression] = []
        self._problems: list[DeadlineProblem] = []
        self._open_at: list[int] = []
        self._loosely_open_at: list[int] = []
        self._vague_at: list[int] = []
        self._cycle: ReportCycle | None = None

    def reading(self) -> DeadlineReading:
        if compact(self._plain.original).lower() in _NOTHING:
            return DeadlineReading(empty=True)
        self._scan()
        self._set_mentions_aside()
        milestones = self._milestones()
        open_ended = self._open_ended()
        starts = [found for found in self._found if not found.due_on]
        if starts and not milestones:
            open_ended = True
            self._note(only_a_start(self._clauses.piece(starts[0].begin, starts[0].end)))
        self._note_vague_words(dated=bool(milestones))
        if not milestones and not open_ended and not self._problems:
            self._note(unreadable(self._plain, self._plan_year))
        return DeadlineReading(
            milestones=milestones, open_ended=open_ended, suggested_cycle=self._cycle, problems=tuple(self._problems)
        )

    def _scan(self) -> None:
        at = 0
        in_cycle = False
        while at < len(self._tokens):
            kind = self._tokens[at].kind
            if kind in CLAUSE_ENDS:
                in_cycle = False
            if in_cycle and (past := past_detail(self._tokens, at)):
                at = past
                continue
            match kind:
                case Kind.OPEN:
                    self._open_at.append(at)
                case Kind.LOOSELY_OPEN:
                    self._loosely_open_at.append(at)
                case Kind.VAGUE | Kind.HOLIDAY:
                    self._vague_at.append(at)
                case Kind.CYCLE:
                    at, in_cycle = self._read_cycle(at)
                    continue
                case Kind.STOP:
                    self._reader.close(at + 1)
                case _:
                    at = self._read_expression(at)
                    continue
            at += 1

    def _set_mentions_aside(self) -> None:
        """``6月底前完成2022年度计划`` has one deadline: the year is part of what is to be done, and that is said."""
        dated_clauses: set[int] = set()
        kept: list[Expression] = []
        mentions: list[Expression] = []
        for found in self._found:
            clause = self._clauses.begin(found.begin)
            before = self._tokens[found.begin - 1] if found.begin > clause else None
            inside_words = before is not None and before.kind is Kind.OTHER and before.text not in _PREPOSITIONS
            of_a_year = self._tokens[found.end - 1].text == "年度"
            if found.bare and inside_words and (of_a_year or clause in dated_clauses):
                mentions.append(found)
                continue
            kept.append(found)
            if found.due_on:
                dated_clauses.add(clause)
        if not dated_clauses:
            return
        self._found = kept
        for found in mentions:
            piece = self._clauses.cut(found.begin, found.end)
            self._add(
                DeadlineProblemKind.AMBIGUOUS,
                self._clauses.piece(found.begin, found.end),
                f"“{piece}”看作任务内容，没有当作时限。",
                "如是时限，请另写一句，例如“2022年底前”。",
            )

    def _read_expression(self, at: int) -> int:
        try:
            found = self._reader.read(at)
        except BadDate as bad:
            end = min(max(bad.end, at + 1), len(self._tokens))
            self._add(bad.kind, self._clauses.piece(at, end), bad.problem, bad.suggestion)
            self._reader.close(end)
            return end
        if found is None:
            self._note_stray_number(at)
            return at + 1
        self._found.append(found)
        self._reader.close(found.end)
        return found.end

    def _note_stray_number(self, at: int) -> None:
        """A number before 月, 季度 or 日 that no rule took must not be dropped: ``1 2月底`` is not February."""
        units = {Kind.MONTH, Kind.QUARTER}
        if (
            self._tokens[at].kind not in NUMBERS
            or at + 1 >= len(self._tokens)
            or self._tokens[at + 1].kind not in units
        ):
            return
        self._add(
            DeadlineProblemKind.UNREADABLE,
            self._clauses.piece(at, at + 2),
            f"“{self._clauses.piece(at, at + 2)}”中的数字读不成日期。",
            "请去掉数字中间多余的空格或字符。",
        )

    def _read_cycle(self, at: int) -> tuple[int, bool]:
        """A rhythm; what follows a yearly one is its first occurrence, the details of a shorter one are its own."""
        cycle = cycle_named(self._tokens[at].text)
        self._cycle = self._cycle or cycle
        if cycle is not ReportCycle.YEARLY:
            return at + 1, True
        self._reader.return_to_plan_year()
        before = len(self._found)
        after = self._read_expression(at + 1) if at + 1 < len(self._tokens) else at + 1
        if len(self._found) > before:
            found = self._found[-1]
            due_on = tuple(first_occurrence(day, self._issued_on) for day in found.due_on)
            self._found[-1] = found._replace(begin=at, due_on=due_on)
            return after, False
        if at + 1 < len(self._tokens) and self._tokens[at + 1].kind is Kind.END:
            last = first_occurrence(date(self._plan_year, 12, 31), self._issued_on)
            self._found.append(Expression(at, at + 2, (last,)))
            return at + 2, False
        return at + 1, False

    def _open_ended(self) -> bool:
        """Whether the task goes on: said after a date, or in a clause of its own; a rhythm says it too."""
        if self._cycle is not None:
            return True
        first_dated: dict[int, Expression] = {}
        for found in self._found:
            if found.due_on:
                first_dated.setdefault(self._clauses.begin(found.begin), found)
        if any(self._clauses.begin(at) not in first_dated for at in self._loosely_open_at):
            return True
        return any(self._goes_on(at, first_dated.get(self._clauses.begin(at))) for at in self._open_at)

    def _goes_on(self, at: int, dated: Expression | None) -> bool:
        """Not where the word only leads up to the date: ``持续推进至2022年底``."""
        return dated is None or at >= dated.end or self._tokens[dated.begin - 1].kind is not Kind.TO

    def _milestones(self) -> tuple[ReadMilestone, ...]:
        by_date: dict[date, ReadMilestone] = {}
        previous: date | None = None
        for found, phrase in self._phrases():
            for remark in found.remarks:
                day = found.due_on[-1] if found.due_on else None
                self._add(DeadlineProblemKind.AMBIGUOUS, phrase, remark, "如与原意不符，请改写成确切日期。", day)
            for due_on in found.due_on:
                by_date.setdefault(due_on, ReadMilestone(phrase=phrase, due_on=due_on))
                self._compare(phrase, due_on, previous)
                previous = due_on
        return tuple(by_date[day] for day in sorted(by_date))

    def _phrases(self) -> Iterator[tuple[Expression, str]]:
        """Each expression with the clause it stands in; where a clause holds several, each with its own part."""
        earlier_end = 0
        for found, follower in zip_longest(self._found, self._found[1:]):
            begin, end = self._clauses.begin(found.begin), self._clauses.end(found.end - 1)
            if earlier_end > begin:
                begin = found.begin
            cut_short = follower is not None and follower.begin < end
            if follower is not None and cut_short:
                end = follower.begin
            yield found, self._clauses.cut(begin, end, cut_short=cut_short)
            earlier_end = found.end

    def _compare(self, phrase: str, due_on: date, previous: date | None) -> None:
        if due_on < self._issued_on:
            self._add(
                DeadlineProblemKind.BEFORE_ISSUE,
                phrase,
                f"时限{due_on.isoformat()}早于印发日期{self._issued_on.isoformat()}，印发当天就已逾期。",
                "请核对年份；确系已到期的，印发后即按逾期督办，已完成的请填“已完成节点”。",
                due_on,
            )
        if previous is not None and due_on < previous and self._cycle is not ReportCycle.YEARLY:
            self._add(
                DeadlineProblemKind.AMBIGUOUS,
                phrase,
                f"后写的时限{due_on.isoformat()}早于先写的{previous.isoformat()}。",
                "如系次年，请写明年份。",
                due_on,
            )

    def _note_vague_words(self, *, dated: bool) -> None:
        """Says once what is missing; beside a date in the same clause such a word is only a manner of speaking."""
        dated_clauses = {self._clauses.begin(found.begin) for found in self._found if found.due_on}
        for at in self._vague_at:
            if self._clauses.begin(at) in dated_clauses:
                continue
            token = self._tokens[at]
            word = self._plain.written(token.start, token.end)
            piece = self._clauses.piece(at, at + 1)
            self._note(vague(word, piece, self._plan_year, is_season=token.kind is Kind.HOLIDAY, beside_a_date=dated))
            return

    def _add(
        self, kind: DeadlineProblemKind, phrase: str, problem: str, suggestion: str, due_on: date | None = None
    ) -> None:
        self._note(DeadlineProblem(kind=kind, phrase=phrase, problem=problem, suggestion=suggestion, due_on=due_on))

    def _note(self, problem: DeadlineProblem) -> None:
        if len(self._problems) < _MOST_PROBLEMS:
            self._problems.append(problem)
