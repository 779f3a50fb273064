"""Reads the YAML files that an office writes by hand: regimes and organisations.

Strict, because what is misread here is misread for years: no key twice, no key that nobody reads, no anchors, tags or
files of absurd size. Every problem of a file is named at once, with its line, its place and what to do.
"""

import difflib
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from duban.regular_files import NotRegular, TooLarge, read_regular_file

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
LONGEST_NUMBER = 20
LONGEST_SHOWN = 60
KEY = "^[a-z][a-z0-9_]*$"
"""What the code names of procedures, steps and facts look like."""
WIDE_COLON = re.compile(r"^\s*(?:- )?(?P<key>[^\s：:#'\"]+)：")

Model = TypeVar("Model", bound=BaseModel)
Place = tuple[str | int, ...]


class OfficeFileError(Exception):
    """A file cannot be used; the text lists every problem with its remedy, in Chinese.

    Attributes:
        path: The file, or what was asked for where there is none.
        problems: One line each: where it is, what is wrong, what to do.
    """

    def __init__(self, path: Path | str, problems: tuple[str, ...]) -> None:
        super().__init__(f"{path} 不能使用：\n" + "\n".join(f"  {problem}" for problem in problems))
        self.path = path
        self.problems = problems


class Problem(NamedTuple):
    """One thing that is wrong in a file.

    Attributes:
        line: Counted from 1; 0 where it is about no line.
        place: Keys from the top of the file, as ``ladder.rungs[2].level``.
        text: What is wrong and what to do.
        whole: What is wrong was found in what stands at this place as a whole, not in one of its fields.
    """

    line: int
    place: str
    text: str
    whole: Place | None = None

    def __str__(self) -> str:
        where = f"第 {self.line} 行 {self.place}".strip() if self.line else self.place
        return f"{where or '整个文件'}：{self.text}"


class Examined(NamedTuple, Generic[Model]):
    """A file as far as it could be understood.

    Attributes:
        stated: What is written, as YAML has it.
        read: None where it does not fit the model.
        problems: Why it does not.
    """

    stated: object
    read: Model | None
    problems: tuple[Problem, ...]
    node: yaml.Node | None

    def at(self, place: Place, text: str) -> Problem:
        """A problem at a place of this file."""
        return _placed(place, text, self.node)


Misplaced = tuple[Place, str]
"""What is wrong beyond the model: the place, and what to do, without a full stop."""


def read_office_file(
    path: Path,
    model: type[Model],
    *,
    as_stated: Callable[[object], Iterable[Misplaced]] = lambda _stated: (),
    as_read: Callable[[Model], Iterable[Misplaced]] = lambda _read: (),
) -> Model:
    """Reads a YAML file as a model.

    Args:
        as_stated: Looks at what is written, whether it fits the model or not, for what no single field can know.
        as_read: Looks at what has been read.

    Raises:
        OfficeFileError: The file cannot be read, is not YAML, or does not fit the model.
    """
    examined = examine_office_file(path, model)
    found = [examined.at(place, text) for place, text in as_stated(examined.stated)]
    if examined.read is not None:
        found += [examined.at(place, text) for place, text in as_read(examined.read)]
    if examined.read is None or found:
        raise OfficeFileError(path, tuple(str(each) for each in (*examined.problems, *found)))
    return examined.read


def examine_office_file(path: Path, model: type[Model]) -> Examined[Model]:
    """Reads a YAML file as a model, and as far as it can where it does not fit.

    Raises:
        OfficeFileError: The file cannot be read or is not YAML.
    """
    text = _text(path)
    try:
        node, stated = _parse(text)
    except yaml.MarkedYAMLError as error:
        raise OfficeFileError(path, (_explained_syntax(error),)) from error
    except yaml.YAMLError as error:  # characters that YAML does not allow
        raise OfficeFileError(path, ("含有 YAML 不允许的字符：请用文本编辑器另存为 UTF-8。",)) from error
    except ValueError as error:  # what looks like a number and is none, or one of thousands of digits
        raise OfficeFileError(path, ("有写错的数值：请改正，编号等请加引号。",)) from error
    try:
        return Examined(stated, model.model_validate(stated), (), node)
    except ValidationError as error:
        told = _told_apart(error.errors(include_url=False))
        return Examined(stated, None, tuple(_explained(each, node, model) for each in told), node)


def _text(path: Path) -> str:
    try:
        content = read_regular_file(path, MAX_BYTES)
    except TooLarge:
        raise OfficeFileError(path, (f"超过 {MAX_BYTES // 1000} KB：请核对是否选错了文件。",)) from None
    except OSError as error:
        raise OfficeFileError(path, (_unreadable(error),)) from error
    except ValueError:  # a name with a zero byte
        raise OfficeFileError(repr(str(path)), ("文件名不能用：请核对。",)) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise OfficeFileError(path, ("不是 UTF-8 编码：请用文本编辑器另存为 UTF-8。",)) from error


