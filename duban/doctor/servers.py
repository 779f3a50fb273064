"""The Temporal server: who it is, whether it keeps what must be kept, and what has been registered with it."""

from datetime import UTC, datetime, timedelta

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, GetSystemInfoRequest
from temporalio.service import RPCError, RPCStatusCode, TLSConfig

from duban.attributes import SearchAttributesUnusable, registration_of
from duban.certificates import fault_of_certificate
from duban.doctor.finding import Check, Diagnosis
from duban.doctor.surroundings import Surroundings
from duban.names import ALL_ATTRIBUTES, SWEEP_SCHEDULE
from duban.transport import host_and_port, is_this_machine

SOON = timedelta(days=30)
"""Before the end of a certificate: its issuer needs a while."""
SHORT, TOO_SHORT = timedelta(days=365), timedelta(days=30)
"""For which closed workflows are kept: until then an id is not free again and a history can be read."""


async def server(at: Surroundings) -> Diagnosis:
    """Whether it answers, of which release it is, and whether what is said to it is encrypted."""
    client = await at.connected()
    try:
        told = await client.workflow_service.get_system_info(GetSystemInfoRequest())
        release = told.server_version
    except RPCError as error:
        if error.status is not RPCStatusCode.PERMISSION_DENIED:
            raise
        release = "（不告知版本）"
    address = client.service_client.config.target_host
    detail = f"{address}，版本 {release}"
    encrypted = client.service_client.config.tls
    if fault := _of_our_certificate(encrypted):
        return Diagnosis.beware(f"{detail}；{fault}", "更换客户端证书，再重新启动工作进程")
    if encrypted:
        return Diagnosis.well(f"{detail}，连接已加密")
    host = host_and_port(address) or ""
    if is_this_machine(host):
        return Diagnosis.well(f"{detail}，在本机")
    return Diagnosis.beware(
        f"{detail}；连接没有加密，由 DUBAN_PLAINTEXT_HOSTS 允许", "给服务器配上 TLS，并设置 TEMPORAL_TLS=true"
    )


def _of_our_certificate(tls: object) -> str | None:
    if isinstance(tls, TLSConfig) and tls.client_cert:
        return fault_of_certificate(tls.client_cert, datetime.now(UTC) + SOON)
    return None


async def namespace(at: Surroundings) -> Diagnosis:
    """For how long it keeps what is closed."""
    client = await at.client()
    try:
        described = await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace)
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.PERMISSION_DENIED:
            raise
        return Diagnosis.well(f"{client.namespace}；无权查看保留期，请向管理员核实")
    kept = described.config.workflow_execution_retention_ttl.ToTimedelta()
    detail = f"{client.namespace}，已结束的工作流保留 {kept / timedelta(days=1):g} 天"
    remedy = f"temporal operator namespace update --namespace {client.namespace} --retention 87648h"
    if kept < TOO_SHORT:
        return Diagnosis.mend(f"{detail}，太短：销号的任务随后查不到历史", f"请管理员运行 {remedy}")
    if kept < SHORT:
        return Diagnosis.beware(f"{detail}，短于一年", f"请管理员运行 {remedy}")
    return Diagnosis.well(detail)


async def attributes(at: Surroundings) -> Diagnosis:
    """Whether every search attribute is registered, with its type; and whether there is room for those that are not."""
    client = await at.client()
    try:
        registration = await registration_of(client)
    except SearchAttributesUnusable as reason:
        return Diagnosis.mend(str(reason), "按所说的换用命名空间，或请管理员处理")
    if registration is None:
        return Diagnosis.well("这台服务器不能列出搜索属性，工作进程启动时登记")
    if not registration.missing:
        return Diagnosis.well(f"{len(ALL_ATTRIBUTES)} 项均已登记，类型相符")
    detail = f"缺 {'、'.join(registration.missing)}：下发方案会被拒绝，已在运行的任务会停住"
    if registration.without_room:
        detail += f"；{'、'.join(registration.without_room)} 已没有名额（自带服务器每种类型的上限）"
        return Diagnosis.mend(detail, "换用另一个命名空间（TEMPORAL_NAMESPACE），或由管理员删去不用的搜索属性")
    return Diagnosis.mend(detail, "启动（或重新启动）worker.py 或 starter.py serve，它会登记")


async def sweep(at: Surroundings) -> Diagnosis:
    """Whether the schedule is there and goes on that picks up what a crash left unsent."""
    client = await at.client()
    try:
        described = await client.get_schedule_handle(SWEEP_SCHEDULE).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.UNIMPLEMENTED:
            return Diagnosis.well("这台服务器没有 Schedule")
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return Diagnosis.mend(
            f"没有补送计划 {SWEEP_SCHEDULE}：崩溃时漏发的通知没有人补",
            "重新启动 worker.py 或 starter.py serve，它会建立",
        )
    if described.schedule.state.paused:
        return Diagnosis.mend(
            f"补送计划 {SWEEP_SCHEDULE} 已暂停（{described.schedule.state.note or '没有说明'}）",
            f"temporal schedule toggle --schedule-id {SWEEP_SCHEDULE} --unpause --namespace {client.namespace}",
        )
    last = described.info.recent_actions[-1].started_at if described.info.recent_actions else None
    return Diagnosis.well("正在运行" + (f"，最近一次 {last.astimezone():%Y-%m-%d %H:%M}" if last else "，还没有执行过"))


CHECKS = (
    Check("server", "Temporal 服务器", server),
    Check("namespace", "命名空间", namespace),
    Check("attributes", "搜索属性", attributes),
    Check("sweep", "补送计划", sweep),
)
