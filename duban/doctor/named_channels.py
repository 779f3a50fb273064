"""The channels file: whether it can be used, and whether each channel that it names can be opened and reached.

Nothing is sent. Robots' keys stand in their addresses: of an address only the host is said, and all that is said goes
through a net that knows the secrets of the file.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from duban.doctor.finding import Check, Diagnosis, State
from duban.doctor.surroundings import Surroundings, aside
from duban.notices.addresses import networks_of, resolved
from duban.notices.arrangements import Arrangements
from duban.notices.channel import ChannelError
from duban.notices.channels_file import ChannelsFile, address_of, is_unsigned
from duban.notices.gateway import trusted_authorities
from duban.notices.named_secrets import NamedSecrets
from duban.notices.office import open_named
from duban.notices.reaching import Reached, origin_of, reach
from duban.office_files import OfficeFileError
from duban.redaction import Redactor
from duban.settings import Settings

SOON = timedelta(days=14)
"""Before the end of a gateway's certificate, after which no notice gets through."""
MOST_NAMES = 5
DOORS_WITHIN_SECONDS = 15.0
"""For all of them; one check has a little more."""
NAMES_AT_ONCE = 4
"""Names that are resolved at a time: each takes a thread while a name server is silent, and other checks need some."""
GRAVEST_FIRST = (State.FAULT, State.WARNING)
TRY_IT = "修好后 starter.py notices test 渠道 试发一条；已列为无法送达的用 starter.py notices resend ID"


async def channels_file(at: Surroundings) -> Diagnosis:
    """Whether the file can be used, and each channel in it."""
    path = at.settings.channels_file
    if path is None:
        return Diagnosis.well("没有设置 DUBAN_CHANNELS_FILE，所有单位都用上面的送达渠道")
    try:
        arranged = await aside(Arrangements.of, at.settings)
    except OfficeFileError as error:
        return Diagnosis.mend(str(error), "逐条改正，用 starter.py notices channels 核对，再重启工作进程")
    hidden = Redactor()
    for secret in await aside(lambda: list(arranged.secrets())):
        hidden.keep(secret)
    troubles = await _troubles(at.settings, arranged.file)
    summary = f"{path}，{len(arranged.file.channels)} 个渠道"
    if not troubles:
        return Diagnosis.well(f"{summary}，网关都可以连接，没有发送任何内容")
    told = [trouble for state in GRAVEST_FIRST for trouble in troubles if trouble.state is state]
    return Diagnosis(
        state=told[0].state,
        detail=hidden.text("\n  ".join([summary, *(trouble.detail for trouble in told)])),
        remedy="；".join(dict.fromkeys(trouble.remedy for trouble in told)),
    )


async def _troubles(chosen: Settings, file: ChannelsFile) -> list[Diagnosis]:
    secrets, found = NamedSecrets(chosen.secrets_dir), list[Diagnosis]()
    behind: dict[str, list[str]] = {}  # the robots of a vendor have one door
    for name, channel in file.channels.items():
        try:
            opened = await aside(open_named, chosen, file, name)
        except ChannelError as reason:
            found.append(Diagnosis.mend(str(reason), TRY_IT))
        else:
            await opened.aclose()
            behind.setdefault(origin_of(address_of(channel, secrets).get_secret_value()), []).append(name)
    found += await _doors(chosen, behind)
    if unsigned := [name for name, channel in file.channels.items() if is_unsigned(channel)]:
        found.append(
            Diagnosis.beware(
                f"{_listed(unsigned)}：发送没有签名，得到地址的人都能冒名发送",
                "在群机器人（加签、签名校验）或网关一方启用签名，密钥存入机密文件，渠道文件的 secret 一项写它的名称",
            )
        )
    return found


async def _doors(chosen: Settings, behind: Mapping[str, Sequence[str]]) -> list[Diagnosis]:
    """What is wrong with the gateways, each with the channels behind it; all of them looked at together."""
    if not behind:
        return []
    trusted, turn = await aside(trusted_authorities), asyncio.Semaphore(NAMES_AT_ONCE)

    async def in_turn(host: str, port: int) -> Sequence[str]:
        async with turn:
            return await resolved(host, port)

    def look(origin: str) -> Awaitable[Reached]:
        return reach(origin, networks=networks_of(chosen.webhook_networks), trusted=trusted, resolve=in_turn)

    looking = {asyncio.ensure_future(_door(look(origin), names)): names for origin, names in behind.items()}
    in_time, late = await asyncio.wait(looking, timeout=DOORS_WITHIN_SECONDS)
    for one in late:
        one.cancel()
    found = [diagnosis for one in looking if one in in_time for diagnosis in one.result()]
    if unseen := [name for one, names in looking.items() if one in late for name in names]:
        why = f"{_listed(unseen)}：{DOORS_WITHIN_SECONDS:g} 秒内没有连上，或没有来得及连接"
        found.append(Diagnosis.mend(why, "检查本机的域名解析和网络；可用 starter.py notices test 渠道 逐个试发"))
    return found


async def _door(reaching: Awaitable[Reached], names: Sequence[str]) -> list[Diagnosis]:
    """What is wrong with the gateway of these channels."""
    try:
        reached = await reaching
    except ChannelError as reason:
        return [Diagnosis.mend(f"{_listed(names)}：{reason}", TRY_IT)]
    until = reached.certificate_until
    if until is None or until - datetime.now(UTC) >= SOON:
        return []
    return [
        Diagnosis.beware(
            f"{_listed(names)}：网关 {reached.host} 的证书 {until:%Y-%m-%d} 到期", "请网关的管理员更换证书"
        )
    ]


def _listed(names: Sequence[str]) -> str:
    shown = "、".join(f"“{name}”" for name in names[:MOST_NAMES])
    return f"渠道{shown}" + (f"等 {len(names)} 个" if len(names) > MOST_NAMES else "")


CHECKS = (
    Check(
        "channels_file",
        "渠道文件",
        channels_file,
        frozenset({"channels_file", "channel", "secrets_dir", "webhook_networks", "plaintext_hosts"}),
    ),
)
