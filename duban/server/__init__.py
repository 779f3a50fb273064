"""Finds, fetches and runs a Temporal server.

`running_server` is the room's door: it gives the server that the environment names, or finds the `temporal` program and
runs a development server as our own child. Tests ask for the parts: `find_temporal`, `find_time_skipping`, `DevServer`.
Nothing here knows what a plan or a task is.
"""

from duban.server.attempts import NothingWorked, Program, Say, ServerError, say_on_stderr
from duban.server.cli import find_temporal
from duban.server.dev_server import DevServer
from duban.server.retention import keep_closed_workflows
from duban.server.running import RunningServer, running_server
from duban.server.time_skipping import find_time_skipping

__all__ = [
    "DevServer",
    "NothingWorked",
    "Program",
    "RunningServer",
    "Say",
    "ServerError",
    "find_temporal",
    "find_time_skipping",
    "keep_closed_workflows",
    "running_server",
    "say_on_stderr",
]
