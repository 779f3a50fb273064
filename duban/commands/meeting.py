"""`meeting FILE`: what a meeting has decided is entered as one act, divided into tasks and handed over at once."""

import typer

from duban.commands.issue import issue
from duban.commands.meeting_options import meeting_of
from duban.commands.plan_files import read_plan_file
from duban.commands.plan_option_values import PlanOptions
from duban.commands.plan_options import PlanPath, add_plan_command
from duban.commands.reasons import Refused
from duban.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    add_plan_command(
        app,
        "meeting",
        meeting,
        summary="会议决定事项：一次录入，逐项分解交办。",
        explanation="会议决定事项：一次录入，逐项分解，以交办单交办。文件写明会议名称、日期和决定机关（或用 --meeting、"
        "--held-on、--decided-by 指定），每一项都须有责任单位和完成时限。先看结果的，用 check 和 rehearse。",
    )


def meeting(file: PlanPath, options: PlanOptions) -> None:
    """Issue a meeting's decisions; a file that names no meeting is no such file."""
    read = read_plan_file(file, options, regime_dir=load_settings().regime_dir)
    stated = read.options
    if meeting_of(stated) is None and not (stated.meeting or stated.held_on or stated.decided_by):
        raise Refused(
            "文件没有写明是哪次会议，没有下发任何任务。请在文件开头写 meeting（会议）、held_on（会议日期）、"
            "decided_by（决定机关），或用 --meeting、--held-on、--decided-by 指定；"
            "不是会议决定事项的，请用 starter.py issue。"
        )
    issue(file, options)
