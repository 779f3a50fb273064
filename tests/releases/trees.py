"""Releases of the house: copies of this source tree, the later ones changed as a programmer might change them."""

import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS, PROGRAMS = ("workflows", "activities", "duban"), ("worker.py", "starter.py")
LOOP = "workflows/reform_task.py"
ANSWERS = "workflows/task_messages.py"

BUNDLED = '''
    async def _record_outbox(self) -> None:
        """Let what is decided within a second go into one write."""
        if self._outbox{guard}:
            await workflow.sleep(1)
        await super()._record_outbox()
'''
"""A wait before each write: harmless to look at, and another command where every history has the write."""


@dataclass(frozen=True)
class Appended:
    """Lines at the end of a file."""

    file: str
    text: str

    def apply(self, tree: Path) -> None:
        with (tree / self.file).open("a", encoding="utf-8") as changed:
            changed.write(self.text)


@dataclass(frozen=True)
class Replaced:
    """One passage instead of another; the file has it once."""

    file: str
    old: str
    new: str

    def apply(self, tree: Path) -> None:
        text = (tree / self.file).read_text(encoding="utf-8")
        assert text.count(self.old) == 1, (
            f"{self.file} has changed: {self.old!r} stands in it {text.count(self.old)} times"
        )
        (tree / self.file).write_text(text.replace(self.old, self.new), encoding="utf-8")


BAD = (Appended(LOOP, BUNDLED.format(guard="")),)
"""Tasks that have written anything stand still under it."""
PATCHED = "bundled-writes"
PROPER = (
    Appended(LOOP, BUNDLED.format(guard=f' and workflow.patched("{PATCHED}")')),
    Replaced(ANSWERS, "已受理：{ACT_WORDS[act]}", "已收到：{ACT_WORDS[act]}"),
)
"""The same for tasks that begin under it; those that run go on as before. Its answers are worded anew for all."""


def released(folder: Path, *changes: Appended | Replaced) -> Path:
    """A source tree of its own, with changes."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    for program in PROGRAMS:
        shutil.copy(ROOT / program, folder / program)
    for change in changes:
        change.apply(folder)
    return folder
