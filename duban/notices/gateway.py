"""The way to a gateway: one bounded HTTP request to a checked address. The only module that knows httpx.

A request ends in bounded time and reads a bounded answer, however slowly or long a gateway talks. Addresses hold
tokens (a group robot's stands in its URL): none is ever put into a reason, an error or a log line.

It goes over TLS to the gateway that was meant: the name is resolved here, its addresses are checked at every attempt,
the connection goes to a checked one, and the certificate must be the name's. Proxies of the environment are not used,
because behind one nobody can say which address is reached; redirects are not followed.
"""

import asyncio
import logging
import os
import ssl
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache

import httpx

from duban.notices.addresses import AddressRefused, Network, Resolver, checked_addresses, literal_refusal, resolved
from duban.notices.channel import ChannelError, SendResult
from duban.notices.status import result_of
from duban.redaction import Redactor
from duban.supervision.model import Frozen
from duban.transport import refused_in_plain

LONGEST_ANSWER = 64 * 1024
"""Bytes of an answer that are read, for what it says and so that its connection can be used again; a longer one costs
the connection."""

LAST_PORT = 65_535
PORTS = {"http": 80, "https": 443}
SHORTEST_TOKEN = 16
"""Characters of a part of the URL that may be a token: an answer that repeats it is not quoted with it."""


class Answer(Frozen):
    """What a gateway answered, as far as it was read.

    Attributes:
        retry_after: The header `Retry-After`, if any.
        at: Real moment at which it was read.
    """

    status: int
    retry_after: str | None
    body: bytes
    at: datetime


Meaning = Callable[[Answer], SendResult]
"""What an answer says of the letter; each channel has its own."""


def by_status(answer: Answer) -> SendResult:
    """What an answer means by its status, and by a refusal inside a success."""
    return result_of(answer.status, answer.retry_after, answer.at, answer.body)


class Gateway:
    """One address that takes letters. Open it where it is used: its connections belong to the running event loop."""

    def __init__(
        self,
        url: str,
        timeout: float,
        *,
        named: str = "webhook 网关",
        secrets: Iterable[str] = (),
        networks: Collection[Network] = (),
        plaintext_hosts: Collection[str] = (),
        resolve: Resolver = resolved,
    ) -> None:
        """Looks at the address; nothing is sent yet.

        Args:
            url: `https://`; `http://` on this machine and for the hosts named.
            timeout: Seconds that one request may take altogether.
            named: What people call it.
            secrets: Values that no reason may repeat, beside the tokens of the address.
            networks: Networks inside in which it may be.
            plaintext_hosts: Hosts to which a letter may go unencrypted.
            resolve: Gives the addresses of a name.

        Raises:
            ChannelError: The address cannot be used.
        """
        self._url = _address(url)
        host = self._url.raw_host.decode("ascii")
        plain = refused_in_plain(named, host, plaintext_hosts, "把网关地址改为 https:// 开头")
        if self._url.scheme == "http" and plain:
            raise ChannelError(plain)
        if reason := literal_refusal(host, networks):
            raise ChannelError(f"{reason}。")
        self._timeout = timeout
        self._secrets = _secrets_of(self._url, secrets)
        self._client = httpx.AsyncClient(
            timeout=timeout,
            follow_redirects=False,
            trust_env=False,
            transport=_CheckedAddress(networks, resolve),
            # Packed, a small answer could be a large one.
            headers={"User-Agent": "duban", "Accept-Encoding": "identity"},
        )

    async def post(
        self,
        content: bytes,
        headers: Mapping[str, str],
        *,
        query: Mapping[str, str] | None = None,
        meaning: Meaning = by_status,
    ) -> SendResult:
        """Makes one attempt. What has been read when the answer breaks off or does not end decides.

        Args:
            query: Added to the address's own.
            meaning: What an answer says of the letter.
        """
        url = self._url.copy_merge_params(dict(query)) if query else self._url
        response: httpx.Response | None = None
        answer = bytearray()

        def meant() -> SendResult | None:
            return self._meant_by(response, answer, meaning)

        try:
            # httpx bounds each read; a gateway that sends a byte now and then would hold us for ever.
            async with (
                asyncio.timeout(self._timeout),
                self._client.stream("POST", url, content=content, headers=dict(headers)) as response,
            ):
                async for chunk in response.aiter_raw():
                    answer += chunk
                    if len(answer) > LONGEST_ANSWER:
                        break
        except AddressRefused as refusal:
            return SendResult.undeliverable(str(refusal))
        except (TimeoutError, httpx.TimeoutException):
            return meant() or SendResult.retry(f"网关在{self._timeout:g}秒内没有答复")
        except httpx.TransportError as error:
            return meant() or _failed(error)
        except OSError:
            return SendResult.retry("无法解析网关的主机名，请核对网关地址和本机的域名解析")
        return meant() or SendResult.retry("网关没有答复")

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    def _meant_by(self, response: httpx.Response | None, answer: bytearray, meaning: Meaning) -> SendResult | None:
        """What came of the attempt by its answer; None without one."""
        if response is None:
            return None
        result = meaning(
            Answer(
                status=response.status_code,
                retry_after=response.headers.get("retry-after"),
                body=bytes(answer),
                at=datetime.now(UTC),
            )
        )
        # A gateway's own words may repeat what it was sent.
        return result.model_copy(update={"reason": self._secrets.text(result.reason)})


