"""The script of the demonstration: plainly invented, accepted by the rules, and far enough from every deadline.

In fast time a business day lasts two seconds and a server's latency can eat one. What lies three days from any change
of a reminder comes out the same however slow the machine is.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest

from duban.commands.demo import SCRIPT, prepared
from duban.commands.demo_foretelling import Foretelling, foresee_task, foretell
from duban.commands.demo_script import SOMEBODY, Messages, messages_of, read_script
from duban.contracts import StoredPlan
from duban.office_files import OfficeFileError
from duban.supervision.foresight.rehearsal import Foreseen
from duban.supervision.levels.ladder import open_rungs
from duban.supervision.plans.plan import Level, TaskDefinition
from duban.supervision.tasks.entries import EntryKind, ReminderChange
from duban.supervision.tasks.messages import AnyMessage, Decide
from duban.supervision.tasks.state import RungStatus, TaskState

MARGIN = timedelta(days=3)
WORKING_DAYS_TO_DECIDE = 3


@cache
def bundled() -> tuple[StoredPlan, Messages, date]:
    return prepared()


@cache
def foretold() -> Foretelling:
    plan, messages, until = bundled()
    return foretell(plan, messages, plan.policy.calendar.zone.at(plan.definition.issued_on, 9 * 60), until)


@cache
def lives() -> dict[str, Foreseen]:
    """Every task with its part of the script, to the end."""
    return {task.code: life(task, bundled()[1]) for task in bundled()[0].definition.tasks}


def life(task: TaskDefinition, messages: Messages, until: date | None = None) -> Foreseen:
    plan, _, end = bundled()
    issued_at = plan.policy.calendar.zone.at(plan.definition.issued_on, 9 * 60)
    return foresee_task(plan, task, messages, issued_at, until or end)


def day_of(message: AnyMessage) -> date:
    assert message.occurred_at is not None
    return bundled()[0].policy.calendar.zone.local_date(message.occurred_at)


def spoken() -> Iterator[tuple[TaskDefinition, AnyMessage, TaskState, TaskState]]:
    """Every message with its task, and the task as it stands before and after."""
    plan, messages, _ = bundled()
    for task in plan.definition.tasks:
        said = messages.get(task.code, ())
        for number, message in enumerate(said):
            yield (
                task,
                message,
                life(task, {task.code: said[:number]}, day_of(message) - timedelta(days=1)).state,
                life(task, {task.code: said[: number + 1]}, day_of(message)).state,
            )


def days_of_change(task: TaskDefinition, *states: TaskState) -> set[date]:
    """Local dates on which time alone changes, or could change, a reminder of a task or its being behind."""
    policy = bundled()[0].policy
    days = {milestone.due_on for state in states for milestone in state.unmet}
    for state in states:
        for due in open_rungs(state, policy, state.episode) if state.episode else ():
            days |= {due.due_on, policy.calendar.zone.local_date(due.give_at)}
    for entry in lives()[task.code].entries:
        if not entry.message_id:
            changes = [change for change in entry.changes if isinstance(change, ReminderChange)]
            days |= {change.due_on for change in changes}
            days |= {policy.calendar.zone.local_date(entry.at)} if changes else set()
    return days


def test_no_message_of_the_script_is_refused() -> None:
    assert foretold().refusals == ()


def test_no_message_lies_close_to_a_day_on_which_a_reminder_could_change() -> None:
    close = [
        f"{message.id} on {day_of(message)} is close to {day}"
        for task, message, before, after in spoken()
        for day in days_of_change(task, before, after)
        if abs(day - day_of(message)) < MARGIN
    ]
    assert close == []


def test_nobody_decides_sooner_than_three_working_days_after_being_asked() -> None:
    calendar = bundled()[0].policy.calendar
    decided = 0
    for _, message, before, _ in spoken():
        if isinstance(message, Decide):
            (asked,) = [o for o in before.obligations if o.owed_by == message.body and o.duty.value in DECISIONS]
            asked_on = calendar.zone.local_date(asked.not_before)
            assert calendar.add_working_days(asked_on, WORKING_DAYS_TO_DECIDE) <= day_of(message), message.id
            decided += 1
    assert decided == 4


DECISIONS = ("confirmation", "grounds", "decision", "extension_decision")


def test_people_work_on_working_days_between_issue_and_end() -> None:
    plan, messages, until = bundled()
    days = {day_of(message) for said in messages.values() for message in said}
    assert all(plan.policy.calendar.is_working_day(day) for day in days)
    assert plan.definition.issued_on < min(days)
    assert max(days) <= until


def test_all_five_levels_are_reached_by_the_task_that_was_late_when_the_plan_was_issued() -> None:
    reached = {fact.level: fact for fact in foretold().reminders if fact.task_code == "BT-09"}
    assert {level: (fact.due_on.isoformat(), fact.lag_days) for level, fact in reached.items()} == {
        Level.PHONE: ("2022-04-16", 16),
        Level.WRITTEN: ("2022-05-01", 31),
        Level.ONSITE: ("2022-05-16", 46),
        Level.CIRCULAR: ("2022-05-31", 61),
        Level.INTERVIEW: ("2022-06-15", 76),
    }
    assert {fact.status for fact in reached.values()} == {RungStatus.ISSUED}


def test_the_april_task_ends_with_a_circular_that_nobody_has_confirmed() -> None:
    facts = [fact for fact in foretold().reminders if fact.task_code == "BT-86"]
    assert {fact.level: (fact.status, fact.due_on.isoformat()) for fact in facts} == {
        Level.PHONE: (RungStatus.ISSUED, "2022-05-16"),
        Level.WRITTEN: (RungStatus.ISSUED, "2022-05-31"),
        Level.ONSITE: (RungStatus.ISSUED, "2022-06-15"),
        Level.CIRCULAR: (RungStatus.AWAITING_APPROVAL, "2022-06-30"),
    }


def test_some_report_on_time_some_late_some_never_and_one_report_is_returned() -> None:
    zone, until = bundled()[0].policy.calendar.zone, bundled()[2]
    due = [m for foreseen in lives().values() for m in foreseen.state.milestones if m.due_on < until]
    met = {m for m in due if m.met_at is not None}
    late = {m for m in met if m.met_at is not None and zone.local_date(m.met_at) > m.due_on}
    assert (len(met - late), len(late), len(due) - len(met)) == (2, 3, 4)
    returned = [e for foreseen in lives().values() for e in foreseen.entries if e.kind is EntryKind.RETURNED]
    assert len(returned) == 1


def test_what_people_do_after_reminders_is_all_there() -> None:
    kinds = {e.kind for foreseen in lives().values() for e in foreseen.entries}
    assert {
        EntryKind.RECORD_KEPT,
        EntryKind.EXPLAINED,
        EntryKind.DECIDED,
        EntryKind.EXTENSION_REQUESTED,
        EntryKind.STRUCK_OFF,
        EntryKind.CHASED,
        EntryKind.ADVANCE_NOTICE,
        EntryKind.REPORT_DUE,
    } <= kinds


def test_the_file_says_in_its_first_lines_that_all_of_it_is_invented() -> None:
    assert "ALL OF IT IS INVENTED" in SCRIPT.read_text(encoding="utf-8")[:400]


def test_the_leading_group_speaks_by_its_head_and_a_body_without_persons_by_somebody() -> None:
    _, messages, _ = bundled()
    decisions = [m for m in messages["BT-09"] if isinstance(m, Decide)]
    assert [m.person for m in decisions] == ["张一", "王三", "张一"]
    assert messages["BT-38"][0].person == SOMEBODY


def test_every_mistake_of_a_script_is_named_at_once() -> None:
    plan, _, _ = bundled()
    script = read_script(SCRIPT)
    first = script.messages[0]
    broken = script.model_copy(
        update={
            "messages": (
                first.model_copy(update={"tasks": ("BT-99",)}),
                first.model_copy(update={"says": {"percents": 10}}),
                first.model_copy(update={"by": "mayor"}),
            )
        }
    )
    regime, zone = plan.policy.regime, plan.policy.calendar.zone
    with pytest.raises(OfficeFileError) as refusal:
        messages_of(broken, SCRIPT, plan.definition, plan.organisation, regime, zone)
    text = str(refusal.value)
    assert "方案中没有任务 BT-99" in text
    assert "percents" in text
    assert "没有单位担任 mayor" in text


UNQUOTED = """
issued_on: 2022-04-14
until: 2022-06-30
messages:
- {day: 2022-04-15, at: 10:00, act: accept, tasks: [A]}
"""


def test_a_time_without_quotes_which_yaml_takes_for_a_number_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "script.yaml"
    file.write_text(UNQUOTED)
    with pytest.raises(OfficeFileError, match=r"messages\[1\].at"):
        read_script(file)
