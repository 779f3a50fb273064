"""Feishu (飞书) custom robots: text within 20 KB, 100 messages a minute, signed in the body.

The signature is HMAC-SHA256 over nothing, with the seconds, a line feed and the secret as its key; it holds for an
hour. (DingTalk's has key and message the other way round.)
"""

import base64
import hashlib
import hmac
import json
from datetime import datetime

from pydantic import SecretStr

from duban.notices.gateway_codes import Vendor
from duban.notices.mentions import Mentions
from duban.notices.robot import RobotRequest


class Feishu:
    """Signed where the group's security settings say 签名校验."""

    vendor = Vendor.FEISHU
    most_bytes = 18_000
    """Of the 20 KB that the whole request may weigh."""
    per_minute = 100

    def __init__(self, secret: SecretStr | None) -> None:
        """Takes the secret, as the group's settings show it; None sends unsigned."""
        self._secret = secret

    def request(self, text: str, mentions: Mentions, now: datetime) -> RobotRequest:
        """A text message, signed for this moment."""
        called = [*mentions.users, *(["all"] if mentions.everybody else [])]
        calls = "".join(f'<at user_id="{user}"></at> ' for user in called)
        message = {
            **self._signature(now),
            "msg_type": "text",
            "content": {"text": calls + text},
        }
        return RobotRequest(content=json.dumps(message, ensure_ascii=False).encode())

    def _signature(self, now: datetime) -> dict[str, str]:
        if self._secret is None:
            return {}
        timestamp = str(int(now.timestamp()))
        key = f"{timestamp}\n{self._secret.get_secret_value().strip()}"
        digest = hmac.new(key.encode(), b"", hashlib.sha256).digest()
        return {"timestamp": timestamp, "sign": base64.b64encode(digest).decode()}
