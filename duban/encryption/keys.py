"""The keys that payloads are encrypted with: read from one line of text, the first one writes, all of them read.

Rotation, without a moment at which somebody cannot read:

1. Append the new key **behind** the old one, everywhere: for workers, codec endpoints and the machines on which
   commands are run. Restart them. From now on all can read it, and nobody writes with it.
2. Put the new key **in front** and restart again, in any order: each writes with one or the other, all read both.
3. Keep the old key behind it for as long as any history holds its ciphertext: a task lives for years, and its closed
   workflow for the namespace's retention beyond. Taking a key away is taking the history away.

To turn encryption on, all processes of the old release are replaced by this one first; then the key is given to all
workers, then to the others. What stands in plain text stays readable. A process that lacks a key fails the workflow
task, which the server tries again until a worker has it; no message is dropped. (The SDK gives up at once an activity
whose arguments it can read and whose heartbeat it cannot: our heartbeats say nothing.)

A key serves for 2^32 payloads before the random nonces of AES-GCM come too near to each other; an office does not get
there in its lifetime, a yearly rotation is for people who leave.
"""

import base64
import re
import secrets
from dataclasses import dataclass, field
from datetime import date

KEY_BYTES = 32
"""AES-256."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_BETWEEN = re.compile(r"[,\s]+")


class KeyRingError(ValueError):
    """The text is no key ring; says which key is wrong by its number and never quotes it, in Chinese, no full stop."""


@dataclass(frozen=True)
class PayloadKey:
    """One key.

    Attributes:
        id: Stands in plain text beside what it encrypted.
        material: 32 bytes.
    """

    id: str
    material: bytes = field(repr=False)

    @classmethod
    def new(cls, today: date) -> "PayloadKey":
        """A fresh key, its id made of the date and of chance: an id never means two keys."""
        return cls(f"k{today:%Y%m%d}-{secrets.token_hex(3)}", secrets.token_bytes(KEY_BYTES))

    @property
    def line(self) -> str:
        """As it stands in the setting: a secret."""
        return f"{self.id}:{base64.b64encode(self.material).decode()}"


@dataclass(frozen=True)
class KeyRing:
    """The keys of one process, the writing one first; without any, nothing is encrypted and no ciphertext is read."""

    keys: tuple[PayloadKey, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """Reads `id:base64` of 32 bytes each, separated by commas or white space.

        Raises:
            KeyRingError: There is none, one is malformed, or an id stands twice.
        """
        stated = [part for part in _BETWEEN.split(text) if part]
        if not stated:
            raise KeyRingError("没有任何密钥")
        keys = tuple(_key(part, number) for number, part in enumerate(stated, start=1))
        ids = [key.id for key in keys]
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            raise KeyRingError(f"密钥名称 {twice[0]} 出现了不止一次")
        return cls(keys)

    def __bool__(self) -> bool:
        return bool(self.keys)


def _key(part: str, number: int) -> PayloadKey:
    name, colon, encoded = part.partition(":")
    if not colon or not _ID.fullmatch(name):
        raise KeyRingError(f"第 {number} 个密钥应写成“名称:Base64”，名称由字母、数字和 . _ - 组成")
    try:
        material = base64.b64decode(encoded, validate=True)
    except ValueError:  # binascii.Error among them
        material = b""
    if len(material) != KEY_BYTES:
        raise KeyRingError(f"第 {number} 个密钥不是 {KEY_BYTES} 字节的 Base64")
    return PayloadKey(name, material)
