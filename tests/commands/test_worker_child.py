"""The worker that `serve` and `demo` run beside the server."""

from pathlib import Path
from typing import cast

import pytest
from temporalio.client import Client

from duban.commands.worker_child import WorkerChild
from duban.server import RunningServer, ServerError
from duban.server.claim import claimed, note_owner
from duban.settings import load_settings


async def test_a_worker_that_was_left_behind_is_named_before_a_second_one_starts(tmp_path: Path) -> None:
    child = WorkerChild(load_settings(home=tmp_path), cast("RunningServer", None), cast("Client", None))
    with claimed(child.log_file, by="工作进程") as lock:
        note_owner(lock, 4711)
        with pytest.raises(ServerError, match=r"工作进程已在运行（进程 4711）.*kill 4711"):
            await child.start()
