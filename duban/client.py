"""Connects to Temporal, as its own variables and profiles say, with the converter that every part of Duban uses."""

import asyncio
from datetime import timedelta

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.service import RPCError, RPCStatusCode

from duban.logging import keep_secret

DEFAULT_ADDRESS = "localhost:7233"
DEFAULT_NAMESPACE = "default"
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
    as for every Temporal tool.

    Args:
        config: What to connect to, instead of the variables and profiles; as `running_server` gives it.
        address: Host and port; wins over all others.
        namespace: Wins over all others.
        profile: Name of the profile; `TEMPORAL_PROFILE` unless given.
        within: Real time that the server has to answer.

    Raises:
        ConnectionFailed: The configuration cannot be read, the server does not answer or refuses us, or it has no such
            namespace.
    """
    stated = ClientConnectConfig(**(_configured(profile) if config is None else config))
    stated["target_host"] = address or stated.get("target_host") or DEFAULT_ADDRESS
    stated["namespace"] = namespace or stated.get("namespace") or DEFAULT_NAMESPACE
    if api_key := stated.get("api_key"):
        keep_secret(api_key)
    where = f"Temporal 服务器 {stated['target_host']}"
    try:
        async with asyncio.timeout(within.total_seconds()):
            client = await Client.connect(**stated, data_converter=pydantic_data_converter)
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
            f"（{error}）"
        ) from error
    return client


def _configured(profile: str | None) -> ClientConnectConfig:
    try:
        return ClientConfig.load_client_connect_config(profile)
    except (RuntimeError, ValueError, OSError) as error:
        raise ConnectionFailed(
            f"Temporal 配置无法使用。请检查 TEMPORAL_PROFILE、TEMPORAL_CONFIG_FILE 及其他 TEMPORAL_ 变量。（{error}）"
        ) from error


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
