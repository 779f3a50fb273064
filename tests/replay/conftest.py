"""An installation on skipped time, for the fingerprints."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.workflows.installation import OnSkippedTime


@pytest.fixture
async def replayed_days(
    time_skipping: WorkflowEnvironment, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[OnSkippedTime]:
    scenario = request.getfixturevalue("scenario")
    installation = OnSkippedTime(time_skipping.client, tmp_path, f"F-{scenario.name}")
    installation.environment = time_skipping
    yield installation
    await installation.end()
