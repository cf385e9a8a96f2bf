"""The shape of labs/: which way imports point, that no two things share a name, how long files and functions are.

A folder of labs/ is a room. A module imports the modules of its own folder, and of the folders around that, by name;
any other folder it imports by that folder's `__init__`, which says what the room offers.
"""

from __future__ import annotations

import ast
import sys
import tomllib
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LABS = ROOT / "labs"
ORDER = [  # downward; the last five serve every room
    *(
        "cli",
        "bench",
        "builder",
        "grading",
        "views",
        "repairs",
        "lessons",
        "graded",
        "lesson",
        "playground",
        "hub",
    ),
    *("images", "engine", "registry", "course", "files", "waiting", "exports", "errors"),
]
FILE_LINES = 400
"""From here on a file is named in a warning; two people who change it are likely to meet."""

MOST_FILE_LINES = 500
FUNCTION_LINES = 40
ROOM_MODULES = 12
"""Modules in one folder of grading: more of them are several rooms."""


def modules() -> list[Path]:
    return sorted(LABS.rglob("*.py"))


def room_of(path: Path) -> str:
    """`labs/images/build.py` is in `images`, `labs/errors.py` in `errors`, `labs/__init__.py` in ``."""
    first = path.relative_to(LABS).parts[0].removesuffix(".py")
    return "" if first == "__init__" else first


def imported(tree: ast.AST, package: list[str]) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything a module imports, wherever it does, for types too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            start = [*base, *([node.module] if node.module else [])]
            yield from ((node.lineno, ".".join([*start, alias.name])) for alias in node.names)


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    package = list(path.relative_to(ROOT).parent.parts)
    yield from imported(ast.parse(path.read_text(encoding="utf-8")), package)


def upward(path: Path) -> list[str]:
    """The imports of a module that do not point down, as `file:line: name`."""
    here = room_of(path)
    wrong = []
    for line, name in imports_of(path):
        words = name.split(".")
        if words[0] != "labs" or len(words) < 2 or words[1] == here:
            continue
        known = words[1] in ORDER
        if not known or ORDER.index(words[1]) < ORDER.index(here):
            wrong.append(f"{path.relative_to(ROOT)}:{line}: {name}")
    return wrong


def test_every_module_stands_in_a_known_room():
    assert {room_of(path) for path in modules()} - {"", "__main__"} <= set(ORDER)


def test_imports_point_only_downward():
    rooms = [path for path in modules() if room_of(path) in ORDER]
    assert rooms
    assert [each for path in rooms for each in upward(path)] == []


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("from labs import cli", ["labs.cli"]),
        ("import labs.views.card", ["labs.views.card"]),
        ("from ..engine import find", ["labs.engine.find"]),
        ("from . import node", ["labs.playground.node"]),
        ("def f():\n    from labs.lesson import Lab", ["labs.lesson.Lab"]),
    ],
)
def test_imported_sees_every_form_of_import(source, wanted):
    assert [name for _, name in imported(ast.parse(source), ["labs", "playground"])] == wanted


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def package_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).parent.parts)


def offered(tree: ast.Module) -> set[str]:
    """The names in a module's `__all__`."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


def graph() -> dict[str, set[str]]:
    """Each module with the modules that it imports, wherever and for whatever it does."""
    paths = {module_name(path): path for path in modules()}
    offers = {
        name: offered(ast.parse(path.read_text(encoding="utf-8")))
        for name, path in paths.items()
        if path.stem == "__init__"
    }
    found: dict[str, set[str]] = {}
    for name, path in paths.items():
        wanted = {full for _, full in imports_of(path) if full.split(".")[0] == "labs"}
        inside = package_of(path)
        own = {room: names for room, names in offers.items() if not inside.startswith(room)}
        found[name] = {target(full, set(paths), own) for full in wanted} - {name}
    return found


def target(full: str, known: set[str], offers: dict[str, set[str]]) -> str:
    """The module behind what an import names; a name that another room offers is that room's, a module too."""
    room, _, name = full.rpartition(".")
    if name in offers.get(room, ()):
        return room
    while full not in known:
        full = full.rpartition(".")[0]
    return full


def is_deep(package: str, target: str) -> bool:
    """Whether a module in `package` names a module that another room keeps to itself."""
    around = [package]
    while "." in around[-1]:
        around.append(around[-1].rpartition(".")[0])
    return target not in around and target.rpartition(".")[0] not in around


def circles(edges: dict[str, set[str]]) -> list[tuple[str, ...]]:
    """One circle of imports, if there is any."""
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return [tuple(error.args[1])]
    return []


