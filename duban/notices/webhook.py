"""The webhook: a letter as signed JSON over HTTP (Standard Webhooks). The only module that knows httpx.

An attempt ends in bounded time and reads a bounded answer, however slowly or long a gateway talks. Addresses hold
tokens (a group robot's stands in its URL): none is ever put into a reason, an error or a log line.
"""

import asyncio
import base64
import logging
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
from pydantic import SecretStr
from standardwebhooks import Webhook

from duban.contracts import Delivery
from duban.notices.channel import ChannelError, SendResult
from duban.notices.identity import message_id
from duban.notices.letter import Letter
from duban.notices.payload import payload_of
from duban.notices.status import result_of

LONGEST_ANSWER = 64 * 1024
"""Bytes of an answer that are read, so that its connection can be used again; a longer one costs the connection."""

LEAST_SECRET = 24
"""Bytes of a signing key, as Standard Webhooks asks; a password typed in its place is found out by it."""

LAST_PORT = 65_535

_SECRET_PREFIX = "whsec_"  # noqa: S105 - the mark before every such secret, not one of them


class WebhookChannel:
    """Posts letters to a gateway. Open it where it is used: its connections belong to the running event loop."""

    def __init__(self, url: str, secret: SecretStr | None, timeout: float) -> None:
        """Opens the channel; nothing is sent yet.

        Args:
            url: The gateway, `http://` or `https://`.
            secret: Signing secret, Base64, with or without `whsec_`; None sends unsigned.
            timeout: Seconds that one attempt may take altogether.

        Raises:
            ChannelError: The address or the secret cannot be used.
        """
        self._url = _address(url)
        self._signer = Webhook(_key(secret)) if secret is not None else None
        self._timeout = timeout
        self._client = httpx.AsyncClient(timeout=timeout, follow_redirects=False, headers={"User-Agent": "duban"})

    async def send(self, delivery: Delivery, letter: Letter) -> SendResult:
        """Makes one attempt. The status decides as soon as it is there, whatever becomes of the rest of the answer."""
        body = payload_of(delivery, letter)
        headers = self._headers(delivery, body)
        result: SendResult | None = None
        try:
            # httpx bounds each read; a gateway that sends a byte now and then would hold us for ever.
            async with (
                asyncio.timeout(self._timeout),
                self._client.stream("POST", self._url, content=body.encode(), headers=headers) as response,
            ):
                result = result_of(response.status_code, response.headers.get("retry-after"), datetime.now(UTC))
                await _read_out(response)
        except (TimeoutError, httpx.TimeoutException):
            return result or SendResult.retry(f"网关在{self._timeout:g}秒内没有答复")
        except httpx.TransportError as error:
            return result or _failed(error)
        return result

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    def _headers(self, delivery: Delivery, body: str) -> dict[str, str]:
        identity, now = message_id(delivery), datetime.now(UTC)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": identity,
            "webhook-timestamp": str(int(now.timestamp())),
        }
        if self._signer is not None:
            headers["webhook-signature"] = self._signer.sign(identity, now, body)
        return headers


async def _read_out(response: httpx.Response) -> None:
    """Reads the answer to its end, undecoded and within `LONGEST_ANSWER`."""
    read = 0
    async for chunk in response.aiter_raw():
        read += len(chunk)
        if read > LONGEST_ANSWER:
            return


def _failed(error: httpx.TransportError) -> SendResult:
    """What a failure below HTTP means.

    A certificate that does not hold is for a person: it heals only when somebody changes it or our trust in it, and
    a silent retry would hide that until the notice is of no use. Everything else may pass.
    """
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error)):
        return SendResult.undeliverable("网关的证书未通过验证，请更换证书，或在本机信任其签发机构")
    if any(isinstance(cause, ssl.SSLError) for cause in _causes(error)):
        return SendResult.retry("与网关的加密连接失败，请核对网关地址应为 https:// 还是 http://")
    if isinstance(error, httpx.ConnectError):
        return SendResult.retry("无法连接网关")
    if isinstance(error, httpx.ProxyError):
        return SendResult.retry("代理服务器不能连接网关")
    return SendResult.retry("与网关的连接中断，或网关的答复不合规范")


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _address(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        address = httpx.URL()
    if address.scheme not in ("http", "https") or not address.host or (address.port or 0) > LAST_PORT:
        raise ChannelError("网关地址不可用：应为以 http:// 或 https:// 开头的完整地址。")
    return address


def _key(secret: SecretStr) -> bytes:
    """The key of a secret. Decoded here, strictly: the library would skip characters that are not Base64."""
    text = secret.get_secret_value().strip().removeprefix(_SECRET_PREFIX)
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


class _AddressesHidden(logging.Filter):
    """Leaves of an address what may be read by anyone: scheme and host."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrites the record; every record passes."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                f"{arg.scheme}://{arg.host}/…" if isinstance(arg, httpx.URL) else arg for arg in record.args
            )
        return True


logging.getLogger("httpx").addFilter(_AddressesHidden())
