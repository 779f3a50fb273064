"""A release that changes the ledger's schema: the one before it goes on beside it, and there is a way back."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from duban.contracts import Answer
from duban.ledger import migrate, schema_revisions
from duban.ledger.migration import SCRIPTS
from duban.rollout import make_current
from tests.commands.conftest import CommandLine
from tests.releases.stage import Told, staged
from tests.releases.trees import ROOT, Appended, released

LATER = "9999"
HEAD = str(ScriptDirectory(str(SCRIPTS)).get_current_head())
MIGRATION = f'''"""Something that only a later release knows."""

import sqlalchemy as sa
from alembic import op

revision = "{LATER}"
down_revision = "{HEAD}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tasks", sa.Column("of_a_later_release", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("tasks", "of_a_later_release")
'''
WITH_A_MIGRATION = Appended(f"{SCRIPTS.relative_to(ROOT)}/versions/{LATER}_of_a_later_release.py", MIGRATION)


@dataclass
class Seen:
    """What was seen of the trial; that the ledger is complete in the end is checked by the trial."""

    told: dict[str, Told] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    migrated: str | None = None
    refused: tuple[int, str] = (0, "")


async def there_and_back(program: Path, home: Path, tasks: int) -> Seen:  # noqa: ARG001 - one task shows it
    """The next release migrates while the present one works; then everything goes back to the present one."""
    seen = Seen()
    present, following = released(home / "present"), released(home / "following", WITH_A_MIGRATION)
    async with staged(program, home, "M1") as stage:
        fast = stage.fast

        async def reports() -> None:
            seen.answers.append(await fast.report(percent=10 * len(seen.answers)))
            await fast.recorded()

        async with stage.worker(present, "r1") as first:
            await make_current(fast.client, "r1")
            await fast.start(fast.prepare(fast.task("2016-12-20"), entered="2016-06-24"))
            await fast.under_way()
            await reports()
            async with stage.worker(following, "r2"):
                seen.migrated = schema_revisions(fast.ledger.engine)[0]
                await reports()  # the present release goes on beside the migrated ledger
                await make_current(fast.client, "r2")
                await reports()
                assert await first.drained() == 0
                # Whatever is started of the present release now is turned away, in words.
                refused = await stage.launch(present, "r1")
                seen.refused = (await refused.process.wait(), refused.log.read_text(encoding="utf-8"))
                seen.told["old command"] = await stage.starter(present, "ledger")
                await reports()
        seen.told["back"] = await stage.starter(following, "schema", "--back-to", HEAD, "--yes", "--json")
        async with stage.worker(present, "r1"):
            await make_current(fast.client, "r1")
            await reports()
            fast.check_ledger()
    return seen


@pytest.mark.tries(trial=there_and_back)
class TestThereAndBack:
    def test_the_present_release_goes_on_while_the_next_one_has_migrated_the_ledger(self, outcome: Seen) -> None:
        assert [answer.repeated for answer in outcome.answers] == [False] * 5  # the last of them after the way back
        assert outcome.migrated == LATER

    def test_but_it_is_not_started_again_on_it_and_says_why(self, outcome: Seen) -> None:
        code, said = outcome.refused
        assert code == 1
        assert "台账已由更新的版本升级过，本版本不能使用它" in said
        assert outcome.told["old command"].code == 1
        assert f"台账的结构（{LATER}）与本版本（{HEAD}）不符" in outcome.told["old command"].err

    def test_the_next_release_takes_its_migration_back(self, outcome: Seen) -> None:
        assert outcome.told["back"].json == {"present": HEAD, "newest": LATER}


def test_a_migration_is_not_taken_back_by_mistake(starter: CommandLine, home: Path) -> None:
    url = f"sqlite:///{home / 'duban.db'}"
    migrate(url)

    unsure = starter.refused("schema", "--back-to", "0001")
    unknown = starter.refused("schema", "--back-to", "no-such", "--yes")

    assert "加 --yes" in unsure
    assert f"台账的结构现为 {HEAD}，不能退回到 no-such" in unknown
    assert starter.json("schema") == {"present": HEAD, "newest": HEAD}
