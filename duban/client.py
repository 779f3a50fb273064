"""Connects to Temporal, as its own variables and profiles say, with the converter that every part of Duban uses."""

import asyncio
import re
from collections.abc import Collection
from datetime import timedelta

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, GetSystemInfoRequest
from temporalio.client import Client
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.service import RPCError, RPCStatusCode, TLSConfig

from duban.certificates import fault_of_certificate
from duban.encryption.converter import data_converter
from duban.logging import keep_secret
from duban.settings import load_settings
from duban.transport import host_and_port, is_this_machine, refused_in_plain

DEFAULT_ADDRESS = "localhost:7233"
DEFAULT_NAMESPACE = "default"
ENCRYPT = "设置 TEMPORAL_TLS=true（或在配置档的 tls 一节写明证书）"
OLDEST_SERVER = (1, 25)
"""The first release in which workflows take updates without being told to; the server's change log of 1.25.0."""
ANSWER_WITHIN = timedelta(seconds=10)


class ConnectionFailed(Exception):
    """Temporal cannot be reached as configured; the text names the address and what to do, in Chinese."""


async def connect(
    config: ClientConnectConfig | None = None,
    *,
    address: str | None = None,
    namespace: str | None = None,
    profile: str | None = None,
    within: timedelta = ANSWER_WITHIN,
) -> Client:
    """Connects to a server that answers and has the namespace.

    Address, namespace, TLS and API key come from `TEMPORAL_ADDRESS` and the other standard variables or from a profile,
    as for every Temporal tool. The keys of the payload encryption come from our own settings; no caller can leave them
    out, because one that did would write plain text.

    Args:
        config: What to connect to, instead of the variables and profiles; as `running_server` gives it.
        address: Host and port; wins over all others.
        namespace: Wins over all others.
        profile: Name of the profile; `TEMPORAL_PROFILE` unless given.
        within: Real time that the server has to answer.

    Raises:
        ConnectionFailed: The configuration cannot be read, it demands no TLS off this machine, the server does not
            answer, refuses us or is too old, or it has no such namespace.
    """
    stated = ClientConnectConfig(**(_configured(profile) if config is None else config))
    stated["target_host"] = address or stated.get("target_host") or DEFAULT_ADDRESS
    stated["namespace"] = namespace or stated.get("namespace") or DEFAULT_NAMESPACE
    for secret in (stated.get("api_key"), *stated.get("rpc_metadata", {}).values()):
        keep_secret((secret or "").removeprefix("Bearer "))
    settings = load_settings()
    if reason := refused_unencrypted(stated, settings.plaintext_host_names):
        raise ConnectionFailed(reason)
    where = f"Temporal 服务器 {stated['target_host']}"
    try:
        async with asyncio.timeout(within.total_seconds()):
            client = await Client.connect(**stated, data_converter=data_converter(settings.payload_keys))
            await _check_release(client, where)
            await _check_namespace(client)
    except TimeoutError as error:
        raise ConnectionFailed(
            f"{where} 在 {within.total_seconds():g} 秒内没有答复。请检查它是否在运行、网络是否通畅。"
        ) from error
    except RPCError as error:
        raise ConnectionFailed(_refusal(where, stated["namespace"], error)) from error
    except (RuntimeError, ValueError) as error:  # what the SDK raises where it cannot connect, or for no address at all
        raise ConnectionFailed(
            f"无法连接 {where}。请检查它是否在运行、TEMPORAL_ADDRESS（主机:端口）以及 TLS 和 API 密钥的设置是否正确。"
            f"{_about_our_certificate(stated)}（{error}）"
        ) from error
    return client


def refused_unencrypted(config: ClientConnectConfig, plaintext_hosts: Collection[str]) -> str | None:
    """Why a connection may not be made as configured, in Chinese; None where it may.

    An API key does not leave this machine in plain text, whoever allows it: who reads it along the way is us from then
    on. An `authorization` among the headers is one.

    Args:
        config: What is connected to.
        plaintext_hosts: Hosts for which the demand of TLS is overruled.
    """
    address = config.get("target_host") or DEFAULT_ADDRESS
    host = host_and_port(address)
    if host is None:
        return f"无法连接 Temporal 服务器 {address}：TEMPORAL_ADDRESS 应为 主机:端口，如 temporal.example.gov.cn:7233。"
    has_key = bool(config.get("api_key")) or any(
        name.lower() == "authorization" for name in config.get("rpc_metadata", {})
    )
    encrypted = config.get("tls")
    if encrypted is None:
        encrypted = bool(config.get("api_key"))  # the SDK's rule
    if encrypted or is_this_machine(host):
        return None
    if has_key:
        return (
            f"Temporal 服务器 {address} 不在本机，而连接没有加密：API 密钥不能明文发送，已拒绝连接。请{ENCRYPT}。"
            "如该服务器不用 API 密钥，请删除 TEMPORAL_API_KEY。"
        )
    return refused_in_plain("Temporal 服务器", host, plaintext_hosts, ENCRYPT)


def _about_our_certificate(config: ClientConnectConfig) -> str:
    """What may be wrong with the identity that we show: a server that does not like it says nothing of why."""
    tls = config.get("tls")
    if not tls:
        return ""
    if isinstance(tls, TLSConfig) and tls.client_cert:
        fault = fault_of_certificate(tls.client_cert)
        return f"{fault}。" if fault else "如客户端证书不是该服务器认可的机构签发的，请更换。"
    return "没有提供客户端证书；如该服务器要求双向认证，请在配置档中写明 client_cert_path 和 client_key_path。"


def _configured(profile: str | None) -> ClientConnectConfig:
    try:
        return ClientConfig.load_client_connect_config(profile)
    except (RuntimeError, ValueError, OSError) as error:
        raise ConnectionFailed(
            f"Temporal 配置无法使用。请检查 TEMPORAL_PROFILE、TEMPORAL_CONFIG_FILE 及其他 TEMPORAL_ 变量。（{error}）"
        ) from error


async def _check_release(client: Client, where: str) -> None:
    """An older server takes plans and then refuses what people say to their tasks: said before anything is begun.

    A server that does not tell its release, or tells it as nobody else does, is taken for what it does.
    """
    try:
        told = (await client.workflow_service.get_system_info(GetSystemInfoRequest())).server_version
    except RPCError as error:
        if error.status is RPCStatusCode.PERMISSION_DENIED:
            return
        raise
    release = re.match(r"v?(\d{1,4})\.(\d{1,4})", told)
    if release is not None and (int(release[1]), int(release[2])) < OLDEST_SERVER:
        oldest = ".".join(map(str, OLDEST_SERVER))
        raise ConnectionFailed(
            f"{where} 的版本（{told[:40]}）太旧，不能使用：报告、决定等消息要用 {oldest} 起才有的功能。"
            "请由管理员升级该服务器，或改用另一台。"
        )


async def _check_namespace(client: Client) -> None:
    try:
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    except RPCError as error:
        # A key may allow work in the namespace and not its description: the work will show.
        if error.status not in (RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED):
            raise


def _refusal(where: str, namespace: str, error: RPCError) -> str:
    match error.status:
        case RPCStatusCode.NOT_FOUND:
            return f"{where} 上没有命名空间“{namespace}”。请检查 TEMPORAL_NAMESPACE，或请管理员建立该命名空间。"
        case RPCStatusCode.UNAUTHENTICATED:
            return f"{where} 不接受我们的身份。请检查 TEMPORAL_API_KEY 或 TLS 证书是否正确、是否过期。"
        case _:
            return f"{where} 已连接但不能使用（{error.status.name}：{error.message}）。请稍后重试，或请管理员检查。"
