"""Everything that a deployment may set, in one place, read from the environment.

The variables are the fields' names in capitals with `DUBAN_` in front. How to reach Temporal is not among them: that is
said in Temporal's own variables (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_PROFILE` …), read by
`temporalio.envconfig`.

An empty variable counts as unset. A variable that begins with `DUBAN_` and is none of ours is an error, because a
mistyped `DUBAN_DATABASE_URL` would otherwise open an empty ledger without a word.
"""

import difflib
import os
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from platformdirs import user_data_path
from pydantic import Field, HttpUrl, PrivateAttr, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SecretsSettingsSource, SettingsConfigDict

from duban.secret_files import faults_in, files_in
from duban.setting_values import (
    SHORTEST_CODEC_TOKEN,
    UNUSABLE,
    CodecToken,
    DatabaseUrl,
    Folder,
    Hosts,
    MetricsAddress,
    Networks,
    Origins,
    PayloadKeys,
    Quiet,
    SigningSecret,
    Times,
)
from duban.transport import exact_hosts

PREFIX = "DUBAN_"
WAITING = "default_factory_not_called"
"""Type of an error that is none: a default waits for a field that is named in another line."""


class SettingsError(Exception):
    """The environment cannot be used as it is; the text names each variable and its remedy, in Chinese.

    Attributes:
        problems: Each by itself.
        variables: Those at fault; a value out of a file is `DUBAN_SECRETS_DIR`'s as well.
    """

    def __init__(self, text: str, problems: Iterable[str] = (), variables: Iterable[str] = ()) -> None:
        """An error with its text."""
        super().__init__(text)
        self.problems, self.variables = tuple(problems), frozenset(variables)


class NoticeChannel(StrEnum):
    """Where notices are delivered."""

    OUTBOX = "outbox"
    """Written as files into `outbox_dir`: complete without any gateway."""
    WEBHOOK = "webhook"
    """Posted to `webhook_url`."""


class LogFormat(StrEnum):
    """How log lines are written."""

    AUTO = "auto"
    """`CONSOLE` on a terminal, `JSON` elsewhere."""
    JSON = "json"
    CONSOLE = "console"


