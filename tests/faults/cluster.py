"""A Temporal cluster on PostgreSQL: the server as an operator runs it, in one process that can be killed.

Its programs are built with Go where they are not in the cache yet (two minutes, 400 MB); where there is no Go the
trial is skipped, and the summary says so.
"""

import asyncio
import json
import os
import shutil
import signal
import socket
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, RegisterNamespaceRequest
from temporalio.service import ConnectConfig, RetryConfig, RPCError, RPCStatusCode, ServiceClient

from duban.server import Say
from duban.server.attempts import NotThisWay
from duban.server.cache import default_cache, growing_in, kept
from duban.server.children import output_of
from tests.postgres import Postgres

VERSION = "v1.29.1"
MODULE = "go.temporal.io/server"
BUILD_WITHIN_SECONDS = 1800
SCHEMA = Path("schema/postgresql/v12")
NAMESPACE = "default"
KEPT_FOR = timedelta(days=3)
UP_WITHIN = 120.0
SERVICES = ("frontend", "history", "matching", "worker")
_PORTS = iter(range(20_000 + os.getpid() % 10_000, 2**15))


async def cluster_programs(say: Say) -> Path:
    """A folder with `server`, `sql` and the schema; built into the cache if need be.

    Raises:
        NotThisWay: There is no Go, or it cannot build them.
    """
    cache = default_cache()
    place = cache / f"temporal-cluster-{VERSION}"
    if place.exists():
        return place
    go = shutil.which("go")
    if go is None:
        raise NotThisWay("没有 Go，无法编译 Temporal 集群的服务器程序")
    say("用 Go 编译 Temporal 集群的服务器程序（2 核约 2 分钟，占 400 MB，只需一次）……")
    with growing_in(cache) as folder:
        alone = {"GOBIN": str(folder), "GOWORK": "off"}
        sources = [f"{MODULE}/cmd/server@{VERSION}", f"{MODULE}/cmd/tools/sql@{VERSION}"]
        await output_of(
            *(go, "install", *sources),
            limit_seconds=BUILD_WITHIN_SECONDS,
            environ=alone,
            cwd=folder,
            news=("编译", say),
        )
        told = await output_of(
            *(go, "mod", "download", "-json", f"{MODULE}@{VERSION}"), limit_seconds=300, environ=alone, cwd=folder
        )
        shutil.copytree(Path(json.loads(told)["Dir"]) / SCHEMA, folder / SCHEMA)
        return kept(folder, place)


class Cluster:
    """One server process with all four services, on the loopback address only."""

    def __init__(self, programs: Path, home: Path, postgres: Postgres) -> None:
        self._programs, self._home, self._postgres = programs, home, postgres
        self._ports = {name: (free_port(), free_port()) for name in SERVICES}
        self._process: asyncio.subprocess.Process | None = None
        self._is_prepared = False

    @property
    def address(self) -> str:
        """Host and port of the gRPC service."""
        return f"127.0.0.1:{self._ports['frontend'][0]}"

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Start it, with its databases the first time, and wait until its namespace answers."""
        if not self._is_prepared:
            await self._prepare()
            self._is_prepared = True
        with (self._home / "cluster.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(self._programs / "server", "--root", self._home, "--config", "config"),
                *("--env", "development", "--allow-no-auth", "start"),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        async with asyncio.timeout(UP_WITHIN):
            while not await self._answers():
                assert self.pid is not None, f"the cluster ended: {self._home / 'cluster.log'}"
                await asyncio.sleep(0.3)

    async def stop(self) -> None:
        """Kill it; its databases are thrown away."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGKILL)
            await self._process.wait()

    async def _answers(self) -> bool:
        try:
            config = ConnectConfig(target_host=self.address, retry_config=RetryConfig(max_retries=0))
            service = (await ServiceClient.connect(config)).workflow_service
            kept_for = Duration()
            kept_for.FromTimedelta(KEPT_FOR)
            try:
                await service.register_namespace(
                    RegisterNamespaceRequest(namespace=NAMESPACE, workflow_execution_retention_period=kept_for)
                )
            except RPCError as error:
                if error.status is not RPCStatusCode.ALREADY_EXISTS:
                    raise
            await service.describe_namespace(DescribeNamespaceRequest(namespace=NAMESPACE))
        except (RuntimeError, RPCError):
            return False
        return True

    async def _prepare(self) -> None:
        for database, schema in (("temporal", "temporal"), ("temporal_visibility", "visibility")):
            await self._sql(database, "create-database")
            await self._sql(database, "setup-schema", "-v", "0.0")
            versions = self._programs / SCHEMA / schema / "versioned"
            await self._sql(database, "update-schema", "--schema-dir", str(versions))
        folder = self._home / "config"
        folder.mkdir()
        # An operator waits a minute for search attributes that were just added; the trial need not.
        dynamic = {"system.forceSearchAttributesCacheRefreshOnRead": [{"value": True}]}
        (folder / "dynamic.yaml").write_text(yaml.safe_dump(dynamic), encoding="utf-8")
        (folder / "development.yaml").write_text(yaml.safe_dump(self._config()), encoding="utf-8")

    async def _sql(self, database: str, *command: str) -> None:
        where = ("--ep", "127.0.0.1", "-p", str(self._postgres.port), "-u", "postgres", "--pl", "postgres12")
        await output_of(self._programs / "sql", *where, "--db", database, *command, limit_seconds=120)

    def _config(self) -> dict[str, Any]:
        def store(database: str) -> dict[str, Any]:
            return {
                "sql": {
                    "pluginName": "postgres12",
                    "databaseName": database,
                    "connectAddr": f"127.0.0.1:{self._postgres.port}",
                    "connectProtocol": "tcp",
                    "user": "postgres",
                    "maxConns": 20,
                    "maxIdleConns": 20,
                }
            }

        off = {"state": "disabled", "enableRead": False}
        return {
            "log": {"stdout": True, "level": "error"},
            "persistence": {
                "defaultStore": "default",
                "visibilityStore": "visibility",
                "numHistoryShards": 4,
                "datastores": {"default": store("temporal"), "visibility": store("temporal_visibility")},
            },
            "global": {"membership": {"maxJoinDuration": "30s", "broadcastAddress": "127.0.0.1"}},
            "services": {
                name: {"rpc": {"grpcPort": grpc, "membershipPort": gossip, "bindOnLocalHost": True}}
                for name, (grpc, gossip) in self._ports.items()
            },
            "clusterMetadata": {
                "enableGlobalNamespace": False,
                "failoverVersionIncrement": 10,
                "masterClusterName": "active",
                "currentClusterName": "active",
                "clusterInformation": {
                    "active": {
                        "enabled": True,
                        "initialFailoverVersion": 1,
                        "rpcName": "frontend",
                        "rpcAddress": self.address,
                    }
                },
            },
            "dcRedirectionPolicy": {"policy": "noop"},
            "archival": {"history": off, "visibility": off},
            "namespaceDefaults": {
                "archival": {"history": {"state": "disabled"}, "visibility": {"state": "disabled"}},
            },
            "publicClient": {"hostPort": self.address},
            "dynamicConfigClient": {"filepath": str(self._home / "config/dynamic.yaml"), "pollInterval": "60s"},
        }


def free_port() -> int:
    """A port of the loopback address on which nobody listens, and which no second call gives again.

    Below 32768: the cluster keeps its ports in PostgreSQL as a `smallint`.
    """
    for port in _PORTS:
        with socket.socket() as free:
            try:
                free.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no port is free")
