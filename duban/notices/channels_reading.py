"""Reads the channels file and looks at what no single field can know: names, secrets, placeholders."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from duban.notices.channels_file import ChannelKind, ChannelsFile, SmsGateway, secret_names
from duban.notices.named_secrets import NamedSecrets, SecretMissing
from duban.notices.sms_template import PLACEHOLDERS, SECRET, placeholders
from duban.office_files import Misplaced, Place, read_office_file
from duban.redaction import names_a_secret


def read_channels_file(path: Path, secrets: NamedSecrets, own: str) -> ChannelsFile:
    """Reads the channels file; every problem at once, each with its line.

    Args:
        own: Name of the channel that the settings describe; it may be named like those of the file.

    Raises:
        OfficeFileError: The file cannot be used.
    """
    return read_office_file(
        path,
        ChannelsFile,
        as_stated=lambda stated: _misnamed(stated, own),
        as_read=lambda file: _unusable(file, secrets),
    )


def _misnamed(stated: object, own: str) -> Iterator[Misplaced]:
    """Names that name nothing, as far as they can be seen in what is written."""
    channels, bodies, default = _inner(stated, "channels"), _inner(stated, "bodies"), _text(stated, "default")
    known = [own, *map(str, channels)]
    if own in channels:
        yield ("channels", own), f"“{own}”是 DUBAN_CHANNEL 所设渠道的名称，请换一个名称"
    named: list[tuple[Place, str]] = [(("default",), default)]
    for body, entry in bodies.items():
        named += [(("bodies", str(body), field), _text(entry, field)) for field in ("channel", "fallback")]
    for place, name in named:
        if name and name not in known:
            yield place, f"没有名为“{name}”的渠道，可用：{'、'.join(known)}"
    for body, entry in bodies.items():
        first, other = _text(entry, "channel") or default or own, _text(entry, "fallback")
        if other == first:
            yield ("bodies", str(body), "fallback"), "备用渠道与渠道相同，请删去或另写一个"
        by_sms = [name for name in (first, other) if _text(channels.get(name), "kind") == ChannelKind.SMS]
        if by_sms and "phones" not in _inner(bodies, body):
            yield ("bodies", str(body)), f"渠道“{by_sms[0]}”是短信，请补上 phones（手机号）"


def _inner(stated: object, key: object) -> dict[Any, Any]:
    inner = stated.get(key) if isinstance(stated, dict) else None
    return inner if isinstance(inner, dict) else {}


def _text(stated: object, key: str) -> str:
    text = stated.get(key) if isinstance(stated, dict) else None
    return text if isinstance(text, str) else ""


def _unusable(file: ChannelsFile, secrets: NamedSecrets) -> Iterator[Misplaced]:
    for place, secret in secret_names(file):
        try:
            secrets.get(secret)
        except SecretMissing as missing:
            yield place, str(missing)
    for name, channel in file.channels.items():
        if not isinstance(channel, SmsGateway):
            continue
        for held in placeholders(channel.body):
            if held not in PLACEHOLDERS and not held.startswith(SECRET):
                yield ("channels", name, "body"), f"没有占位符 {{{held}}}，可用：{'、'.join(PLACEHOLDERS)}、secret:名称"
        for held in placeholders(channel.headers):
            if not held.startswith(SECRET):
                yield ("channels", name, "headers"), f"{{{held}}} 不能用在请求头里，只可用 {{secret:名称}}"
        for field in ("headers", "body"):
            yield from _in_clear(("channels", name, field), getattr(channel, field))


def _in_clear(place: Place, template: object) -> Iterator[Misplaced]:
    """Fields that by their name hold a secret, and hold it in the file."""
    if not isinstance(template, dict):
        return
    for name, value in template.items():
        if isinstance(value, str) and value and names_a_secret(str(name)) and "{" not in value:
            yield (*place, str(name)), f"像是写明了口令。请存入机密文件，改写为 {{{SECRET}名称}}"
        yield from _in_clear((*place, str(name)), value)
