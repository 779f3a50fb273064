"""The bodies named in a cell: split as offices list them, marked where the cell itself says who leads."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache

from duban.intake.spelling import compact, half_width
from duban.supervision.model import Frozen

_SEPARATORS = frozenset("、,;\n\r|。/")
_NO_BODY = frozenset({"-", "--", "无", "暂无", "待定", "同上", "同前", "同", "″", "〃", '"'})
"""What stands in a cell for no body, or for one that only the eye finds: 同上 leads nothing."""
_OPENING, _CLOSING = frozenset("([{〔【《〈<"), frozenset(")]}〕】》〉>")
_SHORTEST_SPACED = 3
_MARK = re.compile(
    r"^\(?(牵头|主办|责任|主责|配合|协办|参与|参加|协助)(?:责任)?(?:单位|部门|主体)?[::](.*)$", re.DOTALL
)
_TOGETHER = re.compile(r"(?<=[局委办厅部院会室心司府])(?:以及|[及和与])(?=[市县区省州旗])|会同")
"""Between two bodies; the 和 of 文化和旅游局 stands before no 市 or 县. Who is joined by 会同 takes part."""
_LEAD_OF_ALL = re.compile(r"(?:牵头|主办)(?:负责|落实|组织)?$")
_BULLET = re.compile(r"^[0-9]{1,2}[.)]")
_LEAD_END = re.compile(r"(?:分别|共同|联合|均)?(?:\(?(?:牵头|主办)(?:单位|部门)?\)?|牵头(?:负责|落实|组织))$")
_SUPPORT_END = re.compile(r"(?:\(?(?:配合|协办|参与)(?:单位|部门)?\)?|协助|协同)$")
_DUTY_END = re.compile(
    r"(?:等)?(?:按(?:照)?(?:各自)?职[责能]分工)?(?:分别|共同|具体|依职责)?负责$|按(?:照)?(?:各自)?职[责能]分工$"
)
_AND_OTHERS = re.compile(r"^(.{2,30}?)等((?:各|有关|相关|其他|市直|省直|区直|县直).{2,40})$")
_ETC_END = re.compile(r"等$")
_GENERIC = (
    r"(?:有关|相关|其他)?(?:县级市|自治区|直辖市|自治州|自治县|自治旗|功能区|开发区|高新区|园区|新区|管理区|街道|乡镇|市县|县区|市区|旗县区"
    r"|旗县|县市|区县|区市|省|州|市|县|区|旗|盟|乡|镇|委|办|局|厅|部门|单位|机构|企业|园|场)"
)
_COLLECTIVE_REST = re.compile(
    rf"^{_GENERIC}{{1,3}}(?:\([^()]{{1,20}}\))?(?:人民政府|政府|党委|党工委|管委会|办事处|管理委员会)?(?:\([^()]{{1,20}}\))?$"
)
_FULL_WIDTH = str.maketrans("()", "（）")
_ALIKE = 0.75
_CACHED_CELLS = 4096


class Role(StrEnum):
    """What a cell itself says of a body: ``牵头单位：…``, ``…配合``, or nothing."""

    LEAD = "lead"
    SUPPORTING = "supporting"
    UNSAID = "unsaid"


class NamedBody(Frozen):
    """One body of a cell, under its name as written or its canonical one."""

    name: str
    role: Role = Role.UNSAID


@lru_cache(maxsize=_CACHED_CELLS)
def read_bodies(cell: str) -> tuple[NamedBody, ...]:
    """The bodies of a cell, each once, in the order written.

    Separators inside brackets do not split. ``各区、县级市`` is one collective: a part that begins with
    各 goes on through parts that are bare kinds of places or offices. A missing 市 is not supplied: whether
    审批服务局 is 市审批服务局 only an organisation file can say.
    """
    role = Role.UNSAID
    found: dict[str, NamedBody] = {}
    for part in _collectives(_split(_unwrapped(half_width(cell).strip()))):
        mark = _MARK.match(part)
        if mark is not None:
            role = Role.LEAD if mark.group(1) in {"牵头", "主办", "主责"} else Role.SUPPORTING
        for plain_name, own_role in _named(mark.group(2) if mark is not None else part):
            name = plain_name.translate(_FULL_WIDTH) if "（" in cell else plain_name
            if name and name not in found:
                found[name] = NamedBody(name=name, role=role if own_role is Role.UNSAID else own_role)
        if _LEAD_OF_ALL.search(part) is not None:
            found = {name: _also_leading(body) for name, body in found.items()}
    return tuple(found.values())


def _also_leading(body: NamedBody) -> NamedBody:
    """``甲局、乙局牵头``: nothing says that only the last one leads; ``甲局、乙局（牵头）`` does."""
    return body.model_copy(update={"role": Role.LEAD}) if body.role is Role.UNSAID else body


def _unwrapped(cell: str) -> str:
    """Without one pair of brackets around the whole: ``（牵头单位：…；配合单位：…）``."""
    if len(cell) < 2 or cell[0] not in _OPENING or cell[-1] not in _CLOSING:
        return cell
    inner = cell[1:-1]
    return cell if any(char in _OPENING or char in _CLOSING for char in inner) else inner


def _split(cell: str) -> list[str]:
    parts: list[str] = []
    current: list[str] = []
    depth = 0
    unbalanced = sum(char in _OPENING for char in cell) != sum(char in _CLOSING for char in cell)
    for char in cell:
        depth += (char in _OPENING) - (char in _CLOSING)
        if char in _SEPARATORS and (depth <= 0 or unbalanced):
            parts.append("".join(current))
            current = []
        else:
            current.append(char)
    parts.append("".join(current))
    pieces = (_BULLET.sub("", piece) for part in parts for piece in _spaced(part.strip()))
    return [piece for piece in pieces if piece]


def _spaced(part: str) -> list[str]:
    """``市委组织部 市人社局`` are two bodies; ``市 财 政 局`` is one, spread out."""
    pieces = part.split()
    if len(pieces) > 1 and all(len(piece) >= _SHORTEST_SPACED for piece in pieces) and not part.isascii():
        return pieces
    return [compact(part) if not part.isascii() else " ".join(pieces)]


def _collectives(parts: Sequence[str]) -> list[str]:
    whole: list[str] = []
    for part in parts:
        if whole and "各" in whole[-1][:4] and _COLLECTIVE_REST.match(part):
            whole[-1] = f"{whole[-1]}、{part}"
        else:
            whole.append(part)
    return whole


def _named(part: str) -> list[tuple[str, Role]]:
    """The names of a part, each with the role that the part itself gives it."""
    first, *joined = _TOGETHER.split(part)
    beside = Role.SUPPORTING if "会同" in part else Role.UNSAID
    named = _with_role(first.removeprefix("由")) if first else []
    return named + [
        (name, beside if role is Role.UNSAID else role) for each in joined for name, role in _with_role(each)
    ]


def _with_role(part: str) -> list[tuple[str, Role]]:
    role = Role.UNSAID
    for ending, meant in (
        (_LEAD_END, Role.LEAD),
        (_SUPPORT_END, Role.SUPPORTING),
        (_DUTY_END, Role.UNSAID),
    ):
        shorter = ending.sub("", part)
        if shorter != part and shorter:
            part, role = shorter, meant
            break
    others = _AND_OTHERS.match(part)
    names = [others.group(1), others.group(2)] if others else [_ETC_END.sub("", part)]
    return [(name.strip(":"), role) for name in names if name not in _NO_BODY]


class KnownBodies:
    """The organisation's bodies by name and alias; without an organisation file every name is taken as written."""

    def __init__(self, canonical_of: Mapping[str, str] | None) -> None:
        self._canonical_of = None if canonical_of is None else {compact(name): to for name, to in canonical_of.items()}
        self._names = sorted(self._canonical_of or ())

    def canonical(self, name: str) -> str:
        """The organisation's name for a body, or the name as written where it is unknown."""
        return name if self._canonical_of is None else self._canonical_of.get(compact(name), name)

    def knows(self, name: str) -> bool:
        """Whether the organisation file holds the name; always so where there is no such file."""
        return self._canonical_of is None or compact(name) in self._canonical_of

    def similar(self, name: str) -> str | None:
        """A known name that the clerk may have meant."""
        alike = get_close_matches(compact(name), self._names, n=1, cutoff=_ALIKE)
        return alike[0] if alike else None
