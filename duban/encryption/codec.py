"""Encrypts payloads on their way out of this process, and decrypts them on their way in.

Each payload becomes one of AES-256-GCM: the whole original, metadata included, under a nonce of its own. The key's id
and the encoding stand beside it in plain text and are authenticated with it. Nothing is compressed first: it would
halve a history of at most 100 KiB a task, and the length of what somebody wrote would begin to tell about its content.

What is not encrypted is left as it is, so that tasks from before encryption go on. What is encrypted and cannot be read
is an error, also without any key: the SDK leaves out a message that is passed on unread, and the workflow goes on.
"""

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from duban.encryption.errors import PayloadUnreadable
from duban.encryption.keys import KeyRing

ENCODING = b"binary/encrypted"
KEY_ID = "encryption-key-id"
NONCE_BYTES = 12


class PayloadEncryption(PayloadCodec):
    """The codec of a key ring; with an empty one it encrypts nothing."""

    def __init__(self, ring: KeyRing) -> None:
        """Prepares the keys."""
        self._writer = ring.keys[0].id.encode() if ring else None
        self._ciphers = {key.id.encode(): AESGCM(key.material) for key in ring.keys}

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """The payloads, encrypted."""
        if self._writer is None:
            return list(payloads)
        return [self._encrypted(payload, self._writer) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """The payloads, decrypted where they are encrypted.

        Raises:
            PayloadUnreadable: We do not have the key, or it is not what was encrypted.
        """
        return [self._decrypted(payload) if is_encrypted(payload) else payload for payload in payloads]

    def _encrypted(self, payload: Payload, key: bytes) -> Payload:
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[key].encrypt(nonce, payload.SerializeToString(), _bound(key))
        return Payload(metadata={"encoding": ENCODING, KEY_ID: key}, data=nonce + sealed)

    def _decrypted(self, payload: Payload) -> Payload:
        key = payload.metadata.get(KEY_ID, b"")
        cipher = self._ciphers.get(key)
        if cipher is None:
            raise PayloadUnreadable(
                f"数据是用密钥“{_shown(key)}”加密的，本进程没有这个密钥。请把它加到 DUBAN_PAYLOAD_KEYS 后重新启动。"
            )
        nonce, sealed = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
        try:
            return Payload.FromString(cipher.decrypt(nonce, sealed, _bound(key)))
        except (InvalidTag, ValueError, DecodeError):  # ValueError: too short to hold a nonce
            raise PayloadUnreadable(
                f"用密钥“{_shown(key)}”加密的数据无法解密：数据被改动过，或另有一个同名的密钥。"
                "请核对 DUBAN_PAYLOAD_KEYS。"
            ) from None


def is_encrypted(payload: Payload) -> bool:
    """Whether it is of this codec's encoding."""
    return payload.metadata.get("encoding") == ENCODING


def _bound(key: bytes) -> bytes:
    """What is authenticated and not encrypted; only the last part may hold a zero byte, so it is unambiguous."""
    return b"\0".join((b"duban.payload.1", ENCODING, key))


def _shown(key: bytes) -> str:
    """A key's id that anybody may have written, fit for a terminal."""
    return ascii(key[:64].decode("latin-1"))[1:-1]
