"""Asks a person at a terminal for what the command line left out; elsewhere says what is missing.

Whatever the command line says is taken as it is. A question that is asked once more, after a refusal, offers the
answer of before, also where that came from the command line.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import typer

from duban.commands.command_line import UsageError
from duban.commands.plan_options import read_date
from duban.commands.showing import complain, readable

T = TypeVar("T")
SHOWN = 40
"""Characters of an earlier answer that are shown with the question."""
SEPARATORS = str.maketrans("、，,；;", "     ")
YES, NO = ("y", "yes", "是", "同意", "通过"), ("n", "no", "否", "不同意", "不通过")


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several answers.

    Attributes:
        value: What is answered.
        words: How it is shown.
    """

    value: str
    words: str = ""


def on_a_terminal() -> bool:
    """Whether somebody sits there who can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


class Questions:
    """The questions of one message.

    Attributes:
        asking: Whether anything is asked at all.
        asked: Whether anything has been.
        missing: What was needed and not asked for, as it is written on the command line.
    """

    def __init__(self, *, asking: bool) -> None:
        self.asking = asking
        self.asked = False
        self.missing: list[str] = []
        self._answers: dict[str, str] = {}
        self._once_more = False

    def once_more(self) -> None:
        """Everything is asked from now on, with the answers of before to start from."""
        self._once_more = True

    def refuse_missing(self) -> None:
        """End here where something is missing that nobody was asked for.

        Raises:
            UsageError: Names all of it.
        """
        if self.missing:
            raise UsageError(f"缺少 {'、'.join(dict.fromkeys(self.missing))}。在终端上运行时会逐项询问。")

    def wonders(self, option: str, given: str | None) -> bool:
        """Whether a needed answer has to be asked for."""
        return self.asking and (not given or self._once_more or option in self._answers)

    def text(self, option: str, words: str, given: str | None, *, needed: bool = True, offered: str = "") -> str:
        """A text.

        Args:
            option: As on the command line.
            words: What it is.
            given: What the command line says.
            needed: Where it is not, it is asked for only if something else was, and may be left empty.
            offered: What an empty answer stands for where nothing has been answered before.
        """
        return self._answered(option, words, given, needed, lambda answer: answer, offered)

    def insisted(self, option: str, words: str) -> str:
        """Why something is to be so all the same; empty where that is given up. Asked for anew every time."""
        self._answers.pop(option, None)
        self.asked = True
        return self.text(option, words, "", needed=False)

    def wanted(self, option: str, words: str, given: str | None) -> str:
        """A text that the rules want: asked for on a terminal; elsewhere its absence is for them to judge."""
        return self.text(option, words, given) if self.asking else given or ""

    def day(self, option: str, words: str, given: str | None, *, needed: bool = True) -> str:
        """A date, as on the command line."""

        def read(answer: str) -> str:
            return read_date(answer).isoformat() if answer else ""

        return self._answered(option, f"{words}（如 2026-06-30）", given, needed, read)

    def choice(
        self,
        option: str,
        words: str,
        given: str | None,
        choices: Sequence[Choice],
        *,
        others: bool = False,
        likeliest: str = "",
    ) -> str:
        """One of several.

        Args:
            option: As on the command line.
            words: What it is.
            given: What the command line says.
            choices: Where there is only one, it is offered.
            others: Whether an answer may be none of them.
            likeliest: Offered where there are several; empty for none.
        """
        if not choices and others:
            return self.text(option, words, given)
        if self.wonders(option, given):
            self._list(words, choices)

        def read(answer: str) -> str:
            return _chosen(answer, choices, others=others)

        offered = choices[0].value if len(choices) == 1 else likeliest
        return self._answered(option, f"{words}（序号）" if choices else words, given, True, read, offered, choices)

    def several(
        self,
        option: str,
        words: str,
        given: Sequence[str] | None,
        choices: Sequence[Choice],
        *,
        needed: bool = True,
        others: bool = False,
    ) -> tuple[str, ...]:
        """Some of several; see `choice` and `text`."""
        stated = "、".join(given or ())
        if (needed or self.asked) and self.wonders(option, stated):
            self._list(words, choices)

        def read(answer: str) -> str:
            parts = answer.translate(SEPARATORS).split()
            return "、".join(dict.fromkeys(_chosen(part, choices, others=others) for part in parts))

        answer = self._answered(option, f"{words}（可写多个，以空格隔开）", stated, needed, read)
        return tuple(answer.split("、")) if answer else ()

    def yes(self, option: str, words: str, given: bool | None) -> bool | None:
        """Yes or no; None only where it is missing."""

        def read(answer: str) -> str:
            if answer.lower() in (*YES, *NO):
                return "是" if answer.lower() in YES else "否"
            raise typer.BadParameter("请回答 y（是）或 n（否）。")

        stated = None if given is None else "是" if given else "否"
        answer = self._answered(option, f"{words}（y/n）", stated, True, read)
        return answer == "是" if answer else None

    def _answered(
        self,
        option: str,
        words: str,
        given: str | None,
        needed: bool,
        read: Callable[[str], str],
        offered: str = "",
        choices: Sequence[Choice] = (),
    ) -> str:
        if not self.wonders(option, given) or (not needed and not self.asked and not self._once_more):
            if needed and not given:
                self.missing.append(option)
            return given or ""
        self.asked = True
        before = self._answers.get(option, given or offered)
        while True:
            try:
                answer = read(_line(words, before, choices))
            except typer.BadParameter as error:
                complain(error.message)
                continue
            if answer or not needed:
                self._answers[option] = answer
                return answer
            complain("这一项不能空。")

    def _list(self, words: str, choices: Sequence[Choice]) -> None:
        if choices:
            typer.echo(f"{words}：")
        for number, one in enumerate(choices, start=1):
            typer.echo(readable(f"  {number}  {one.words or one.value}"))


def _line(words: str, before: str, choices: Sequence[Choice]) -> str:
    """One answer, typed; an empty one stands for that of before."""
    numbers = [str(number) for number, one in enumerate(choices, start=1) if one.value == before]
    shown = numbers[0] if numbers else before if len(before) <= SHOWN else f"{before[:SHOWN]}…"
    question = f"{words}［{shown}］" if before else words
    answer: str = typer.prompt(readable(question), default="", show_default=False, prompt_suffix="：")
    return answer.strip() or before


def _chosen(answer: str, choices: Sequence[Choice], *, others: bool) -> str:
    """What a number or a value stands for.

    Raises:
        typer.BadParameter: For nothing.
    """
    if any(one.value == answer for one in choices):
        return answer
    if answer.isdecimal() and 1 <= int(answer) <= len(choices):
        return choices[int(answer) - 1].value
    if answer and (others and not answer.isdecimal()):
        return answer
    if not answer:
        return ""
    raise typer.BadParameter(f"请回答序号 1 至 {len(choices)}。" if choices else "没有可选的。")
