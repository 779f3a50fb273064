"""Programs that check what is under deploy/; where one is not there, that is said in words."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import MISSING
from tests.releases.trees import ROOT

DEPLOY = ROOT / "deploy"
Program = Callable[[str, str], Path]


@pytest.fixture
def program(request: pytest.FixtureRequest) -> Program:
    """Finds a program; a test without it is skipped, and the summary says which and where it comes from."""

    def find(name: str, comes_from: str) -> Path:
        found = shutil.which(name)
        if found is None:
            reason = f"没有 {name}（{comes_from}）"
            request.config.stash[MISSING][f"用 {name} 核对 deploy 的测试"] = reason
            pytest.skip(reason)
        return Path(found)

    return find
