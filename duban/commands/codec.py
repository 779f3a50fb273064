"""`codec`: keys of the payload encryption, and the endpoint with which the Temporal UI reads what is encrypted."""

import asyncio
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from duban.commands.command_line import command_group
from duban.commands.reasons import Refused
from duban.commands.showing import complain, say
from duban.encryption.keys import PayloadKey
from duban.logging import configure_logging
from duban.settings import load_settings

PORT = 8234
TOKEN_BYTES = 32
NEW_KEY, NEW_TOKEN = "new-key", "new-token"

IntoFile = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="写入新文件（只有本人可读），不显示在屏幕上", dir_okay=False),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = command_group(app, "codec", about="加密：生成密钥和口令；运行供 Temporal 网页使用的解密服务。")
    group.command(NEW_KEY, help="生成一个加密密钥，用于 DUBAN_PAYLOAD_KEYS。")(new_key)
    group.command(NEW_TOKEN, help="生成解密服务的访问口令，用于 DUBAN_CODEC_TOKEN。")(new_token)
    group.command("serve", help="运行解密服务，直到按 Ctrl-C。")(serve)


def new_key(out: IntoFile = None) -> None:
    """Make a key."""
    key = PayloadKey.new(datetime.now(UTC).date())
    _give(key.line, out)
    complain(
        f"密钥 {key.id} 已生成。请妥善备份：丢失密钥，用它加密的数据即无法恢复。\n"
        "更换密钥时，先把它加在 DUBAN_PAYLOAD_KEYS 的最后并全部重启，再移到最前并全部重启；原有密钥保留在后面。"
    )


def new_token(out: IntoFile = None) -> None:
    """Make a token."""
    _give(secrets.token_urlsafe(TOKEN_BYTES), out)


def serve(
    host: Annotated[str, typer.Option("--host", help="监听地址；本机以外的地址必须设置 TLS 证书")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="端口；0 为任选空闲端口")] = PORT,
) -> None:
    """Serve the codec endpoint."""
    from duban.encryption.serving import serve_codec  # no other command has to wait for a web server to load

    settings = load_settings()
    configure_logging(settings)

    def ready(url: str) -> None:
        say(f"解密服务：{url}")
        say(f"允许的网页来源：{settings.codec_origins}")
        say("请先用浏览器打开解密服务并登录，再在 Temporal 网页的 Codec Server 中填写它的地址。按 Ctrl-C 停止。")

    asyncio.run(serve_codec(settings, host, port, ready=ready))
    complain("解密服务已停止。")


def _give(secret: str, out: Path | None) -> None:
    if out is None:
        say(secret)
        return
    try:
        file = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(f"文件“{out}”已存在，没有改动。请换一个文件名。") from None
    with os.fdopen(file, "w", encoding="utf-8") as opened:
        opened.write(f"{secret}\n")
