"""Encryption: whether what is there can be read with the keys that we have, and whether the codec endpoint is fit."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryRequest
from temporalio.client import Client, WorkflowExecution
from temporalio.service import RPCError, RPCStatusCode

from duban.certificates import end_of_certificate
from duban.doctor.finding import Check, Diagnosis
from duban.doctor.surroundings import Surroundings, aside
from duban.encryption.codec import PayloadEncryption, is_encrypted
from duban.encryption.errors import PayloadUnreadable
from duban.encryption.keys import KeyRing
from duban.standstill import running_now

SAMPLE = 10
SOON = timedelta(days=30)


async def payload_keys(at: Surroundings) -> Diagnosis:
    """Whether what running workflows were started with can be read."""
    stated = at.settings.payload_keys
    ring = KeyRing.parse(stated.get_secret_value()) if stated is not None else KeyRing()
    client = await at.client()
    codec = PayloadEncryption(ring)
    encrypted = looked_at = 0
    for execution in await running_now(client, at.settings.task_queue, SAMPLE):
        for payload in await _started_with(client, execution):
            looked_at += 1
            encrypted += is_encrypted(payload)
            try:
                await codec.decode([payload])
            except PayloadUnreadable as reason:
                return Diagnosis.mend(
                    f"{execution.id}：{reason}", "把旧密钥写回 DUBAN_PAYLOAD_KEYS（排在新密钥之后），重新启动工作进程"
                )
    seen = f"抽查 {looked_at} 份数据都能读出" if looked_at else "还没有数据"
    if not ring and encrypted == 0:
        return Diagnosis.well(f"没有加密（DUBAN_PAYLOAD_KEYS 未设），{seen}")
    ids = "、".join(key.id for key in ring.keys)
    return Diagnosis.well(f"密钥 {ids}，第一个用于加密；{seen}，其中 {encrypted} 份是密文")


async def _started_with(client: Client, execution: WorkflowExecution) -> list[Payload]:
    """The arguments in the first event of a history; none where it has just ended."""
    request = GetWorkflowExecutionHistoryRequest(namespace=client.namespace, maximum_page_size=1)
    request.execution.workflow_id, request.execution.run_id = execution.id, execution.run_id
    try:
        history = (await client.workflow_service.get_workflow_execution_history(request)).history
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return []
    given: Payloads = history.events[0].workflow_execution_started_event_attributes.input
    return list(given.payloads)


async def codec(at: Surroundings) -> Diagnosis:
    """Whether the endpoint that decrypts for the Temporal UI has what it needs."""
    chosen = at.settings
    if chosen.codec_token is None and chosen.codec_tls_certificate is None:
        return Diagnosis.well("没有设置解密服务")
    if chosen.payload_keys is None:
        return Diagnosis.beware("设置了解密服务，但没有密钥", "设置 DUBAN_PAYLOAD_KEYS，或去掉 DUBAN_CODEC_ 变量")
    if chosen.codec_tls_certificate is None:
        return Diagnosis.well("口令已设，没有证书：只在本机提供")
    return await aside(_certificate, chosen.codec_tls_certificate)


def _certificate(file: Path) -> Diagnosis:
    try:
        until = end_of_certificate(file.read_bytes())
    except (OSError, ValueError):
        return Diagnosis.mend(f"证书文件 {file} 读不出来", "核对 DUBAN_CODEC_TLS_CERTIFICATE 的路径、权限和内容（PEM）")
    left = until - datetime.now(UTC)
    if left < timedelta():
        return Diagnosis.mend(f"解密服务的证书已于 {until:%Y-%m-%d} 过期", "更换证书后重新启动 starter.py codec serve")
    if left < SOON:
        return Diagnosis.beware(f"解密服务的证书 {until:%Y-%m-%d} 到期", "更换证书后重新启动 starter.py codec serve")
    return Diagnosis.well(f"口令和证书已设，证书 {until:%Y-%m-%d} 到期")


CHECKS = (
    Check("payload_keys", "数据加密", payload_keys, frozenset({"payload_keys", "task_queue"})),
    Check("codec", "解密服务", codec, frozenset({"codec_token", "codec_tls_certificate", "codec_tls_key"})),
)
