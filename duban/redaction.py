"""Takes secrets out of what is about to be logged: by the name of a field, by the shape of a text, by the value itself.

Three nets, because each has holes: a name says nothing about a message's text, a shape knows only the shapes that are
known, a value must have been told beforehand.
"""

import re
from collections.abc import Iterator, Mapping, MutableMapping
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

from pydantic import SecretStr

from duban.encryption.keys import KeyRing
from duban.settings import Settings

REDACTED = "***"
SHORTEST_SECRET = 4
"""A shorter value would blacken half of every line and protect nothing."""
SHORTEST_TOKEN_IN_URL = 16

_SECRET_WORDS = frozenset(
    {"secret", "secrets", "token", "tokens", "key", "keys", "apikey", "password", "passwd", "pwd", "authorization",
     "credential", "credentials", "cookie", "signature"}
)  # fmt: skip
_HARMLESS_NAMES = frozenset({"idempotency_key"})
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

_URL = re.compile(
    r"\b([a-z][a-z0-9+.-]*://)([^\s/?#\"'<>@]*@)?([^\s?#\"'<>）]*)(\?[^\s#\"'<>）]*)?(#[^\s\"'<>）]*)?", re.IGNORECASE
)
_ROBOT_PATH = re.compile(r"(/hooks?/|/webhooks?/|/services/|/bot(?=\d))(?!send$)[^\s?#\"'<>]+", re.IGNORECASE)
_QUERY_VALUE = re.compile(r"([?&](?:[\w.-]*(?:token|key|secret|sign|signature|password))=)[^&\s\"'#]+", re.IGNORECASE)
_SCHEME_OF_AUTHORIZATION = re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]{4,}", re.IGNORECASE)
_STATED = re.compile(
    r"(\b[\w-]*(?:secret|token|password|passwd|authorization|api[_-]?key)[\"']?\s*[=:]\s*)"
    r"(\"[^\"]*\"|'[^']*'|(?!Bearer\b|Basic\b|\*)[^\s,;&\"'}）]+)",
    re.IGNORECASE,
)


class Redactor:
    """A structlog processor that leaves no secret in an event."""

    def __init__(self) -> None:
        self._values: frozenset[str] = frozenset()
        self._compiled: tuple[frozenset[str], re.Pattern[str] | None] = (self._values, None)

    def keep(self, value: str) -> None:
        """Remembers a value to be kept out, as it is and as it stands in a URL; one under four characters is not."""
        if len(value) < SHORTEST_SECRET:
            return
        self._values |= {value, quote(value, safe=""), quote(value), quote_plus(value)}

    def __call__(self, _logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """The event without secrets; a new one, because its values may be shared with the caller."""
        return {self.text(str(name)): self._field(str(name), value) for name, value in event.items()}

    def text(self, text: str) -> str:
        """A text without secrets."""
        if (known := self._known()) is not None:
            text = known.sub(REDACTED, text)
        text = _URL.sub(_bare_url, text)
        text = _QUERY_VALUE.sub(rf"\1{REDACTED}", text)
        text = _SCHEME_OF_AUTHORIZATION.sub(rf"\1 {REDACTED}", text)
        return _STATED.sub(rf"\1{REDACTED}", text)

    def _known(self) -> re.Pattern[str] | None:
        """Finds the values; made when it is first used after the last of them came, for they come by the hundred."""
        values, pattern = self._compiled
        if values is not self._values:
            values = self._values
            # The longest first: a value may be the beginning of another.
            longest_first = sorted(values, key=lambda known: (-len(known), known))
            pattern = re.compile("|".join(re.escape(known) for known in longest_first))
            self._compiled = (values, pattern)
        return pattern

    def _field(self, name: str, value: object) -> object:
        if value is None or isinstance(value, bool):
            return value
        return REDACTED if names_a_secret(name) else self._value(value)

    def _value(self, value: object) -> object:
        match value:
            case None | bool() | int() | float() if not isinstance(value, Enum):
                return value
            case Enum():
                return self._value(value.value)
            case str():
                return self.text(value)
            case bytes():
                return self.text(value.decode("utf-8", "replace"))
            case datetime() | date() | time():
                return value.isoformat()
            case timedelta():
                return str(value)
            case Mapping():
                return {self.text(str(key)): self._field(str(key), item) for key, item in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self._value(item) for item in value]
            case BaseException():
                return self.text(f"{type(value).__name__}: {value}")
            case _:
                return self.text(repr(value))


def secrets_of(settings: Settings, environment: Mapping[str, str]) -> Iterator[str]:
    """The secrets that this process has been given.

    Args:
        settings: Ours: secret fields, the database's password, tokens in the gateway's URL.
        environment: Temporal's: the API key, and what its own variables hold as headers and keys.
    """
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            yield value.get_secret_value()
            yield value.get_secret_value().removeprefix("whsec_")
    if settings.payload_keys is not None:
        yield from (key.line.partition(":")[2] for key in KeyRing.parse(settings.payload_keys.get_secret_value()).keys)
    for url in (settings.database_url, str(settings.webhook_url or "")):
        yield from secrets_in_url(url)
    for variable, value in environment.items():
        if variable.startswith("TEMPORAL_") and names_a_secret(variable) and not variable.endswith("_PATH"):
            yield value


def secrets_in_url(url: str) -> Iterator[str]:
    """The parts of an address that are, or may be, secrets."""
    parts = urlsplit(url)
    yield unquote(parts.password or "")
    yield from (value for name, value in parse_qsl(parts.query) if names_a_secret(name))
    values = [*parts.path.split("/"), *(value for _, value in parse_qsl(parts.query))]
    if parts.scheme in ("http", "https"):
        yield from (unquote(value) for value in values if len(value) >= SHORTEST_TOKEN_IN_URL)


def names_a_secret(name: str) -> bool:
    """Whether what stands under a name is a secret by that name."""
    return name not in _HARMLESS_NAMES and any(word.lower() in _SECRET_WORDS for word in _WORD.findall(name))


def _bare_url(url: re.Match[str]) -> str:
    scheme, user, rest, query, fragment = url.groups(default="")
    return (
        scheme
        + (f"{REDACTED}@" if user else "")
        + _ROBOT_PATH.sub(rf"\1{REDACTED}", rest)
        + (f"?{REDACTED}" if query else "")
        + (f"#{REDACTED}" if fragment else "")
    )
