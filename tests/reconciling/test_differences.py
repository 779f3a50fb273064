"""What each pair of standings means."""

from duban.ledger.tasks.standings import TaskStanding
from duban.reconciling.differences import REMEDIES, WORDS, DifferenceKind, task_difference
from duban.reconciling.seen import Presence, Seen


def standing(version: int = 7, *, is_open: bool = True, is_started: bool = True) -> TaskStanding:
    return TaskStanding(
        code="P-1",
        plan_code="P",
        round=1,
        version=version,
        status="under_way",
        is_open=is_open,
        is_started=is_started,
        state_version=version,
    )


def running(version: int = 7, status: str = "under_way", *, contradicts: bool = False) -> Seen:
    return Seen(
        presence=Presence.RUNNING, answered=True, round=1, version=version, status=status, contradicts=contradicts
    )


def kind(task: TaskStanding, seen: Seen) -> DifferenceKind | None:
    difference = task_difference(task, seen)
    return difference.kind if difference else None


def test_a_task_that_stands_in_both_alike_does_not_differ() -> None:
    assert kind(standing(), running()) is None


def test_a_closed_task_needs_no_workflow() -> None:
    for presence in (Presence.ABSENT, Presence.COMPLETED, Presence.BROKEN_OFF):
        assert kind(standing(is_open=False), Seen(presence=presence)) is None


def test_each_difference_is_called_by_its_name() -> None:
    assert kind(standing(), Seen(presence=Presence.ABSENT)) is DifferenceKind.WORKFLOW_LOST
    assert kind(standing(), Seen(presence=Presence.BROKEN_OFF)) is DifferenceKind.WORKFLOW_LOST
    assert kind(standing(), Seen(presence=Presence.COMPLETED)) is DifferenceKind.LEDGER_BEHIND
    assert kind(standing(), running(9)) is DifferenceKind.LEDGER_BEHIND
    assert kind(standing(), running(9, contradicts=True)) is DifferenceKind.LEDGER_BEHIND
    assert kind(standing(), running(5)) is DifferenceKind.WORKFLOW_BEHIND
    assert kind(standing(), running(contradicts=True)) is DifferenceKind.CONTRADICTION
    assert kind(standing(), running(status="suspended")) is DifferenceKind.CONTRADICTION
    assert kind(standing(is_open=False), running()) is DifferenceKind.CLOSED_IN_LEDGER
    assert kind(standing(is_open=False), running(9)) is DifferenceKind.LEDGER_BEHIND
    assert kind(standing(), Seen(presence=Presence.RUNNING)) is DifferenceKind.NO_ANSWER
    assert kind(standing(is_started=False), running()) is DifferenceKind.UNPROVEN_START


def test_a_task_that_is_not_started_yet_is_its_plans_affair() -> None:
    assert kind(standing(is_started=False), Seen(presence=Presence.ABSENT)) is None


def test_every_difference_has_its_words_and_either_is_mended_or_has_a_remedy() -> None:
    assert set(WORDS) == set(DifferenceKind)
    assert set(REMEDIES) < set(DifferenceKind)
