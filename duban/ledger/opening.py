"""The door of the ledger: one engine, a repository for each noun."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from sqlalchemy import Engine

from duban.ledger.database.engine import TransactionObserver, engine, observed
from duban.ledger.delivery.deliveries import DeliveryRepository
from duban.ledger.delivery.sending_orders import SendingOrderRepository
from duban.ledger.plans.amendments import AmendmentRepository
from duban.ledger.plans.announced_years import AnnouncedYearRepository
from duban.ledger.plans.change_orders import ChangeOrderRepository
from duban.ledger.plans.plans import PlanRepository
from duban.ledger.proof.timeline import TimelineRepository
from duban.ledger.proof.verifying import VerificationRepository
from duban.ledger.questions.agenda import AgendaRepository
from duban.ledger.questions.figures import FigureRepository
from duban.ledger.questions.incidents import IncidentRepository
from duban.ledger.questions.reading import ReadingRepository
from duban.ledger.questions.watching import WatchingRepository
from duban.ledger.registers.asks import AskRepository
from duban.ledger.registers.concerned import ConcernRepository
from duban.ledger.registers.registers import RegisterRepository
from duban.ledger.tasks.standings import StandingRepository
from duban.ledger.tasks.tasks import TaskRepository


@dataclass(frozen=True, slots=True)
class Ledger:
    """An open ledger; may be shared by threads.

    Attributes:
        rows: What people look at: lists, statistics.
        agendas: What awaits a body.
        proofs: Whether all is as it was written.
        standings: How far it has come, for comparing it with the workflows.
        watch: How it is, for those who look after it.
        sending: Whether anything may be sent at all.
        orders: What was ordered for many tasks at once.
        years: The holidays that the office has taken over.
        amendments: What became of plans after their issue.
        incidents: What counts in the appraisal of bodies.
        figures: Numbers that what people state is compared with.
        registers: What comes by no plan.
        concerned: What is under way at an office.
        asks: What outcomes of items ask of tasks and plans.
    """

    engine: Engine
    plans: PlanRepository
    tasks: TaskRepository
    timelines: TimelineRepository
    deliveries: DeliveryRepository
    rows: ReadingRepository
    agendas: AgendaRepository
    proofs: VerificationRepository
    standings: StandingRepository
    watch: WatchingRepository
    sending: SendingOrderRepository
    orders: ChangeOrderRepository
    years: AnnouncedYearRepository
    amendments: AmendmentRepository
    incidents: IncidentRepository
    figures: FigureRepository
    registers: RegisterRepository
    concerned: ConcernRepository
    asks: AskRepository

    @classmethod
    def open(
        cls,
        url: str,
        *,
        connections: int = 10,
        plaintext_hosts: Collection[str] = (),
        observe: TransactionObserver | None = None,
    ) -> Self:
        """Open the ledger at an SQLAlchemy URL; nothing is connected yet.

        Args:
            connections: How many are open at most; further threads wait their turn.
            plaintext_hosts: Hosts whose PostgreSQL need not prove by TLS who it is.
            observe: Hears of every transaction when it has ended.

        Raises:
            LedgerError: The database is elsewhere and need not prove that it is ours.
        """
        made = engine(url, connections=connections, plaintext_hosts=plaintext_hosts)
        if observe is not None:
            made = observed(made, observe)
        return cls(
            engine=made,
            plans=PlanRepository(made),
            tasks=TaskRepository(made),
            timelines=TimelineRepository(made),
            deliveries=DeliveryRepository(made),
            rows=ReadingRepository(made),
            agendas=AgendaRepository(made),
            proofs=VerificationRepository(made),
            standings=StandingRepository(made),
            watch=WatchingRepository(made),
            sending=SendingOrderRepository(made),
            orders=ChangeOrderRepository(made),
            years=AnnouncedYearRepository(made),
            amendments=AmendmentRepository(made),
            incidents=IncidentRepository(made),
            figures=FigureRepository(made),
            registers=RegisterRepository(made),
            concerned=ConcernRepository(made),
            asks=AskRepository(made),
        )

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
