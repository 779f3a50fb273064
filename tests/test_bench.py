"""The command of the measurements; what they measure is not a test's business."""

import pytest

from bench.__main__ import KINDS, USUAL, asked_for


def test_without_a_kind_all_are_measured_but_the_one_that_takes_a_million_tasks() -> None:
    assert tuple(asked_for([]).what) == USUAL
    assert set(KINDS) - set(USUAL) == {"statistics"}


def test_a_kind_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        asked_for(["evnts"])
    assert "evnts" in capsys.readouterr().err
