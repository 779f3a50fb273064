"""The codec endpoint, asked as the Temporal UI and command line ask, and as somebody asks who has no business there."""

import base64
import json
import re
import ssl
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
from google.protobuf.json_format import MessageToDict
from temporalio.api.common.v1 import Payload, Payloads

from duban.encryption.codec import KEY_ID, PayloadEncryption
from duban.encryption.endpoint import FAILED_AT_ONCE, LARGEST_BODY
from duban.encryption.keys import KeyRing, PayloadKey
from tests.encryption.conftest import KEY, OLD_KEY, TOKEN, UI, Endpoint, endpoint_running

SENTENCE = "市医保局说明：方案未报送"
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(SENTENCE, ensure_ascii=False).encode())
BEARER = {"Authorization": f"Bearer {TOKEN}", "X-Namespace": "default"}
FOREIGN_KEY = PayloadKey.new(date(2026, 1, 1))
ELSEWHERE = [
    "null", "http://127.0.0.1:8234", "https://127.0.0.1:8233", "http://localhost:8233", "http://127.0.0.1",
    "http://127.0.0.1:8233.evil.example", "http://evil.example", "HTTP://127.0.0.1:8233", f"{UI}, {UI}",
]  # fmt: skip


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    with endpoint_running(tmp_path_factory.mktemp("codec")) as running:
        yield running


@pytest.fixture
def browser(endpoint: Endpoint) -> Iterator[httpx.Client]:
    """Keeps cookies, and nobody has signed in yet."""
    with httpx.Client(base_url=endpoint.url) as client:
        yield client


def _signed_in(browser: httpx.Client) -> httpx.Response:
    return browser.post("/sign-in", data={"token": TOKEN}, headers={"Origin": str(browser.base_url).rstrip("/")})


@pytest.fixture(scope="module")
async def sealed() -> dict[str, dict[str, Any]]:
    """The sentence under each key, as the UI sends it."""
    rings = [KeyRing((key,)) for key in (KEY, OLD_KEY, FOREIGN_KEY)]
    return {
        ring.keys[0].id: MessageToDict(Payloads(payloads=await PayloadEncryption(ring).encode([PLAIN])))
        for ring in rings
    }


def _told(answer: Mapping[str, Any]) -> list[bytes]:
    return [base64.b64decode(payload["data"]) for payload in answer["payloads"]]


@pytest.mark.parametrize("key", [KEY, OLD_KEY], ids=["the writing key", "an older key"])
def test_whoever_shows_the_token_gets_payloads_decrypted(
    endpoint: Endpoint, key: PayloadKey, sealed: dict[str, dict[str, Any]]
) -> None:
    asked = httpx.post(f"{endpoint.url}/decode", json=sealed[key.id], headers=BEARER)
    assert (asked.status_code, _told(asked.json())) == (200, [PLAIN.data])


def test_what_is_typed_in_the_ui_is_encrypted_and_comes_back_when_it_is_shown(endpoint: Endpoint) -> None:
    typed = MessageToDict(Payloads(payloads=[PLAIN]))
    encrypted = httpx.post(f"{endpoint.url}/encode", json=typed, headers=BEARER).json()
    assert SENTENCE.encode() not in b"".join(_told(encrypted))
    assert base64.b64decode(encrypted["payloads"][0]["metadata"][KEY_ID]) == KEY.id.encode()
    assert httpx.post(f"{endpoint.url}/decode", json=encrypted, headers=BEARER).json() == typed


@pytest.mark.parametrize("path", ["/decode", "/encode"])
@pytest.mark.parametrize(
    "shown", [{}, {"Authorization": "Bearer x"}, {"Authorization": f"Basic {TOKEN}"}, {"Origin": UI}, {"Cookie": "x"}]
)
def test_without_the_token_nothing_is_decrypted_or_encrypted(
    endpoint: Endpoint, path: str, shown: dict[str, str], sealed: dict[str, dict[str, Any]]
) -> None:
    asked = httpx.post(f"{endpoint.url}{path}", json=sealed[KEY.id], headers=shown)
    assert asked.status_code in (401, 429)
    assert "payloads" not in asked.text


