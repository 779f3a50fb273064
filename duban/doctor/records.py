"""What the ledger holds: its chains, what has not gone out, what was ordered, what is late, its last backup."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from duban.doctor.finding import Check, Diagnosis
from duban.doctor.surroundings import Surroundings, aside
from duban.keeping.last import last_backup
from duban.ledger import Ledger
from duban.notices.arrangements import Arrangements
from duban.office_files import OfficeFileError
from duban.settings import Settings

CHAINS = 30
"""Timelines that are followed from end to end: a fraction of a second."""
LONG_LATE = timedelta(hours=1)
LOOK_AGAIN_SECONDS = 2.0
GO_ON = "可以恢复时 starter.py notices start"
OLD_BACKUP, VERY_OLD_BACKUP = timedelta(days=2), timedelta(days=14)
URL = frozenset({"database_url", "home"})


async def chains(at: Surroundings) -> Diagnosis:
    """Whether the timelines of the tasks that act next are as they were written."""
    checked, flaws = await aside(_chains, await at.ledger())
    if flaws:
        return Diagnosis.mend(
            f"{flaws[0]}（共 {len(flaws)} 处）", "starter.py verify；数据库保持原样，另处恢复备份后比对"
        )
    return Diagnosis.well(f"抽查 {checked} 项任务的时间线，都完整；全部核对用 starter.py verify")


def _chains(ledger: Ledger) -> tuple[int, list[str]]:
    codes = ledger.watch.next_to_act(CHAINS)
    pages = list(ledger.proofs.check(codes)) if codes else []
    return sum(tasks for tasks, _ in pages), [str(flaw) for _, found in pages for flaw in found]


async def undeliverable(at: Surroundings) -> Diagnosis:
    """Whether there are notices that nobody gets unless somebody sees to them."""
    unsent = await _unsent(at)
    if unsent:
        return Diagnosis.mend(
            f"{unsent} 件通知无法送达，仍然有效",
            "starter.py notices dead 查看原因；修好后 starter.py notices resend ID",
        )
    return Diagnosis.well("没有无法送达的通知")


async def _unsent(at: Surroundings) -> int:
    ledger = await at.ledger()
    return (await aside(ledger.watch.unsent, datetime.now(UTC))).undeliverable


async def sending(at: Surroundings) -> Diagnosis:
    """Whether anything may go out at all."""
    ledger = await at.ledger()
    order = await aside(ledger.sending.standing)
    if order is None:
        return Diagnosis.well("没有停止")
    waiting = await aside(ledger.sending.waiting_notices)
    why = f"：{order.reason}" if order.reason else ""
    return Diagnosis.beware(
        f"一切发送自 {_here(order.given_at)} 起停止，由{order.given_by}决定{why}。待发 {waiting} 件", GO_ON
    )


async def outgoing(at: Surroundings) -> Diagnosis:
    """Whether what is due goes out."""
    ledger, now = await at.ledger(), datetime.now(UTC)
    unsent = await aside(ledger.watch.unsent, now)
    if unsent.overdue and await aside(ledger.sending.standing) is not None:
        return Diagnosis.beware(f"{unsent.overdue} 件通知到时未发，因为发送已停止，见“发送”", GO_ON)
    if unsent.overdue and not await aside(_anybody_is_kept_waiting, ledger, at.settings, now):
        return Diagnosis.well(f"待发 {unsent.pending} 件，到时的按免打扰时段、发送时间或每周件数等候")
    if unsent.overdue and unsent.overdue_since is not None:
        return Diagnosis.mend(
            f"{unsent.overdue} 件通知到时未发，最早的应发于 {_here(unsent.overdue_since)}",
            "看“工作进程”和“补送计划”两行；都正常的，看 starter.py stuck 和工作进程的日志",
        )
    if unsent.retrying:
        return Diagnosis.beware(
            f"{unsent.retrying} 份文书没有送成，等待重试",
            "starter.py notices --status sending 看最后一次答复；网关恢复后自动送出",
        )
    return Diagnosis.well(f"待发 {unsent.pending} 件，没有到时未发的")


def _anybody_is_kept_waiting(ledger: Ledger, settings: Settings, now: datetime) -> bool:
    """Whether a body should have been sent something, by the hours and the budget that are set for it."""
    try:
        arranged = Arrangements.of(settings)
    except OfficeFileError:  # has a line of its own, and whoever waits for it to be mended is kept waiting
        return True
    return any(ledger.deliveries.kept_waiting(now, arranged.rules_for))


async def change_orders(at: Surroundings) -> Diagnosis:
    """Whether somebody has still to be told what was ordered."""
    ledger = await at.ledger()
    waiting = [row for row in await aside(ledger.orders.order_rows) if row.waiting]
    if not waiting:
        return Diagnosis.well("没有等待办理的变更单")
    oldest = waiting[-1]
    detail = f"《{oldest.title}》（{_here(oldest.ordered_at_real)}）还有 {oldest.waiting} 项没有告知"
    others = f"；等待办理的共 {len(waiting)} 份，全部见 starter.py changes" if len(waiting) > 1 else ""
    return Diagnosis.beware(detail + others, f"starter.py changes resume {oldest.id}")


async def lateness(at: Surroundings) -> Diagnosis:
    """Whether tasks have woken when they were to."""
    ledger, now = await at.ledger(), datetime.now(UTC)
    late = await aside(lambda: ledger.rows.lateness(now))
    if not late.tasks or late.since is None:
        return Diagnosis.well("没有到时未办的任务")
    detail = f"{late.tasks} 项任务到时未办，最早的应办于 {_here(late.since)}"
    await asyncio.sleep(LOOK_AGAIN_SECONDS)
    later = datetime.now(UTC)
    still = await aside(lambda: ledger.rows.lateness(later))
    if still.tasks < late.tasks:  # a plan with dates in the past has just been issued, or an outage has just ended
        return Diagnosis.well(f"{detail}；正在补办，现余 {still.tasks} 项")
    if now - late.since > LONG_LATE:
        return Diagnosis.mend(detail, "看“工作进程”一行；在运行的，看 starter.py stuck，或多启动几个工作进程")
    return Diagnosis.beware(detail, "停机之后会自动补办；过几分钟再看，不减少的看 starter.py stuck")


async def backup(at: Surroundings) -> Diagnosis:
    """When the last backup was taken from here, and whether it is still where it was put."""
    return await aside(_backup, at.settings.home)


def _backup(home: Path) -> Diagnosis:
    last = last_backup(home)
    remedy = "starter.py backup TARGET，并启用定时备份（deploy/systemd/duban-backup.timer）"
    if last is None:
        return Diagnosis.beware("没有从这里备份过的记录", remedy)
    age = datetime.now(UTC) - last.at
    detail = f"{_here(last.at)}，{last.file}"
    if age > VERY_OLD_BACKUP:
        return Diagnosis.mend(f"{detail}：已过 {age.days} 天", remedy)
    if age > OLD_BACKUP:
        return Diagnosis.beware(f"{detail}：已过 {age.days} 天", remedy)
    if not last.file.exists():
        return Diagnosis.beware(
            f"{detail}：文件已不在那里", "核对它移到了哪里；没有移走的，重新备份：starter.py backup TARGET"
        )
    return Diagnosis.well(detail)


def _here(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"


CHECKS = (
    Check("chains", "台账完整", chains, URL),
    Check("undeliverable", "无法送达", undeliverable, URL),
    Check("sending", "发送", sending, URL),
    Check("outgoing", "到时未发", outgoing, URL),
    Check("change_orders", "变更单", change_orders, URL),
    Check("lateness", "到时未办", lateness, URL),
    Check("backup", "备份", backup, frozenset({"home"})),
)
