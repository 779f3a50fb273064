"""What `amend` works with: the new file under the registered plan's date, rules and bodies, and an order left open."""

from pathlib import Path

from duban.changes.amending import Decision
from duban.commands.plan_files import read_plan_file
from duban.commands.plan_option_values import PlanOptions
from duban.commands.problems import complain_of
from duban.commands.reasons import Refused
from duban.contracts import StoredPlan
from duban.ledger import Ledger
from duban.ledger.plans.amendments import PlanVersion, rules_since
from duban.ledger.plans.plans import PlanRow
from duban.ledger.plans.registration import PlanStatus
from duban.orders import OrderKind, TargetKind
from duban.settings import Settings
from duban.supervision.model import Frozen
from duban.supervision.plans.plan_amending import AmendablePlan, PlanAmending, amenders_of, refuse_amending
from duban.supervision.rules.policy import Policy


class AmendedPlan(Frozen):
    """A plan as the new file has it.

    Attributes:
        row: As it is registered.
        stored: The new content, under the registered date, rules and bodies.
        problems: What keeps it from being carried out, each with the remedy.
        notes: What the file or the command line says and an amendment does not change.
    """

    row: PlanRow
    stored: StoredPlan
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """The plan's code."""
        return self.row.code


def read_amended(settings: Settings, ledger: Ledger, file: Path, options: PlanOptions) -> AmendedPlan:
    """Read the new version of a plan.

    Raises:
        Refused: The file holds an error, its rows have no codes, or its plan was never issued or is closed.
    """
    read = read_plan_file(file, options, regime_dir=settings.regime_dir, announced=ledger.years.announced())
    code = options.code or (read.stored.definition.code if read.stored else "")
    row = ledger.plans.plan_row(code) if code else None
    if row is not None and options.issued_on is None:  # days count from the date of issue
        again = options.model_copy(update={"issued_on": row.issued_on})
        read = read_plan_file(file, again, regime_dir=settings.regime_dir, announced=ledger.years.announced())
    complain_of(read.problems)
    if read.stored is None:
        raise Refused("方案文件有错误，没有作任何改动。")
    if row is None:
        raise Refused(
            f"方案 {read.stored.definition.code} 还没有下发。请核对编号（--code），或用 starter.py issue 下发。"
        )
    if row.is_register:
        raise Refused(f"{row.code} 是登记簿，不能用方案文件调整；新的事项请用 starter.py open 开立。")
    if row.status is PlanStatus.CLOSED:
        raise Refused(f"方案 {row.code} 已销账，不能再调整；新的任务请另行下发方案。")
    if read.intake.unnumbered:
        raise Refused(
            f"文件中有 {read.intake.unnumbered} 行没有编号，看不出是哪一项任务。请在“编号”一栏写明各项已下发的编号"
            f"（starter.py ledger --plan {row.code} 可查），新增的任务写新的编号。"
        )
    versions = ledger.amendments.versions(row.code)
    newest = ledger.plans.load_plan(versions[-1].digest)
    drawn_up = next(version for version in reversed(versions) if not version.brings_rules)
    if options.organisation is None and _was_reorganised(ledger, drawn_up):
        raise Refused(
            f"方案 {row.code} 下发或上次调整之后，机构人员已经变更。请用 --organisation 指明现行的机构文件，"
            "新增的任务按它确定单位和人员。"
        )
    return _under_registered(row, newest, read.stored, options)


def _was_reorganised(ledger: Ledger, version: PlanVersion) -> bool:
    """Whether the bodies that the plan's content knows are those of an earlier day."""
    return any(
        order.kind is OrderKind.ORGANISATION and order.done and order.ordered_at > version.begins_at
        for order in ledger.orders.order_rows()
    )


def _under_registered(row: PlanRow, newest: StoredPlan, read: StoredPlan, options: PlanOptions) -> AmendedPlan:
    notes: list[str] = []
    if read.policy.regime.name != newest.policy.regime.name:
        raise Refused(
            f"方案 {row.code} 适用的制度是 {newest.policy.regime.name}，请加 --regime {newest.policy.regime.name}。"
        )
    if options.title and options.title != newest.definition.title:
        notes.append("方案标题（--title）不随方案调整变更")
    if options.issued_on and options.issued_on != newest.definition.issued_on:
        notes.append("印发日期（--issued-on）不随方案调整变更")
    stated = read.definition.supervising_body
    if stated and stated != newest.definition.supervising_body:
        notes.append("交办单位（--supervising-body）不随方案调整变更")
    definition = newest.definition.model_copy(update={"tasks": read.definition.tasks})
    organisation = read.organisation if options.organisation else newest.organisation
    # Rules that have changed since are brought to all tasks of the plan together, not to its new ones alone.
    policy = Policy(regime=newest.policy.regime, calendar=read.policy.calendar)
    stored = StoredPlan(definition=definition, organisation=organisation, policy=policy)
    return AmendedPlan(row=row, stored=stored, notes=tuple(notes))


def open_order(ledger: Ledger, plan: AmendedPlan) -> str | None:
    """The order of this very file that was begun and not ended: with something in it that nobody has been told yet."""
    for row in ledger.orders.order_rows():
        if row.kind is not OrderKind.AMENDMENT or not row.waiting:
            continue
        order = ledger.orders.order(row.id)
        told = [item for item in order.items if item.target_kind is TargetKind.PLAN and item.target == plan.code]
        for item in told:
            digest = item.fields.get("digest")
            if isinstance(digest, str) and _is_same(ledger.plans.load_plan(digest), plan.stored):
                return row.id
    return None


def _is_same(ordered: StoredPlan, read: StoredPlan) -> bool:
    """Whether it is the same file, although the plan may have come to live by other rules since."""
    return ordered.definition.model_copy(update={"regime": read.definition.regime}) == read.definition


def refuse_decider(ledger: Ledger, plan: AmendedPlan, decision: Decision) -> tuple[str, ...]:
    """Why somebody may not amend the plan, before anything is kept."""
    issued = ledger.plans.load_plan(rules_since(ledger.amendments.versions(plan.code)).digest)
    amendable = AmendablePlan(
        is_registered=True,
        is_closing=False,
        amenders=amenders_of(issued.definition, issued.organisation, issued.policy),
    )
    said = PlanAmending(body=decision.body, person=decision.person, reason=decision.reason or "调整", digest="")
    refusal = refuse_amending(amendable, said)
    return (refusal.reason,) if refusal else ()
