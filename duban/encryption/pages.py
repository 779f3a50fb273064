"""The two pages of the codec endpoint: sign in, and signed in. No script, no style, nothing that anybody typed."""

from collections.abc import Sequence
from html import escape

_FRAME = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>督办解密服务</title>
</head>
<body>
<h1>督办解密服务</h1>
{body}
</body>
</html>
"""


def sign_in_page(reason: str = "") -> str:
    """Asks for the token, and says why the last one did not do."""
    told = f'<p role="alert"><strong>{escape(reason)}</strong></p>\n' if reason else ""
    return _FRAME.format(
        body=told
        + """<p>输入访问口令（DUBAN_CODEC_TOKEN）后，本浏览器中的 Temporal 网页即可显示加密的内容。</p>
<form method="post" action="/sign-in" autocomplete="off">
<p><label>访问口令 <input type="password" name="token" required autofocus maxlength="1024"></label></p>
<p><button>登录</button></p>
</form>"""
    )


def signed_in_page(origins: Sequence[str], here: str) -> str:
    """Says what to set in the Temporal UI.

    Args:
        origins: Where the UI may come from.
        here: The origin under which this page was asked for.
    """
    places = "".join(f"<li>{escape(origin)}</li>\n" for origin in origins)
    return _FRAME.format(
        body=f"""<p>已登录。请在 Temporal 网页右上角点眼镜图标（Codec Server），选“Use my browser setting …”，
填写 <code>{escape(here)}</code>，打开“Include cross-origin credentials”，再点“Apply”。</p>
<p>只接受来自以下地址的网页，主机名须与本页相同（127.0.0.1 与 localhost 不算相同）：</p>
<ul>
{places}</ul>
<form method="post" action="/sign-out"><p><button>退出登录</button></p></form>"""
    )