def test_a_browser_that_has_signed_in_may_ask_from_the_ui(
    browser: httpx.Client, sealed: dict[str, dict[str, Any]]
) -> None:
    answer = _signed_in(browser)
    cookie = answer.headers["set-cookie"]
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert TOKEN not in cookie

    asked = browser.post("/decode", json=sealed[KEY.id], headers={"Origin": UI})
    assert (asked.status_code, _told(asked.json())) == (200, [PLAIN.data])
    assert asked.headers["access-control-allow-origin"] == UI
    assert asked.headers["access-control-allow-credentials"] == "true"
    assert "Origin" in asked.headers["vary"]
    assert UI in browser.get("/").text


def test_the_cookie_alone_is_not_enough_without_an_origin_that_is_ours(
    browser: httpx.Client, sealed: dict[str, dict[str, Any]]
) -> None:
    _signed_in(browser)
    body = sealed[KEY.id]
    assert browser.post("/decode", json=body).status_code == 401
    assert browser.post("/decode", json=body, headers={"Origin": str(browser.base_url).rstrip("/")}).status_code == 401


def test_who_has_signed_out_is_out(browser: httpx.Client, sealed: dict[str, dict[str, Any]]) -> None:
    _signed_in(browser)
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    assert browser.post("/sign-out").status_code == 303
    assert not browser.cookies
    asked = browser.post("/decode", json=sealed[KEY.id], headers={"Origin": UI, "Cookie": cookie})  # kept by a thief
    assert asked.status_code == 401


@pytest.mark.parametrize("origin", ELSEWHERE)
def test_every_other_origin_is_refused_even_with_the_token_and_told_nothing_by_cors(
    endpoint: Endpoint, origin: str, sealed: dict[str, dict[str, Any]]
) -> None:
    preflight = httpx.options(
        f"{endpoint.url}/decode", headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
    )
    asked = httpx.post(f"{endpoint.url}/decode", json=sealed[KEY.id], headers={**BEARER, "Origin": origin})
    for answer in (preflight, asked):
        assert answer.status_code == 403
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_the_ui_may_send_what_it_sends_and_nothing_else(endpoint: Endpoint) -> None:
    asked = {"Origin": UI, "Access-Control-Request-Method": "POST"}
    sent = {"Access-Control-Request-Headers": "content-type,x-namespace,authorization,authorization-extras"}
    allowed = httpx.options(f"{endpoint.url}/decode", headers=asked | sent)
    other = httpx.options(f"{endpoint.url}/decode", headers=asked | {"Access-Control-Request-Headers": "x-other"})
    method = httpx.options(f"{endpoint.url}/decode", headers=asked | {"Access-Control-Request-Method": "PUT"})
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == UI
    assert allowed.headers["access-control-allow-credentials"] == "true"
    assert (other.status_code, method.status_code) == (400, 400)


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe", b"null", b"[]", b'"x"', b'{"payloads": 1}', b'{"payloads": [{"data": "!"}]}',
     b'{"payloads": [{"metadata": {"encoding": 1}}]}', b'{"payloads": [{"data": 7}]}',
     b"[" * 200_000, b'{"payloads":' * 50_000, b'{"payloads": ['],
    ids=lambda body: f"{body[:24]!r}",
)  # fmt: skip
def test_what_is_no_request_is_refused_in_words(endpoint: Endpoint, body: bytes) -> None:
    asked = httpx.post(f"{endpoint.url}/decode", content=body, headers={**BEARER, "Content-Type": "application/json"})
    assert asked.status_code == 400, asked.text
    assert asked.json()["message"] == "请求不是 Temporal 的 Payloads（JSON）。"