class _CheckedAddress(httpx.AsyncBaseTransport):
    """Connects to a checked address of the host; the name stays in the Host header, in SNI and for the certificate.

    For one host only: connections are kept by address, and one that was verified for a name serves that name alone.
    """

    def __init__(self, networks: Collection[Network], resolve: Resolver) -> None:
        self._networks, self._resolve = networks, resolve
        self._inner = httpx.AsyncHTTPTransport(verify=trusted_authorities(), trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Sends to the first address that answers; only one that no byte of the letter reached is passed over.

        Raises:
            AddressRefused: An address may not be a gateway's; nothing was connected.
            OSError: The name cannot be resolved.
        """
        host = request.url.raw_host.decode("ascii")
        port = request.url.port or PORTS[request.url.scheme]
        addresses = await checked_addresses(host, port, self._networks, self._resolve)
        timeout: dict[str, float] = request.extensions["timeout"]
        within = {**timeout, "connect": timeout["connect"] / len(addresses)}
        for address in addresses:
            pinned = httpx.Request(
                request.method,
                request.url.copy_with(host=str(address)),
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, "timeout": within, "sni_hostname": host},
            )
            try:
                return await self._inner.handle_async_request(pinned)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                if address == addresses[-1] or _is_about_tls(error):
                    raise
        raise AssertionError("a host has at least one address")

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._inner.aclose()


def trusted_authorities() -> ssl.SSLContext:
    """Who may vouch for a gateway: the system's authorities and the public ones, or those in `SSL_CERT_FILE` alone.

    Read once: that takes tens of milliseconds and most of a megabyte, and an installation may have 200 gateways.

    Raises:
        ChannelError: That file cannot be used.
    """
    return _authorities(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@cache
def _authorities(file: str | None, folder: str | None) -> ssl.SSLContext:
    """Those that the environment names."""
    try:
        context = httpx.create_ssl_context()
    except OSError as error:  # an SSL error is one
        raise ChannelError(
            "SSL_CERT_FILE 或 SSL_CERT_DIR 所指的证书不能使用，请核对路径、权限和内容（PEM）。"
        ) from error
    if not file and not folder:
        context.load_default_certs()
    return context


def _failed(error: httpx.TransportError) -> SendResult:
    """What a failure below HTTP means.

    A certificate that does not hold is for a person: it heals only when somebody changes it or our trust in it, and
    a silent retry would hide that until the notice is of no use. Everything else may pass.
    """
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error)):
        return SendResult.undeliverable("网关的证书未通过验证，请更换证书，或在本机信任其签发机构")
    if _is_about_tls(error):
        return SendResult.retry("与网关的加密连接失败，请核对网关地址应为 https:// 还是 http://")
    if isinstance(error, httpx.ConnectError):
        return SendResult.retry("无法连接网关")
    return SendResult.retry("与网关的连接中断，或网关的答复不合规范")


def _is_about_tls(error: BaseException) -> bool:
    return any(isinstance(cause, ssl.SSLError) for cause in _causes(error))


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


def _secrets_of(url: httpx.URL, more: Iterable[str]) -> Redactor:
    """Knows what must not come back in an answer that is quoted."""
    redactor = Redactor()
    parts = [*url.path.split("/"), *(value for _, value in url.params.multi_items()), url.password]
    for part in parts:
        if len(part) >= SHORTEST_TOKEN:
            redactor.keep(part)
    for secret in more:
        redactor.keep(secret)
    return redactor


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
