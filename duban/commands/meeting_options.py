"""The meeting whose decisions a plan file holds, and what does not go together with one."""

from collections.abc import Iterator
from datetime import date

from duban.commands.plan_option_values import PlanOptions
from duban.intake import Problem, Severity
from duban.supervision.plans.plan import Meeting

_NAMES = {"meeting": "会议名称", "held_on": "会议日期", "decided_by": "决定机关"}


def meeting_of(options: PlanOptions) -> Meeting | None:
    """The meeting, where all that names it is there."""
    title, body = options.meeting.strip(), options.decided_by.strip()
    if not (title and body and options.held_on):
        return None
    return Meeting(title=title, held_on=options.held_on, body=body)


def of_meeting(options: PlanOptions, issued_on: date) -> Iterator[Problem]:
    """What is missing of a meeting, and the rules that its decisions do without."""
    given = {name: bool(getattr(options, name)) for name in _NAMES}
    if not any(given.values()):
        return
    if missing := [words for name, words in _NAMES.items() if not given[name]]:
        yield _error("--meeting", "", f"没有写明{'、'.join(missing)}。", "会议决定事项须写明会议名称、日期和决定机关。")
    if options.held_on is not None and options.held_on > issued_on:
        problem = f"会议日期{options.held_on}晚于印发日期{issued_on}。"
        yield _error("--held-on", options.held_on.isoformat(), problem, "请核对。")
    for option, words, value in (
        ("--lead-rule", "牵头规则", options.lead_rule),
        ("--open-ended-report", "报告周期", options.open_ended_report),
    ):
        if value is not None:
            problem = f"会议决定事项须逐项落实责任单位和时限，不能用{words}代替。"
            yield _error(option, value.value, problem, "请去掉这一项，在文件中逐项写明。")


def _error(option: str, value: str, problem: str, suggestion: str) -> Problem:
    return Problem(severity=Severity.ERROR, column=option, value=value, problem=problem, suggestion=suggestion)