def _unreadable(error: OSError) -> str:
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return "没有这个文件：请核对文件名和所在位置。"
        case NotRegular():
            return "这是管道或设备，不是文件：请给出文件。"
        case IsADirectoryError():
            return "这是文件夹：请给出文件。"
        case PermissionError():
            return "没有读取权限：请核对文件的权限。"
        case _:
            return f"无法读取（{error.strerror}）：请核对文件名和磁盘。"


class _Loader(yaml.SafeLoader):
    """YAML without what can multiply, hide or overwrite: aliases, deep nesting, keys given twice."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call] # the stubs leave it untyped
        mark = event.start_mark
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="不允许使用别名（*）：请把内容写全", problem_mark=mark)
        if getattr(event, "tag", None) is not None:
            raise yaml.MarkedYAMLError(problem="不允许使用标签（!）：请直接写内容", problem_mark=mark)
        if self.depth >= MAX_DEPTH:
            raise yaml.MarkedYAMLError(problem="嵌套过深：请核对缩进", problem_mark=mark)
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        if len(node.value) > LONGEST_NUMBER:  # 1:59:59… would be one of thousands of digits
            raise yaml.MarkedYAMLError(problem="数值过长：编号等请加引号", problem_mark=node.start_mark)
        return super().construct_yaml_int(node)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag == "tag:yaml.org,2002:merge":
                raise yaml.MarkedYAMLError(problem="键必须是一个词：请改正", problem_mark=key.start_mark)
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"“{key.value}”在同一处写了两次：请删去一个", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)
# A date stays text until its field reads it: a wrong one is then reported with its place like any other value.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _parse(text: str) -> tuple[yaml.Node | None, object]:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        return node, loader.construct_document(node) if node else None
    finally:
        loader.dispose()


def _explained_syntax(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    where = f"第 {mark.line + 1} 行第 {mark.column + 1} 列" if mark else "某处"
    if mark is not None and mark.buffer is not None and mark.buffer[mark.pointer : mark.pointer + 1] == "\t":
        return f"{where}：缩进用了制表符（Tab），请改用空格。"
    if mark is not None and (wide := _wide_colon(mark)):
        return wide
    ours = (error.problem or "").isascii() is False
    reason = error.problem if ours else f"不是正确的 YAML（{error.problem}）：请核对缩进、冒号后的空格和引号"
    return f"{where}：{reason}。"


def _wide_colon(mark: yaml.Mark) -> str:
    """What to do where the line that cannot be read, or the last before it, has a Chinese colon; else empty."""
    lines = (mark.buffer or "").rstrip("\0").splitlines()
    before = (number for number in range(min(mark.line, len(lines)) - 1, -1, -1) if lines[number].strip())
    for number in (mark.line, next(before, 0)):
        found = WIDE_COLON.match(lines[number]) if number < len(lines) else None
        if found is not None:
            key = _shown(found["key"])
            return f"第 {number + 1} 行：“{key}”后面是全角冒号（：），请改成半角冒号和一个空格（: ）。"
    return ""


def _told_apart(problems: list[ErrorDetails]) -> list[ErrorDetails]:
    """Without lists called too short only because their items are wrong, which is said of the items."""
    places = [problem["loc"] for problem in problems]

    def echoes(problem: ErrorDetails) -> bool:
        loc = problem["loc"]
        return problem["type"] == "too_short" and any(len(p) > len(loc) and p[: len(loc)] == loc for p in places)

    return [problem for problem in problems if not echoes(problem) and not _is_of_another_shape(problem)]


def _is_of_another_shape(problem: ErrorDetails) -> bool:
    """Whether what may be a word or a list is told of the one that it is not meant to be.

    Of a list it is said what is wrong in it, not that it is no word.
    """
    loc, is_word = problem["loc"], not isinstance(problem["input"], list | dict)
    match problem["type"], loc[-1] if loc else "":
        case "string_type", "str" | "constrained-str":
            return not is_word
        case "tuple_type", str(label) if label.startswith("tuple["):
            return is_word
        case _:
            return False


def _explained(problem: ErrorDetails, node: yaml.Node | None, model: type[BaseModel]) -> Problem:
    line, place = _located(problem, node)
    whole = place if problem["type"] == "value_error" else None
    return Problem(line, _spelled(place), _reason(problem, model), whole)


def _placed(place: Place, text: str, node: yaml.Node | None) -> Problem:
    line = node.start_mark.line + 1 if node else 0
    for part in place:
        child = _child(node, part)
        if child is None:
            break
        node, line = child
    return Problem(line, _spelled(place), f"{text}。")


def _located(problem: ErrorDetails, node: yaml.Node | None) -> tuple[int, Place]:
    """The line of the innermost node that a problem names, and its place as it stands in the file.

    A problem's place may hold words of the model only, as the kind of a trigger: those are left out. A missing key is
    named although the file does not have it; the line is that of its parent.
    """
    loc = problem["loc"]
    line = node.start_mark.line + 1 if node else 0
    place: list[str | int] = []
    for position, part in enumerate(loc):
        child = _child(node, part)
        if child is not None:
            node, line = child
            place.append(part)
        elif position == len(loc) - 1 and problem["type"] == "missing":
            place.append(part)
    return line, tuple(place)


def _child(node: yaml.Node | None, part: str | int) -> tuple[yaml.Node, int] | None:
    match node:
        case yaml.MappingNode():
            for key, value in node.value:
                if key.value == str(part):
                    return value, key.start_mark.line + 1
        case yaml.SequenceNode() if isinstance(part, int) and part < len(node.value):
            return node.value[part], node.value[part].start_mark.line + 1
    return None


def _spelled(place: Place) -> str:
    text = ""
    for part in place:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _reason(problem: ErrorDetails, model: type[BaseModel]) -> str:
    context: Mapping[str, Any] = problem.get("ctx", {})
    stated = _shown(problem["input"])
    match problem["type"]:
        case "missing":
            return "缺少这一项，请补上。"
        case "extra_forbidden":
            return _unknown_key(str(problem["loc"][-1]), model)
        case "enum" | "literal_error":
            return f"“{stated}”不是可用的值，应为：{_listed(context['expected'])}。"
        case "union_tag_invalid":
            return f"没有“{_shown(context['tag'])}”这一种，应为：{_listed(context['expected_tags'])}。"
        case "union_tag_not_found":
            return f"缺少 {context['discriminator']}，请写明是哪一种。"
        case "value_error":
            return f"{context['error']}。"
        case "int_type" | "int_parsing" | "int_from_float" | "finite_number":
            return f"“{stated}”应为整数，请改正。"
        case "greater_than_equal" | "less_than_equal":
            bound = f"不小于 {context['ge']}" if "ge" in context else f"不大于 {context['le']}"
            return f"“{stated}”应{bound}，请改正。"
        case "bool_type" | "bool_parsing":
            return f"“{stated}”应为 true 或 false，请改正。"
        case "string_unicode":
            return "含有无法保存的字符，请重新输入。"
        case "string_type" if isinstance(problem["input"], list):
            return "应为一个词，不是列表：请去掉方括号（或短横线），只写一个。"
        case "string_type":
            return f"“{stated}”应为文字；数字和日期请加引号。"
        case "tuple_type":
            is_word = isinstance(problem["input"], str | int)
            return f"应为列表，请写成 [{stated}]。" if is_word else "应为列表，每一项前加短横线和空格。"
        case "string_pattern_mismatch" if context["pattern"] == KEY:
            return f"“{_shown(problem['input'])}”不能作代号：代号由小写字母、数字和下划线组成，以字母开头。"
        case "too_short":
            return f"至少写 {context['min_length']} 项，请补上。"
        case "too_long":
            return f"最多写 {context['max_length']} 项，请精简。"
        case "string_too_short":
            return "不能为空，请补上。"
        case "string_too_long":
            return f"过长，最多 {context['max_length']} 字，请缩短。"
        case "model_type" | "model_attributes_type" | "dict_type" if problem["input"] is None:
            return "没有内容，应为若干“键: 值”，请写出。"
        case "model_type" | "model_attributes_type" | "dict_type":
            return "应为若干“键: 值”，请核对缩进。"
        case kind if kind.startswith("date"):
            return f"“{stated}”不是日期，请写成 2016-07-21 的形式。"
        case _:
            return f"值无效（{problem['msg']}），请改正。"


def _shown(value: object) -> str:
    """What is written, as far as a sentence has room for it."""
    text = str(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _listed(alternatives: str) -> str:
    """`'a', 'b' or 'c'` without the English word."""
    return "、".join(alternatives.split("'")[1::2])


def _unknown_key(key: str, model: type[BaseModel]) -> str:
    known = set(_keys(model, set()))
    if key in known:
        return f"{key} 不能写在这一层，请核对缩进和位置。"
    near = difflib.get_close_matches(key, sorted(known), n=1)
    return "没有这一项，" + (f"是否应为 {near[0]}？" if near else "请删去或核对拼写。")


def _keys(model: type[BaseModel], visited: set[type[BaseModel]]) -> Iterator[str]:
    """All keys of a model and of the models within it."""
    if model in visited:
        return
    visited.add(model)
    for name, field in model.model_fields.items():
        yield name
        for inner in _models(field.annotation):
            yield from _keys(inner, visited)


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)
