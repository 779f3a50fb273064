"""The command line of Duban (督办): asks, and shows what comes of it. Decides nothing.

    python starter.py --help

Exit codes: 0 done, 1 refused or failed with a reason on stderr, 2 usage.
"""

from duban.commands import (
    amend,
    answers,
    appraisal,
    backup,
    calendar,
    changes,
    check,
    codec,
    correct,
    demo,
    doctor,
    evaluation,
    grounds,
    issue,
    ledger,
    meeting,
    notices,
    opening,
    organisation,
    progress,
    reconcile,
    regime,
    register,
    rehearse,
    rehearse_year,
    release,
    schema,
    send,
    serve,
    stats,
    status,
    step,
    stuck,
    supervising,
    template,
    timeline,
    today,
    verify,
)
from duban.commands.command_line import command_line, run

PARTS = {
    "下发方案": (template, check, rehearse, rehearse_year, issue, meeting),
    "日常办理": (today, opening, progress, answers, step, supervising, correct, send),
    "登记簿": (register,),
    "查看": (status, timeline, ledger, notices, stats, evaluation, appraisal, grounds),
    "变更": (amend, regime, organisation, calendar, changes),
    "运行维护": (serve, doctor, stuck, verify, reconcile, backup, release, schema, codec, demo),
}
"""The commands, in the parts in which ``--help`` lists them."""

app = command_line()
for part, commands in PARTS.items():
    alone, grouped = len(app.registered_commands), len(app.registered_groups)
    for command in commands:
        command.register(app)
    for added in app.registered_commands[alone:]:
        added.rich_help_panel = part
    for group in app.registered_groups[grouped:]:
        group.rich_help_panel = part

if __name__ == "__main__":
    run(app)
