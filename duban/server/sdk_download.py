"""The SDK's own download of its servers, in a process of its own.

In a process of its own, because an interpreter that used a `WorkflowEnvironment` now and then crashes when it exits
(temporalio 1.35), which must not happen to a command whose exit code means something; and because only a process can
be ended reliably when a slow network makes it wait. Whether it worked is told by the file, not by the exit code.

    python -m duban.server.sdk_download KIND FOLDER
"""

import asyncio
import ssl
import sys
import urllib.error
import urllib.request
from enum import StrEnum
from pathlib import Path
from typing import assert_never

from duban.server.attempts import NotThisWay, Say
from duban.server.cache import growing_in, kept
from duban.server.children import output_of

HOST = "https://temporal.download/"
"""Where the SDK downloads from; asked beforehand, so that a machine without this network loses seconds, not minutes."""

ANSWER_WITHIN_SECONDS = 5
DOWNLOAD_WITHIN_SECONDS = 300


class Downloadable(StrEnum):
    """What the SDK knows how to download."""

    DEV_SERVER = "dev-server"
    TIME_SKIPPING = "time-skipping"


async def downloaded(kind: Downloadable, cache: Path, place: Path, say: Say) -> Path:
    """Downloads a server into its place in the cache.

    Raises:
        NotThisWay: The host does not answer within 5 seconds, or the download fails or takes longer than 5 minutes.
    """
    await asyncio.to_thread(_reach)
    with growing_in(cache) as folder:
        failure: NotThisWay | None = None
        try:
            await output_of(
                sys.executable,
                "-m",
                __name__,
                kind,
                folder,
                limit_seconds=DOWNLOAD_WITHIN_SECONDS,
                news=("下载", say),
            )
        except NotThisWay as reason:
            failure = reason
        match list(folder.iterdir()):
            case [program] if program.stat().st_mode & 0o100:
                place.parent.mkdir(parents=True, exist_ok=True)
                return kept(program, place)
            case _:
                raise failure or NotThisWay("SDK 没有下载到程序")


def _reach() -> None:
    # Through urllib, because it heeds the proxy variables as the SDK does. Any answer will do.
    request = urllib.request.Request(HOST, method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_WITHIN_SECONDS):  # noqa: S310 - the constant above
            return
    except urllib.error.HTTPError:
        return
    except OSError as error:  # URLError and time-outs among them
        reason = getattr(error, "reason", error)
        if isinstance(reason, ssl.SSLCertVerificationError):
            return  # the SDK brings its own certificates
        raise NotThisWay(f"{HOST} 无法访问（{getattr(reason, 'strerror', None) or reason}）") from None


async def _download(kind: Downloadable, folder: Path) -> None:
    from temporalio.testing import WorkflowEnvironment  # in the child only

    match kind:
        case Downloadable.DEV_SERVER:
            environment = await WorkflowEnvironment.start_local(download_dest_dir=str(folder))
        case Downloadable.TIME_SKIPPING:
            environment = await WorkflowEnvironment.start_time_skipping(download_dest_dir=str(folder))
        case _:
            assert_never(kind)
    await environment.shutdown()


if __name__ == "__main__":
    try:
        asyncio.run(_download(Downloadable(sys.argv[1]), Path(sys.argv[2])))
    except RuntimeError as failed:  # what the SDK raises for a failed download or start
        sys.exit(str(failed))
