"""The base of every value in the core."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """An immutable value that refuses fields it does not know.

    Values cross process boundaries as JSON and outlive releases, therefore every
    field added later has a default.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
