"""The door of the ledger: one engine, a repository for each noun."""

from dataclasses import dataclass
from typing import Self

from sqlalchemy import Engine

from duban.ledger.deliveries import DeliveryRepository
from duban.ledger.engine import engine
from duban.ledger.plans import PlanRepository
from duban.ledger.reading import ReadingRepository
from duban.ledger.tasks import TaskRepository
from duban.ledger.timeline import TimelineRepository


@dataclass(frozen=True, slots=True)
class Ledger:
    """An open ledger; may be shared by threads.

    Attributes:
        rows: What people look at: lists, statistics.
    """

    engine: Engine
    plans: PlanRepository
    tasks: TaskRepository
    timelines: TimelineRepository
    deliveries: DeliveryRepository
    rows: ReadingRepository

    @classmethod
    def open(cls, url: str, *, connections: int = 10) -> Self:
        """Open the ledger at an SQLAlchemy URL; nothing is connected yet.

        Args:
            connections: How many are open at most; further threads wait their turn.
        """
        made = engine(url, connections=connections)
        return cls(
            engine=made,
            plans=PlanRepository(made),
            tasks=TaskRepository(made),
            timelines=TimelineRepository(made),
            deliveries=DeliveryRepository(made),
            rows=ReadingRepository(made),
        )

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
