"""Talks with the person who tells a task something, until it is told or given up.

What the command line left out is asked for, with the task's present state for choice. What the task refuses is shown,
and may be mended. What nobody answers may be sent again: a message has its id before it is first sent, so that however
often it is sent it is done once.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Annotated, TypeAlias
from uuid import uuid4

import typer
from temporalio.client import WorkflowUpdateFailedError

from duban.commands.acting import Actor
from duban.commands.asking import Choice, Questions, on_a_terminal
from duban.commands.connecting import reading_ledger
from duban.commands.present import Present, present
from duban.commands.reasons import Refused, reason_of
from duban.commands.sending import Sender, Unanswered, tell
from duban.commands.showing import complain
from duban.settings import load_settings
from duban.supervision.rules.authority import ACT_OF, Act
from duban.supervision.rules.owed import Duty

TaskCode: TypeAlias = Annotated[str, typer.Argument(metavar="CODE", help="任务编号")]

Said: TypeAlias = tuple[Act, dict[str, object]]
"""What is told: the act, and the fields of the message."""


class Conversation(Questions):
    """The questions about one message to one task.

    Attributes:
        code: Of the task.
        body, person: Who acts, once `who` has been asked.
        id: Of the message.
    """

    def __init__(self, code: str, actor: Actor) -> None:
        super().__init__(asking=actor.may_ask and on_a_terminal())
        self._actor = actor
        self._settings = load_settings()
        self.body, self.person = actor.body or self._settings.body, actor.person or self._settings.person
        self.id = actor.id or uuid4().hex
        self.code = self._which(code)

    @cached_property
    def present(self) -> Present:
        """The task as it stands.

        Raises:
            Refused: It cannot be told anything.
        """
        with reading_ledger(self._settings) as ledger:
            return present(ledger, self.code)

    def who(self, act: Act, duties: Sequence[Duty] | None = None) -> None:
        """Settle who acts.

        Args:
            act: What will be done.
            duties: What it fulfils; everything that it can, unless given. Who alone owes it is offered.
        """
        said = self._actor.body or self._settings.body
        choices: tuple[Choice, ...] = ()
        owing: tuple[str, ...] = ()
        if self.wonders("--body", said):
            choices = self.present.bodies(act)
            owing = self.present.owing(*(duties or [duty for duty, by in ACT_OF.items() if by is act]))
        likeliest = owing[0] if len(owing) == 1 else ""
        self.body = self.choice("--body", "以哪个单位的名义", said, choices, others=True, likeliest=likeliest)
        said = self._actor.person or self._settings.person
        known = self.present.persons(self.body) if self.wonders("--person", said) else ()
        self.person = self.choice("--person", "经办人", said, known, others=True)

    def tell(self, said: Said) -> None:
        """Send it."""
        act, facts = said
        tell(self.code, act, Sender(body=self.body, person=self.person, id=self.id), **facts)

    def mended(self) -> None:
        """What is said now is another message."""
        self.id = uuid4().hex
        self.once_more()

    def _which(self, code: str) -> str:
        """The task's code; one that is asked for is that of a task that can be told something."""
        if code or not self.asking:
            return self.text("CODE", "任务编号", code)
        while True:
            self.code = self.text("CODE", "任务编号", "")
            try:
                complain(f"任务 {self.present.code} {self.present.title}")
            except Refused as reason:
                complain(str(reason))
            else:
                return self.code


def converse(code: str, actor: Actor, compose: Callable[[Conversation], Said]) -> None:
    """Put a message together, asking where that is needed, and tell the task.

    Args:
        code: The task's code; empty where it was forgotten.
        actor: Who acts, as the command line has it.
        compose: Puts it together; asked again after a refusal.

    Raises:
        UsageError: Something is missing, and nobody can be asked.
        Refused: The task refuses, is unknown, not started yet or over, or nobody answers.
    """
    talk = Conversation(code, actor)
    said = compose(talk)
    talk.refuse_missing()
    while True:
        try:
            talk.tell(said)
            return  # noqa: TRY300 - the loop goes on in every other case
        except Unanswered as unanswered:
            if not (talk.asked and _wants(str(unanswered), "再发一次")):
                raise
        except (Refused, WorkflowUpdateFailedError) as refusal:
            if not (talk.asked and _wants(reason_of(refusal) or "", "改一改再报")):
                raise
            talk.mended()
            said = compose(talk)


def _wants(reason: str, what: str) -> bool:
    complain(reason)
    if typer.confirm(f"{what}？", default=True, prompt_suffix=" "):
        return True
    raise typer.Exit(1)
