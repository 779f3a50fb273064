"""Reads organisation files: an office's bodies, persons and roles."""

from pathlib import Path

from duban.office_files import read_office_file
from duban.supervision.bodies.organisation import Organisation


def load_organisation(path: Path) -> Organisation:
    """Reads an organisation file.

    Raises:
        OfficeFileError: The file cannot be read or has problems; the text lists them all.
    """
    return read_office_file(path, Organisation)
