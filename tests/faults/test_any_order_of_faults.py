"""Whatever happens to two tasks and their worker, in whatever order: the ledger holds what the core says, each once.

Time passes, people speak, the worker is killed, also over an answer, and comes back; the ledger is lost, an older copy
put in its place, and what it lacks recorded again from the histories.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from duban.contracts import Answer, StoredPlan
from duban.ledger import Ledger
from duban.ledger.copies.copies import copy_ledger, file_of
from duban.reconciling.differences import Difference, DifferenceKind
from duban.reconciling.mending import Mender
from duban.supervision.plans.plan import TaskDefinition
from duban.supervision.rules.authority import Act
from duban.supervision.rules.policy import Policy
from duban.supervision.tasks.advance import advance
from duban.supervision.tasks.messages import Adopt
from duban.supervision.tasks.turn import Refusal
from tests.faults.conftest import FULL
from tests.faults.model import Said, Walk, left_undone
from tests.faults.skipped_days import WithWorkerProcess
from tests.faults.tables import Tables, differences, read_tables, record_model
from tests.faults.verdict import walks_of
from tests.skipped_time import start_time_skipping
from tests.supervision.random_lives import (
    BODIES,
    FIRST_DAY,
    adopted_roles,
    definitions,
    messages,
    policies,
    whose_turn,
)

T = TypeVar("T")
Drawn: TypeAlias = tuple[Any, dict[str, Any]]

TASKS = 2
numbers = st.integers(1, TASKS)
bodies = st.none() | st.none() | st.none() | st.sampled_from(BODIES)
"""Who speaks; None: somebody who may."""
ago = st.sampled_from([0, 0, 5, 60 * 24 * 3])
"""How many minutes ago it was said."""


class Answered(NamedTuple):
    """An answer, and the business moments between which it was given."""

    version: int
    asked_at: datetime
    answered_at: datetime


class Office(RuleBasedStateMachine):
    """An office with two tasks, a ledger, and a worker that dies."""

    time_skipping: Path
    """The program of the time-skipping server."""

    def __init__(self) -> None:
        super().__init__()
        # A loop of its own, which the loop of the other tests never hears of.
        self.loop = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self.opened = AsyncExitStack()
        self.office: WithWorkerProcess
        self.plan: StoredPlan
        self.said: dict[str, Said] = {}
        self.answered: dict[str, Answered] = {}
        self.copied = self.restored = False

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        return self.loop.run(doing)

    # What happens

    @initialize(policy=policies(), tasks=st.lists(definitions(), min_size=TASKS, max_size=TASKS))
    def a_plan_is_issued(self, policy: Policy, tasks: list[TaskDefinition]) -> None:
        self.run(self._open(policy, tasks))

    @rule(days=st.sampled_from([0, 1, 2, 5, 10, 16, 31]), minutes=st.integers(0, 1439))
    def time_passes(self, days: int, minutes: int) -> None:
        self.run(self.office.let_pass(timedelta(days=days, minutes=minutes)))

    @rule(number=numbers, drawn=messages, body=bodies, ago=ago)
    def somebody_speaks(self, number: int, drawn: Drawn, body: str | None, ago: int) -> None:
        self.run(self._speak(number, drawn, body, ago))

    @rule(number=numbers, drawn=messages, body=bodies, ago=ago, after=st.sampled_from([0.0, 0.005, 0.01, 0.02, 0.05]))
    def the_worker_dies_over_an_answer(
        self, number: int, drawn: Drawn, body: str | None, ago: int, after: float
    ) -> None:
        self.run(self._speak(number, drawn, body, ago, dies_after=after))

    @rule()
    def the_worker_dies(self) -> None:
        self.run(self.office.die())

    @rule()
    def a_worker_is_started(self) -> None:
        self.run(self.office.work())

    @rule()
    def the_ledger_is_copied(self) -> None:
        self._copy.unlink(missing_ok=True)
        copy_ledger(self.office.settings.database_url, self._copy)
        self.copied = True

    @precondition(lambda self: self.copied)
    @rule()
    def the_ledger_is_lost_and_the_copy_put_in_its_place(self) -> None:
        self.restored = True
        self.run(self._restore())

    def teardown(self) -> None:
        try:
            if hasattr(self, "plan"):
                self.run(self._compare())
        finally:
            self.run(self.opened.aclose())
            self.loop.close()

    # How it happens

    async def _open(self, policy: Policy, tasks: list[TaskDefinition]) -> None:
        environment = await self.opened.enter_async_context(await start_time_skipping(self.time_skipping))
        home = Path(self.opened.enter_context(tempfile.TemporaryDirectory(prefix="duban-")))
        self.office = WithWorkerProcess(environment.client, home, "T")
        self.office.environment = environment
        self.office.policy = policy
        self.opened.push_async_callback(self.office.end)
        named = [task.model_copy(update={"code": f"T-{number}"}) for number, task in enumerate(tasks, 1)]
        await self.office.issue_tasks(*named, entered=FIRST_DAY.isoformat())
        self.plan = self.office.ledger.plans.load_plan(self.office.digest)

    @property
    def _copy(self) -> Path:
        return self.office.settings.home / "copy.db"

    async def _restore(self) -> None:
        """Put the copy in the ledger's place and mend it, as `restore` and `reconcile --mend` do."""
        await self.office.die()
        url = self.office.settings.database_url
        self.office.ledger.close()
        for beside in ("", "-wal", "-shm"):
            Path(f"{file_of(url)}{beside}").unlink(missing_ok=True)
        shutil.copy(self._copy, file_of(url))
        self.office.ledger = Ledger.open(url)
        await self.office.work()
        mender = Mender(self.office.client, self.office.ledger, self.office.settings.task_queue)
        lacking = [Difference(kind=DifferenceKind.LEDGER_BEHIND, code=code) for code in self.office.tasks]
        assert all(difference.mended for difference in await mender.mend_tasks(lacking))

    async def _speak(
        self, number: int, drawn: Drawn, body: str | None, ago: int, *, dies_after: float | None = None
    ) -> None:
        """Say something until it is answered, a worker being started for it; the core is asked first."""
        await self.office.work()
        await self.office.recorded(number)
        asked_at = await self.office.now()
        said, refusal = await self._write(number, drawn, body, ago, asked_at)
        self.said[said.id] = said
        telling = asyncio.create_task(self._tell(number, said))
        if dies_after is not None:
            await asyncio.sleep(dies_after)
            await self.office.die()
            await self.office.work()
        outcome = await telling
        if isinstance(outcome, Answer):
            assert refusal is None, (said, refusal)
            self.answered[said.id] = Answered(outcome.version, asked_at, await self.office.now())
        else:
            assert refusal is not None, (said, outcome)
            assert outcome == refusal.reason

    async def _write(
        self, number: int, drawn: Drawn, body: str | None, ago: int, now: datetime
    ) -> tuple[Said, Refusal | None]:
        kind, fields = drawn
        walked = self._walks(read_tables(self.office.settings.database_url))[number - 1]
        act: Act = kind.model_fields["act"].default
        if kind is Adopt:
            fields = {**fields, "roles": adopted_roles(fields["roles"], walked.task)}
        speaker = body or whose_turn(walked.state, walked.policy.regime.authority.of(act))
        message = kind(
            body=speaker, person="张三", id=f"m{len(self.said)}", occurred_at=now - timedelta(minutes=ago), **fields
        )
        outcome = advance(walked.state, message, walked.policy, now)
        plain = message.model_dump(mode="json", exclude={"act"}, exclude_none=True)
        return Said(walked.task.code, act, plain), outcome if isinstance(outcome, Refusal) else None

    async def _tell(self, number: int, said: Said) -> Answer | str:
        update = "report_progress" if said.act is Act.PROGRESS else said.act.value
        while True:
            try:
                answer: Answer = await self.office.handle(number).execute_update(
                    update, dict(said.fields), id=said.id, result_type=Answer
                )
            except WorkflowUpdateFailedError as refused:
                cause = refused.cause
                return cause.message if isinstance(cause, ApplicationError) else str(cause)
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    return "已结束"
                if error.status not in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
                    raise
            else:
                return answer

    # What must be true

    def _walks(self, tables: Tables) -> list[Walk]:
        """The core's own account of each task."""
        return walks_of(tables, self.plan, tables["plans"][0], list(self.said.values()))

    async def _compare(self) -> None:
        await self.office.work()
        for number in range(1, TASKS + 1):
            await self.office.recorded(number)
        await self.office.let_pass(timedelta(days=4))
        for number in range(1, TASKS + 1):
            await self.office.recorded(number)
        url = self.office.settings.database_url
        tables = read_tables(url)
        walks = self._walks(tables)
        now = await self.office.now() - timedelta(minutes=1)
        assert [text for walked in walks if (text := left_undone(walked, now))] == []
        model = record_model(self.office.settings.home, self.plan, tables["plans"][0], walks)
        # Without Schedules nobody sweeps: what a restored ledger takes for unsent waits for the next nudge.
        unsent = ("still pending", "still sending") if self.restored else ()
        assert [text for text in differences(tables, model) if not text.endswith(unsent)] == []
        handled = {h.message.id: h for walked in walks for h in walked.handlings if h.message is not None}
        assert set(handled) == set(self.answered)
        for identity, answered in self.answered.items():
            assert handled[identity].state.version == answered.version
            assert answered.asked_at <= handled[identity].entries[-1].recorded_at <= answered.answered_at


def test_the_ledger_holds_what_the_core_says_whatever_happens(
    time_skipping_program: Path, pytestconfig: pytest.Config
) -> None:
    class Here(Office):
        time_skipping = time_skipping_program

    lives, steps = (12, 14) if pytestconfig.option.faults == FULL else (2, 8)
    run_state_machine_as_test(
        seed(pytestconfig.option.seed)(Here),
        settings=settings(
            max_examples=lives,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            print_blob=False,
            report_multiple_bugs=False,
            # To make a story shorter would take many times as long as to read it.
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
