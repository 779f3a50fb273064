"""Folders that only their owner looks into: the ledger, the server's state and the logs hold what people wrote."""

from pathlib import Path

OWNER_ONLY = 0o700


def private_folder(folder: Path) -> Path:
    """Makes a folder for its owner alone, with the folders above it.

    One that is there already stays as it is: whoever shares it has decided so.

    Raises:
        OSError: It cannot be made.
    """
    folder.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
    return folder
