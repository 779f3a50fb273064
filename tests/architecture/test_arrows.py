"""Arrows point one way: starter, worker → workflows, activities → duban; and the core knows no clock.

Read from the source by its syntax, so that an import inside a function or under a condition counts as well. A room
that is missing fails: a rule about nothing would pass for ever.
"""

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("workflows", "activities", "duban")
PROGRAMS = ("worker", "starter")
ROOMS = (
    "supervision",
    "intake",
    "ledger",
    "notices",
    "commands",
    "server",
    "encryption",
    "keeping",
    "reconciling",
    "doctor",
    "metrics",
    "changes",
)

# What workflow modules may import freely. Their activities come by reference, inside `imports_passed_through`.
SEEN_BY_WORKFLOWS = (
    "workflows",
    "duban.supervision",
    "duban.contracts",
    "duban.names",
    "duban.registers",
    "duban.visibility",
    "temporalio",
    "pydantic",
)
SQL = ("sqlmodel", "sqlalchemy", "alembic", "psycopg", "sqlite3")

# Clocks, chance and the world outside. `workflow.now()`, `.uuid4()` and `.random()` are Temporal's own and allowed.
IMPURE_MODULES = (
    "asyncio.subprocess", "concurrent", "glob", "http", "io", "locale", "logging", "multiprocessing", "os", "pathlib",
    "platform", "random", "secrets", "shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile",
    "threading", "time", "urllib", "zoneinfo",
)  # fmt: skip
IMPURE_NAMES = (
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today",
    "uuid.uuid1", "uuid.uuid4", "__import__", "breakpoint", "eval", "exec", "input", "open", "print",
)  # fmt: skip


@dataclass(frozen=True)
class Import:
    """`from a.b import c` is one of `a.b.c`."""

    name: str
    bound_as: str
    line: int
    passed_through: bool


@dataclass(frozen=True)
class Module:
    name: str
    tree: ast.Module

    @property
    def imports(self) -> list[Import]:
        return list(_imports(self.tree, passed_through=False))


def _imports(node: ast.AST, *, passed_through: bool) -> Iterator[Import]:
    match node:
        case ast.Import(names=names):
            for alias in names:
                bound = alias.asname or alias.name.partition(".")[0]
                yield Import(alias.name, bound, node.lineno, passed_through)
        case ast.ImportFrom(module=module, names=names):
            for alias in names:
                yield Import(f"{module}.{alias.name}", alias.asname or alias.name, node.lineno, passed_through)
        case _:
            within = passed_through or (
                isinstance(node, ast.With)
                and any(ast.unparse(item.context_expr).endswith("imports_passed_through()") for item in node.items)
            )
            for child in ast.iter_child_nodes(node):
                yield from _imports(child, passed_through=within)


def _read(path: Path) -> Module:
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return Module(".".join(parts).removesuffix(".__init__"), ast.parse(path.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def modules() -> dict[str, Module]:
    """Every module of the project's own, `worker` and `starter` included; tests and benchmarks are outside."""
    paths = [path for package in PACKAGES for path in sorted((PROJECT / package).rglob("*.py"))]
    paths += [path for program in PROGRAMS if (path := PROJECT / f"{program}.py").exists()]
    return {module.name: module for module in map(_read, paths)}


def _within(name: str, rooms: str | Iterable[str]) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in ([rooms] if isinstance(rooms, str) else rooms))


def _inside(modules: dict[str, Module], *rooms: str) -> list[Module]:
    return [module for module in modules.values() if _within(module.name, rooms)]


def _is_standard(name: str) -> bool:
    return name.partition(".")[0] in sys.stdlib_module_names


def impurities(module: Module) -> list[str]:
    """What a module uses of clocks, chance and the world outside, each as `line: name`."""
    found = [f"{one.line}: {one.name}" for one in module.imports if _within(one.name, IMPURE_MODULES)]
    bound = {one.bound_as: one.name for one in module.imports if "." in one.name or one.bound_as != one.name}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name | ast.Attribute):
            first, dot, rest = ast.unparse(node).partition(".")
            name = f"{bound.get(first, first)}{dot}{rest}"
            if name in IMPURE_NAMES:
                found.append(f"{node.lineno}: {name}")
        # Without an argument it asks the machine for its own time zone.
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args and not node.keywords:
            found += [f"{node.lineno}: astimezone()"] if node.func.attr == "astimezone" else []
    return found


def _listed(wrong: Iterable[tuple[Module, Import]]) -> list[str]:
    return [f"{module.name}:{one.line} imports {one.name}" for module, one in wrong]


@pytest.mark.parametrize("name", [*PACKAGES, *PROGRAMS, *(f"duban.{room}" for room in ROOMS)])
def test_every_room_of_the_house_is_there(modules: dict[str, Module], name: str) -> None:
    assert name in modules


