"""What a sheet says beside its values: merged cells, what is hidden, and which cells are formulas.

openpyxl tells this only of sheets that it loads as a whole, which takes many times the memory of their text.
"""

import re
from collections.abc import Mapping
from typing import IO, NamedTuple
from xml.parsers import expat

from duban.intake.files.tables import Merged

MOST_MERGED = 20_000
_LONGEST_FORMULA = 200
_REFERENCE = re.compile(r"^\$?([A-Z]{1,3})\$?([0-9]{1,7})$")
_YES = frozenset({"1", "true", "on"})


class TooManyMerged(Exception):
    """More than any table has."""


class SheetLayout(NamedTuple):
    """The layout of a sheet; rows from 1, columns by their place from 0.

    Attributes:
        formulas: The beginning of each, without its ``=``, by row and place.
    """

    merged: tuple[Merged, ...]
    hidden_rows: frozenset[int]
    hidden_places: frozenset[int]
    formulas: Mapping[tuple[int, int], str]


NO_LAYOUT = SheetLayout((), frozenset(), frozenset(), {})


def read_layout(stream: IO[bytes], most_columns: int) -> SheetLayout:
    """Reads the XML of a sheet that the door has let in.

    Args:
        stream: The XML.
        most_columns: Columns beyond these are not looked at.

    Raises:
        TooManyMerged: It has more merged cells than are read.
        expat.ExpatError: It is no XML.
    """
    found = _Found(most_columns)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def start(name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(" ")[2]:
            case "c":
                found.step_to(attributes.get("r"))
            case "row":
                found.begin_row(attributes)
            case "f":
                found.begin_formula()
                parser.CharacterDataHandler = found.add_to_formula
                parser.EndElementHandler = end_of_formula
            case "col":
                found.add_column(attributes)
            case "mergeCell":
                found.add_merged(attributes.get("ref", ""))
            case _:
                pass

    def end_of_formula(_name: str) -> None:
        parser.CharacterDataHandler = None
        parser.EndElementHandler = None

    parser.StartElementHandler = start
    parser.ParseFile(stream)
    return SheetLayout(
        tuple(sorted(found.merged)), frozenset(found.hidden_rows), frozenset(found.hidden_places), found.formulas
    )


def place_of(reference: str) -> tuple[int, int] | None:
    """The row and the place of a cell such as ``C5``; None where it is no such name."""
    found = _REFERENCE.match(reference)
    if found is None:
        return None
    column = 0
    for letter in found.group(1):
        column = column * 26 + ord(letter) - 64
    return int(found.group(2)), column - 1


class _Found:
    """The layout while the sheet is read."""

    def __init__(self, most_columns: int) -> None:
        self._most_columns = most_columns
        self._row, self._place = 0, -1
        self._reference: str | None = None
        self.merged: list[Merged] = []
        self.hidden_rows: set[int] = set()
        self.hidden_places: set[int] = set()
        self.formulas: dict[tuple[int, int], str] = {}

    def begin_row(self, attributes: Mapping[str, str]) -> None:
        number = attributes.get("r", "")
        self._row = int(number) if number.isdecimal() else self._row + 1
        self._place = -1
        if attributes.get("hidden") in _YES:
            self.hidden_rows.add(self._row)

    def step_to(self, reference: str | None) -> None:
        """A cell, which need not say where it stands."""
        self._place += 1
        self._reference = reference

    def begin_formula(self) -> None:
        stated = place_of(self._reference) if self._reference else None
        self._formula_at = stated or (self._row, self._place)
        self.formulas[self._formula_at] = ""

    def add_to_formula(self, text: str) -> None:
        already = self.formulas[self._formula_at]
        if len(already) < _LONGEST_FORMULA:
            self.formulas[self._formula_at] = (already + text)[:_LONGEST_FORMULA]

    def add_column(self, attributes: Mapping[str, str]) -> None:
        first, last = attributes.get("min", ""), attributes.get("max", "")
        if attributes.get("hidden") in _YES and first.isdecimal() and last.isdecimal():
            self.hidden_places.update(range(int(first) - 1, min(int(last), self._most_columns)))

    def add_merged(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        top, bottom = place_of(first), place_of(last or first)
        if top is not None and bottom is not None:
            self.merged.append(Merged(top[0], bottom[0], top[1], bottom[1]))
        if len(self.merged) > MOST_MERGED:
            raise TooManyMerged
