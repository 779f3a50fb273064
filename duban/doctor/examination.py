"""The whole examination: every check at once, each for itself and in bounded time, told in order."""

import asyncio
import os
from collections.abc import Awaitable, Callable

from temporalio.client import Client
from temporalio.service import RPCError

from duban.doctor import (
    channels,
    clocks,
    days,
    keys,
    ledgers,
    named_channels,
    places,
    records,
    servers,
    workers,
)
from duban.doctor.finding import Check, Diagnosis, Finding, State
from duban.doctor.surroundings import NotExamined, Surroundings, surroundings
from duban.redaction import Redactor, secrets_of
from duban.settings import Settings, variable

CHECKS: tuple[Check, ...] = (
    *places.CHECKS,
    *servers.CHECKS,
    *workers.CHECKS,
    *ledgers.CHECKS,
    *records.CHECKS,
    *channels.CHECKS,
    *named_channels.CHECKS,
    *keys.CHECKS,
    *days.CHECKS,
    *clocks.CHECKS,
)
WITHIN_SECONDS = 25.0
"""Of one check, the connection that it shares with others included."""


async def examine(
    connect: Callable[[Settings], Awaitable[Client]],
    explain: Callable[[BaseException], str | None],
    *,
    checks: tuple[Check, ...] = CHECKS,
    within: float = WITHIN_SECONDS,
) -> list[Finding]:
    """Look at everything.

    Args:
        connect: Connects to the server of an installation.
        explain: The sentence for an error that was foreseen; None for another.
        checks: What is looked at.
        within: Seconds for each check.
    """
    with surroundings(connect) as found:
        diagnoses = await asyncio.gather(*(_looked_at(check, found, explain, within) for check in checks))
        hidden = Redactor()
        for secret in secrets_of(found.settings, os.environ):
            hidden.keep(secret)
    return [
        Finding(
            check=check.name,
            title=check.title,
            state=diagnosis.state,
            detail=hidden.text(diagnosis.detail),
            remedy=hidden.text(diagnosis.remedy),
        )
        for check, diagnosis in zip(checks, diagnoses, strict=True)
    ]


async def _looked_at(
    check: Check, at: Surroundings, explain: Callable[[BaseException], str | None], within: float
) -> Diagnosis:
    if unreadable := sorted(variable(field) for field in check.rests_on & at.unreadable):
        return Diagnosis(state=State.UNEXAMINED, detail=f"{'、'.join(unreadable)} 读不出来，见“设置”")
    try:
        async with asyncio.timeout(within):
            return await check.look(at)
    except NotExamined as reason:
        return Diagnosis(state=State.UNEXAMINED, detail=str(reason))
    except TimeoutError:
        return Diagnosis.mend(f"{within:g} 秒内没有结果", "检查网络、服务器和磁盘是否过慢或挂起，然后再运行一次")
    except Exception as error:  # noqa: BLE001 - a check that fails must not end the others
        told = explain(error)
        if told is None and not isinstance(error, RPCError):
            told = f"检查本身出错（{type(error).__name__}：{error}）"
        return Diagnosis.mend(told or str(error), "照所说的处理，再运行一次 starter.py doctor")
