"""The codec endpoint: decrypts and encrypts payloads for the Temporal UI and command line of people who may read them.

Temporal's remote codec protocol: `POST /decode` and `/encode` take and give `{"payloads": […]}`. Who asks shows the
token (`Authorization: Bearer …`), or comes from one of the exact origins in a browser that has signed in here. What is
asked and answered is logged nowhere.
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any
from urllib.parse import parse_qs

import structlog
from google.protobuf import json_format
from pydantic import BaseModel, BeforeValidator, SecretStr, ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from temporalio.api.common.v1 import Payload

from duban.encryption.admission import SESSION_SECONDS, Admission, Allowance
from duban.encryption.codec import PayloadEncryption
from duban.encryption.doorway import Doorway
from duban.encryption.errors import PayloadUnreadable
from duban.encryption.keys import KeyRing
from duban.encryption.pages import sign_in_page, signed_in_page

LARGEST_BODY = 4 * 1024 * 1024
"""An event holds 2 MB of payloads at most, a third more in Base64."""
LARGEST_FORM = 4096
BODY_WITHIN_SECONDS = 10.0
ASKED_AT_ONCE, ASKED_PER_SECOND = 2000.0, 200.0
"""The UI asks once for every payload of a page."""
FAILED_AT_ONCE, FAILED_PER_SECOND = 10.0, 1 / 6
HEADERS_OF_THE_UI = ("Content-Type", "X-Namespace", "Authorization", "Authorization-Extras")

Coding = Callable[[Sequence[Payload]], Awaitable[list[Payload]]]
log = structlog.get_logger("duban.codec")


class _Refusal(Exception):
    """A request is answered with a status and a sentence (Chinese)."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


def _bytes(text: Any) -> bytes:
    if not isinstance(text, str):
        raise ValueError("not Base64")  # noqa: TRY004 - the kind that pydantic takes for an answer
    return base64.b64decode(text, validate=True)


_Base64 = Annotated[bytes, BeforeValidator(_bytes)]


class _StatedPayload(BaseModel):
    """A payload as JSON; protobuf's own reader takes anything for one, and leaves out what does not fit."""

    metadata: dict[str, _Base64] = {}
    data: _Base64 = b""


class _StatedPayloads(BaseModel):
    payloads: list[_StatedPayload]