def repeated(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Names that are in more than one place, with the places."""
    found = defaultdict(list)
    for name, place in pairs:
        found[name].append(place)
    return {name: places for name, places in found.items() if len(places) > 1}


def test_imports_make_no_circles():
    assert circles(graph()) == []


@pytest.mark.parametrize(
    ("edges", "wanted"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"b"}, "b": {"a"}}, [("a", "b", "a")]),
    ],
)
def test_circles_are_found(edges, wanted):
    assert circles(edges) == wanted


def test_other_rooms_are_imported_by_what_they_offer():
    package = {module_name(path): package_of(path) for path in modules()}
    deep = [
        f"{name}: {imported}"
        for name, every in graph().items()
        for imported in sorted(every)
        # Inside the hub modules are named: Django loads its models before anything that a package could offer.
        if is_deep(package[name], imported) and not (in_hub(name) and in_hub(imported))
    ]
    assert deep == []


def in_hub(name: str) -> bool:
    return f"{name}.".startswith("labs.hub.")


HUB_ORDER = ("pages", "api", "automation", "rights", "models")  # downward


def test_packages_of_the_hub_import_downward_only():
    upward = []
    for name, every in graph().items():
        here = name.split(".")[2] if in_hub(name) and name.count(".") > 1 else ""
        for imported in every:
            there = imported.split(".")[2] if in_hub(imported) and imported.count(".") > 1 else ""
            both = here in HUB_ORDER and there in HUB_ORDER
            if both and HUB_ORDER.index(there) < HUB_ORDER.index(here):
                upward.append(f"{name}: {imported}")
    assert upward == []


@pytest.mark.parametrize(
    ("package", "target", "deep"),
    [
        ("labs.lesson", "labs.playground", False),
        ("labs.lesson", "labs.playground.node", True),
        ("labs.lesson", "labs.playground.swarm", True),
        ("labs.playground", "labs.playground.swarm", False),
        ("labs.playground", "labs.playground.swarm.state", True),
        ("labs.playground.swarm", "labs.playground.node", False),
        ("labs.playground.swarm", "labs.errors", False),
        ("labs", "labs.lesson.lab", True),
    ],
)
def test_deep_import_is_one_past_the_init_of_another_room(package, target, deep):
    assert is_deep(package, target) is deep


def test_no_module_name_stands_twice():
    names = [(path.stem, str(path.relative_to(LABS))) for path in modules()]
    # Each lesson has its checks, each scenario of the repair shop all three; Django asks for `base`.
    allowed = {"__init__", "__main__", "checks", "set_up", "solution", "base"}
    commands = {path.stem for path in (LABS / "cli").glob("*.py")}
    mains = {path.stem for path in modules() if path.stem == path.parent.name}
    twice = {
        name: [each for each in places if not (name in commands and each.startswith("cli/"))]
        for name, places in repeated(names).items()
        if name not in allowed
    }
    assert {k: v for k, v in twice.items() if len(v) > 1 and k not in mains} == {}


def test_no_class_name_stands_twice():
    names = [
        (node.name, str(path.relative_to(LABS)))
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and node.name != "Meta"  # Django's, inside a class
    ]
    assert repeated(names) == {}


def test_rooms_of_grading_are_small():
    grading = LABS / "grading"
    sizes = {
        str(room.relative_to(LABS)): len([p for p in room.glob("*.py") if p.stem != "__init__"])
        for room in (grading, *(path for path in grading.rglob("*") if path.is_dir()))
    }
    assert {k: n for k, n in sizes.items() if n > ROOM_MODULES} == {}


def test_files_are_short():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in modules()
    }
    for path, length in lengths.items():
        if length > FILE_LINES:
            warnings.warn(f"{path} has {length} lines, wanted {FILE_LINES}", stacklevel=1)
    assert {path: length for path, length in lengths.items() if length > MOST_FILE_LINES} == {}


def test_functions_are_short():
    long = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_LINES:
                    long.append(
                        f"{path.relative_to(ROOT)}:{node.lineno}: {node.name} has {length} lines"
                    )
    assert long == []


def test_modules_open_with_a_paragraph():
    silent = [
        str(path.relative_to(ROOT))
        for path in modules()
        if path.stat().st_size
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def declared(path: Path) -> set[str]:
    """The packages a module may import: students have no development tools; who builds, measures, grades has."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lines = list(project["project"]["dependencies"])
    if room_of(path) in ("builder", "bench", "grading", "hub"):  # the hub has its own in its image
        lines += project["dependency-groups"]["dev"]
    return {canonicalize_name(Requirement(line).name) for line in lines}


def test_imported_packages_are_declared_dependencies():
    own = {*sys.stdlib_module_names, "labs"}
    homes = packages_distributions()
    undeclared = []
    for path in modules():
        names = declared(path)
        for line, name in imports_of(path):
            top = name.split(".")[0]
            if top not in own and not names & {
                canonicalize_name(each) for each in homes.get(top, [])
            }:
                undeclared.append(f"{path.relative_to(ROOT)}:{line}: {name}")
    assert undeclared == []
