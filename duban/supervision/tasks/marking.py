"""Lists (五张清单): a task is put on them and taken off. No body owes anything by that, and nobody is told."""

from duban.supervision.changes.succession import task_change
from duban.supervision.tasks.entries import EntryKind
from duban.supervision.tasks.messages import Mark
from duban.supervision.tasks.turn import Turn
from duban.supervision.words import LIST_WORDS


def mark(turn: Turn, message: Mark) -> None:
    """Put a task on lists or take it off; to be named again where it stands already is on record too."""
    definition = turn.state.definition
    stays = tuple(kind for kind in definition.list_kinds if kind not in message.lists)
    comes = tuple(kind for kind in dict.fromkeys(message.lists) if kind not in definition.list_kinds)
    kinds = stays if message.remove else (*definition.list_kinds, *comes)
    words = "、".join(LIST_WORDS[kind] for kind in dict.fromkeys(message.lists))
    said = f"移出{words}清单" if message.remove else f"列入{words}清单"
    already = "（此前已如此，没有变化）" if kinds == definition.list_kinds else ""
    turn.update(definition=definition.model_copy(update={"list_kinds": kinds}))
    text = f"{message.body}将任务{said}{already}：{message.reason}"
    turn.enter(EntryKind.MARKED, text, task_change(turn.state))
