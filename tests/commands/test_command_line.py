"""What a command writes where."""

import subprocess
import sys

LOGS_AND_ANSWERS = """
import structlog
from duban.commands.command_line import command_line, run

app = command_line()

@app.command()
def one() -> None:
    structlog.get_logger("duban.reconcile").info("reconcile.recorded", task="T-1")
    print('{"answer": 1}')

@app.command()
def other() -> None: ...

run(app)
"""


def test_what_is_logged_on_the_way_is_not_part_of_the_result() -> None:
    said = subprocess.run([sys.executable, "-c", LOGS_AND_ANSWERS, "one"], capture_output=True, text=True, check=True)
    assert said.stdout == '{"answer": 1}\n'
    assert "reconcile.recorded" in said.stderr
