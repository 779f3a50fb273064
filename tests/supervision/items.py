"""Items that go step by step, for tests: procedures as a regime file writes them."""

from functools import cache
from typing import Any

from duban.supervision.rules.policy import Policy
from duban.supervision.rules.procedures import Procedure
from duban.supervision.tasks.advance import Transition
from duban.supervision.tasks.entries import EntryKind, NoticeIntent, OpeningChange
from duban.supervision.tasks.messages import TakeStep
from tests.supervision.supervised import LEAD, Supervised, policy_of

ASSUMED = {"assumed": True}
CITED = {"paragraph": 3, "sentence": "对每项任务都要明确责任单位"}
DOCKING: dict[str, Any] = {
    "title": "对接提示",
    "source": CITED,
    "handled_by": "lead_body",
    "facts": [
        {"name": "document", "title": "上级方案"},
        {"name": "meeting_on", "title": "会议日期", "kind": "date"},
    ],
    "steps": [
        {
            "id": "notify",
            "title": "发出对接提示通知",
            "by": "reform_office",
            "source": CITED,
            "limit": {"days": 3, "unit": "calendar", "source": CITED},
            "counts_from": "meeting_on",
        },
        {
            "id": "reply",
            "title": "报送对接安排",
            "by": "lead_body",
            "source": CITED,
            "limit": {"days": 10, "source": ASSUMED},
            "announce": {"days": 3, "source": ASSUMED},
            "facts": [{"name": "plan", "title": "对接安排"}],
        },
        {
            "id": "review",
            "title": "审核对接安排",
            "by": "reform_office",
            "not_by": "notify",
            "source": CITED,
            "limit": {"days": 5, "source": ASSUMED},
            "outcomes": [
                {"name": "agreed", "title": "同意"},
                {"name": "returned", "title": "退回", "then": "reply", "facts": [{"name": "why", "title": "退回原因"}]},
            ],
            "tells": ["leading_group", "lead_body"],
            "paper": "简报",
        },
    ],
}


def procedure(**changes: Any) -> Procedure:
    return Procedure.model_validate({**DOCKING, **changes})


def of_one_step(*, given: list[dict[str, Any]] | None = None, **step: Any) -> Procedure:
    """A procedure of one step; its facts are stated at the opening."""
    only = {"id": "only", "title": "报告", "by": "lead_body", "source": ASSUMED, **step}
    return Procedure.model_validate(
        {"title": "事项", "source": ASSUMED, "handled_by": "lead_body", "facts": given or [], "steps": [only]}
    )


@cache
def _base() -> Policy:
    return policy_of("kunming")


def going_by(steps: Procedure) -> Policy:
    return _base().model_copy(update={"procedure": steps})


class Item(Supervised):
    """An item, opened and driven as its workflow drives it."""

    def __init__(
        self,
        steps: Procedure | None = None,
        *,
        entered: str = "2016-06-01",
        policy: Policy | None = None,
        **more: Any,
    ) -> None:
        given = {"document": ("省方案",), "meeting_on": ("2016-06-01",)} if steps is None else {}
        fields = {"procedure": "docking", "facts": given, "handling_body": "", **more}
        super().__init__(entered=entered, regime=policy or going_by(steps or procedure()), **fields)

    def take(self, body: str = LEAD, *, at: str | None = None, person: str = "张三", **said: Any) -> Transition:
        self.last = TakeStep(**{**self.said(body, at), "person": person, **said})
        return self.tell(self.last)

    def take_again(self) -> Transition:
        """The same message once more."""
        return self.tell(self.last)

    def not_taken(self, body: str = LEAD, *, person: str = "张三", **said: Any) -> str:
        return self.refuses(TakeStep(**{**self.said(body), "person": person, **said}))

    def waits(self) -> tuple[str, str, str]:
        """The step that waits: its key, who owes it, and its last day."""
        run = self.state.open_step
        assert run is not None
        (owed,) = [o for o in self.state.obligations if o.subject == run.key]
        return run.key, owed.owed_by, run.due_on.isoformat()

    def walked(self) -> list[str]:
        return [run.key for run in self.state.steps]

    def opens(self) -> list[OpeningChange]:
        return list(self.changes(OpeningChange))

    def sent(self, *kinds: EntryKind) -> list[tuple[str, str, str]]:
        """Notices of these entries: key, recipient, day of delivery."""
        found = (c for e in self.entries if e.kind in kinds for c in e.changes if isinstance(c, NoticeIntent))
        return [(n.key, n.recipient, self.delivered(n)) for n in found]