def test_a_form_of_another_site_is_no_request(endpoint: Endpoint) -> None:
    assert httpx.post(f"{endpoint.url}/decode", data={"payloads": "x"}, headers=BEARER).status_code == 415
    assert httpx.get(f"{endpoint.url}/decode", headers=BEARER).status_code == 405
    assert httpx.post(f"{endpoint.url}/download", headers=BEARER).status_code == 404


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_read_no_further(endpoint: Endpoint, chunked: bool) -> None:
    piece = b" " * 65_536
    pieces = LARGEST_BODY // len(piece) + 2
    content: Any = (piece for _ in range(pieces)) if chunked else piece * pieces
    asked = httpx.post(
        f"{endpoint.url}/decode", content=content, headers={**BEARER, "Content-Type": "application/json"}
    )
    assert asked.status_code == 413


def test_a_key_that_is_missing_and_a_changed_payload_are_told_apart_from_a_wrong_request(
    endpoint: Endpoint, sealed: dict[str, dict[str, Any]]
) -> None:
    unknown = httpx.post(f"{endpoint.url}/decode", json=sealed[FOREIGN_KEY.id], headers=BEARER)
    data = base64.b64encode(b"x" * 40).decode()
    changed = {"payloads": [sealed[KEY.id]["payloads"][0] | {"data": data}]}
    damaged = httpx.post(f"{endpoint.url}/decode", json=changed, headers=BEARER)
    assert (unknown.status_code, damaged.status_code) == (422, 422)
    assert FOREIGN_KEY.id in unknown.json()["message"]
    assert "无法解密" in damaged.json()["message"]


def test_no_answer_is_kept_framed_or_guessed_at(endpoint: Endpoint) -> None:
    for answer in (httpx.get(endpoint.url), httpx.get(f"{endpoint.url}/none"), httpx.post(f"{endpoint.url}/decode")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers
        # Under "no-referrer" a browser states the origin of our own form as `null`, which is refused.
        assert answer.headers["referrer-policy"] == "same-origin"


def test_whoever_tries_tokens_is_soon_not_asked_any_more_and_the_log_stays_short_and_silent(
    tmp_path: Path, sealed: dict[str, dict[str, Any]]
) -> None:
    with endpoint_running(tmp_path) as own, httpx.Client(base_url=own.url) as caller:
        _signed_in(caller)
        body = sealed[KEY.id]
        tried = [
            caller.post("/decode", json=body, headers={"Authorization": f"Bearer planted-{number}"}).status_code
            for number in range(30)
        ]
        form = caller.post("/sign-in", data={"token": "planted-form"})
        signed_in = caller.post("/decode", json=body, headers={"Origin": UI})
        log = own.log.read_text()
    assert tried[0] == 401
    assert tried[-1] == form.status_code == 429
    assert signed_in.status_code == 200, "whoever has signed in goes on"
    assert 1 <= log.count("codec.refused") <= FAILED_AT_ONCE + 2
    for secret in (TOKEN, "planted", SENTENCE, KEY.line.partition(":")[2], body["payloads"][0]["data"]):
        assert secret not in log


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def test_under_tls_the_cookie_is_for_tls_alone(
    tmp_path: Path, authority: trustme.CA, sealed: dict[str, dict[str, Any]]
) -> None:
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "both.pem"))
    files = {
        "DUBAN_CODEC_TLS_CERTIFICATE": str(tmp_path / "both.pem"),
        "DUBAN_CODEC_TLS_KEY": str(tmp_path / "both.pem"),
    }
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    with endpoint_running(tmp_path, **files) as own, httpx.Client(base_url=own.url, verify=trusted) as caller:
        answer = _signed_in(caller)
        asked = caller.post("/decode", json=sealed[KEY.id], headers={"Origin": UI})
    assert own.url.startswith("https://")
    assert re.match(r"__Host-duban-codec=[\w-]{43}; ", answer.headers["set-cookie"])
    assert "Secure" in answer.headers["set-cookie"]
    assert asked.status_code == 200
    assert "max-age" in asked.headers["strict-transport-security"]
