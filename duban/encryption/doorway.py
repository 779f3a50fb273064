"""What holds for every request and answer of the codec endpoint: foreign origins stay outside, no answer is kept."""

from collections.abc import Callable, Collection
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALWAYS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # under "no-referrer" a browser sends our own form with the origin `null`
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
UNDER_TLS = {"Strict-Transport-Security": "max-age=31536000"}


class Doorway:
    """Stands before everything else."""

    def __init__(
        self, app: ASGIApp, *, origins: Collection[str], tls: bool, on_refusal: Callable[[str, str], Any]
    ) -> None:
        """Prepares.

        Args:
            app: What is behind.
            origins: Origins whose pages may ask; the page's own is always one.
            tls: Whether we are asked under TLS.
            on_refusal: Told of a request that was refused: the caller's address and the reason.
        """
        self._app, self._origins, self._on_refusal = app, origins, on_refusal
        self._scheme = "https" if tls else "http"
        self._headers = ALWAYS | (UNDER_TLS if tls else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""

        async def send_hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin is None or origin in self._origins or origin == f"{self._scheme}://{headers.get('host', '')}":
            await self._app(scope, receive, send_hardened)
            return
        self._on_refusal((scope.get("client") or ("",))[0], f"origin {origin[:200]!r}")
        refusal = JSONResponse({"message": "不接受来自这个网页的请求。请核对 DUBAN_CODEC_ORIGINS。"}, status_code=403)
        await refusal(scope, receive, send_hardened)
