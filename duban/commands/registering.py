"""Beginning a register: its content, put together from the office's files, stored, and started once."""

import asyncio
import time
from collections.abc import Mapping
from datetime import date

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.exceptions import WorkflowAlreadyStartedError

from duban.calendars import compile_calendar
from duban.commands.issuing import NobodyWorks, someone_works
from duban.commands.reasons import Refused
from duban.contracts import StoredPlan
from duban.ledger import Ledger
from duban.ledger.plans.differences import compare
from duban.ledger.plans.plans import PlanRow
from duban.ledger.plans.registration import PlanStatus
from duban.names import register_workflow_id
from duban.registers import RegisterInput
from duban.starts import start_register
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.days.announced_year import AnnouncedYear
from duban.supervision.days.clock import TaskClock
from duban.supervision.plans.plan import PlanDefinition
from duban.supervision.registers.registers import unfilled_roles
from duban.supervision.rules.policy import Policy
from duban.supervision.rules.rulebook import Rulebook
from duban.supervision.words import role_words

YEARS_BEFORE, YEARS_AFTER = 1, 5
"""The calendar's window around the year: items go on after it."""
REGISTERED_WITHIN_SECONDS = 60.0
LOOK_EVERY_SECONDS = 0.2


def register_content(
    rulebook: Rulebook,
    organisation: Organisation,
    year: int,
    *,
    code: str,
    title: str,
    supervising_body: str = "",
    announced: Mapping[int, AnnouncedYear] | None = None,
) -> StoredPlan:
    """What a register goes by.

    Args:
        supervising_body: Who supervises; empty leaves it to the organisation.
        announced: Years whose holidays the office has taken over.

    Raises:
        Refused: The rules know nothing to register, or speak of bodies that nobody is.
        CalendarError: The zone is unknown, or the year lies beyond any calendar.
    """
    if not rulebook.procedures:
        raise Refused(f"制度“{rulebook.name}”没有写程序（procedures），登记簿无事可登。请先在制度文件中写明。")
    if missing := unfilled_roles(rulebook.procedures, organisation, rulebook.regime):
        lines = "\n".join(
            f"  {role_words(role)}（{role}）：用于{'、'.join(dict.fromkeys(needing))}"
            for role, needing in missing.items()
        )
        raise Refused(f"有 {len(missing)} 个角色没有指明是哪个单位，请在机构文件的 roles 里写明：\n{lines}")
    names = organisation.names()
    supervising = supervising_body.strip()
    if supervising and organisation.bodies and supervising not in names:
        raise Refused(f"机构文件里没有“{supervising}”这个单位，请核对 --supervising-body。")
    calendar = compile_calendar(rulebook.zone, year - YEARS_BEFORE, year + YEARS_AFTER, announced=announced)
    return StoredPlan(
        definition=PlanDefinition(
            code=code,
            title=title,
            issued_on=date(year, 1, 1),
            regime=rulebook.name,
            supervising_body=names.get(supervising, supervising),
        ),
        organisation=organisation,
        policy=Policy(regime=rulebook.regime, calendar=calendar),
        rulebook=rulebook,
    )


async def begin_register(
    client: Client, ledger: Ledger, content: StoredPlan, task_queue: str, *, clock: TaskClock | None = None
) -> bool:
    """Begin a register; the same again changes nothing.

    Returns:
        Whether it is new.

    Raises:
        Refused: Its code is taken, or it was begun with another content, or is closed.
        NobodyWorks: No worker polls the task queue; it is begun as soon as one does.
    """
    code = content.definition.code
    digest = await asyncio.to_thread(ledger.plans.store_plan, content)
    standing = await asyncio.to_thread(ledger.plans.plan_row, code)
    if standing is None:
        taken = await asyncio.to_thread(ledger.plans.taken_codes, content.definition)
        if taken:
            raise Refused(f"{'；'.join(map(str, taken))}，请用 --code 另定编号。")
    else:
        await asyncio.to_thread(_refuse_another, ledger, standing, content)
    given = RegisterInput(
        code=code,
        title=content.definition.title,
        digest=standing.digest if standing else digest,
        clock=standing.clock if standing else clock or TaskClock(),
    )
    try:
        await start_register(client, given, task_queue, regime=content.definition.regime)
    except WorkflowAlreadyStartedError:
        raise Refused(f"登记簿 {code} 已经办结，不能再次建立。") from None
    await _registered(client, ledger, code, task_queue)
    return standing is None


def _refuse_another(ledger: Ledger, standing: PlanRow, content: StoredPlan) -> None:
    if not standing.is_register:
        raise Refused(f"编号 {standing.code} 已是方案《{standing.title}》的编号，请用 --code 另定编号。")
    if standing.status is PlanStatus.CLOSED:
        raise Refused(f"登记簿 {standing.code} 已经办结，不能再次建立。")
    differences = compare(ledger.plans.load_plan(standing.digest), content)
    if differences:
        listed = "\n".join(f"  {difference}" for difference in differences)
        raise Refused(
            f"登记簿 {standing.code} 已经建立，这一次的内容与它不同（{len(differences)} 处），没有作任何改动：\n"
            f"{listed}\n机构变更请用 starter.py organisation apply，制度变更请用 starter.py regime apply。"
        )


async def _registered(client: Client, ledger: Ledger, code: str, task_queue: str) -> None:
    """Wait until the ledger has it."""
    handle = client.get_workflow_handle(register_workflow_id(code))
    until = time.monotonic() + REGISTERED_WITHIN_SECONDS
    while await asyncio.to_thread(ledger.plans.plan_row, code) is None:
        if (await handle.describe()).status is not WorkflowExecutionStatus.RUNNING:
            await handle.result()
            return
        if not await someone_works(client, task_queue) or time.monotonic() > until:
            raise NobodyWorks
        await asyncio.sleep(LOOK_EVERY_SECONDS)
