"""Suspension: the count stands still on these days, and nothing is flushed when it runs again."""

from duban.supervision.days.calendar import FARTHEST
from duban.supervision.steps.steps import run_on
from duban.supervision.tasks.entries import (
    EntryKind,
)
from duban.supervision.tasks.messages import (
    Resume,
    Suspend,
)
from duban.supervision.tasks.state import Stage, Suspension
from duban.supervision.tasks.turn import Refusal, Turn, day_text


def suspend(turn: Turn, message: Suspend) -> Refusal | None:
    """Stop the count from today; what was given before stays given."""
    if turn.state.suspended_on(turn.today):
        return Refusal("任务已处于暂停状态，无须再次暂停")
    if turn.state.stage is Stage.STRIKE_OFF_REQUESTED:
        return Refusal("销号申请正在核验，不能暂停")
    if message.until is not None and message.until <= turn.today:
        return Refusal(f"恢复日期{day_text(message.until)}须晚于今天")
    if message.until is not None and message.until - turn.today > FARTHEST:
        return Refusal(f"恢复日期{day_text(message.until)}过于遥远，请核对年份")
    span = Suspension(from_on=turn.today, until_on=message.until, reason=message.reason)
    turn.update(suspensions=(*turn.state.suspensions, span))
    end = f"至{day_text(message.until)}前" if message.until else ""
    turn.enter(EntryKind.SUSPENDED, f"{message.body}批准暂停计时{end}：{message.reason}")
    return None


def resume(turn: Turn, message: Resume) -> Refusal | None:
    """The count runs again from today."""
    if not turn.state.suspended_on(turn.today):
        return Refusal("任务未处于暂停状态")
    spans = tuple(
        s.model_copy(update={"until_on": turn.today, "over": True})
        if s.from_on <= turn.today and (s.until_on is None or turn.today < s.until_on)
        else s
        for s in turn.state.suspensions
    )
    ended = next(s for s, before in zip(spans, turn.state.suspensions, strict=True) if s is not before)
    turn.update(suspensions=spans)
    reason = f"：{message.reason}" if message.reason else ""
    turn.enter(EntryKind.RESUMED, f"{message.body}恢复计时{reason}", *run_on(turn, ended))
    return None
