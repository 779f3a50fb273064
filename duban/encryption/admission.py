"""Who may have a payload decrypted: whoever shows the token, or a browser in which somebody has typed it.

The Temporal UI of a development server has no login, so that its page can show nothing but what the browser adds by
itself: a cookie. It is a random number under which this process remembers that the token was shown; it ends with the
process, after twelve hours, or when somebody signs out.
"""

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable

from pydantic import SecretStr

SESSION_SECONDS = 12 * 3600.0
"""A working day."""
MOST_SESSIONS = 256
MOST_CALLERS = 4096


class Allowance:
    """How often each caller may do something: so often at once, and so often a second after that."""

    def __init__(self, at_once: float, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Everybody begins with all of it."""
        self._at_once, self._per_second, self._clock = at_once, per_second, clock
        self._callers: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def left(self, caller: str) -> bool:
        """Whether the caller may once more."""
        return self._now(caller) >= 1

    def take(self, caller: str) -> bool:
        """Counts one against the caller; false where none is left."""
        left = self._now(caller)
        allowed = left >= 1
        self._callers[caller] = (left - 1 if allowed else left, self._clock())
        self._callers.move_to_end(caller)
        while len(self._callers) > MOST_CALLERS:
            self._callers.popitem(last=False)
        return allowed

    def _now(self, caller: str) -> float:
        left, at = self._callers.get(caller, (self._at_once, 0.0))
        return min(self._at_once, left + (self._clock() - at) * self._per_second)


class Admission:
    """Checks tokens and remembers sessions; compares in constant time and keeps neither in readable form."""

    def __init__(self, token: SecretStr, clock: Callable[[], float] = time.monotonic) -> None:
        """Nobody is signed in."""
        self._token = _digest(token.get_secret_value())
        self._clock = clock
        self._sessions: OrderedDict[bytes, float] = OrderedDict()

    def knows_token(self, shown: str) -> bool:
        """Whether it is the token."""
        return hmac.compare_digest(_digest(shown), self._token)

    def sign_in(self) -> str:
        """A new session's number, for the cookie; the oldest session ends where there are too many."""
        number = secrets.token_urlsafe(32)
        self._sessions[_digest(number)] = self._clock() + SESSION_SECONDS
        while len(self._sessions) > MOST_SESSIONS:
            self._sessions.popitem(last=False)
        return number

    def is_signed_in(self, number: str | None) -> bool:
        """Whether the number is of a session that has not ended."""
        return number is not None and self._sessions.get(_digest(number), 0.0) > self._clock()

    def sign_out(self, number: str | None) -> None:
        """Ends a session, if there is such a one."""
        if number is not None:
            self._sessions.pop(_digest(number), None)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
