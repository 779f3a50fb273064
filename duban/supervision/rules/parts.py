"""The parts that bodies have in a task, by the names that rules and organisations use for them."""

from enum import StrEnum
from typing import Annotated, TypeAlias

from pydantic import Field

Role: TypeAlias = str
"""A body's part in a task: one of the task's own (below) or an office named by the organisation."""

Title = Annotated[str, Field(min_length=1, max_length=100)]
"""A name that stands on notices and in keys."""
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
"""A name within a file: it stands in keys and on the command line."""
Tier = Annotated[int, Field(ge=1, le=4)]
"""Of four, the highest first (Kunming 2016, paragraph 2)."""


class PersonRole(StrEnum):
    """A person's place in a body: its head (主要负责人, is interviewed), a deputy, a leader, a clerk."""

    HEAD = "head"
    DEPUTY = "deputy"
    LEADER = "leader"
    CLERK = "clerk"


SUPERVISING_BODY: Role = "supervising_body"
LEAD_BODY: Role = "lead_body"
HANDLING_BODY: Role = "handling_body"
SUPPORTING_BODIES: Role = "supporting_bodies"
SUPERIOR_BODY: Role = "superior_body"
"""Who supervises the lead body (所属专项小组): by the organisation file, else the supervising body (A)."""
REFORM_OFFICE: Role = "reform_office"
LEADING_GROUP: Role = "leading_group"
INSPECTION_OFFICES: Role = "inspection_offices"
WATCHER: Role = "watcher"
"""Whoever keeps an eye on a plan (专门盯、专门抓; Sichuan 2016): named by the plan, or for all by the organisation."""
