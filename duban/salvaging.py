"""What can be understood of a file that does not fit its model, so that all of it can be looked at at once.

What is wrong in one place must not hide what is wrong in another: items of lists that do not fit are left out, and the
models' own refusals are not asked. The result is looked at and never used.
"""

from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

Place = tuple[str | int, ...]


class _Absent(Exception):
    """Nothing can be made of it."""


class Salvaged:
    """A model put together from what fits.

    Attributes:
        value: Without the fields that do not fit; None where it is no mapping at all.
    """

    def __init__(self, model: type[BaseModel], stated: object) -> None:
        self._kept: dict[Place, list[int]] = {}
        self._left_out: set[Place] = set()
        try:
            self.value: Any = self._model(model, stated, (), partly=True)
        except _Absent:
            self.value = None

    def place(self, place: Place) -> Place:
        """Where something stands in the file that stands at a place of the value."""
        written: list[str | int] = []
        for part in place:
            kept = self._kept.get(tuple(written))
            written.append(kept[part] if isinstance(part, int) and kept and part < len(kept) else part)
        return tuple(written)

    def is_incomplete(self, place: Place) -> bool:
        """Whether something at or below a place of the file has been left out."""
        return any(left_out[: len(place)] == place for left_out in self._left_out)

    def _model(self, model: type[BaseModel], stated: object, at: Place, *, partly: bool = False) -> BaseModel:
        if not isinstance(stated, dict):
            raise _Absent
        values: dict[str, Any] = {}
        for name, field in model.model_fields.items():
            if name not in stated:
                if field.is_required() and not partly:
                    raise _Absent
                continue
            try:
                values[name] = self._value(field.annotation, stated[name], (*at, name))
            except _Absent:
                if field.is_required() and not partly:
                    raise
                self._left_out.add((*at, name))
        return model.model_construct(**values)

    def _value(self, annotation: Any, stated: object, at: Place) -> Any:
        if (model := _model_of(annotation)) is not None:
            return None if stated is None else self._model(model, stated, at)
        match get_origin(annotation), get_args(annotation):
            case (origin, (item, *rest)) if origin is tuple and rest == [...] and isinstance(stated, list):
                if _model_of(item) is not None or _in_parts(item):
                    return self._list(item, stated, at)
            case (origin, (key, item)) if origin is dict and isinstance(stated, dict):
                return dict(self._pairs(key, item, stated, at))
        return _fitting(annotation, stated)

    def _list(self, item: Any, stated: list[object], at: Place) -> tuple[Any, ...]:
        found, kept = [], []
        for position, each in enumerate(stated):
            try:
                found.append(self._value(item, each, (*at, position)))
                kept.append(position)
            except _Absent:
                self._left_out.add((*at, position))
        self._kept[at] = kept
        return tuple(found)

    def _pairs(self, key: Any, item: Any, stated: dict[Any, object], at: Place) -> Iterator[tuple[Any, Any]]:
        for name, each in stated.items():
            try:
                yield _fitting(key, name), self._value(item, each, (*at, str(name)))
            except _Absent:
                self._left_out.add((*at, str(name)))


def _model_of(annotation: Any) -> type[BaseModel] | None:
    """The model that an annotation is, or is unless it is None."""
    if get_origin(annotation) in (Union, UnionType):
        others = [arg for arg in get_args(annotation) if arg is not NoneType]
        return _model_of(others[0]) if len(others) == 1 else None
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _in_parts(annotation: Any) -> bool:
    """Whether it is one of several models: the others of the list are worth looking at without it."""
    return get_origin(annotation) is Annotated


def _fitting(annotation: Any, stated: object) -> Any:
    try:
        return TypeAdapter(annotation).validate_python(stated)
    except ValidationError:
        raise _Absent from None
