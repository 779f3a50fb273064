"""The time-skipping server, started; its program is found by `duban.server`."""

from pathlib import Path

from temporalio.testing import WorkflowEnvironment

from duban.encryption.converter import data_converter

ATTEMPTS = 5
"""The SDK gives the server five seconds to start and no way to ask for more: on a busy machine that is little."""


async def start_time_skipping(program: Path) -> WorkflowEnvironment:
    """Starts a server of one's own.

    Raises:
        RuntimeError: It did not start, however often it was tried.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return await WorkflowEnvironment.start_time_skipping(
                test_server_existing_path=str(program), data_converter=data_converter(None)
            )
        except RuntimeError:
            if attempt == ATTEMPTS:
                raise
    raise AssertionError
