"""What the codes inside a 200 mean, by vendor: the one place that says which pass and which wait for a person.

Sources: WeCom "群机器人配置说明" (path/91770: 20 messages a minute for each robot, 2048 bytes of text) and "全局错误码"
(path/90313); DingTalk "自定义机器人接入" (20 messages a minute, then ten minutes of silence; signature within an hour)
and its table of errors; Feishu "自定义机器人使用指南" (100 requests a minute and 5 a second, 20 KB a request, signature
within an hour). Messages are never matched by their text: vendors change it.
"""

from datetime import timedelta
from enum import StrEnum

from duban.supervision.model import Frozen

MINUTE = timedelta(minutes=1)


class Vendor(StrEnum):
    """Who keeps the group robot."""

    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"


class Code(Frozen):
    """What a code means.

    Attributes:
        remedy: For people, in Chinese, without a full stop: what it is, and what to do about it.
        passes: It may succeed later by itself.
        wait: How long to wait before the next attempt, where the vendor says so.
        at_most: Attempts after which what usually passes is taken for a defect; None for no such doubt.
    """

    remedy: str
    passes: bool = False
    wait: timedelta | None = None
    at_most: int | None = None


_BUSY = Code(remedy="平台繁忙", passes=True)
_TOO_MANY = Code(remedy="发送过于频繁，稍后自动重试", passes=True, wait=MINUTE)

WECOM: dict[int, Code] = {
    -1: _BUSY,
    6000: Code(remedy="平台数据版本冲突", passes=True),
    45009: _TOO_MANY,
    45033: _TOO_MANY,  # too many calls at the same moment
    40008: Code(remedy="平台不认消息类型，请向开发方反映"),
    40035: Code(remedy="平台不认消息内容，请向开发方反映"),
    40058: Code(remedy="平台不认消息内容（过长或格式不符），请向开发方反映"),
    44004: Code(remedy="平台认为消息为空，请向开发方反映"),
    45002: Code(remedy="消息过长，请向开发方反映"),
    93000: Code(remedy="机器人地址无效，或机器人已被移出群。请在群里重新添加机器人，更换地址"),
    93004: Code(remedy="机器人已被停用，请在群里启用它"),
    93008: Code(remedy="机器人不在群里，请重新添加"),
}
DINGTALK: dict[int, Code] = {
    -1: _BUSY,
    # More than twenty in a minute: nothing is taken for ten minutes.
    130101: Code(remedy="一分钟内发送超过20条，平台限流10分钟，之后自动重试", passes=True, wait=10 * MINUTE),
    410100: Code(remedy="发送过于频繁，平台限流10分钟，之后自动重试", passes=True, wait=10 * MINUTE),
    310000: Code(
        remedy="未通过机器人的安全设置。请逐项核对：加签密钥与群里的一致；本机时间准确（误差不超过1小时）；"
        "自定义关键词已写入渠道的 keyword；本机的出口地址在IP段之内"
    ),
    300001: Code(remedy="机器人的 access_token 不存在，请核对地址"),
    40035: Code(remedy="平台不认消息内容，请向开发方反映"),
    43004: Code(remedy="平台不认请求的格式，请向开发方反映"),
    400013: Code(remedy="群已解散，请为该单位更换渠道"),
    400101: Code(remedy="机器人的 access_token 不存在，请核对地址"),
    400102: Code(remedy="机器人已停用，请在群里启用它"),
    400105: Code(remedy="平台不支持这种消息，请向开发方反映"),
    400106: Code(remedy="机器人不存在，请在群里重新添加，更换地址"),
    430101: Code(remedy="平台认为消息含有不合适的链接，请核对通知的文字"),
    430102: Code(remedy="平台认为消息含有不合适的文字，请核对通知的文字"),
    430103: Code(remedy="平台认为消息含有不合适的图片，请核对通知的文字"),
    430104: Code(remedy="平台认为消息含有不合适的内容，请核对通知的文字"),
    460101: Code(remedy="消息过长，请向开发方反映"),
}
FEISHU: dict[int, Code] = {
    # Documented for a request that is not well formed, and answered to too many requests as well.
    9499: Code(remedy="平台不认请求，或发送过于频繁", passes=True, wait=MINUTE, at_most=5),
    11232: _TOO_MANY,  # of the tenant, above all at full and half hours
    11233: _TOO_MANY,
    19001: Code(remedy="机器人地址无效，或机器人已被移出群。请在群里重新添加机器人，更换地址"),
    19002: Code(remedy="平台不认消息内容，请向开发方反映"),
    19021: Code(remedy="签名不符，或本机时间不准（误差不超过1小时）。请核对签名密钥和时钟"),
    19022: Code(remedy="本机的出口地址不在机器人的IP白名单内，请在群里添加"),
    19024: Code(remedy="消息没有机器人要求的关键词，请把它写入渠道的 keyword"),
    19036: Code(remedy="消息过长，请向开发方反映"),
    230020: _TOO_MANY,  # of the group
    99991400: _TOO_MANY,  # of the application
}
CODES: dict[Vendor, dict[int, Code]] = {Vendor.WECOM: WECOM, Vendor.DINGTALK: DINGTALK, Vendor.FEISHU: FEISHU}
ANY_VENDOR: dict[int, Code] = {
    code: meaning
    for codes in CODES.values()
    for code, meaning in codes.items()
    # What one vendor's code means says nothing of another gateway's defects, but a busy one is best asked again.
    if meaning.passes and meaning.at_most is None
}
"""For a gateway of which nobody said whose it is."""
