"""The verdict of the demonstration: exactly what was foretold, or where rehearsal and ledger part."""

from datetime import date
from functools import cache

from duban.commands.demo import prepared
from duban.commands.demo_foretelling import Foretelling, ReminderFact, differences, foretell
from duban.commands.demo_script import Messages
from duban.contracts import StoredPlan
from duban.supervision.tasks.messages import Decide
from duban.supervision.tasks.state import RungStatus


@cache
def bundled() -> tuple[StoredPlan, Messages, date]:
    return prepared()


def foretold(messages: Messages) -> Foretelling:
    plan, _, until = bundled()
    return foretell(plan, messages, plan.policy.calendar.zone.at(plan.definition.issued_on, 9 * 60), until)


def compared(expected: tuple[ReminderFact, ...], shown: tuple[ReminderFact, ...]) -> tuple[str, ...]:
    plan, _, until = bundled()
    return differences(expected, shown, until, plan.policy.calendar)


def test_a_ledger_that_shows_what_was_foretold_in_any_order_is_the_same() -> None:
    facts = foretold(bundled()[1]).reminders
    assert len(facts) == 13
    assert compared(facts, tuple(reversed(facts))) == ()


def test_a_reminder_that_the_ledger_lacks_is_named() -> None:
    facts = foretold(bundled()[1]).reminders
    without = tuple(fact for fact in facts if (fact.task_code, fact.level) != ("BT-86", "onsite"))
    assert compared(facts, without) == ("预演有、台账没有：BT-86 onsite issued 2022-06-15 滞后46天",)


def test_a_due_date_that_was_tampered_with_is_named_on_both_sides() -> None:
    facts = foretold(bundled()[1]).reminders
    moved = tuple(
        fact.model_copy(update={"due_on": date(2022, 5, 2)}) if fact.due_on == date(2022, 5, 1) else fact
        for fact in facts
    )
    assert compared(facts, moved) == (
        "预演有、台账没有：BT-09 written issued 2022-05-01 滞后31天",
        "台账有、预演没有：BT-09 written issued 2022-05-02 滞后31天",
    )


def test_a_reminder_given_twice_is_a_difference() -> None:
    facts = foretold(bundled()[1]).reminders
    twice = (*facts, facts[0])
    assert len(compared(facts, twice)) == 1


def test_another_script_foretells_another_ledger() -> None:
    _, messages, _ = bundled()
    undecided = tuple(m for m in messages["BT-09"] if not isinstance(m, Decide))
    parted = compared(foretold(messages).reminders, foretold({**messages, "BT-09": undecided}).reminders)
    assert parted == (
        "预演有、台账没有：BT-09 circular issued 2022-05-31 滞后61天",
        "预演有、台账没有：BT-09 interview issued 2022-06-15 滞后76天",
        "台账有、预演没有：BT-09 circular awaiting_approval 2022-05-31 滞后61天",
        "台账有、预演没有：BT-09 interview awaiting_approval 2022-06-15 滞后76天",
    )


def test_what_falls_due_while_the_last_entries_are_written_is_left_out() -> None:
    later = ReminderFact(
        task_code="BT-01", level="written", status=RungStatus.ISSUED, due_on=date(2022, 7, 1), lag_days=31
    )
    assert compared((), (later,)) == ()


def test_a_reminder_due_on_a_holiday_counts_on_the_working_day_on_which_it_is_given() -> None:
    plan, _, _ = bundled()
    fact = ReminderFact(
        task_code="BT-09", level="written", status=RungStatus.ISSUED, due_on=date(2022, 5, 1), lag_days=31
    )
    assert differences((fact,), (), date(2022, 5, 4), plan.policy.calendar) == ()
    assert len(differences((fact,), (), date(2022, 5, 5), plan.policy.calendar)) == 1


def test_a_message_beyond_the_end_of_a_shorter_demonstration_is_not_foretold() -> None:
    plan, messages, _ = bundled()
    issued_at = plan.policy.calendar.zone.at(plan.definition.issued_on, 9 * 60)
    short = foretell(plan, messages, issued_at, date(2022, 5, 5))
    assert {(fact.task_code, fact.level) for fact in short.reminders} == {("BT-09", "phone"), ("BT-09", "written")}
