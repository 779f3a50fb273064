"""Where a demonstration takes place: a folder of its own, and nothing of the settings of the person who starts it.

A demonstration must never write into a real ledger or reach a real server.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from duban.commands.reasons import Refused
from duban.settings import PREFIX, LogFormat, NoticeChannel, Settings, load_settings

FOREIGN = (PREFIX, "TEMPORAL_")
MARK = ".duban-demo"
"""Marks a folder that a demonstration made, and may therefore empty."""
LEDGER_FILE = "ledger.xlsx"
NOTICES = "notices"
HOME = "home"


@contextmanager
def nobody_elses_environment() -> Iterator[None]:
    """Hides the person's own ``DUBAN_*`` and ``TEMPORAL_*`` variables and Temporal profiles while the block runs."""
    hidden = {name: value for name, value in os.environ.items() if name.startswith(FOREIGN)}
    for name in hidden:
        del os.environ[name]
    os.environ["TEMPORAL_CONFIG_FILE"] = os.devnull
    try:
        yield
    finally:
        del os.environ["TEMPORAL_CONFIG_FILE"]
        os.environ.update(hidden)


def settings_in(output: Path) -> Settings:
    """The settings of a demonstration in a folder; call it in ``nobody_elses_environment``."""
    return load_settings(
        home=output / HOME,
        outbox_dir=output / NOTICES,
        channel=NoticeChannel.OUTBOX,
        channels_file=None,
        log_format=LogFormat.JSON,
    )


def emptied(output: Path) -> Path:
    """A folder without anything of an earlier demonstration.

    Raises:
        Refused: It holds files, and no demonstration made it.
        OSError: It cannot be written.
    """
    folder = output.expanduser().absolute()
    if folder.exists() and not (folder / MARK).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(f"“{folder}”里已有别的文件，演示不会动它。请用 --output 另选一个文件夹。")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
    for name in (HOME, NOTICES):
        if (folder / name).exists():
            shutil.rmtree(folder / name)
    (folder / LEDGER_FILE).unlink(missing_ok=True)
    return folder
