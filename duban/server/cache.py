"""Where fetched programs are kept, and how they get there.

What is fetched grows in a folder of its own beside its place and is moved there when it is whole: a fetch that is cut
short leaves nothing that looks finished, and two that run at once do not disturb each other.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_cache_path

from duban.server.attempts import NotThisWay


def default_cache() -> Path:
    """The user's cache folder for Duban."""
    return user_cache_path("duban", appauthor=False)


@contextmanager
def growing_in(cache: Path) -> Iterator[Path]:
    """A folder for what is being fetched, on the file system of the cache; gone afterwards.

    Raises:
        NotThisWay: The cache cannot be written.
    """
    try:
        cache.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="fetching-", dir=cache))
    except OSError as error:
        raise NotThisWay(f"缓存目录 {cache} 不可写（{error.strerror}）") from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def kept(whole: Path, place: Path) -> Path:
    """Moves what is whole, a file or a folder, to its place in the cache.

    A folder that stands there already stays: whoever was first put the same there.
    """
    if whole.is_dir() and place.is_dir():
        return place
    return whole.replace(place)
