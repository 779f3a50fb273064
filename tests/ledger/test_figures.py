"""Numbers that the ledger counts, with what they were counted from. On the fast clock `real(7)` is 21 April 2022."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from duban.contracts import StoredPlan
from duban.ledger import Ledger, migrate
from duban.ledger.questions.figures import FigureRepository, StepsWanted
from duban.supervision.bodies.organisation import Body, Organisation
from duban.supervision.plans.plan import Found, ListKind
from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.entries import Change, ObligationChange, RecordChange
from tests.ledger.building import (
    at,
    batch,
    entry,
    milestone,
    plan,
    real,
    register,
    task,
)
from tests.ledger.stepped import BUREAU, begin_register, open_item, put, register_content, taken
from tests.ledger.test_reading import plans_of_queries
from tests.own_office import NAME

YEAR = (date(2022, 1, 1), date(2022, 12, 31))


@pytest.fixture
def content(tmp_path: Path) -> StoredPlan:
    return register_content(tmp_path)


@pytest.fixture
def begun(ledger: Ledger, content: StoredPlan) -> Ledger:
    begin_register(ledger, content)
    return ledger


def final(due_on: date, **fields: object) -> Change:
    return milestone(due_on=due_on).model_copy(update={"final": True, **fields})


def codes(found: tuple[object, ...]) -> list[str]:
    return [str(getattr(one, "task_code", one)) for one in found]


def test_overdue_are_the_open_tasks_that_a_body_leads_or_handles_and_that_are_past_a_deadline_today(
    ledger: Ledger,
) -> None:
    others = {"lead_body": "市府办"}
    register(
        ledger,
        plan(
            task("P-1"),
            task("P-2", handling_body=BUREAU, **others),
            task("P-3", **others),
            task("P-4", list_kinds=("annual",)),
            task("P-5"),
            task("P-6"),
        ),
    )
    late = date(2022, 4, 20)
    for code in ("P-1", "P-2", "P-3", "P-4"):
        put(ledger, code, 2, milestone(due_on=late), due_on=late, plan_code="P")
    put(ledger, "P-5", 2, milestone(due_on=date(2022, 4, 21)), due_on=date(2022, 4, 21), plan_code="P")
    ledger.tasks.record(batch("P-6", entry(2, milestone(due_on=late)), closes=True, closed_at=at(6)))

    def overdue(*lists: ListKind, regime: str = "kunming", days: float = 7) -> list[str]:
        return codes(ledger.figures.overdue_tasks(regime, (BUREAU,), lists, real(days)))

    assert overdue() == ["P-1", "P-2", "P-4"]
    assert overdue(ListKind.ANNUAL) == ["P-4"]
    assert overdue(days=6) == [], "met until the end of the day"
    assert overdue(regime="bozhou") == []


def test_unfinished_is_a_task_whose_last_deadline_is_over_and_not_one_that_is_only_late_on_the_way(
    ledger: Ledger,
) -> None:
    register(ledger, plan(*(task(f"P-{n}") for n in range(1, 5))))
    late = date(2022, 4, 18)
    put(ledger, "P-1", 2, final(late), due_on=late, plan_code="P")
    put(ledger, "P-2", 2, milestone(due_on=late), due_on=late, plan_code="P")
    put(ledger, "P-3", 2, final(late, met_at=at(4), met_by="m"), plan_code="P")
    put(ledger, "P-4", 2, final(late, withdrawn_at=at(4)), plan_code="P")
    found = ledger.figures.unfinished_tasks("kunming", (BUREAU,), (), real(7))
    assert [(one.task_code, one.on) for one in found] == [("P-1", late)]
    assert codes(ledger.figures.overdue_tasks("kunming", (BUREAU,), (), real(7))) == ["P-1", "P-2"]


def test_a_suspended_task_is_neither_overdue_nor_unfinished(ledger: Ledger) -> None:
    register(ledger, plan(task("P-1")))
    late = date(2022, 4, 18)
    ledger.tasks.record(batch("P-1", entry(2, final(late)), status="suspended", due_on=late, behind_since=late))
    assert ledger.figures.overdue_tasks("kunming", (BUREAU,), (), real(7)) == ()
    assert ledger.figures.unfinished_tasks("kunming", (BUREAU,), (), real(7)) == ()


def test_the_bodies_that_a_body_supervises_are_those_of_the_organisation_file(ledger: Ledger) -> None:
    bodies = (
        Body(name="经济组"),
        Body(name=BUREAU, supervised_by="经济组"),
        Body(name="财政局", supervised_by="市府办"),
    )
    stored = plan(task("P-1"))
    register(ledger, stored.model_copy(update={"organisation": Organisation(bodies=(*bodies, Body(name="市府办")))}))
    assert ledger.figures.supervised_by("经济组") == (BUREAU,)


def test_the_items_of_a_plan_are_found_in_three_states(ledger: Ledger) -> None:
    register(ledger, plan(*(task(f"P-{n}") for n in range(1, 6))))
    ledger.tasks.record(batch("P-1", entry(2), closes=True, closed_at=at(3)))
    put(ledger, "P-2", 2, plan_code="P")
    ledger.tasks.record(batch("P-3", entry(2), status="accepted"))
    ledger.tasks.record(batch("P-4", entry(2), status="terminated"))
    seen = RecordChange(
        id="i1", kind="inspection", subject="i1", body="改革办", person="张三", at=at(3), facts={"found": "completed"}
    )
    ledger.tasks.record(batch("P-5", entry(2, seen), status="accepted"))
    assert [(one.task_code, one.found) for one in ledger.figures.plan_items("P")] == [
        ("P-1", Found.COMPLETED),
        ("P-2", Found.STARTED),
        ("P-3", Found.NOT_STARTED),
        ("P-5", Found.COMPLETED),
    ]
    assert ledger.figures.plan_items("Q") == ()


def test_steps_that_were_taken_count_once_for_each_item_within_the_days_and_by_their_outcome(
    begun: Ledger, content: StoredPlan
) -> None:
    first, second, other = (open_item(begun, content, name) for name in ("instruction", "instruction", "study"))
    elsewhere = open_item(begun, content, "instruction", body="财政局")
    put(begun, first, 3, taken("s2/recheck", 3, "going_on"))
    put(begun, first, 4, taken("s4/recheck", 5, "refused"))
    put(begun, second, 3, taken("s2/recheck/1", 9, "refused"))
    put(begun, other, 3, taken("s2/recheck", 3, "refused"))
    put(begun, elsewhere, 3, taken("s2/recheck", 3, "refused"), taken("s3/other", 4))

    def found(**fields: object) -> list[str]:
        usual = {"procedure": "instruction", "step": "recheck", "first": YEAR[0], "last": YEAR[1]}
        return codes(begun.figures.steps_taken(NAME, StepsWanted.model_validate(usual | fields)))

    assert found() == [first, second, elsewhere]
    assert found(outcomes=("refused",), bodies=(BUREAU,)) == [first, second]
    assert found(outcomes=("going_on",)) == [first]
    assert found(last=date(2022, 4, 19)) == [first, elsewhere]
    assert found(first=date(2022, 4, 20)) == [second]
    assert found(codes=(elsewhere, other)) == [elsewhere]
    assert found(codes=()) == []
    assert (
        begun.figures.steps_taken(
            "kunming", StepsWanted(procedure="instruction", step="recheck", first=YEAR[0], last=YEAR[1])
        )
        == ()
    )


def test_a_step_counts_on_its_local_day(begun: Ledger, content: StoredPlan) -> None:
    code = open_item(begun, content, "instruction")
    put(begun, code, 3, taken("s2/handle", 15.6))  # 23:24 of the 29th in Shanghai, 15:24 in Greenwich
    put(begun, code, 4, taken("s3/handle", 17.7))  # 01:48 of the 2nd of May, the 1st in Greenwich

    def on(day: date) -> list[str]:
        wanted = StepsWanted(procedure="instruction", step="handle", first=day, last=day)
        return codes(begun.figures.steps_taken(NAME, wanted))

    assert on(date(2022, 4, 29)) == [code]
    assert on(date(2022, 5, 2)) == [code]
    assert on(date(2022, 5, 1)) == []


def test_items_that_wait_for_a_step_past_its_last_day_are_counted_by_body_and_step(
    begun: Ledger, content: StoredPlan
) -> None:
    def owed(key: str, due_on: date) -> ObligationChange:
        return ObligationChange(
            id=f"{key}/step", duty=Duty.STEP, owed_by=BUREAU, subject=key, asked_at=at(1), due_on=due_on
        )

    late, later, elsewhere = (open_item(begun, content, "study", body) for body in (BUREAU, BUREAU, "财政局"))
    put(begun, late, 3, owed("s1/submit", date(2022, 4, 20)), due_on=date(2022, 4, 20))
    put(begun, later, 3, owed("s1/submit", date(2022, 4, 21)), due_on=date(2022, 4, 21))
    put(begun, elsewhere, 3, owed("s3/examine", date(2022, 4, 20)), due_on=date(2022, 4, 20))

    def found(step: str, *bodies: str) -> list[str]:
        return codes(begun.figures.overdue_steps(NAME, "study", step, bodies or None, real(7)))

    assert found("") == [late, elsewhere]
    assert found("submit") == [late]
    assert found("", "财政局") == [elsewhere]
    assert begun.figures.overdue_steps(NAME, "instruction", "", None, real(7)) == ()
    assert begun.figures.overdue_steps("kunming", "study", "", None, real(7)) == ()


def test_what_was_stated_of_an_item_is_read_from_all_its_steps_and_parts(begun: Ledger, content: StoredPlan) -> None:
    code = open_item(begun, content, "instruction")
    put(begun, code, 3, taken("s1/verify/part/1", 3, messages="M-1、M-2"), taken("s1/verify/part/2", 4, message="M-2"))
    put(begun, code, 4, taken("s1/verify/part/3", 5, message="M-3", matter="M-4"))
    assert begun.figures.stated_of(code, ("messages", "message")) == ("M-1", "M-2", "M-3")


def test_items_are_read_with_their_steps_in_the_order_in_which_they_were_taken(
    begun: Ledger, content: StoredPlan
) -> None:
    code = open_item(begun, content, "instruction", body="财政局", topic=("防汛",))
    open_item(begun, content, "instruction")
    put(begun, code, 3, taken("s10/close", 5, points="2"), taken("s2/decide", 4, "agreed"))
    put(begun, code, 4, taken("s9/list/part/1", 5), taken("s9/list", 5))
    [item] = begun.figures.stepped_items(NAME, ("instruction",))
    assert (item.task_code, item.procedure, item.facts) == (code, "instruction", {"topic": ("防汛",)})
    assert item.bodies["lead_body"] == ("财政局",)
    assert [one.key for one in item.taken] == ["s2/decide", "s9/list/part/1", "s9/list", "s10/close"]
    assert (item.taken[-1].on, item.taken[-1].facts) == (date(2022, 4, 19), {"points": ("2",)})
    assert begun.figures.stepped_items(NAME, ("study",)) == ()
    assert begun.figures.stepped_items("kunming", ("instruction",)) == ()


def test_incidents_of_one_body_are_those_of_its_tasks_in_every_plan_of_the_regime(ledger: Ledger) -> None:
    late = date(2022, 4, 18)
    for code in ("P", "R"):
        register(ledger, plan(task(f"{code}-1"), task(f"{code}-2", lead_body="财政局"), code=code))
        for number in (1, 2):
            put(
                ledger,
                f"{code}-{number}",
                2,
                milestone(due_on=late).model_copy(update={"met_at": at(6), "met_by": "m"}),
                plan_code=code,
            )
    of_body = ledger.incidents.of_body("kunming", BUREAU, *YEAR, real(7))
    of_plans = [one for code in ("P", "R") for one in ledger.incidents.incidents(code, *YEAR, real(7))]
    assert [one.task_code for one in of_body] == ["P-1", "R-1"]
    assert [(i.task_code, i.on, i.text) for i in of_body] == [
        (i.task_code, i.on, i.text) for i in of_plans if i.task_code.endswith("-1")
    ]
    assert ledger.incidents.of_body("bozhou", BUREAU, *YEAR, real(7)) == ()


def _wanted(**fields: object) -> StepsWanted:
    return StepsWanted.model_validate({"procedure": "a", "step": "b", "first": YEAR[0], "last": YEAR[1]} | fields)


@pytest.mark.parametrize(
    "ask",
    [
        lambda figures: figures.overdue_tasks("kunming", (BUREAU,), (), real(7)),
        lambda figures: figures.unfinished_tasks("kunming", (BUREAU,), (), real(7)),
        lambda figures: figures.plan_items("P"),
        lambda figures: figures.overdue_steps("kunming", "a", "", None, real(7)),
        lambda figures: figures.overdue_steps("kunming", "a", "b", (BUREAU,), real(7)),
        lambda figures: figures.steps_taken("kunming", _wanted()),
        lambda figures: figures.steps_taken("kunming", _wanted(codes=("X-1", "X-2"))),
        lambda figures: figures.steps_taken("kunming", _wanted(bodies=(BUREAU,), outcomes=("c",))),
        lambda figures: figures.stepped_items("kunming", ("a",)),
    ],
)
def test_no_number_goes_through_all_tasks_or_all_records(
    tmp_path: Path, ask: Callable[[FigureRepository], object]
) -> None:
    migrate(f"sqlite:///{tmp_path / 'duban.db'}")
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'duban.db'}")
    plans = plans_of_queries(ledger, lambda each: ask(each.figures))
    ledger.close()
    assert "SEARCH" in plans
    for table in ("tasks", "records", "register_items", "milestones", "obligations", "task_bodies"):
        assert f"SCAN {table}" not in plans, plans
