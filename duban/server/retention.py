"""How long a server keeps workflows that are closed."""

from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from duban.server.attempts import ServerError


async def keep_closed_workflows(client: Client, at_least: timedelta) -> bool:
    """Sees to it that the namespace of a client keeps closed workflows long enough; never shortens it.

    A development server keeps them for 24 hours, after which a struck-off task's workflow ID is free again and its
    history gone.

    Args:
        client: A client of the namespace.
        at_least: Real time, not business time; whole seconds.

    Returns:
        Whether it had to be changed.

    Raises:
        ServerError: The server refuses, as one does that is administered by others.
    """
    service, namespace = client.workflow_service, client.namespace
    try:
        described = await service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))
        if described.config.workflow_execution_retention_ttl.ToTimedelta() >= at_least:
            return False
        kept = Duration()
        kept.FromTimedelta(at_least)
        await service.update_namespace(
            UpdateNamespaceRequest(namespace=namespace, config=NamespaceConfig(workflow_execution_retention_ttl=kept))
        )
    except RPCError as error:
        raise ServerError(
            f"无法把命名空间 {namespace} 的保留期设为 {at_least.days} 天（{error.status.name}：{error.message}）。"
            "请由服务器管理员设置。"
        ) from error
    return True
