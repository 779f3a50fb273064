"""What the ledger counts of what has to be stated: shown, filled in, and compared with what somebody states instead.

A clerk is never stuck: who insists on another number says why, and both numbers go with the message.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, TypeAlias

import typer

from duban.commands.asking import Questions
from duban.commands.fact_options import Stated, ask_fact
from duban.commands.reasons import Refused
from duban.commands.showing import complain
from duban.figures import About, Count, Counter
from duban.ledger import Ledger
from duban.ledger.plans.plans import PlanRow
from duban.supervision.rules.procedures import Fact, fits
from duban.supervision.rules.rulebook import Rulebook
from duban.supervision.steps.counted import LedgerCount, is_same, plain

OPTION = "--as-stated"
AsStated: TypeAlias = Annotated[
    str,
    typer.Option(OPTION, metavar="REASON", help="填写的数与台账所计不一致、仍按所填办理的理由；两个数都记录在案"),
]
THINGS_SHOWN = 10


def counter_of(ledger: Ledger, row: PlanRow, rulebook: Rulebook | None) -> Counter:
    """What counts for the items of a plan or register, now."""
    now = datetime.now(UTC)
    today = row.zone.local_date(row.clock.business(now))
    return Counter(ledger=ledger, regime=row.regime, today=today, real_now=now, rulebook=rulebook)


class Stating:
    """Puts together what is stated with one message.

    Attributes:
        facts: As they are to be sent.
        counted: What the ledger has of them.
    """

    def __init__(self, talk: Questions, counter: Counter | None, given: Stated, as_stated: str) -> None:
        self.facts: Stated = dict(given)
        self.counted: dict[str, LedgerCount] = {}
        self._talk, self._counter, self._as_stated = talk, counter, as_stated
        self._unexplained: list[str] = []

    @property
    def message(self) -> dict[str, object]:
        """What the message carries of it, where anything was counted."""
        counted = {name: count.model_dump(mode="json") for name, count in self.counted.items()}
        return {"counted": counted} if counted else {}

    def state(self, wanted: Sequence[Fact], about: About, *, only_counted: bool = False) -> None:
        """Ask for what was left out, and fill in what can be counted.

        Args:
            wanted: In this order; a fact that need not be stated, by what has been by then, is passed over.
            about: What is known so far.
            only_counted: Nothing is asked for: what is missing is for the rules to say.

        Raises:
            Refused: Other numbers are stated than the ledger counts, and nobody says why.
        """
        for fact in wanted:
            so_far = replace(about, facts={**about.facts, **self.facts})
            if not fits(fact.when, so_far.facts):
                continue
            count = self._counter.count(fact.figure, so_far) if self._counter and fact.figure is not None else None
            if count is not None:
                self._compared(fact, count)
            elif not only_counted:
                self._asked(fact)
        if self._unexplained:
            raise Refused(
                f"与台账不一致：{'；'.join(self._unexplained)}。"
                f"请核对；确按所填办理的，请加 {OPTION} 理由，两个数都记录在案。"
            )
        named = [fact.name for fact in wanted if fact.name in self.facts]
        self.facts = {name: self.facts[name] for name in dict.fromkeys((*named, *self.facts))}

    def _asked(self, fact: Fact) -> None:
        if fact.optional and not self._talk.asking:
            return
        answer = tuple(value for value in ask_fact(self._talk, fact, self.facts.get(fact.name, ())) if value)
        if answer or fact.name in self.facts:
            self.facts[fact.name] = answer or self.facts[fact.name]

    def _compared(self, fact: Fact, count: Count) -> None:
        """A number that the ledger counts: its own unless another one is given, and is insisted on."""
        given, ours = "".join(self.facts.get(fact.name, ())), plain(count.number)
        if not given or self._talk.asking:
            _show(fact, count)
        said = self._talk.text(f"--fact {fact.name}=", fact.title, given, offered=ours) if self._talk.asking else given
        said = said or ours
        why = "" if is_same(said, count.of_message()) else self._why(fact, said, count)
        differs = bool(why) or not self._talk.asking
        self.facts[fact.name] = (said if differs else ours,)
        self.counted[fact.name] = count.of_message(why)

    def _why(self, fact: Fact, said: str, count: Count) -> str:
        """Why another number is stated; empty where that is given up, or nobody can be asked."""
        if self._as_stated:
            return self._as_stated
        if not self._talk.asking:
            self._unexplained.append(f"{fact.title}（{fact.name}）填写{said}，台账计{count.of_message().words}")
            return ""
        complain(f"填写{said}，台账计{plain(count.number)}，两者不一致。")
        return self._talk.insisted(OPTION, "仍按所填办理的理由（直接回车则改用台账的数）")


def _show(fact: Fact, count: Count) -> None:
    complain(f"据台账，{fact.title}：{plain(count.number)}")
    for thing in count.things[:THINGS_SHOWN]:
        complain(f"  {thing.task_code} {thing.title}（{thing.text}）")
    if len(count.things) > THINGS_SHOWN:
        complain(f"  ……共 {len(count.things)} 项")