class LogLevel(StrEnum):
    """The least severe log line that is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Settings(BaseSettings):
    """The settings of one process. Descriptions are Chinese: an error shows them to the person who mends it."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        extra="forbid",
        validate_default=True,
        hide_input_in_errors=True,
    )

    home: Folder = Field(
        default_factory=lambda: user_data_path("duban", appauthor=False),
        description="内置默认方式下存放台账、待发文件和日志的目录",
    )
    """Files of the embedded default: the SQLite ledger, the outbox, the dev server's state and log."""

    database_url: DatabaseUrl = Field(
        default_factory=lambda chosen: f"sqlite:///{chosen['home'] / 'duban.db'}",
        repr=False,  # it may hold a password
        description="台账数据库，如 sqlite:////var/lib/duban/duban.db 或 postgresql://user:password@host/duban",
    )
    """SQLAlchemy URL of the ledger: SQLite in `home` unless set, or PostgreSQL (psycopg 3)."""

    regime_dir: Folder | None = Field(default=None, description="存放本地制度文件（*.yaml）的目录")
    """A folder of regime files of one's own, read besides those that come with Duban."""

    task_queue: str = Field(default="duban", min_length=1, max_length=1000, description="Temporal 任务队列名称")
    """The Temporal task queue that workers poll and clients start on."""

    build_id: str | None = Field(default=None, max_length=255, description="工作进程的版本号，设置后启用版本管理")
    """Turns on worker versioning (auto-upgrade) under this id; unset, the worker is unversioned."""

    max_concurrent_activities: int = Field(
        default=50, ge=1, le=1000, description="一个工作进程同时执行的活动数，1 至 1000 的整数"
    )
    """Activities that one worker runs at once, which is also the size of its thread pool."""

    channel: NoticeChannel = Field(
        default=NoticeChannel.OUTBOX, description="通知的送达渠道：outbox（写成文件）或 webhook（推送到网关）"
    )
    """Where notices are delivered."""

    outbox_dir: Folder = Field(
        default_factory=lambda chosen: chosen["home"] / "outbox", description="outbox 渠道写入通知文件的目录"
    )
    """Folder of the `outbox` channel."""

    webhook_url: HttpUrl | None = Field(
        default=None,
        repr=False,  # a group robot's token stands in its URL
        description="webhook 渠道的网关地址，以 https:// 开头（网关在本机时可用 http://）",
    )
    """Gateway of the `webhook` channel; required by it."""

    webhook_secret: SigningSecret | None = Field(
        default=None, description="webhook 签名密钥：Base64 编码，可带 whsec_ 前缀"
    )
    """Standard-Webhooks signing secret; deliveries are unsigned without it."""

    webhook_timeout_seconds: float = Field(
        default=10.0, gt=0, le=300, description="等待网关答复的秒数，大于 0 且不超过 300"
    )
    """Seconds that one delivery waits for the gateway's answer."""

    webhook_networks: Networks = Field(
        default="", description="网关可以在其中的内部网段，如 10.1.0.0/16，多个以逗号分隔"
    )
    """Private networks in which the gateway may be; a name that leads into any other is not sent to."""

    channels_file: Folder | None = Field(default=None, description="渠道文件（YAML）：有哪些渠道、各单位用哪一个")
    """Which channels there are beside the one above, and who is told by which (`duban.notices.channels_file`)."""

    quiet_hours: Quiet = Field(
        default="", description="免打扰时段（方案所在时区），如 20:00-08:00，可跨过午夜；其间不发送，顺延到结束时"
    )
    """Local hours in which nothing is sent; a body's own stand in the channels file."""

    sending_times: Times = Field(
        default="", description="集中发送的时间（方案所在时区），如 10:30,16:30；不设则到时即发"
    )
    """Local times of day at which what has become due since the last one goes out in one message to a body."""

    weekly_messages: int = Field(
        default=5, ge=0, le=1000, description="每个单位每周的消息数，超过后不紧急的通知等到下周，0 为不限"
    )
    """Messages to a body in a week after which what is not urgent waits (A); see `duban.supervision.bundling`."""

    plaintext_hosts: Hosts = Field(
        default="", description="允许不加密连接的主机，逐个写明，如 db.intranet,10.0.0.5，多个以逗号分隔"
    )
    """Hosts off this machine that may be spoken to without TLS (`duban.transport`)."""

    secrets_dir: Folder | None = Field(default=None, description="存放机密设置的目录，每项一个文件，文件名即变量名")
    """A folder with a file for each secret setting, named like its variable (`duban.secret_files`)."""

    payload_keys: PayloadKeys | None = Field(
        default=None, description="加密密钥，写成“名称:Base64”，多个以逗号或空白分隔，第一个用于加密，全部可用于解密"
    )
    """Keys of the payload encryption (`duban.encryption.keys`); without them Temporal's database holds plain text."""

    codec_token: CodecToken | None = Field(
        default=None, description=f"解密服务的访问口令，至少 {SHORTEST_CODEC_TOKEN} 个字母、数字或符号"
    )
    """What `starter.py codec serve` asks of everybody who wants a payload decrypted."""

    codec_origins: Origins = Field(
        default="http://127.0.0.1:8233,http://localhost:8233",
        description="允许使用解密服务的 Temporal 网页来源，如 https://temporal.example.gov.cn，多个以逗号分隔，不能用通配符",
    )
    """Exact origins of the Temporal UIs that may ask the codec endpoint; as `serve` has them unless set."""

    codec_tls_certificate: Folder | None = Field(default=None, description="解密服务的 TLS 证书文件（PEM）")
    """Certificate chain of the codec endpoint; it listens beyond the loopback address only with one."""

    codec_tls_key: Folder | None = Field(default=None, description="解密服务的 TLS 私钥文件（PEM，不带口令）")
    """Private key that belongs to it."""

    metrics_address: MetricsAddress | None = Field(
        default=None, description="公开指标（Prometheus）的地址，主机:端口，如 127.0.0.1:9464；不设则不公开"
    )
    """Where a worker shows its metrics (`duban.metrics`); nowhere unless set."""

    body: str = Field(default="", max_length=200, description="经常以哪个单位的名义办理，至多 200 字")
    """The body for which the person at this machine acts, where a command does not say."""

    person: str = Field(default="", max_length=200, description="经办人姓名，至多 200 字")
    """The person who acts, where a command does not say."""

    log_format: LogFormat = Field(default=LogFormat.AUTO, description="日志格式：auto、json 或 console")
    """Format of log lines on stderr."""

    log_level: LogLevel = Field(default=LogLevel.INFO, description="日志级别：debug、info、warning 或 error")
    """The least severe log line that is written."""

    _kept_in_files: frozenset[str] = PrivateAttr(default=frozenset())

    @property
    def kept_in_files(self) -> frozenset[str]:
        """Fields whose values stand in files of `secrets_dir`: a child process reads them there itself."""
        return self._kept_in_files

    @property
    def plaintext_host_names(self) -> tuple[str, ...]:
        """The hosts of `plaintext_hosts`, as they are compared."""
        return exact_hosts(self.plaintext_hosts)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - there is no .env file
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the folder is known only now
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given by the caller wins over the environment, and that over the files of `secrets_dir`."""
        return init_settings, env_settings, SecretsSettingsSource(settings_cls, secrets_dir=_secrets_dir())

    @model_validator(mode="after")
    def _webhook_has_an_address(self) -> Self:
        if self.channel is NoticeChannel.WEBHOOK and self.webhook_url is None:
            raise PydanticCustomError(
                "webhook_url_missing", "DUBAN_CHANNEL 为 webhook，但没有设置 DUBAN_WEBHOOK_URL：请设置网关地址"
            )
        return self


def load_settings(**overrides: Any) -> Settings:
    """Reads the settings from the environment, and from the files of `DUBAN_SECRETS_DIR`.

    Args:
        overrides: Fields given on the command line; they win over the environment.

    Raises:
        SettingsError: A value or a file cannot be used, or a variable beginning with `DUBAN_` is unknown.
    """
    foreign = [name for name in sorted(os.environ) if _is_foreign(name)]
    problems = [f"{name}：{_unknown(name)}" for name in foreign]
    if folder := _secrets_dir():
        faults = list(faults_in(folder, PREFIX, unknown_variable))
        if faults:
            raise _wrong(problems + faults, {*foreign, variable("secrets_dir")})
    try:
        settings = Settings(**overrides)
        settings._kept_in_files = frozenset(
            field for field in Settings.model_fields if field not in overrides and _file_of(field)
        )
    except ValidationError as error:
        problems += _explained(error)
        foreign += _at_fault(error)
    else:
        if not problems:
            return settings
    raise _wrong(problems, foreign) from None


def _secrets_dir() -> Path | None:
    named = os.environ.get(variable("secrets_dir"))
    return Path(named).expanduser().absolute() if named else None


def _wrong(problems: list[str], variables: Iterable[str]) -> SettingsError:
    return SettingsError("设置有误：\n" + "\n".join(f"  {problem}" for problem in problems), problems, variables)


def variable(field: str) -> str:
    """The name of the environment variable of a field."""
    return PREFIX + field.upper()


def _is_foreign(name: str) -> bool:
    return name.startswith(PREFIX) and name.removeprefix(PREFIX).lower() not in Settings.model_fields


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, [variable(field) for field in Settings.model_fields], n=1)
    return "没有这个变量。" + (f"是否应为 {near[0]}？" if near else "请删除它，或核对名称。")


def unknown_variable(name: str) -> str | None:
    """What to do about a name that begins as ours do and is none (Chinese); None for any other."""
    return _unknown(name) if _is_foreign(name) else None


def _at_fault(error: ValidationError) -> list[str]:
    """The variables whose values cannot be used; a rule about several is the channel's."""
    found = (problem["loc"] or ("channel",) for problem in error.errors() if problem["type"] != WAITING)
    fields = {part for place in found for part in place if isinstance(part, str)} & Settings.model_fields.keys()
    return [variable(field) for field in fields] + [variable("secrets_dir")] * any(map(_file_of, fields))


def _file_of(field: str) -> Path | None:
    """The file that a field is read from, which is one only where the environment says nothing."""
    name, folder = variable(field), _secrets_dir()
    return files_in(folder, PREFIX).get(name) if folder and not os.environ.get(name) else None


def _explained(error: ValidationError) -> list[str]:
    lines = []
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        if problem["type"] == WAITING:
            continue
        fields = [part for part in problem["loc"] if isinstance(part, str) and part in Settings.model_fields]
        if not fields:
            lines.append(problem["msg"])
            continue
        reason = problem["msg"] if problem["type"] == UNUSABLE else "值无效"
        file = _file_of(fields[0])
        where = variable(fields[0]) + (f"（文件 {file}）" if file else "")
        lines.append(f"{where}：{reason}。应为：{Settings.model_fields[fields[0]].description}。")
    return lines
