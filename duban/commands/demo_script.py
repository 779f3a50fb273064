"""The script of a demonstration: who says what to which task, and when. A file in plain sight, labelled as invented.

Reading it gives messages exactly as people would send them; whether the rules accept them is for the core to say.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from pydantic import Field, JsonValue, field_validator

from duban.office_files import OfficeFileError, read_office_file
from duban.supervision.bodies.organisation import Organisation, Person
from duban.supervision.days.calendar import Zone
from duban.supervision.model import Frozen
from duban.supervision.plans.plan import PlanDefinition, TaskDefinition
from duban.supervision.rules.authority import Act
from duban.supervision.rules.parts import HANDLING_BODY, LEAD_BODY, LEADING_GROUP, SUPERVISING_BODY, PersonRole, Role
from duban.supervision.rules.regime import Regime
from duban.supervision.tasks.messages import AnyMessage
from duban.supervision.tasks.reading import read_message
from duban.supervision.tasks.turn import Refusal

SOMEBODY = "经办人"
"""Who speaks for a body of which the organisation file names nobody."""

SPEAKS: dict[Act, Role] = {
    Act.PROGRESS: HANDLING_BODY,
    Act.ACCEPT: HANDLING_BODY,
    Act.REQUEST_EXTENSION: HANDLING_BODY,
    Act.REQUEST_STRIKE_OFF: HANDLING_BODY,
    Act.SUBMIT_EXPLANATION: LEAD_BODY,
}
"""The role whose body usually says it; all other acts are the supervising body's."""

Messages = Mapping[str, tuple[AnyMessage, ...]]
"""By task code, each with its id and its moment, in the order of their moments."""


class ScriptedMessage(Frozen):
    """What is said to some tasks at a moment.

    Attributes:
        day: Local business date.
        at: Local time of day, ``HH:MM``.
        by: Role of the body that says it; None means the usual one.
        person: Who says it; None means somebody of the body.
        says: The message's own fields.
    """

    day: date
    at: str = "10:00"
    act: Act
    tasks: tuple[str, ...] = Field(min_length=1)
    by: Role | None = None
    person: str | None = None
    says: dict[str, JsonValue] = Field(default_factory=dict)

    @field_validator("at")
    @classmethod
    def _is_a_time(cls, text: str) -> str:
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
            raise ValueError(f'“{text}”不是时刻，请写成 "10:00" 的形式并加引号')
        return text

    @property
    def minute(self) -> int:
        """Minute of the local day."""
        hours, minutes = self.at.split(":")
        return int(hours) * 60 + int(minutes)


class DemoScript(Frozen):
    """A script.

    Attributes:
        issued_on: Local date on which the plan is issued.
        until: Local date with whose end the demonstration ends.
    """

    issued_on: date
    until: date
    messages: tuple[ScriptedMessage, ...]


def read_script(path: Path) -> DemoScript:
    """Reads a script.

    Raises:
        OfficeFileError: The file cannot be read or does not fit; the text lists every problem.
    """
    return read_office_file(path, DemoScript)


def messages_of(
    script: DemoScript, path: Path, plan: PlanDefinition, organisation: Organisation, regime: Regime, zone: Zone
) -> Messages:
    """The messages of a script, by task.

    Args:
        path: Of the script, for the errors.

    Raises:
        OfficeFileError: A task or role is unknown, or the fields make no message; the text lists every problem.
    """
    tasks = {task.code: task for task in plan.tasks}
    supervising = organisation.supervising_body(plan.supervising_body, regime)
    spoken: dict[str, list[AnyMessage]] = defaultdict(list)
    problems: list[str] = []
    for said in sorted(script.messages, key=lambda m: (m.day, m.minute)):
        for code in said.tasks:
            task = tasks.get(code)
            if task is None:
                problems.append(f"{said.day} {said.act.value}：方案中没有任务 {code}。")
                continue
            identity = f"demo/{code}/{len(spoken[code]) + 1}"
            message = _message(said, task, identity, organisation, supervising, regime, zone)
            if isinstance(message, Refusal):
                problems.append(f"{said.day} {said.act.value} {code}：{message.reason}。")
            else:
                spoken[code].append(message)
    if problems:
        raise OfficeFileError(path, tuple(problems))
    return {code: tuple(messages) for code, messages in spoken.items()}


def _message(
    said: ScriptedMessage,
    task: TaskDefinition,
    identity: str,
    organisation: Organisation,
    supervising: str,
    regime: Regime,
    zone: Zone,
) -> AnyMessage | Refusal:
    role = said.by or SPEAKS.get(said.act, SUPERVISING_BODY)
    bodies = organisation.roles_for(task, supervising, regime).of(role)
    if not bodies:
        return Refusal(f"没有单位担任 {role}")
    return read_message(
        said.act,
        {
            **said.says,
            "body": bodies[0],
            "person": said.person or _speaker(organisation, bodies[0], role),
            "id": identity,
            "occurred_at": zone.at(said.day, said.minute).isoformat(),
        },
    )


def _speaker(organisation: Organisation, body: str, role: Role) -> str:
    """The leading group speaks by its head, other bodies by a clerk where they have one."""
    persons = next((b.persons for b in organisation.bodies if b.name == body), ())
    first = PersonRole.HEAD if role == LEADING_GROUP else PersonRole.CLERK

    def place(person: Person) -> bool:
        return person.role is not first

    return min(persons, key=place).name if persons else SOMEBODY
