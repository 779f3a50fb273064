"""What a plan file in YAML says in place of the command line's options; the command line has the last word."""

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import TypeVar

from duban.intake import IntakeError, LeadRule
from duban.intake.files.tables import Stated
from duban.intake.rows.codes import is_usable
from duban.supervision.plans.plan import ReportCycle

EARLIEST, LATEST = date(1971, 1, 1), date(2095, 12, 31)
"""Within the calendar, with its years before and after."""
_NAME = re.compile(r"[\w.-]{1,80}")
_Choice = TypeVar("_Choice", bound=StrEnum)


def stated_options(path: Path, stated: Mapping[str, Stated]) -> dict[str, object]:
    """The values of the options that a plan file states.

    A file that came by mail names no files elsewhere: an organisation file lies beside the plan, a regime goes by its
    name.

    Raises:
        IntakeError: One of them cannot be used; its line is named.
    """
    return {name: _read(path, name, each) for name, each in stated.items()}


def _read(path: Path, name: str, stated: Stated) -> object:
    text = stated.text
    match name:
        case "code" if not is_usable(text):
            raise _unusable(path, name, stated, "编号里有不能用的字符，或太长。请用文字、数字和短横。")
        case "issued_on" | "held_on":
            return _date(path, name, stated)
        case "lead_rule":
            return _choice(path, name, stated, LeadRule)
        case "open_ended_report":
            return _choice(path, name, stated, ReportCycle)
        case "regime" if not _NAME.fullmatch(text):
            raise _unusable(path, name, stated, "请写制度的名称；制度文件的路径请用 --regime 指定。")
        case "organisation":
            beside = PurePosixPath(text)
            if beside.is_absolute() or ".." in beside.parts or "\\" in text or ":" in text or not text.isprintable():
                raise _unusable(
                    path, name, stated, "请把机构文件放在方案文件旁边，只写文件名；别处的请用 --organisation 指定。"
                )
            return path.parent / text
        case _:
            return text


def _date(path: Path, name: str, stated: Stated) -> date:
    try:
        day = date.fromisoformat(stated.text)
    except ValueError:
        raise _unusable(path, name, stated, "不是日期，请写成 2026-06-30 的形式。") from None
    if not EARLIEST <= day <= LATEST:
        raise _unusable(path, name, stated, f"不在 {EARLIEST} 至 {LATEST} 之间，请核对年份。")
    return day


def _choice(path: Path, name: str, stated: Stated, choices: type[_Choice]) -> _Choice:
    try:
        return choices(stated.text)
    except ValueError:
        raise _unusable(path, name, stated, f"应为：{'、'.join(choices)}。") from None


def _unusable(path: Path, name: str, stated: Stated, why: str) -> IntakeError:
    return IntakeError(f"方案文件“{path.name}”第{stated.line}行 {name}（“{stated.text[:60]}”）：{why}")
