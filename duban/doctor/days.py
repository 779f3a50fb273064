"""The calendar: whether the holidays of this year and of the next are known, and the zones can be had."""

from datetime import UTC, date, datetime
from importlib.metadata import version
from zoneinfo import available_timezones

from duban.calendars import CalendarError, compile_calendar
from duban.doctor.finding import Check, Diagnosis
from duban.doctor.surroundings import Surroundings, aside
from duban.office_files import OfficeFileError
from duban.regimes.loading import available_regimes, load_regime
from duban.settings import Settings

ZONE = "Asia/Shanghai"
ANNOUNCED_BY_MONTH = 12
"""The State Council arranges the next year's holidays by a notice in November, or late in October."""
UPGRADE = "升级 holidays：make lock UPGRADE=1 后 make env；正在运行的任务仍按下发时的日历"


async def calendar(at: Surroundings) -> Diagnosis:
    """Up to when the arrangement of holidays is known."""
    del at
    return await aside(judged, datetime.now(UTC).date())


def judged(today: date) -> Diagnosis:
    """What the calendar is worth on a day."""
    try:
        known = compile_calendar(ZONE, today.year, today.year + 1).known_until
    except CalendarError as reason:
        return Diagnosis.mend(str(reason), "重新建立环境：make clean 后 make env（时区数据来自 tzdata）")
    library = f"holidays {version('holidays')}"
    if known is None or known.year > today.year:
        return Diagnosis.well(f"{today.year}、{today.year + 1} 年的节假日安排都已收录（{library}）")
    if known.year < today.year:
        return Diagnosis.mend(f"没有 {today.year} 年的节假日安排（{library}），工作日推算不可靠", UPGRADE)
    coming = f"{today.year + 1} 年的安排尚未收录（{library}），该年的日期都是暂定"
    if today.month >= ANNOUNCED_BY_MONTH:
        return Diagnosis.beware(coming, f"通知已公布的，{UPGRADE}")
    return Diagnosis.well(f"{today.year} 年的安排已收录；{coming}（通常 11 月公布）")


async def regimes(at: Surroundings) -> Diagnosis:
    """Whether every regime file, the bundled ones and the office's own, can be read."""
    return await aside(_regimes, at.settings)


def _regimes(chosen: Settings) -> Diagnosis:
    if chosen.regime_dir is not None and not chosen.regime_dir.is_dir():
        return Diagnosis.mend(f"没有文件夹 {chosen.regime_dir}", "核对 DUBAN_REGIME_DIR")
    names = available_regimes(chosen.regime_dir)
    for name in names:
        try:
            load_regime(name, chosen.regime_dir)
        except OfficeFileError as problem:
            return Diagnosis.mend(str(problem), "按所说的修改制度文件；已下发的方案不受影响")
    return Diagnosis.well(f"{len(names)} 个制度都能读出：{'、'.join(names)}")


async def zone(at: Surroundings) -> Diagnosis:
    """In which zone this machine shows real moments, beside the one in which plans count their days."""
    del at
    here = datetime.now().astimezone()
    there = here.astimezone(UTC)
    if ZONE not in available_timezones():
        return Diagnosis.mend(f"没有时区 {ZONE} 的数据", "重新建立环境：make clean 后 make env（时区数据来自 tzdata）")
    return Diagnosis.well(
        f"本机时区 {here.tzname()}（{here:%z}），方案按各自的时区计日；"
        f"现在是 {here:%Y-%m-%d %H:%M}（UTC {there:%H:%M}）"
    )


CHECKS = (
    Check("calendar", "日历", calendar),
    Check("regimes", "制度文件", regimes, frozenset({"regime_dir"})),
    Check("time_zone", "时区", zone),
)
