"""`open PROCEDURE`: an item that comes by no plan is opened in a register.

What is like it is shown before it is opened: one matter comes in by one inlet (一口进).
"""

from typing import Annotated, Any
from uuid import uuid4

import typer

from duban.commands.acting import Actor, add_acting_command
from duban.commands.asking import Choice, Questions, on_a_terminal
from duban.commands.connecting import reading_ledger
from duban.commands.counting import AsStated, Stating, counter_of
from duban.commands.fact_options import stated_facts
from duban.commands.known_registers import known_register, opened_register
from duban.commands.reasons import Refused
from duban.commands.sending import tell_register
from duban.commands.showing import complain, say
from duban.figures import About
from duban.ledger import Ledger
from duban.likeness import Likeness
from duban.open_registers import OpenRegister, like_ones, refusal_of, rules_of
from duban.registers import Opened
from duban.settings import Settings, load_settings
from duban.supervision.registers.registers import Openable
from duban.supervision.registers.wanted_items import WantedItem
from duban.supervision.rules.procedures import FactKind


def register(app: typer.Typer) -> None:
    """Add the command."""
    add_acting_command(
        app, "open", open_item, summary="开立一件不出自方案的事项：来文、批示、建议提案等，按制度的程序办理。"
    )


def open_item(
    actor: Actor,
    procedure: Annotated[
        str, typer.Argument(metavar="PROCEDURE", help="程序（starter.py register procedures 列出各种）")
    ] = "",
    in_register: Annotated[
        str, typer.Option("--register", metavar="CODE", help="哪一本登记簿；只有一本在用时可不写")
    ] = "",
    fact: Annotated[
        list[str] | None,
        typer.Option("--fact", metavar="NAME=VALUE", help="须写明的事项，可重复写；可写多个值的，每个值写一次"),
    ] = None,
    title: Annotated[str, typer.Option("--title", help="事项名称；不写则由程序名称和所写内容组成")] = "",
    concerns: Annotated[
        list[str] | None, typer.Option("--concerns", metavar="CODE", help="所涉任务、方案或事项的编号，可重复写")
    ] = None,
    anyway: Annotated[str, typer.Option("--anyway", metavar="REASON", help="已有相似事项仍要另行开立的理由")] = "",
    as_stated: AsStated = "",
) -> None:
    """Open an item."""
    settings, given = load_settings(), stated_facts(fact or ())
    with reading_ledger(settings) as ledger:
        row = known_register(ledger, in_register)
        at = opened_register(ledger, row)
        talk = _Opening(actor, settings, at)
        key = talk.which(procedure)
        counter = counter_of(ledger, row, at.rulebook)
        message = talk.compose(key, Stating(talk, counter, given, as_stated), title, tuple(concerns or ()))
        talk.refuse_missing()
        message["anyway"] = _why_anyway(talk, ledger, at, message, anyway)
    answer = tell_register(row, "open", message, Opened)
    say(f"{answer.text}。" if answer.code else f"{answer.text}；编号见 starter.py register show {row.code}。")


class _Opening(Questions):
    """The questions about one item."""

    def __init__(self, actor: Actor, settings: Settings, at: OpenRegister) -> None:
        super().__init__(asking=actor.may_ask and on_a_terminal())
        self._actor, self._settings, self._at = actor, settings, at
        self._openable = rules_of(at).openable

    def compose(self, key: str, stating: Stating, title: str, concerns: tuple[str, ...]) -> dict[str, Any]:
        """The message, with what was forgotten asked for.

        Args:
            key: Of the procedure; empty where it is missing.
        """
        openable = self._openable.get(key)
        if openable is None:
            return {}
        body, person = self._who(openable)
        self._state(openable, stating, concerns)
        return {
            "procedure": key,
            "title": self.text("--title", "事项名称，可以不写", title, needed=False),
            "facts": stating.facts,
            **stating.message,
            "concerns": concerns,
            "body": body,
            "person": person,
            "id": self._actor.id or uuid4().hex,
        }

    def which(self, procedure: str) -> str:
        """The key of the procedure."""
        choices = tuple(Choice(key, f"{one.title}（{key}）") for key, one in self._openable.items())
        if procedure and procedure not in self._openable:
            by_title = [key for key, one in self._openable.items() if one.title == procedure]
            if len(by_title) != 1:
                known = "、".join(f"{key}（{one.title}）" for key, one in self._openable.items()) or "无"
                raise Refused(f"没有可由人开立的程序“{procedure}”。可开立的有：{known}。")
            return by_title[0]
        if not procedure and not self.asking:
            known = "、".join(f"{key}（{one.title}）" for key, one in self._openable.items()) or "无"
            complain(f"可开立的程序有：{known}。")
        return self.choice("PROCEDURE", "哪一种程序", procedure, choices)

    def _who(self, openable: Openable) -> tuple[str, str]:
        said = self._actor.body or self._settings.body
        bodies = tuple(Choice(body) for body in openable.openers)
        body = self.choice("--body", "以哪个单位的名义", said, bodies, others=True)
        persons = tuple(Choice(name) for name in openable.openers.get(body, ()))
        return body, self.choice(
            "--person", "经办人", self._actor.person or self._settings.person, persons, others=True
        )

    def _state(self, openable: Openable, stating: Stating, concerns: tuple[str, ...]) -> None:
        own = [fact for fact in openable.facts if fact.name in openable.needed or fact.optional or fact.when]
        stating.state(own, About(facts={}, concerns=concerns))
        for fact in own:
            self._say_unknown(fact.kind, stating.facts.get(fact.name, ()))

    def _say_unknown(self, kind: FactKind, values: tuple[str, ...]) -> None:
        names = self._at.office.organisation.names()
        for value in values:
            if kind is FactKind.BODY and names and value not in names:
                complain(f"提示：机构文件里没有“{value}”这个单位，请核对名称。")


def _why_anyway(talk: _Opening, ledger: Ledger, at: OpenRegister, message: dict[str, Any], anyway: str) -> str:
    """Why it is opened although others are like it; shown before anything is sent.

    Raises:
        Refused: There are such, and nobody says why.
    """
    if ledger.registers.settled(at.code, f"message/{message['id']}") is not None:
        return anyway  # sent again: what it is like is itself
    wanted = WantedItem(procedure=message["procedure"], title=message["title"], facts=message["facts"])
    like: tuple[Likeness, ...] = like_ones(ledger, at, wanted)
    if not like or anyway:
        return anyway
    if not talk.asking:
        raise Refused(f"{refusal_of(like)}。")
    complain("已有相似的事项：")
    for one in like:
        complain(f"  {one}")
    if not typer.confirm("仍要另行开立？", default=False, prompt_suffix=" "):
        raise typer.Exit(1)
    return talk.text("--anyway", "另行开立的理由", "")
