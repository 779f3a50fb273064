"""The base of every value in the core."""

from pydantic import BaseModel, ConfigDict

_NOT_KEPT: set[str] = set()


class Frozen(BaseModel):
    """An immutable value that refuses fields it does not know.

    Values cross process boundaries as JSON and outlive releases, therefore every
    field added later has a default.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    def model_post_init(self, _context: object, /) -> None:
        """Forget which fields were given: nobody asks, and the names weigh more than most values (docs/adr/0008)."""
        object.__setattr__(self, "__pydantic_fields_set__", _NOT_KEPT)
