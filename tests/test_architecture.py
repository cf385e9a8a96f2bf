"""The shape of labs/: imports point downward, files and functions stay short, imports are declared."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LABS = ROOT / "labs"
ORDER = [  # downward; the last four serve every room
    *(
        "cli",
        "bench",
        "builder",
        "grading",
        "views",
        "lessons",
        "graded",
        "lesson",
        "hub",
        "playground",
    ),
    *("images", "engine", "registry", "course", "files", "waiting", "errors"),
]
FILE_LINES = 320
FUNCTION_LINES = 40


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


def test_files_are_short():
    lengths = {
        path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines())
        for path in modules()
    }
    assert {str(path): length for path, length in lengths.items() if length > FILE_LINES} == {}


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
    if room_of(path) in ("builder", "bench", "grading"):
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
