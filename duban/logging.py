"""Sets up logging: one line per event on stderr, JSON or for a terminal, without secrets.

What the standard library's loggers say (Temporal, the database, the workflows) goes the same way as what ours say.
The redaction stands last before the rendering, so that nothing reaches a line unseen.
"""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

from duban.notices.arrangements import Arrangements
from duban.office_files import OfficeFileError
from duban.redaction import Redactor, secrets_of
from duban.settings import LogFormat, LogLevel, Settings

HANDLER = "duban"
QUIET = ("httpx", "httpcore", "temporalio", "urllib3")
"""Libraries that are heard from `WARNING` on. httpx tells whole URLs at `INFO`, and a robot's URL is its password."""
OURS_IN_TEMPORAL = ("temporalio.workflow", "temporalio.activity")
"""The loggers with which our own workflows and activities speak."""
THEIR_CONTEXT = ("temporal_workflow", "temporal_activity")
"""What those loggers add to their records."""

_redactor = Redactor()


def configure_logging(settings: Settings, *, stream: TextIO | None = None) -> None:
    """Sets up logging for this process; called again, it replaces what it set up before.

    The secrets among the settings and in Temporal's variables are kept out of every line from now on.

    Args:
        settings: Format and level.
        stream: Where lines go; stderr unless given.
    """
    stream = stream or sys.stderr
    for secret in (*secrets_of(settings, os.environ), *_of_channels(settings)):
        _redactor.keep(secret)
    console = settings.log_format is LogFormat.CONSOLE or (settings.log_format is LogFormat.AUTO and stream.isatty())
    before = _before_rendering()
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(stream)
    handler.set_name(HANDLER)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*before, structlog.stdlib.ExtraAdder(THEIR_CONTEXT)],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _redactor,
                *_renderers(console=console, colors=stream.isatty()),
            ],
        )
    )
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if handler.get_name() == HANDLER]:
        root.removeHandler(old)
    root.addHandler(handler)
    _set_levels(root, settings.log_level)


def _of_channels(settings: Settings) -> Iterator[str]:
    """The secrets of the channels file; of one that cannot be used whoever opens the channels says so."""
    try:
        yield from Arrangements.of(settings).secrets()
    except OfficeFileError:
        return


def keep_secret(value: str) -> None:
    """Keeps a value out of every log line of this process, wherever it occurs, from now on."""
    _redactor.keep(value)


@contextmanager
def logged_about(*, plan: str = "", task: str = "", workflow: str = "", run: str = "") -> Iterator[None]:
    """Says in every line logged inside which plan, task, workflow and run it is about; empty ones are left as they are.

    Holds for the thread or asyncio task that enters, and for what it starts from there.
    """
    about = {"plan": plan, "task": task, "workflow": workflow, "run": run}
    with structlog.contextvars.bound_contextvars(**{name: value for name, value in about.items() if value}):
        yield


def _before_rendering() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _renderers(*, console: bool, colors: bool) -> list[Processor]:
    if console:
        plain: Any = structlog.dev.plain_traceback  # a rich one shows local variables, secrets among them
        return [structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=plain)]
    return [structlog.processors.JSONRenderer(ensure_ascii=False)]


def _set_levels(root: logging.Logger, chosen: LogLevel) -> None:
    level = logging.getLevelNamesMapping()[chosen.upper()]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    for name in OURS_IN_TEMPORAL:
        logging.getLogger(name).setLevel(level)
