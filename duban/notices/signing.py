"""The key with which letters are signed, as people keep it."""

import base64

from pydantic import SecretStr

from duban.notices.channel import ChannelError

LEAST_SECRET = 24
"""Bytes of a signing key, as Standard Webhooks asks; a password typed in its place is found out by it."""

SECRET_PREFIX = "whsec_"  # noqa: S105 - the mark before every such secret, not one of them


def signing_key(secret: SecretStr) -> bytes:
    """The key of a secret. Decoded here, strictly: the library would skip characters that are not Base64.

    Raises:
        ChannelError: It is none.
    """
    text = secret.get_secret_value().strip().removeprefix(SECRET_PREFIX)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise ChannelError("签名密钥不可用：应为 Base64 编码的密钥，可带 whsec_ 前缀。") from None
    if len(key) < LEAST_SECRET:
        raise ChannelError(
            f"签名密钥太短：应由至少{LEAST_SECRET}字节的随机数经 Base64 编码而成，现为{len(key)}字节。"
            "可运行 openssl rand -base64 32 生成。"
        )
    return key
