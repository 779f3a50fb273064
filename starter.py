"""The command line of Duban (督办): asks, and shows what comes of it. Decides nothing.

    python starter.py --help

Exit codes: 0 done, 1 refused or failed with a reason on stderr, 2 usage.
"""

from duban.commands import (
    amend,
    answers,
    backup,
    calendar,
    changes,
    check,
    codec,
    correct,
    demo,
    doctor,
    issue,
    ledger,
    notices,
    organisation,
    progress,
    reconcile,
    rehearse,
    release,
    schema,
    send,
    serve,
    stats,
    status,
    stuck,
    supervising,
    template,
    timeline,
    today,
    verify,
)
from duban.commands.command_line import command_line, run

app = command_line()
for command in (
    template,
    check,
    rehearse,
    issue,
    today,
    amend,
    status,
    timeline,
    verify,
    ledger,
    notices,
    stats,
    progress,
    answers,
    supervising,
    correct,
    send,
    serve,
    backup,
    reconcile,
    release,
    schema,
    stuck,
    doctor,
    changes,
    organisation,
    calendar,
    codec,
    demo,
):
    command.register(app)

if __name__ == "__main__":
    run(app)
