"""`grounds BODY`: what speaks against a body as far as the ledger can count it, each number with its tasks.

What is counted, and by which sentence, is what the procedures of the regime file ask to be stated of a body.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Annotated

import typer

from duban.commands.connecting import reading_ledger
from duban.commands.known_names import known_body
from duban.commands.plan_options import AsJson
from duban.commands.reasons import Refused
from duban.commands.showing import say, show_json, show_table
from duban.figures import About, CountedThing, Counter
from duban.ledger import Ledger
from duban.regimes.loading import load_rulebook
from duban.settings import load_settings
from duban.supervision.model import Frozen
from duban.supervision.rules.figures import Counting, Figure
from duban.supervision.rules.rulebook import Rulebook
from duban.supervision.steps.counted import plain


class GroundView(Frozen):
    """A number that speaks against a body: ``grounds --json``.

    Attributes:
        fact, procedure: Where it is stated: the fact of which procedure.
        paragraph, sentence, assumed: The rule behind it.
    """

    procedure: str
    procedure_title: str
    fact: str
    title: str
    figure: Figure
    number: str
    things: tuple[CountedThing, ...]
    paragraph: int | None = None
    sentence: str = ""
    assumed: str = ""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("grounds", help="依据：按制度的规定，台账对一个单位计出的各项数字（未完成、逾期、扣分等），逐项列出。")(
        grounds
    )


def grounds(
    body: Annotated[str, typer.Argument(metavar="BODY", help="单位全称")],
    regime: Annotated[str, typer.Option("--regime", metavar="NAME", help="制度：名称或文件")],
    year: Annotated[
        int | None, typer.Option("--year", metavar="YEAR", min=1900, max=8999, help="哪一年；不写则为今年")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what speaks against a body."""
    settings = load_settings()
    rulebook = load_rulebook(regime, settings.regime_dir)
    asked = list(_asked(rulebook))
    if not asked:
        raise Refused(f"制度“{rulebook.name}”的程序没有可对单位计数的事项（figure）。")
    with reading_ledger(settings) as ledger:
        views = _views(ledger, rulebook, asked, body, year)
        if not any(view.things for view in views):
            known_body(ledger, body)  # nothing against a name that nobody bears would clear somebody else
    if as_json:
        show_json(views)
        return
    show_table(
        ("程序", "事项", "数", "依据"),
        [(view.procedure_title, view.title, view.number, _basis(view)) for view in views],
        title=f"{body}：台账所计（{rulebook.title}）",
    )
    things = [(view.title, thing.task_code, thing.title, thing.text) for view in views for thing in view.things]
    if things:
        show_table(("事项", "编号", "名称", "由来"), things, title="逐项")
    else:
        say("台账中没有可计的任务或事项。")


def _asked(rulebook: Rulebook) -> Iterator[tuple[str, str, Counting]]:
    """What is counted of a body, each once: the procedure, the fact's name, how."""
    seen: set[str] = set()
    for key, procedure in rulebook.procedures.items():
        for fact in procedure.stated:
            figure = fact.figure
            if figure is None or figure.of is None or figure.counts is Figure.PLAN_ITEMS:
                continue
            same = f"{key}/{fact.name}/{figure.model_dump_json()}"
            if same not in seen:
                seen.add(same)
                yield key, fact.name, figure


def _views(
    ledger: Ledger, rulebook: Rulebook, asked: list[tuple[str, str, Counting]], body: str, year: int | None
) -> list[GroundView]:
    now = datetime.now(UTC)
    rows = [row for row in ledger.plans.plan_rows() if row.regime == rulebook.name]
    if not rows:
        raise Refused(f"台账中没有适用制度“{rulebook.name}”的方案或登记簿。")
    today: date = max(row.zone.local_date(row.clock.business(now)) for row in rows)
    counter = Counter(ledger=ledger, regime=rulebook.name, today=today, real_now=now, rulebook=rulebook)
    return [view for one in asked if (view := _view(counter, rulebook, one, body, year)) is not None]


def _view(
    counter: Counter, rulebook: Rulebook, asked: tuple[str, str, Counting], body: str, year: int | None
) -> GroundView | None:
    key, name, figure = asked
    procedure = rulebook.procedures[key]
    facts = {figure.of or "": (body,)} | ({figure.year: (str(year),)} if figure.year and year else {})
    count = counter.count(figure, About(facts=facts))
    fact = procedure.fact(name)
    if count is None or fact is None:
        return None
    return GroundView(
        procedure=key,
        procedure_title=procedure.title,
        fact=name,
        title=fact.title,
        figure=figure.counts,
        number=plain(count.number),
        things=count.things,
        paragraph=figure.source.paragraph,
        sentence=figure.source.sentence,
        assumed=figure.assumed or ("文件未作规定，为系统预设" if figure.source.assumed else ""),
    )


def _basis(view: GroundView) -> str:
    cited = f"第{view.paragraph}段：{view.sentence}" if view.paragraph is not None else ""
    assumed = view.assumed if view.assumed.endswith("假定") else f"{view.assumed}（假定）" if view.assumed else ""
    return "；".join(part for part in (cited, assumed) if part)
