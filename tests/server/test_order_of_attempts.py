"""The order in which a server is looked for, with programs made up for the test and alone on PATH."""

from pathlib import Path

import pytest

from duban.server import NothingWorked, Program, find_temporal, find_time_skipping, sdk_download
from duban.server.attempts import NotThisWay
from duban.server.children import output_of

USABLE = 'echo "temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)"'


def make_program(place: Path, script: str) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    place.chmod(0o755)
    return place


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH."""
    folder = tmp_path / "on-path"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture(autouse=True)
def _no_download(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK's host refuses connections: nothing listens on port 1 of this machine."""
    monkeypatch.setattr(sdk_download, "HOST", "http://127.0.0.1:1/")


def make_go(on_path: Path, version: str, install: str) -> None:
    make_program(
        on_path / "go",
        f'if [ "$1" = version ]; then echo "go version go{version} linux/amd64"; exit; fi\n{install}',
    )


async def test_a_program_on_the_path_is_taken_before_the_one_in_the_cache(
    on_path: Path, cache: Path, said: list[str]
) -> None:
    installed = make_program(on_path / "temporal", USABLE)
    make_program(cache / "temporal", USABLE)
    assert await find_temporal(said.append, cache) == Program(installed, "PATH")


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo shim: no such version >&2; exit 127", "temporal 失败（退出码 127）：shim: no such version"),
        ('echo "temporal version 1.0.0 (Server 1.24.2, UI 2.28.0)"', "服务器版本 1.24 太旧，需要 1.28 或更高"),
    ],
)
async def test_a_program_on_the_path_that_does_not_do_gives_way_to_the_cache_and_the_reason_is_said(
    on_path: Path, cache: Path, said: list[str], script: str, reason: str
) -> None:
    make_program(on_path / "temporal", script)
    cached = make_program(cache / "temporal", USABLE)
    assert await find_temporal(said.append, cache) == Program(cached, "缓存")
    assert reason in said[1]


async def test_the_sdk_downloads_before_go_builds_and_the_cache_serves_the_next_time(
    on_path: Path, cache: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def download(*_: object) -> Path:
        return make_program(cache / "temporal", USABLE)

    monkeypatch.setattr("duban.server.cli.downloaded", download)
    make_go(on_path, "1.26.1", "exit 1")
    assert await find_temporal(said.append, cache) == Program(cache / "temporal", "SDK 下载")
    assert await find_temporal(said.append, cache) == Program(cache / "temporal", "缓存")


async def test_go_builds_into_the_cache_where_the_download_is_out_of_reach(
    on_path: Path, cache: Path, said: list[str]
) -> None:
    make_go(
        on_path,
        "1.25.0",
        '[ "$*" = "install github.com/temporalio/cli/cmd/temporal@v1.5.1" ] || exit 9\n'
        f'echo \'#!/bin/sh\n{USABLE}\' > "$GOBIN/temporal"\n/bin/chmod +x "$GOBIN/temporal"',
    )
    assert await find_temporal(said.append, cache) == Program(cache / "temporal", "Go 编译")
    assert await find_temporal(said.append, cache) == Program(cache / "temporal", "缓存")
    assert [line for line in said if line.startswith("用 Go 编译")] == [
        "用 Go 编译 temporal（2 核约 3 分钟，占 250 MB，只需一次）……"
    ]


async def test_when_no_way_works_one_error_lists_them_all_with_what_came_of_each(
    on_path: Path, cache: Path, said: list[str]
) -> None:
    make_go(on_path, "1.24.9", "exit 9")
    with pytest.raises(NothingWorked) as nothing:
        await find_temporal(said.append, cache)
    assert str(nothing.value).splitlines() == [
        "找不到可用的 Temporal 服务器程序。以下任一办法都可以：",
        "  1. 安装 temporal 命令行程序，并放在 PATH 中。",
        "     本次：PATH 中没有 temporal。",
        f"  2. 把 temporal 程序放到 {cache / 'temporal'}。",
        "     本次：缓存中还没有。",
        "  3. 让本机能访问 temporal.download，或设置 HTTPS_PROXY。",
        "     本次：http://127.0.0.1:1/ 无法访问（Connection refused）。",
        "  4. 安装 Go 1.25 或更高版本。",
        "     本次：Go 的版本是 1.24，需要 1.25 或更高。",
    ]


async def test_a_build_that_breaks_off_leaves_nothing_that_looks_finished(
    on_path: Path, cache: Path, said: list[str]
) -> None:
    make_go(on_path, "1.26.1", 'echo half > "$GOBIN/temporal"; echo "no space left" >&2; exit 1')
    with pytest.raises(NothingWorked, match="go 失败（退出码 1）：no space left"):
        await find_temporal(said.append, cache)
    assert list(cache.iterdir()) == []


async def test_a_cache_that_cannot_be_written_closes_a_way_and_is_named(
    on_path: Path, tmp_path: Path, said: list[str]
) -> None:
    make_go(on_path, "1.26.1", "exit 9")
    (tmp_path / "file").touch()
    with pytest.raises(NothingWorked, match=r"缓存目录 .*/file/cache 不可写"):
        await find_temporal(said.append, tmp_path / "file" / "cache")


async def test_the_time_skipping_server_comes_from_maven_as_a_program_and_then_from_the_cache(
    on_path: Path, cache: Path, said: list[str]
) -> None:
    make_program(on_path / "java", 'echo "$*"')
    make_program(on_path / "mvn", "/bin/mkdir jars && echo jar > jars/server.jar")
    fetched = await find_time_skipping(said.append, cache)
    assert fetched == Program(cache / "temporal-test-server-1.31.0" / "temporal-test-server", "Maven")
    assert await find_time_skipping(said.append, cache) == Program(fetched.path, "缓存")
    (on_path / "dirname").symlink_to("/usr/bin/dirname")
    command = await output_of(fetched.path, "7777", limit_seconds=10)
    assert command.endswith(f"-cp {fetched.path.parent}/jars/* io.temporal.testserver.TestServer 7777")


async def test_the_time_skipping_server_on_the_path_is_taken_first(on_path: Path, cache: Path, said: list[str]) -> None:
    installed = make_program(on_path / "temporal-test-server", "exit 0")
    make_program(cache / "temporal-test-server", "exit 0")
    assert await find_time_skipping(said.append, cache) == Program(installed, "PATH")


async def test_without_java_the_error_says_what_to_install(on_path: Path, cache: Path, said: list[str]) -> None:
    make_program(on_path / "mvn", "exit 9")
    with pytest.raises(NothingWorked, match=r"安装 Java 17（或更高版本）和 Maven.*\n.*PATH 中没有 java"):
        await find_time_skipping(said.append, cache)


async def test_a_program_that_hangs_is_ended_after_its_limit(on_path: Path) -> None:
    hanging = make_program(on_path / "hanging", "exec /bin/sleep 60")
    with pytest.raises(NotThisWay, match="hanging 超过 0 秒仍未完成，已停止"):
        await output_of(hanging, limit_seconds=0.2)
