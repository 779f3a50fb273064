"""WeCom (企业微信) group robots (path/91770): text of 2048 bytes, 20 a minute; the address is the only secret."""

import json
from datetime import datetime

from duban.notices.gateway_codes import Vendor
from duban.notices.mentions import Mentions
from duban.notices.robot import RobotRequest


class Wecom:
    """Text, not markdown: what people typed must not turn into headings, links or calls."""

    vendor = Vendor.WECOM
    most_bytes = 2048
    per_minute = 20

    def request(self, text: str, mentions: Mentions, now: datetime) -> RobotRequest:  # noqa: ARG002 - unsigned
        """A text message."""
        said: dict[str, object] = {"content": text}
        if mentions.users or mentions.everybody:
            said["mentioned_list"] = [*mentions.users, *(["@all"] if mentions.everybody else [])]
        if mentions.phones:
            said["mentioned_mobile_list"] = list(mentions.phones)
        message = {"msgtype": "text", "text": said}
        return RobotRequest(content=json.dumps(message, ensure_ascii=False).encode())
