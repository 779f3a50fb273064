"""What docs/security.md says is tried somewhere is tried there."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
TEXT = (PROJECT / "docs/security.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`((?:tests|duban|docs)/[\w./:-]+)`", TEXT)))


def test_the_document_names_what_it_rests_on() -> None:
    assert len(NAMED) > 30


@pytest.mark.parametrize("named", NAMED)
def test_what_the_document_names_is_there(named: str) -> None:
    path, _, test = named.partition("::")
    assert (PROJECT / path).exists()
    if test:
        assert re.search(rf"^(async )?def {test}\(", (PROJECT / path).read_text("utf-8"), re.MULTILINE)
