"""All channels of an installation as one: each body is told by its own, and by its other one where that one cannot."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import assert_never

from pydantic import SecretStr

from duban.contracts import Delivery, DeliveryOutcome
from duban.notices.addresses import networks_of
from duban.notices.arrangements import Arrangements, Way
from duban.notices.channel import Channel, ChannelError, SendResult
from duban.notices.channels_file import (
    AnyChannel,
    ChannelsFile,
    DingTalkRobot,
    FeishuRobot,
    SmsGateway,
    WebhookGateway,
    WecomRobot,
    address_of,
)
from duban.notices.dingtalk import DingTalk
from duban.notices.feishu import Feishu
from duban.notices.gateway import Gateway
from duban.notices.letter import Letter
from duban.notices.named_secrets import NamedSecrets
from duban.notices.opening import channel_from
from duban.notices.robot import Robot, RobotChannel
from duban.notices.sms import SmsChannel
from duban.notices.sms_template import SECRET, SmsRequest, placeholders
from duban.notices.webhook import WebhookChannel
from duban.notices.wecom import Wecom
from duban.settings import Settings


class Office:
    """The channels, by name, and the bodies' ways. Itself a channel: it carries a letter the way of its body."""

    def __init__(self, channels: Mapping[str, Channel], way_of: Callable[[str], Way]) -> None:
        """Takes opened channels; it closes them."""
        self._channels, self._way_of = channels, way_of

    def channel(self, name: str) -> Channel:
        """A channel by its name.

        Raises:
            ChannelError: There is none.
        """
        try:
            return self._channels[name]
        except KeyError:
            raise ChannelError(f"没有名为“{name}”的渠道，可用：{'、'.join(self._channels)}。") from None

    def way_of(self, body: str) -> Way:
        """How a body is told."""
        return self._way_of(body)

    async def send(self, delivery: Delivery, letter: Letter) -> SendResult:
        """Makes one attempt: by the body's channel, and by the other one where that says that it cannot."""
        way = self._way_of(delivery.recipient)
        result = await self.channel(way.channel).send(delivery, letter)
        if result.outcome is not DeliveryOutcome.UNDELIVERABLE or way.fallback is None:
            return result.model_copy(update={"channel": way.channel})
        other = await self.channel(way.fallback).send(delivery, letter)
        if other.outcome is DeliveryOutcome.DELIVERED:
            reason = f"{other.reason}（渠道“{way.channel}”无法送达：{result.reason}）"
        else:
            reason = f"渠道“{way.channel}”：{result.reason}；备用渠道“{way.fallback}”：{other.reason}"
        return other.model_copy(update={"channel": way.fallback, "reason": reason})

    async def aclose(self) -> None:
        """Closes all channels."""
        for channel in self._channels.values():
            await channel.aclose()


def open_office(settings: Settings) -> Office:
    """Opens every channel that the settings and the channels file name.

    Raises:
        OfficeFileError: The file cannot be used.
        ChannelError: A channel lacks what it needs; the text says which one.
    """
    arranged = Arrangements.of(settings)
    file, own = arranged.file, settings.channel.value
    means = _Means(settings, file)
    named = {name: _opened_by_name(name, means) for name in file.channels}
    return Office({own: _own_channel(settings), **named}, arranged.way_of)


def open_named(settings: Settings, file: ChannelsFile, name: str) -> Channel:
    """Opens one channel of the channels file.

    Raises:
        ChannelError: It lacks what it needs; the text says which one it is.
    """
    return _opened_by_name(name, _Means(settings, file))


def _opened_by_name(name: str, means: "_Means") -> Channel:
    try:
        return _opened(means.file.channels[name], means)
    except ChannelError as error:
        raise ChannelError(f"渠道“{name}”：{error}") from None


def _own_channel(settings: Settings) -> Channel:
    return channel_from(
        settings.channel.value,
        outbox_dir=settings.outbox_dir,
        webhook_url=str(settings.webhook_url) if settings.webhook_url else None,
        webhook_secret=settings.webhook_secret,
        webhook_timeout=settings.webhook_timeout_seconds,
        webhook_networks=networks_of(settings.webhook_networks),
        plaintext_hosts=settings.plaintext_host_names,
    )


class _Means:
    """What channels are opened with."""

    def __init__(self, settings: Settings, file: ChannelsFile) -> None:
        self.settings, self.file, self._secrets = settings, file, NamedSecrets(settings.secrets_dir)

    @cached_property
    def phones(self) -> Mapping[str, Sequence[str]]:
        """Numbers by body."""
        return {body: entry.phones for body, entry in self.file.bodies.items() if entry.phones}

    def secret(self, name: str | None) -> SecretStr | None:
        """A secret by its name."""
        return self._secrets.get(name) if name is not None else None

    def timeout(self, entry: AnyChannel) -> float:
        """Seconds for one attempt."""
        return entry.timeout or self.settings.webhook_timeout_seconds

    def address(self, entry: AnyChannel) -> str:
        """Where it is."""
        return address_of(entry, self._secrets).get_secret_value()

    def gateway(self, entry: AnyChannel, named: str, *secrets: SecretStr | None) -> Gateway:
        """The way to it."""
        return Gateway(
            self.address(entry),
            self.timeout(entry),
            named=named,
            secrets=[secret.get_secret_value() for secret in secrets if secret is not None],
            networks=networks_of(self.settings.webhook_networks),
            plaintext_hosts=self.settings.plaintext_host_names,
        )


def _opened(entry: AnyChannel, means: _Means) -> Channel:
    match entry:
        case WecomRobot():
            return _robot(Wecom(), means.gateway(entry, "企业微信机器人"), entry, means)
        case DingTalkRobot():
            secret = means.secret(entry.secret)
            return _robot(DingTalk(secret), means.gateway(entry, "钉钉机器人", secret), entry, means)
        case FeishuRobot():
            secret = means.secret(entry.secret)
            return _robot(Feishu(secret), means.gateway(entry, "飞书机器人", secret), entry, means)
        case WebhookGateway():
            return WebhookChannel(
                means.address(entry),
                means.secret(entry.secret),
                means.timeout(entry),
                networks=networks_of(means.settings.webhook_networks),
                plaintext_hosts=means.settings.plaintext_host_names,
            )
        case SmsGateway():
            return _sms(entry, means)
        case _:
            assert_never(entry)


def _robot(robot: Robot, gateway: Gateway, entry: WecomRobot | DingTalkRobot | FeishuRobot, means: _Means) -> Channel:
    keyword = "" if isinstance(entry, WecomRobot) else entry.keyword
    return RobotChannel(robot, gateway, means.timeout(entry), keyword=keyword, mentions=entry.mentions)


def _sms(entry: SmsGateway, means: _Means) -> Channel:
    held = [*placeholders(entry.headers), *placeholders(entry.body)]
    secrets = {
        name: secret
        for name in (each.removeprefix(SECRET) for each in held if each.startswith(SECRET))
        if (secret := means.secret(name)) is not None
    }
    return SmsChannel(
        SmsRequest(headers=entry.headers, body=entry.body, as_form=entry.form, success=entry.success),
        means.gateway(entry, "短信网关", *secrets.values()),
        means.timeout(entry),
        phones=means.phones,
        secrets={name: secret.get_secret_value() for name, secret in secrets.items()},
    )
