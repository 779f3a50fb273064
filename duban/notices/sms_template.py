"""The request of an SMS provider as the channels file describes it: JSON or a form, with placeholders in its texts."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from pydantic import Field

from duban.supervision.model import Frozen

Template: TypeAlias = str | int | bool | list[Any] | dict[str, Any] | None
"""JSON whose texts may hold placeholders."""

LONGEST_TEXT = 60
"""Characters of `{text_short}`: what one parameter of an approved template may usually hold."""
SHORTEST_TEXT = 20
PLACEHOLDERS = ("phone", "title", "number", "id", "recipient", "count", "text_short", "text_tiny", "dated_on")
"""What a template may hold in braces, beside `{secret:NAME}`.

`id` is the message's number, `number` the first paper's, or the message's where no paper is in it.
"""
SECRET = "secret:"  # noqa: S105 - the mark before a name, not one of them
PLACEHOLDER = re.compile(r"\{([^{}\s]+)\}")


class Expected(Frozen):
    """Where an answer says what came of it.

    Attributes:
        path: Field of the JSON answer, inner ones after dots; numbers count in lists from 0.
        equals: Its value for success.
        busy: Its values for what passes by itself.
    """

    path: str
    equals: str
    busy: tuple[str, ...] = ()


class SmsRequest(Frozen):
    """The request of a provider, as a template.

    Attributes:
        headers: Their placeholders are secrets alone: a header takes no Chinese.
        as_form: Sent as a form instead of JSON; then `body` has one level.
        success: How success is known; None leaves it to the status and the usual envelopes.
    """

    headers: dict[str, str] = Field(default_factory=dict)
    body: dict[str, Any]
    as_form: bool = False
    success: Expected | None = None


def fill(template: Template, values: Mapping[str, str]) -> Template:
    """A template with its placeholders filled in. What is filled in is never read as a template again."""
    match template:
        case str():
            return filled(template, values)
        case list():
            return [fill(item, values) for item in template]
        case dict():
            return {name: fill(item, values) for name, item in template.items()}
        case _:
            return template


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with its placeholders filled in; one that nobody fills stays as it is."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def placeholders(template: Template) -> Iterator[str]:
    """What stands in the braces of a template."""
    match template:
        case str():
            yield from (found[1] for found in PLACEHOLDER.finditer(template))
        case list():
            for item in template:
                yield from placeholders(item)
        case dict():
            for item in template.values():
                yield from placeholders(item)
        case _:
            return
