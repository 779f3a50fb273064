"""A record that was put down wrongly is put right by another that names it; neither is ever changed.

A correction is words on record. What the wrong record has brought about (a milestone met, a level given, a date moved)
is undone by the message that is for it: a report by ``return_for_rework``, a date by ``amend``.
"""

from duban.supervision.tasks.entries import EntryKind
from duban.supervision.tasks.messages import Correct
from duban.supervision.tasks.turn import Refusal, Turn


def correct(turn: Turn, message: Correct) -> Refusal | None:
    """Say what an earlier entry should have said."""
    known = turn.state.version
    if not 1 <= message.version <= known:
        return Refusal(f"本任务没有第{message.version}条记录（现有第1至{known}条），请核对时间线上的序号")
    reason = f"（原因：{message.reason}）" if message.reason else ""
    text = f"{message.body}更正第{message.version}条记录，应为：{message.text}{reason}"
    turn.enter(EntryKind.CORRECTED, text, corrects=message.version)
    return None
