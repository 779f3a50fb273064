"""A mistaken record is corrected by a new one that names it; the old one stays."""

from duban.supervision.tasks.entries import EntryKind
from duban.supervision.tasks.messages import Correct
from tests.supervision.supervised import GROUP, HANDLING, SUPERVISOR, Supervised


def correction(task: Supervised, version: int, body: str = SUPERVISOR) -> Correct:
    return Correct(**task.said(body), version=version, text="通话对象为李主任", reason="姓名写错")


def test_a_correction_names_the_entry_and_leaves_it_as_it_is() -> None:
    task = Supervised("2016-06-30").until("2016-05-20 12:00")
    task.report()
    wrong = task.entries[-1]
    task.tell(correction(task, wrong.version, HANDLING))
    right = task.entries[-1]
    assert (right.kind, right.corrects, right.body) == (EntryKind.CORRECTED, wrong.version, HANDLING)
    assert right.text == f"{HANDLING}更正第{wrong.version}条记录，应为：通话对象为李主任（原因：姓名写错）"
    assert task.entries[-2] == wrong


def test_a_correction_changes_nothing_that_the_record_brought_about() -> None:
    task = Supervised("2016-06-30", "2016-12-31").until("2016-05-20 12:00")
    task.report(1)
    before = task.state
    task.tell(correction(task, task.entries[-1].version))
    told = {"version", "recent", "last_at"}
    assert task.state.model_dump(exclude=told) == before.model_dump(exclude=told)


def test_what_is_not_on_record_cannot_be_corrected() -> None:
    task = Supervised("2016-06-30").until("2016-05-20 12:00")
    known = task.state.version
    assert f"现有第1至{known}条" in task.refuses(correction(task, known + 1))
    assert "没有第0条记录" in task.refuses(correction(task, 0))


def test_a_body_without_a_part_in_the_record_corrects_nothing() -> None:
    task = Supervised("2016-06-30").until("2016-05-20 12:00")
    assert "无权更正记录" in task.refuses(correction(task, 1, GROUP))


def test_a_correction_can_itself_be_corrected() -> None:
    task = Supervised("2016-06-30").until("2016-05-20 12:00")
    task.tell(correction(task, 1))
    task.tell(correction(task, task.state.version))
    assert [e.corrects for e in task.entries[-2:]] == [1, task.entries[-2].version]
