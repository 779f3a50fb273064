"""Whom a message calls by name in a group."""

from typing import Annotated

from pydantic import Field

from duban.supervision.model import Frozen

MOST = 20
Member = Annotated[str, Field(pattern=r"^[A-Za-z0-9._@-]{1,64}$")]
"""An identifier that the platform gives to a person; no character of it could end the call that it stands in."""
Phone = Annotated[str, Field(pattern=r"^\+?[0-9]{5,20}$")]


class Mentions(Frozen):
    """Whom a message calls by name in the group.

    Attributes:
        users: Identifiers that the platform gives to people.
        phones: Mobile numbers; not for Feishu.
        everybody: All members.
    """

    users: tuple[Member, ...] = Field(default=(), max_length=MOST)
    phones: tuple[Phone, ...] = Field(default=(), max_length=MOST)
    everybody: bool = False


NOBODY = Mentions()
