"""What a number is counted from, by what the regime files lay down. On the fast clock `real(20)` is 4 May 2022."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from duban.contracts import StoredPlan
from duban.figures import About, Count, Counter
from duban.ledger import Ledger, migrate
from duban.regimes.loading import load_rulebook
from duban.supervision.plans.plan import Found
from duban.supervision.rules.figures import Counting
from tests.commands.conftest import CommandLine
from tests.ledger.building import at, batch, entry, plan, real, register, task
from tests.ledger.stepped import BUREAU, begin_register, open_item, put, register_content, taken
from tests.own_office import NAME

APRIL = {"period_from": ("2022-04-01",), "period_to": ("2022-04-30",)}


@pytest.fixture
def ledger(starter: CommandLine, home: Path) -> Iterator[Ledger]:
    assert "还没有台账" in starter.refused("ledger")
    url = f"sqlite:///{home / 'duban.db'}"
    migrate(url)
    opened = Ledger.open(url)
    yield opened
    opened.close()


@pytest.fixture
def content(tmp_path: Path) -> StoredPlan:
    return register_content(tmp_path)


def counter(ledger: Ledger, regime: str = NAME) -> Counter:
    return Counter(ledger=ledger, regime=regime, today=date(2022, 5, 4), real_now=real(20))


def figure_of(regime: str, procedure: str, name: str) -> Counting:
    fact = load_rulebook(regime).procedures[procedure].fact(name)
    assert fact is not None
    assert fact.figure is not None
    return fact.figure


def number(count: Count | None) -> tuple[int, list[str]]:
    assert count is not None
    return int(count.number), [thing.task_code for thing in count.things]


def test_b4_results_reported_in_the_month_and_those_of_them_that_were_named_when_verified_again(
    ledger: Ledger, content: StoredPlan
) -> None:
    begin_register(ledger, content)
    messages = [open_item(ledger, content, "online_message") for _ in range(5)]
    for code, day in zip(messages, (2, 3, 4, 20, 5), strict=True):
        put(ledger, code, 3, taken("s2/handle", day))
    reply = open_item(ledger, content, "online_message")
    put(ledger, reply, 3, taken("s2/forward", 2))
    month = open_item(ledger, content, "reverification")
    named = {"messages": f"{messages[0]}、{messages[3]}"}
    put(ledger, month, 3, taken("s1/verify/part/1", 18, "sound", **named))
    put(ledger, month, 4, taken("s1/verify/part/2", 18, "wanting", message=messages[1]))

    def counted(name: str, **more: tuple[str, ...]) -> tuple[int, list[str]]:
        about = About(facts={**APRIL, **more}, item=month)
        return number(counter(ledger).count(figure_of("bozhou", "reverification", name), about))

    assert counted("reported") == (4, [messages[0], messages[1], messages[2], messages[4]])
    assert counted("verified") == (2, messages[:2]), "what was reported in May is verified in June"
    assert counted("verified", messages=(messages[4],)) == (3, [messages[0], messages[1], messages[4]])
    figure = figure_of("bozhou", "reverification", "reported")
    assert counter(ledger).count(figure, About(facts={})) is None, "no period has been stated"


def test_s2_the_table_of_an_evaluation_counts_the_items_of_the_plan_that_it_concerns(
    starter: CommandLine, ledger: Ledger
) -> None:
    stored = plan(*(task(f"P-{n}") for n in range(1, 7)))
    definition = stored.definition.model_copy(update={"regime": "sichuan", "docks": "中央方案"})
    register(ledger, stored.model_copy(update={"definition": definition}))
    ledger.tasks.record(batch("P-1", entry(2), closes=True, closed_at=at(3)))
    for code, status in (("P-2", "under_way"), ("P-3", "strike_off_requested"), ("P-4", "terminated")):
        ledger.tasks.record(batch(code, entry(2), status=status))
    ledger.tasks.record(batch("P-5", entry(2), status="accepted", percent=20))
    ledger.tasks.record(batch("P-6", entry(2), status="accepted"))

    def counted(name: str, *plans: str) -> tuple[int, list[str]]:
        figure = figure_of("sichuan", "midyear_evaluation", name)
        return number(counter(ledger, "sichuan").count(figure, About(facts={}, concerns=plans)))

    shown = {name: counted(name, "P") for name in ("items", "completed", "under_way", "not_started")}
    assert shown == {
        "items": (5, ["P-1", "P-2", "P-3", "P-5", "P-6"]),
        "completed": (2, ["P-1", "P-3"]),
        "under_way": (2, ["P-2", "P-5"]),
        "not_started": (1, ["P-6"]),
    }
    [figures] = starter.json("evaluation", "--regime", "sichuan")["by_plan"]
    tally = figures["tally"]
    reckoned = [tally["items"], *(tally[state]["items"] for state in ("completed", "started", "not_started"))]
    assert [each for each, _ in shown.values()] == reckoned, "the same as the evaluation reckons"
    figure = figure_of("sichuan", "midyear_evaluation", "items")
    assert counter(ledger).count(figure, About(facts={}, concerns=("某方案",))) is None, "it is not in the ledger"


def test_the_year_is_the_one_that_is_stated_and_otherwise_the_present_one(ledger: Ledger, content: StoredPlan) -> None:
    begin_register(ledger, content)
    code = open_item(ledger, content, "rectification")
    put(ledger, code, 3, taken("s3/recheck", 5, "refused"))
    figure = figure_of("chengdu", "accountability", "refused_items")

    def counted(**year: tuple[str, ...]) -> int:
        return number(counter(ledger).count(figure, About(facts={"body": (BUREAU,), **year})))[0]

    assert counted() == 1
    assert counted(year=("2022",)) == 1
    assert counted(year=("2021",)) == 0
    assert counted(year=("二〇二一",)) == 1, "what is no year is not taken for one"
    assert counter(ledger).count(figure, About(facts={})) is None, "whose has not been stated"


def test_of_more_than_the_message_can_name_the_first_are_named_and_all_counted(ledger: Ledger) -> None:
    register(ledger, plan(*(task(f"P-{n:02}") for n in range(1, 31))))
    figure = Counting.model_validate({"counts": "plan_items", "source": {"assumed": True}})
    count = counter(ledger, "kunming").count(figure, About(facts={}, concerns=("P",)))
    assert count is not None
    carried = count.of_message()
    assert (carried.number, carried.things, len(carried.codes)) == (Decimal(30), 30, 20)
    assert count.things[0].text == "已启动未完成"
    unfound: Any = figure.model_copy(update={"found": Found.COMPLETED})
    assert number(counter(ledger, "kunming").count(unfound, About(facts={}, concerns=("P",)))) == (0, [])
