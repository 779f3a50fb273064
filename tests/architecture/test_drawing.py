"""The drawing of the architecture is the tree's: whoever moves a room is told to draw it again."""

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
DRAWING = PROJECT / "docs" / "architecture.svg"
DRAWN = {
    "starter.py", "worker.py", "workflows", "activities",
    "duban/commands", "duban/intake", "duban/supervision", "duban/regimes", "duban/ledger", "duban/notices",
}  # fmt: skip
"""What a newcomer must find; smaller rooms are in the README."""


def test_the_drawing_names_the_rooms_of_the_house_and_no_other() -> None:
    named = set(re.findall(r'class="name">([^<]+)<', DRAWING.read_text(encoding="utf-8")))
    assert named == DRAWN
    assert [name for name in named if not (PROJECT / name).exists()] == []


def test_both_readmes_show_the_drawing_and_pictures_that_are_there() -> None:
    for readme in ("README.md", "README.zh.md"):
        shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (PROJECT / readme).read_text(encoding="utf-8"))
        assert "docs/architecture.svg" in shown, readme
        assert [picture for picture in shown if not (PROJECT / picture).is_file()] == [], readme
