"""YAML as text with line numbers, and nothing that YAML adds to it: no types, no aliases, no tags, no key twice.

``2022-06-30`` stays what is written, and so do ``01`` and ``是``: the readers of this room know better than YAML does.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

import yaml

MOST_NODES = 2_000_000
MOST_DEPTH = 8
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})


class YamlProblem(Exception):
    """The text cannot be used; a Chinese sentence with its line."""


class Scalar(NamedTuple):
    """A text; empty for nothing. Lines are counted from 1."""

    text: str
    line: int


class Listing(NamedTuple):
    """A list."""

    items: tuple["Node", ...]
    line: int


class Section(NamedTuple):
    """Keys with what stands under them, in the order written."""

    entries: tuple[tuple[Scalar, "Node"], ...]
    line: int


Node: TypeAlias = Scalar | Listing | Section


def read_nodes(text: str) -> Node:
    """Reads one document.

    Raises:
        YamlProblem: It is no YAML, is empty, or uses what is not allowed.
    """
    events = _Events(text)
    try:
        return events.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"第{mark.line + 1}行第{mark.column + 1}列" if mark else "某处"
        raise YamlProblem(f"{where}不是正确的 YAML：请核对缩进（不能用制表符）、冒号后的空格和引号。") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise YamlProblem("含有 YAML 不允许的内容，请用文本编辑器另存为 UTF-8 后再试。") from error


class _Events:
    """Builds nodes from the events of the parser, and stops at the first that is not allowed."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)
        self._depth = 0
        self._nodes = 0

    def document(self) -> Node:
        """The only document of the text."""
        found: Node | None = None
        for event in self._events:
            match event:
                case yaml.DocumentStartEvent() if found is not None:
                    raise YamlProblem(f"第{_line(event)}行又开始了一份文档（---）：一个文件只写一份方案。")
                case yaml.StreamStartEvent() | yaml.StreamEndEvent() | yaml.DocumentStartEvent():
                    pass
                case yaml.DocumentEndEvent():
                    pass
                case _:
                    found = self._node(event)
        if found is None:
            raise YamlProblem("是空的，没有任务。")
        return found

    def _node(self, event: yaml.Event) -> Node:
        self._nodes += 1
        line = _line(event)
        if self._nodes > MOST_NODES:
            raise YamlProblem(f"到第{line}行已超过{MOST_NODES}项内容，不像是一份方案。")
        match event:
            case yaml.AliasEvent():
                raise YamlProblem(f"第{line}行用了别名（*{event.anchor}）：请把内容写全。")
            case yaml.NodeEvent() if getattr(event, "tag", None) is not None:
                raise YamlProblem(f"第{line}行用了标签（!）：请直接写内容。")
            case yaml.ScalarEvent():
                nothing = not event.style and event.value in _NOTHING
                return Scalar("" if nothing else event.value, line)
            case _ if self._depth >= MOST_DEPTH:
                raise YamlProblem(f"第{line}行嵌套过深：请核对缩进。")
            case yaml.SequenceStartEvent():
                return Listing(tuple(self._items()), line)
            case _:
                return Section(tuple(self._entries()), line)

    def _items(self) -> Iterator[Node]:
        self._depth += 1
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            yield self._node(event)
        self._depth -= 1

    def _entries(self) -> Iterator[tuple[Scalar, Node]]:
        self._depth += 1
        seen: set[str] = set()
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._node(event)
            if not isinstance(key, Scalar) or key.text == "<<":
                raise YamlProblem(f"第{key.line}行的键必须是一个词：请改正。")
            if key.text in seen:
                raise YamlProblem(f"第{key.line}行“{key.text[:60]}”在同一处写了两次：请删去一个。")
            seen.add(key.text)
            yield key, self._node(next(self._events))
        self._depth -= 1


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark is not None else 1
