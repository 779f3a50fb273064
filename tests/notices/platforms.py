"""WeCom, DingTalk, Feishu and an SMS provider as their documents describe them, as real HTTP servers in a thread.

They know nothing of our code: what a request must look like, what a signature is made of, how many bytes a message may
hold and which code comes back stands here a second time, from the documents.
"""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Said = tuple[int, dict[str, Any]]
HOUR = 3600


@dataclass(frozen=True)
class Request:
    """What came in."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.body)
        return said


@dataclass
class Platform:
    """A group, its robot, and what has appeared in it.

    Attributes:
        then: Answers to the next requests, in place of what the platform would say.
    """

    port: int = 0
    token: str = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
    secret: str = ""
    keyword: str = ""
    takes: int = 1000
    messages: list[dict[str, Any]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    then: list[Said] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """What people in the group read."""
        return [
            message["text"]["content"] if "text" in message else message["content"]["text"] for message in self.messages
        ]

    @property
    def host(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, request: Request) -> Said:
        raise NotImplementedError


class WecomGroup(Platform):
    """群机器人配置说明."""

    @property
    def url(self) -> str:
        return f"{self.host}/cgi-bin/webhook/send?key={self.token}"

    def answer(self, request: Request) -> Said:
        if request.path != "/cgi-bin/webhook/send" or request.query.get("key") != self.token:
            return 200, {"errcode": 93000, "errmsg": "invalid webhook url, hint: [1690], from ip: 127.0.0.1"}
        if len(self.messages) >= self.takes:
            return 200, {"errcode": 45009, "errmsg": "api freq out of limit"}
        said = request.json
        if said.get("msgtype") != "text":
            return 200, {"errcode": 40008, "errmsg": "invalid message type"}
        if len(said["text"]["content"].encode()) > 2048:
            return 200, {"errcode": 40058, "errmsg": "text.content exceed max length 2048. invalid Request Parameter"}
        self.messages.append(said)
        return 200, {"errcode": 0, "errmsg": "ok"}


class DingTalkGroup(Platform):
    """自定义机器人接入: 加签, 自定义关键词, 20 messages a minute."""

    @property
    def url(self) -> str:
        return f"{self.host}/robot/send?access_token={self.token}"

    def answer(self, request: Request) -> Said:
        if request.headers.get("Content-Type", "").partition(";")[0] != "application/json":
            return 200, {"errcode": 43004, "errmsg": "无效的HTTP HEADER Content-Type"}
        if request.query.get("access_token") != self.token:
            return 200, {"errcode": 300005, "errmsg": "token is not exist"}
        if self.secret:
            stamp = request.query.get("timestamp", "0")
            if abs(time.time() * 1000 - int(stamp)) > HOUR * 1000:
                return 200, {"errcode": 310000, "errmsg": "invalid timestamp"}
            mac = hmac.digest(self.secret.encode(), (stamp + "\n" + self.secret).encode(), "sha256")
            if request.query.get("sign") != base64.b64encode(mac).decode():
                return 200, {"errcode": 310000, "errmsg": "sign not match"}
        if len(self.messages) >= self.takes:
            return 200, {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}
        if len(request.body) > 20_000:
            return 200, {"errcode": 460101, "errmsg": "message too long"}
        said = request.json
        if self.keyword and self.keyword not in said["text"]["content"]:
            return 200, {"errcode": 310000, "errmsg": "keywords not in content"}
        self.messages.append(said)
        return 200, {"errcode": 0, "errmsg": "ok"}


class FeishuGroup(Platform):
    """自定义机器人使用指南: 签名校验, 自定义关键词, 20 KB."""

    @property
    def url(self) -> str:
        return f"{self.host}/open-apis/bot/v2/hook/{self.token}"

    def answer(self, request: Request) -> Said:
        if request.path != f"/open-apis/bot/v2/hook/{self.token}":
            return 200, {"code": 19001, "data": {}, "msg": "param invalid: incoming webhook access token invalid"}
        if len(request.body) > 20 * 1024:
            return 400, {"code": 9499, "msg": "Bad Request", "data": {}}
        said = request.json
        if self.secret:
            stamp = str(said.get("timestamp", "0"))
            digest = hmac.new((stamp + "\n" + self.secret).encode(), digestmod=hashlib.sha256).digest()
            if abs(time.time() - int(stamp)) > HOUR or said.get("sign") != base64.b64encode(digest).decode():
                return 200, {
                    "code": 19021,
                    "data": {},
                    "msg": "sign match fail or timestamp is not within one hour from current time",
                }
        if len(self.messages) >= self.takes:
            return 200, {"code": 11232, "data": {}, "msg": "frequency limited psm[lark.oapi.app_platform_runtime]"}
        if said.get("msg_type") != "text":
            return 200, {"code": 19002, "data": {}, "msg": "params error, msg_type need"}
        if self.keyword and self.keyword not in said["content"]["text"]:
            return 200, {"code": 19024, "data": {}, "msg": "Key Words Not Found"}
        self.messages.append(said)
        return 200, {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"}


class SmsProvider(Platform):
    """A provider that takes approved templates as JSON, in the shape of 赛邮's xsend, or as a form."""

    refused: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return f"{self.host}/sms/xsend"

    def answer(self, request: Request) -> Said:
        as_form = request.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded")
        said: dict[str, Any] = dict(parse_qsl(request.body.decode())) if as_form else request.json
        if as_form:
            said["vars"] = json.loads(said["vars"])
        if said.get("signature") != self.secret:
            return 200, {"status": "error", "code": 116, "msg": "signature验证失败"}
        if said["to"] in self.refused:
            return 200, {"status": "error", "code": 252, "msg": "错误的收件人"}
        self.messages.append(said)
        return 200, {"status": "success", "send_id": "093c0a7df143c087d6cba9cdf0cf3738", "fee": 1}


@contextmanager
def running(platform: Platform) -> Iterator[Platform]:
    """The platform, listening."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            parts = urlsplit(self.path)
            request = Request(parts.path, dict(parse_qsl(parts.query)), dict(self.headers), body)
            platform.requests.append(request)
            status, said = platform.then.pop(0) if platform.then else platform.answer(request)
            content = json.dumps(said, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the base class gives it
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    platform.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield platform
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


Make = Callable[[], Platform]