def test_every_import_is_absolute(modules: dict[str, Module]) -> None:
    relative = [
        f"{module.name}:{node.lineno}"
        for module in modules.values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def test_nothing_imports_the_starter_or_the_worker(modules: dict[str, Module]) -> None:
    wrong = [(module, one) for module in modules.values() for one in module.imports if _within(one.name, PROGRAMS)]
    assert _listed(wrong) == []


def test_the_package_knows_nothing_of_workflows_and_activities(modules: dict[str, Module]) -> None:
    wrong = [
        (module, one)
        for module in _inside(modules, "duban")
        for one in module.imports
        if _within(one.name, ("workflows", "activities"))
    ]
    assert _listed(wrong) == []


def test_activities_know_nothing_of_workflows(modules: dict[str, Module]) -> None:
    wrong = [
        (module, one)
        for module in _inside(modules, "activities")
        for one in module.imports
        if _within(one.name, "workflows")
    ]
    assert _listed(wrong) == []


def test_the_core_imports_only_the_standard_library_and_pydantic(modules: dict[str, Module]) -> None:
    wrong = [
        (module, one)
        for module in _inside(modules, "duban.supervision")
        for one in module.imports
        if not _is_standard(one.name) and not _within(one.name, ("duban.supervision", "pydantic"))
    ]
    assert _listed(wrong) == []


def test_workflows_import_the_core_contracts_and_names_and_activities_by_reference_only(
    modules: dict[str, Module],
) -> None:
    wrong = [
        (module, one)
        for module in _inside(modules, "workflows")
        for one in module.imports
        if not _is_standard(one.name)
        and not _within(one.name, SEEN_BY_WORKFLOWS)
        and not (one.passed_through and _within(one.name, "activities"))
    ]
    assert _listed(wrong) == []


def test_what_workflows_load_into_the_sandbox_is_pydantic_and_temporalio_and_nothing_else(
    modules: dict[str, Module],
) -> None:
    # sqlmodel in the sandbox costs 47 MiB per workflow, structlog 875 KiB: not through a third module either.
    loaded = {module.name for module in _inside(modules, "workflows")}
    waiting = list(loaded)
    foreign: set[str] = set()
    while waiting:
        for one in modules[waiting.pop()].imports:
            if one.passed_through or _is_standard(one.name):
                continue
            parts = one.name.split(".")
            # Importing a.b.c runs a and a.b as well; the last part may be a name inside a module.
            own = {name for end in range(1, len(parts) + 1) if (name := ".".join(parts[:end])) in modules}
            if not own:
                foreign.add(parts[0])
            waiting += own - loaded
            loaded |= own
    assert foreign <= {"pydantic", "temporalio"}


def test_httpx_stays_in_one_module_of_notices(modules: dict[str, Module]) -> None:
    users = {module.name for module in modules.values() for one in module.imports if _within(one.name, "httpx")}
    assert len(users) <= 1
    assert all(_within(user, "duban.notices") for user in users)


def test_sql_stays_in_the_ledger(modules: dict[str, Module]) -> None:
    wrong = [
        (module, one)
        for module in modules.values()
        if not _within(module.name, "duban.ledger")
        for one in module.imports
        if _within(one.name, SQL)
    ]
    assert _listed(wrong) == []


@pytest.mark.parametrize("room", ["duban.supervision", "workflows"])
def test_what_decides_uses_no_clock_no_chance_and_no_files(modules: dict[str, Module], room: str) -> None:
    inside = _inside(modules, room)
    assert inside
    assert {module.name: found for module in inside if (found := impurities(module))} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "import os.path",
        "from zoneinfo import ZoneInfo",
        "def f():\n    import random",
        "import datetime\ndatetime.datetime.now()",
        "import datetime as dt\nclass A:\n    at = field(default_factory=dt.datetime.now)",
        "from datetime import datetime as moment\nmoment.utcnow()",
        "from datetime import date\ndate.today()",
        "from uuid import uuid4\nuuid4()",
        "open('plan.xlsx')",
        "at.astimezone()",
    ],
)
def test_a_clock_chance_or_file_in_any_disguise_is_seen(source: str) -> None:
    assert impurities(Module("sin", ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        "from temporalio import workflow\nworkflow.now(); workflow.uuid4(); workflow.random()",
        "from datetime import datetime, timedelta\nat: datetime = datetime(2016, 6, 30) + timedelta(days=16)",
        "from uuid import uuid5",
        "at.astimezone(zone)",
        "self.clock.now(real)",
    ],
)
def test_what_is_pure_or_temporals_own_is_left_alone(source: str) -> None:
    assert impurities(Module("virtue", ast.parse(source))) == []


def test_an_import_is_passed_through_only_inside_the_block_that_says_so() -> None:
    source = (
        "with workflow.unsafe.imports_passed_through():\n    from activities.recording import Recording\n"
        "from activities.delivery import Delivery"
    )
    assert [(one.name, one.passed_through) for one in Module("task", ast.parse(source)).imports] == [
        ("activities.recording.Recording", True),
        ("activities.delivery.Delivery", False),
    ]
