"""Deadlines as people write them: ``6月底完成``, ``2021年6月底前``, ``持续推进``, ``5月底取得明显成效并持续推进``.

Nothing is guessed silently: what allows two readings is read one way with a
warning that says so, and what gives no date is a problem with a suggestion.
Any text whatever gives a reading; nothing raises.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import zip_longest

from duban.intake.deadlines.deadline_reading import (
    DeadlineProblem,
    DeadlineProblemKind,
    DeadlineReading,
    ReadMilestone,
)
from duban.intake.deadlines.expressions import Expression
from duban.intake.deadlines.findings import Findings
from duban.intake.deadlines.leftovers import leftovers
from duban.intake.deadlines.lengths import AddWorkingDays
from duban.intake.deadlines.lexicon import Kind, Token, tokens_of
from duban.intake.deadlines.mentions import told_apart
from duban.intake.deadlines.undated import only_a_start, unreadable, vague
from duban.intake.rows.clauses import Clauses
from duban.intake.spelling import PlainText, compact, plain
from duban.supervision.plans.plan import ReportCycle

_NOTHING = frozenset(
    {"", "-", "--", "---", "/", "\\", "//", "无", "无。", "空", "n/a", "na", "none", "nil", "null", "——"}
)
_HOPED, _ASSURED = re.compile("力争|争取|力求"), re.compile("确保|最迟|不晚于|不迟于")
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
    return _Cell(cell, issued_on, plan_year, add_working_days).reading()


class _Cell:
    """One cell while it is read: the tokens, and what has been found among them."""

    def __init__(self, cell: str, issued_on: date, plan_year: int, add_working_days: AddWorkingDays | None) -> None:
        self._plain: PlainText = plain(cell)
        self._tokens: Sequence[Token] = tokens_of(self._plain.text)
        self._issued_on = issued_on
        self._plan_year = plan_year
        self._clauses = Clauses(self._plain, self._tokens)
        self._findings = Findings(
            self._tokens,
            self._clauses,
            issued_on=issued_on,
            plan_year=plan_year,
            add_working_days=add_working_days,
        )
        self._found = self._findings.expressions
        self._problems = self._findings.problems[:_MOST_PROBLEMS]

    def reading(self) -> DeadlineReading:
        if compact(self._plain.original).lower() in _NOTHING:
            return DeadlineReading(empty=True)
        self._set_half_read_aside()
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
            milestones=milestones,
            open_ended=open_ended,
            suggested_cycle=self._findings.cycle,
            problems=tuple(self._problems),
        )

    def _set_half_read_aside(self) -> None:
        spoilt: set[int] = set()
        for left in leftovers(self._tokens, self._found, frozenset(self._findings.taken), self._clauses):
            begin, end = left.begin, left.end
            if self._clauses.begin(begin) in self._findings.rhythmic_clauses:
                continue
            spoilt.update(range(begin, end))
            self._add(
                DeadlineProblemKind.UNREADABLE,
                self._clauses.piece(begin, end),
                f"“{self._clauses.cut(begin, end)}”读不成完整的日期。",
                f"请写成例如“{self._plan_year}年6月30日前”，数字中间不要有空格或别的字符。",
            )
        self._findings.taken |= spoilt
        self._found = [found for found in self._found if spoilt.isdisjoint(range(found.begin, found.end))]

    def _set_mentions_aside(self) -> None:
        self._found, mentions = told_apart(self._found, self._tokens, self._clauses)
        for found in mentions:
            self._add(
                DeadlineProblemKind.AMBIGUOUS,
                self._clauses.piece(found.begin, found.end),
                f"“{self._clauses.cut(found.begin, found.end)}”看作任务内容，没有当作时限。",
                "如是时限，请另写一句，例如“2022年底前”。",
            )

    def _open_ended(self) -> bool:
        """Whether the task goes on: said after a date, or in a clause of its own; a rhythm says it too."""
        if self._findings.cycle is not None:
            return True
        first_dated: dict[int, Expression] = {}
        for found in self._found:
            if found.due_on:
                first_dated.setdefault(self._clauses.begin(found.begin), found)
        if any(self._clauses.begin(at) not in first_dated for at in self._findings.loosely_open_at):
            return True
        return any(self._goes_on(at, first_dated.get(self._clauses.begin(at))) for at in self._findings.open_at)

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
        if len(by_date) > 1 and _HOPED.search(self._plain.text) and _ASSURED.search(self._plain.text):
            self._add(
                DeadlineProblemKind.AMBIGUOUS,
                self._plain.original.strip(),
                "“力争”的时限和“确保”的时限各作一个节点，到期都会督办。",
                "如只督办“确保”的时限，请删去“力争”的。",
            )
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
        if previous is not None and due_on < previous and self._findings.cycle is not ReportCycle.YEARLY:
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
        settled = dated_clauses | self._findings.rhythmic_clauses
        spoken_for = {self._clauses.begin(at) for at in self._findings.taken}
        for at in self._findings.vague_at:
            token = self._tokens[at]
            if self._clauses.begin(at) in (spoken_for if token.kind is Kind.BEFORE else settled):
                continue
            piece = self._clauses.piece(at, at + 1)
            word = piece if token.kind is Kind.BEFORE else self._plain.written(token.start, token.end)
            self._note(vague(word, piece, self._plan_year, is_season=token.kind is Kind.HOLIDAY, beside_a_date=dated))
            return

    def _add(
        self, kind: DeadlineProblemKind, phrase: str, problem: str, suggestion: str, due_on: date | None = None
    ) -> None:
        self._note(DeadlineProblem(kind=kind, phrase=phrase, problem=problem, suggestion=suggestion, due_on=due_on))

    def _note(self, problem: DeadlineProblem) -> None:
        if len(self._problems) < _MOST_PROBLEMS:
            self._problems.append(problem)
