"""Names that somebody types: one that nobody has must not look like one about which there is nothing to show."""

from collections.abc import Sequence
from difflib import get_close_matches

from duban.commands.reasons import Refused
from duban.ledger import Ledger

_ALIKE = 0.4
_ALIKE_CODES = 0.6
"""Codes of one plan are much alike in any case."""
_SHOWN = 3
_COMPARED = 2_000
"""Codes of a plan that are looked through."""


def known_plan(door: Ledger, code: str | None) -> None:
    """See to it that a plan that is asked for is registered.

    Raises:
        Refused: It is not.
    """
    if code is not None and door.plans.plan_row(code) is None:
        known = "、".join(row.code for row in door.plans.plan_rows()) or "还没有方案"
        raise Refused(f"台账中没有方案 {code}。现有：{known}。")


def known_body(door: Ledger, body: str | None) -> None:
    """See to it that some plan knows a body: it takes part in a task, or holds an office.

    Raises:
        Refused: None does.
    """
    names = door.agendas.names_like(body) if body is not None else None
    if body is not None and names is not None:
        raise Refused(f"台账中没有单位“{body}”{_perhaps(_near(body, names), '请核对名称')}")


def known_task(door: Ledger, code: str | None) -> None:
    """See to it that a task is registered.

    Raises:
        Refused: It is not.
    """
    if code is None or door.tasks.versions_of([code]):
        return
    plans = [row.code for row in door.plans.plan_rows()]
    near_plans = [plan for plan in plans if code.startswith(plan)] or _near(code, plans)
    codes = [task.task_code for plan in near_plans for task in door.tasks.versions(plan, limit=_COMPARED)]
    near = get_close_matches(code, codes, n=_SHOWN, cutoff=_ALIKE_CODES)
    raise Refused(f"台账中没有任务 {code}{_perhaps(near, '请核对编号')}")


def known_level(door: Ledger, level: str | None) -> None:
    """See to it that the rules of some plan have a level of reminders.

    Raises:
        Refused: None has it.
    """
    levels = door.rows.levels() if level is not None else {}
    if level is None or level in levels or not levels:
        return
    titled = [key for key, title in levels.items() if level in title]
    shown = [f"{key}（{levels[key]}）" for key in titled or _near(level, tuple(levels)) or levels]
    raise Refused(f"没有提醒级别“{level}”{_perhaps(shown, '')}")


def _near(name: str, names: Sequence[str]) -> list[str]:
    return get_close_matches(name, names, n=_SHOWN, cutoff=_ALIKE)


def _perhaps(near: Sequence[str], else_: str) -> str:
    return f"，是否应为：{'、'.join(near)}？" if near else f"，{else_}。"
