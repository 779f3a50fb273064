"""DingTalk (钉钉) custom robots: text within 20 000 bytes, 20 messages a minute, signed in the address.

The signature is HMAC-SHA256 with the secret over the milliseconds, a line feed and the secret; it holds for an hour.
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


class DingTalk:
    """Signed where the group's security settings say 加签."""

    vendor = Vendor.DINGTALK
    most_bytes = 18_000
    """Of the 20 000 that the whole request may weigh."""
    per_minute = 20

    def __init__(self, secret: SecretStr | None) -> None:
        """Takes the secret, as the group's settings show it (`SEC…`); None sends unsigned."""
        self._secret = secret

    def request(self, text: str, mentions: Mentions, now: datetime) -> RobotRequest:
        """A text message, signed for this moment."""
        message: dict[str, object] = {"msgtype": "text", "text": {"content": text}}
        if mentions.users or mentions.phones or mentions.everybody:
            message["at"] = {
                "atUserIds": list(mentions.users),
                "atMobiles": list(mentions.phones),
                "isAtAll": mentions.everybody,
            }
        return RobotRequest(content=json.dumps(message, ensure_ascii=False).encode(), query=self._signature(now))

    def _signature(self, now: datetime) -> dict[str, str]:
        if self._secret is None:
            return {}
        secret, timestamp = self._secret.get_secret_value().strip(), str(int(now.timestamp() * 1000))
        digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
        return {"timestamp": timestamp, "sign": base64.b64encode(digest).decode()}
