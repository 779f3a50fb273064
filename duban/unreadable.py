"""Payloads that nobody can read, made something that can be spoken of.

What people type or programs send is taken as it comes, without a type. The SDK would drop a signal whose payload cannot
be decoded, with a line in a log that nobody reads; here it arrives as ``Unreadable``, and whoever handles it refuses it
in words. A payload with a type, as our own inputs and records are, fails as ever: there a mistake is ours.

Between the two lies what a workflow is started with, because anyone may start one from the Temporal UI. An input that
has the fields of ours and cannot be read is a release's mistake: the workflow task fails until a release can read it,
and nothing is lost. One that has not even those was never ours: the workflow fails at once, in words, instead of being
tried for ever where nobody looks.
"""

from collections.abc import Sequence
from typing import Any

from pydantic_core import from_json
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.exceptions import ApplicationError

from duban.contracts import StartInput, Unreadable

MOST_BYTES = 1_000_000
MOST_VALUES = 20_000
_LONGEST_SHOWN = 40


class ForgivingConverter(PydanticPayloadConverter):
    """The SDK's converter for pydantic, which hands on what it cannot decode where no type is asked for."""

    def from_payloads(self, payloads: Sequence[Payload], type_hints: list[type] | None = None) -> list[Any]:
        """Decode payloads.

        Raises:
            Exception: One for which a type is asked cannot be decoded as such.
        """
        hints: Sequence[Any] = type_hints or ()
        return [self._decoded(payload, hints[at] if at < len(hints) else None) for at, payload in enumerate(payloads)]

    def _decoded(self, payload: Payload, hint: Any) -> Any:
        if (hint is None or hint is Any) and _is_too_much(payload.data):
            return Unreadable(reason=f"内容过多，最多{MOST_BYTES}字节、{MOST_VALUES}项；材料请写明链接或文号")
        started = isinstance(hint, type) and issubclass(hint, StartInput)
        try:
            [value] = super().from_payloads([payload], None if hint is None else [hint])
        except Exception as error:
            if started and not _has_fields_of(hint, payload):
                raise _not_ours(hint) from error
            if hint is not None and hint is not Any:
                raise
            encoding = _shown(payload.metadata.get("encoding", b"")) or "未注明"
            return Unreadable(reason=f"内容无法解读（编码“{encoding}”）：须为 JSON（json/plain）、UTF-8 编码")
        if started and not isinstance(value, hint):  # null, or bytes: the SDK takes them for anything
            raise _not_ours(hint)
        return value


def _is_too_much(data: bytes) -> bool:
    """Whether decoding would take long, counted without decoding: a workflow has two seconds for all that came."""
    return len(data) > MOST_BYTES or sum(map(data.count, (b",", b"[", b"{"))) > MOST_VALUES


def _has_fields_of(model: type[StartInput], payload: Payload) -> bool:
    try:
        stated = from_json(payload.data)
    except ValueError:
        return False
    required = {name for name, field in model.model_fields.items() if field.is_required()}
    return isinstance(stated, dict) and required <= stated.keys()


def _not_ours(model: type[StartInput]) -> ApplicationError:
    return ApplicationError(
        f"启动参数不是督办程序给出的（{model.__name__}）。请不要手工启动，方案请用 starter.py issue 下发。",
        type="NotOurs",
        non_retryable=True,
    )


def _shown(encoding: bytes) -> str:
    text = encoding[:_LONGEST_SHOWN].decode("ascii", "replace")
    return "".join(char if char.isprintable() else "?" for char in text)
