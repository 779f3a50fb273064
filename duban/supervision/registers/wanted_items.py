"""An item that comes by no plan: whose it is, what it is called, and who is who towards it.

The same for one that a person opens and for one that another item's outcome asks for; what comes round is made by
``coming_round``.
"""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import Field

from duban.supervision.bodies.organisation import Organisation
from duban.supervision.bodies.roles import TaskRoles
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import TaskDefinition
from duban.supervision.rules.parts import (
    HANDLING_BODY,
    LEAD_BODY,
    SUPERIOR_BODY,
    SUPERVISING_BODY,
    SUPPORTING_BODIES,
    Role,
)
from duban.supervision.rules.procedures import FactKind, Procedure
from duban.supervision.rules.regime import Regime
from duban.supervision.steps.counted import LedgerCount
from duban.supervision.tasks.turn import Refusal
from duban.supervision.words import role_words

LONGEST_TITLE = 200
_OF_THE_ITEM: tuple[Role, ...] = (LEAD_BODY, HANDLING_BODY, SUPPORTING_BODIES, SUPERIOR_BODY)


class WantedItem(Frozen):
    """An item as somebody wants it opened.

    Attributes:
        procedure: Key of its procedure.
        title: Empty: made of the procedure's title and what is stated first.
        facts: What is stated.
        concerns: Codes of what it is about.
        counted: Of numbers among its facts that the ledger can count: what it had.
    """

    procedure: str
    title: str = ""
    facts: dict[str, tuple[str, ...]]
    concerns: tuple[str, ...] = ()
    counted: dict[str, LedgerCount] = Field(default_factory=dict)


class Office(Frozen):
    """The office whose register it is.

    Attributes:
        supervising_body: Who supervises unless a procedure says otherwise.
    """

    organisation: Organisation
    regime: Regime
    supervising_body: str

    def holders(self, role: Role, procedure: Procedure, facts: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
        """The bodies of a role, or of the fact of kind ``body`` that bears its name; empty where there is none."""
        if role in body_facts(procedure):
            return tuple(self.canonical(name) for name in facts.get(role, ()) if name)
        if role == SUPERVISING_BODY:
            return (self.supervising_body,)
        if role in _OF_THE_ITEM:
            return ()
        return tuple(self.canonical(name) for name in self.organisation.offices(self.regime).get(role, ()))

    def canonical(self, name: str) -> str:
        """A body's own name, where an alias of it is given."""
        return self.organisation.names().get(name, name)


def body_facts(procedure: Procedure) -> tuple[str, ...]:
    """The facts stated at an opening that name bodies."""
    return tuple(fact.name for fact in procedure.facts if fact.kind is FactKind.BODY)


def definition_of(code: str, wanted: WantedItem, procedure: Procedure, office: Office) -> TaskDefinition | Refusal:
    """The item, or why nobody could handle it."""
    handling = office.holders(procedure.handled_by, procedure, wanted.facts)
    if not handling:
        missing = role_words(procedure.handled_by)
        return Refusal(f"“{procedure.title}”由{missing}（{procedure.handled_by}）办理，而没有这个单位")
    facts = {name: tuple(values) for name, values in _with_own_names(wanted.facts, procedure, office)}
    return TaskDefinition(
        code=code,
        title=wanted.title or title_of(procedure, wanted.facts),
        lead_body=handling[0],
        handling_body=handling[0],
        supporting_bodies=handling[1:],
        procedure=wanted.procedure,
        facts=facts,
        concerns=tuple(dict.fromkeys(wanted.concerns)),
        counted=wanted.counted,
    )


def title_of(procedure: Procedure, facts: Mapping[str, Sequence[str]]) -> str:
    """What an item is called where nobody says: its procedure, and what it is about.

    That is a text, or else the code of a task or plan, by which a second item for it is noticed; else the first text.
    """
    kinds = {fact.name: fact.kind for fact in procedure.facts}
    told_apart = [
        name for kind in (FactKind.TEXT, FactKind.CODE) for name in procedure.alike if kinds.get(name) is kind
    ]
    texts = [name for name, kind in kinds.items() if kind is FactKind.TEXT]
    names = dict.fromkeys((*told_apart, *texts, *kinds))
    about = next((value for name in names for value in facts.get(name, ()) if value), "")
    title = f"{procedure.title}：{about}" if about else procedure.title
    return title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…"


def supervising_body(definition: TaskDefinition, procedure: Procedure, office: Office) -> str:
    """Who presses an item; who supervises at the office where the role has nobody."""
    if procedure.supervised_by == SUPERIOR_BODY:
        return office.organisation.superior_of(definition.lead_body) or office.supervising_body
    held = office.holders(procedure.supervised_by, procedure, definition.facts)
    return held[0] if held else office.supervising_body


def roles_of(definition: TaskDefinition, procedure: Procedure, office: Office) -> TaskRoles:
    """Who is who towards an item, with the persons of the bodies that its facts name."""
    supervising = supervising_body(definition, procedure, office)
    roles = office.organisation.roles_for(definition, supervising, office.regime)
    named = {name: held for name in body_facts(procedure) if (held := definition.facts.get(name))}
    persons = {
        body: speakers for held in named.values() for body in held if (speakers := office.organisation.persons_of(body))
    }
    return roles.model_copy(
        update={"bodies": {**named, **roles.bodies}, "persons": {**persons, **roles.persons}},
    )


def _with_own_names(
    facts: Mapping[str, tuple[str, ...]], procedure: Procedure, office: Office
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Bodies under their own names; a fact that is left empty is not stated."""
    for name, values in facts.items():
        stated = tuple(value.strip() for value in values if value.strip())
        if not stated:
            continue
        yield name, tuple(map(office.canonical, stated)) if name in body_facts(procedure) else stated