class CodecEndpoint:
    """The routes, with the keys and those who may use them."""

    def __init__(self, ring: KeyRing, token: SecretStr, origins: Sequence[str], *, tls: bool) -> None:
        """Prepares; `app` is what a server serves.

        Args:
            ring: The keys; not empty.
            token: What is asked of everybody.
            origins: Exact origins of Temporal UIs.
            tls: Whether it is served under TLS; then cookies are sent under TLS only.
        """
        self._codec, self._admission = PayloadEncryption(ring), Admission(token)
        self._origins, self._tls = tuple(origins), tls
        self._cookie = "__Host-duban-codec" if tls else "duban-codec"
        self._asked = Allowance(ASKED_AT_ONCE, ASKED_PER_SECOND)
        self._failed = Allowance(FAILED_AT_ONCE, FAILED_PER_SECOND)
        # Counted apart: pages of strangers, refused by their origin, must not keep out those who have the token.
        self._noted = Allowance(FAILED_AT_ONCE, FAILED_PER_SECOND)

    @property
    def app(self) -> Starlette:
        """The application."""
        return Starlette(
            routes=[
                Route("/decode", self._decode, methods=["POST"]),
                Route("/encode", self._encode, methods=["POST"]),
                Route("/", self._home, methods=["GET"]),
                Route("/sign-in", self._sign_in, methods=["POST"]),
                Route("/sign-out", self._sign_out, methods=["POST"]),
            ],
            middleware=[
                Middleware(Doorway, origins=self._origins, tls=self._tls, on_refusal=self._note),
                Middleware(
                    CORSMiddleware,
                    allow_origins=self._origins,
                    allow_credentials=True,
                    allow_methods=["POST"],
                    allow_headers=HEADERS_OF_THE_UI,
                ),
            ],
            exception_handlers={_Refusal: _told},
        )

    async def _decode(self, request: Request) -> Response:
        return await self._coded(request, self._codec.decode)

    async def _encode(self, request: Request) -> Response:
        return await self._coded(request, self._codec.encode)

    async def _coded(self, request: Request, coding: Coding) -> Response:
        self._admit(request)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise _Refusal(415, "请求应为 application/json。")
        try:
            stated = _StatedPayloads.model_validate_json(await _body(request, LARGEST_BODY))
        except ValidationError:
            raise _Refusal(400, "请求不是 Temporal 的 Payloads（JSON）。") from None
        try:
            done = await coding([Payload(metadata=one.metadata, data=one.data) for one in stated.payloads])
        except PayloadUnreadable as reason:
            raise _Refusal(422, str(reason)) from None
        return JSONResponse({"payloads": [json_format.MessageToDict(payload) for payload in done]})

    async def _home(self, request: Request) -> Response:
        if not self._admission.is_signed_in(request.cookies.get(self._cookie)):
            return HTMLResponse(sign_in_page())
        return HTMLResponse(signed_in_page(self._origins, f"{request.url.scheme}://{request.url.netloc}"))

    async def _sign_in(self, request: Request) -> Response:
        caller = _address(request)
        if not self._failed.left(caller):
            return HTMLResponse(sign_in_page("口令错误次数过多，请一分钟后再试。"), status_code=429)
        try:
            form = parse_qs((await _body(request, LARGEST_FORM)).decode(), max_num_fields=4)
        except ValueError:  # too many fields, or no UTF-8
            form = {}
        if not self._admission.knows_token(form.get("token", [""])[0]):
            self._failed.take(caller)
            self._note(caller, "token")
            return HTMLResponse(sign_in_page("访问口令不对。"), status_code=401)
        response = RedirectResponse("/", status_code=303)
        response.set_cookie(
            self._cookie,
            self._admission.sign_in(),
            max_age=int(SESSION_SECONDS),
            httponly=True,
            samesite="strict",
            secure=self._tls,
        )
        return response

    async def _sign_out(self, request: Request) -> Response:
        self._admission.sign_out(request.cookies.get(self._cookie))
        response = RedirectResponse("/", status_code=303)
        response.delete_cookie(self._cookie, httponly=True, samesite="strict", secure=self._tls)
        return response

    def _admit(self, request: Request) -> None:
        caller = _address(request)
        if not self._asked.take(caller):
            raise _Refusal(429, "请求过于频繁，请稍后再试。")
        shown = request.headers.get("authorization")
        if shown is None:
            # A browser that is asked by a page across origins always says which; nothing else has our cookie.
            if request.headers.get("origin") in self._origins and self._admission.is_signed_in(
                request.cookies.get(self._cookie)
            ):
                return
            raise _Refusal(401, "尚未登录。请先用浏览器打开解密服务的首页登录，主机名与 Temporal 网页的相同。")
        if not self._failed.left(caller):
            raise _Refusal(429, "口令错误次数过多，请一分钟后再试。")
        scheme, _, token = shown.partition(" ")
        if scheme.lower() != "bearer" or not self._admission.knows_token(token.strip()):
            self._failed.take(caller)
            self._note(caller, "token")
            raise _Refusal(401, "访问口令不对。应为：Authorization: Bearer 加上 DUBAN_CODEC_TOKEN 的值。")

    def _note(self, caller: str, what: str) -> None:
        """Logs a refusal; no more of them than are allowed, whatever somebody sends."""
        if self._noted.take(caller):
            log.warning("codec.refused", client=caller, what=what)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


async def _body(request: Request, largest: int) -> bytes:
    """The body, read no further than allowed."""
    read = bytearray()
    try:
        async with asyncio.timeout(BODY_WITHIN_SECONDS):
            async for chunk in request.stream():
                read += chunk
                if len(read) > largest:
                    raise _Refusal(413, f"请求超过 {largest} 字节。")
    except TimeoutError:
        raise _Refusal(408, f"请求没有在 {BODY_WITHIN_SECONDS:g} 秒内发完。") from None
    except ClientDisconnect:
        raise _Refusal(400, "请求没有发完。") from None
    return bytes(read)


async def _told(_: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, _Refusal)  # noqa: S101
    headers = {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else {}
    return JSONResponse({"message": refusal.message}, status_code=refusal.status, headers=headers)
