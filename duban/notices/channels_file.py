"""The channels file: which channels there are, and which body is told by which.

One channel for a body, and another where that one cannot deliver as things are (a robot thrown out of its group, a
number that is gone). Not both at once: whoever gets everything twice soon reads neither, and a notice has one moment
of delivery. No secret stands in the file, only the names of secrets.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Literal, Self, TypeAlias
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from duban.notices.clock_times import DailyStretch, TimesOfDay
from duban.notices.mentions import NOBODY, Mentions, Phone
from duban.notices.named_secrets import NamedSecrets, SecretName
from duban.notices.sms_template import SECRET, Expected, placeholders
from duban.office_files import Place
from duban.redaction import SHORTEST_TOKEN_IN_URL
from duban.supervision.model import Frozen
from duban.supervision.rules.parts import Title

MOST_PHONES = 10
LONGEST_TIMEOUT = 60.0

Name = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\s/:,]+$")]
Timeout = Annotated[float, Field(gt=0, le=LONGEST_TIMEOUT)]
Keyword = Annotated[str, Field(max_length=20)]


class ChannelKind(StrEnum):
    """What a channel is."""

    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    WEBHOOK = "webhook"
    SMS = "sms"


class _Channel(Frozen):
    """What all have.

    Attributes:
        timeout: Seconds for one attempt at one message; as for the webhook unless stated.
    """

    timeout: Timeout | None = None


class WecomRobot(_Channel):
    """A WeCom group robot.

    Attributes:
        address: Name of the secret that is its address.
    """

    kind: Literal[ChannelKind.WECOM]
    address: SecretName
    mentions: Mentions = NOBODY


class DingTalkRobot(_Channel):
    """A DingTalk custom robot.

    Attributes:
        address: Name of the secret that is its address.
        secret: Name of the secret it is signed with, where the group asks for 加签.
        keyword: The word that the group asks for, if any.
    """

    kind: Literal[ChannelKind.DINGTALK]
    address: SecretName
    secret: SecretName | None = None
    keyword: Keyword = ""
    mentions: Mentions = NOBODY


class FeishuRobot(_Channel):
    """A Feishu custom robot; as of DingTalk, without calls by phone number."""

    kind: Literal[ChannelKind.FEISHU]
    address: SecretName
    secret: SecretName | None = None
    keyword: Keyword = ""
    mentions: Mentions = NOBODY

    @model_validator(mode="after")
    def _calls_by_identifier(self) -> Self:
        if self.mentions.phones:
            raise ValueError("飞书机器人不能按手机号@人，请改用 users（open_id）")
        return self


class _Gateway(_Channel):
    """A gateway whose address may be no secret.

    Attributes:
        url: Its address, where there is no secret in it.
        address: Name of the secret that is its address, where there is.
    """

    url: str | None = None
    address: SecretName | None = None

    @model_validator(mode="after")
    def _has_one_address(self) -> Self:
        if (self.url is None) == (self.address is None):
            raise ValueError("请写明 url（地址中没有口令）或 address（存有地址的机密的名称），二者写一个")
        if self.url is not None and _holds_a_secret(self.url):
            raise ValueError("url 中像是有口令。请把整个地址存入 DUBAN_SECRETS_DIR 目录下的文件，改写 address: 文件名")
        return self


class WebhookGateway(_Gateway):
    """A gateway that speaks Standard Webhooks.

    Attributes:
        secret: Name of the signing secret.
    """

    kind: Literal[ChannelKind.WEBHOOK]
    secret: SecretName | None = None


class SmsGateway(_Gateway):
    """An SMS provider.

    Attributes:
        headers: Added to the request; placeholders for secrets only.
        body: The request; its texts hold placeholders.
        form: Sent as a form instead of JSON.
        success: How success is known.
    """

    kind: Literal[ChannelKind.SMS]
    headers: dict[str, str] = Field(default_factory=dict, max_length=20)
    body: dict[str, Any] = Field(min_length=1)
    form: bool = False
    success: Expected | None = None


AnyChannel: TypeAlias = Annotated[
    WecomRobot | DingTalkRobot | FeishuRobot | WebhookGateway | SmsGateway, Field(discriminator="kind")
]


class BodyEntry(Frozen):
    """How a body is told.

    Attributes:
        channel: The channel; the default one unless stated.
        fallback: Used where the channel cannot deliver as things are.
        phones: Numbers for short messages.
        quiet: Hours in which nothing is sent to it; the installation's unless stated.
        send_at: Times of day at which messages go out; the installation's unless stated.
        weekly: Messages per week; the installation's unless stated, 0 for no limit.
    """

    channel: Name | None = None
    fallback: Name | None = None
    phones: tuple[Phone, ...] = Field(default=(), max_length=MOST_PHONES)
    quiet: DailyStretch | None = None
    send_at: TimesOfDay | None = None
    weekly: int | None = Field(default=None, ge=0, le=1000)


class ChannelsFile(Frozen):
    """The file.

    Attributes:
        default: For bodies of which nothing else is said; the one of `DUBAN_CHANNEL` unless stated.
    """

    default: Name | None = None
    channels: dict[Name, AnyChannel] = Field(default_factory=dict, max_length=200)
    bodies: dict[Title, BodyEntry] = Field(default_factory=dict, max_length=5000)


NO_FILE = ChannelsFile()


def secret_names(file: ChannelsFile) -> Iterator[tuple[Place, str]]:
    """The secrets that a file names, each with its place."""
    for name, channel in file.channels.items():
        for field in ("address", "secret"):
            if secret := getattr(channel, field, None):
                yield ("channels", name, field), secret
        if isinstance(channel, SmsGateway):
            for field in ("headers", "body"):
                for held in placeholders(getattr(channel, field)):
                    if held.startswith(SECRET):
                        yield ("channels", name, field), held.removeprefix(SECRET)


def address_of(channel: AnyChannel, secrets: NamedSecrets) -> SecretStr:
    """Where a channel goes; a robot's key stands in it.

    Raises:
        SecretMissing: It is a secret that cannot be had.
    """
    url: str | None = getattr(channel, "url", None)
    return SecretStr(url) if url is not None else secrets.get(str(channel.address))


def is_unsigned(channel: AnyChannel) -> bool:
    """Whether its receiver could know our messages by a signature, and nothing is said of one."""
    return "secret" in type(channel).model_fields and getattr(channel, "secret", None) is None


def _holds_a_secret(url: str) -> bool:
    parts = urlsplit(url)
    long_ones = [part for part in parts.path.split("/") if len(part) >= SHORTEST_TOKEN_IN_URL and not part.isalpha()]
    return bool(parts.query or parts.username or parts.password or long_ones)
