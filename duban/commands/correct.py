"""`correct CODE --version N`: a record was put down wrongly; a new one says what is right, the old one stays."""

from typing import Annotated

import typer

from duban.commands.acting import Actor, add_acting_command
from duban.commands.connecting import reading_ledger
from duban.commands.conversation import Conversation, Said, TaskCode, converse
from duban.commands.reasons import Refused
from duban.ledger import Ledger
from duban.settings import load_settings
from duban.supervision.rules.authority import Act
from duban.supervision.rules.parts import REFORM_OFFICE, SUPERVISING_BODY
from duban.supervision.tasks.entries import EntryKind, LedgerEntry, MilestoneChange
from duban.supervision.words import ENTRY_WORDS

REMEDIES: dict[EntryKind, str] = {
    EntryKind.PROGRESS: "完成的节点不实的，请用 starter.py return 退回重办",
    EntryKind.STRIKE_OFF_REQUESTED: "申请不实的，请用 starter.py return --what strike_off 退回",
    EntryKind.EXPLAINED: "说明不实的，请用 starter.py return --what explanation 退回",
    EntryKind.EXTENSION_REQUESTED: "请由决定单位不予同意（starter.py decide --refuse），再另行申请",
    EntryKind.DECIDED: "决定已经生效；期限有误的请用 starter.py amend 调整",
    EntryKind.SUSPENDED: "不应暂停的，请用 starter.py resume 恢复计时",
    EntryKind.RESUMED: "不应恢复的，请用 starter.py suspend 重新暂停",
    EntryKind.CARRIED_OVER: "期限有误的，请用 starter.py amend 调整",
    EntryKind.AMENDED: "调整有误的，请改正方案文件，再用 starter.py amend 调整",
    EntryKind.MARKED: "列错清单的，请用 starter.py mark 列入，或写明 --remove 移出",
    EntryKind.ADOPTED: "变更有误的，请另行变更",
    EntryKind.RETURNED: "退回有误的，请承办单位重新报告",
    EntryKind.DEMANDED: "整改要求已经送达；请另行说明",
    EntryKind.STEP_TAKEN: "步骤已经生效；应当重办的请由其后的步骤退回，或终止本事项另行立项",
}
"""Records that have brought something about, and how that is undone."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    add_acting_command(
        app,
        "correct",
        correct,
        summary="更正写错的记录：原记录保留，另记一条指明它并写明正确的内容；引起的后果须用相应的命令撤销。",
    )


def correct(
    actor: Actor,
    code: TaskCode = "",
    version: Annotated[
        int | None, typer.Option("--version", min=1, help="写错的是第几条记录（序号见 timeline）")
    ] = None,
    text: Annotated[str, typer.Option("--text", help="正确的内容")] = "",
    reason: Annotated[str, typer.Option("--reason", help="更正的原因")] = "",
    text_only: Annotated[bool, typer.Option("--text-only", help="记录已引起后果，仍只更正文字")] = False,
) -> None:
    """Correct a record."""

    def compose(talk: Conversation) -> Said:
        talk.who(Act.CORRECT)
        said = talk.text("--version", "写错的是第几条记录（序号见 timeline）", str(version or ""))
        right = talk.text("--text", "正确的内容", text)
        if not talk.missing:
            _refuse_wrong(talk, said, text_only=text_only)
        return Act.CORRECT, {"version": said, "text": right, "reason": reason}

    converse(code, actor, compose)


def _refuse_wrong(talk: Conversation, version: str, *, text_only: bool) -> None:
    """What the task itself cannot know: who made a record, and what it has brought about."""
    with reading_ledger(load_settings()) as ledger:
        wrong = _named(ledger, talk.code, version)
        _refuse_others(ledger, talk.code, wrong, talk.body)
    if not text_only and (remedy := _remedy(wrong)) is not None:
        raise Refused(
            f"第{version}条是“{ENTRY_WORDS[wrong.kind]}”，已经引起后果，更正只改文字，不能撤销它：{remedy}。"
            "确实只更正文字的，请加 --text-only。"
        )


def _named(ledger: Ledger, code: str, version: str) -> LedgerEntry:
    found = ledger.timelines.entry(code, int(version)) if version.isdecimal() else None
    if found is None:
        raise Refused(f"任务 {code} 没有第{version}条记录，请用 starter.py timeline {code} 核对序号。")
    return found


def _remedy(wrong: LedgerEntry) -> str | None:
    """A report that met nothing is words alone."""
    if wrong.kind is EntryKind.PROGRESS and not any(isinstance(c, MilestoneChange) for c in wrong.changes):
        return None
    return REMEDIES.get(wrong.kind)


def _refuse_others(ledger: Ledger, code: str, wrong: LedgerEntry, body: str) -> None:
    """Whoever made a record corrects it, or who supervises; the task itself does not know any more who made it."""
    state = ledger.amendments.states([code]).get(code)
    if state is None or body == wrong.body or body in state.roles.of(SUPERVISING_BODY, REFORM_OFFICE):
        return
    maker = wrong.body or "系统"
    raise Refused(f"第{wrong.version}条是{maker}所作的记录，应由{maker}、交办单位或改革办更正，{body}不能更正。")
