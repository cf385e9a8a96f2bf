"""Other graders with the same class: nbgrader, otter and plain nbval, each in an environment of its own.

Their versions are pinned in `locks/`; the environments are in `build/competitors/` and are made when first needed.
"""

from __future__ import annotations

import csv
import json
import os
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from labs.bench.classroom import CELL_S, DIGEST, TOTAL_BYTES, Student
from labs.bench.metered import Lanes
from labs.bench.setting import find_uv, run

_LOCKS = Path(__file__).parent / "locks"
_KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
_ASSERTS = (f"assert digest == {DIGEST!r}", f"assert total == {TOTAL_BYTES}")
_OTTER_WHOLE_S = 40  # otter has no limit of its own: an endless loop runs for ever


class Grader(Protocol):
    """Something that grades the class from the command line."""

    @property
    def name(self) -> str:
        """As the table has it."""

    def prepare(self, folder: Path, students: Sequence[Student]) -> None:
        """Write what it grades into an empty folder."""

    def lanes(self, folder: Path, students: Sequence[Student]) -> Lanes:
        """What to run; run again after a kill, it may go on with what it has."""

    def environment(self) -> dict[str, str]:
        """For its processes."""

    def grades(self, folder: Path) -> dict[str, float]:
        """Points by student, as far as it got."""


def environment_of(root: Path, name: str) -> Path:
    """The `bin` of an environment that holds exactly what `locks/<name>.lock` names.

    Raises:
        BenchError: uv is not here, or cannot install.
    """
    lock, home = _LOCKS / f"{name}.lock", root / "build" / "competitors" / name
    stamp = home / "stamp"
    # The stamp is written last: an installation that broke off is done again.
    if not stamp.is_file() or stamp.read_bytes() != lock.read_bytes():
        uv = find_uv(root)
        run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(home)])
        # --require-hashes: the measured versions are exactly those of the lock file.
        run([uv, "pip", "sync", "--quiet", "--require-hashes", "--python", str(home), str(lock)])
        stamp.write_bytes(lock.read_bytes())
    return home / "bin"


def _with_path(path: Path) -> dict[str, str]:
    return {**os.environ, "PATH": f"{path}{os.pathsep}{os.environ['PATH']}"}


def _write(path: Path, cells: list[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=cells, metadata=_KERNEL), path)  # type: ignore[no-untyped-call]


def _code(source: str, id: str, **metadata: Any) -> Any:
    return new_code_cell(source, id=id, metadata=metadata)  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Nbgrader:
    """`nbgrader autograde`; with `two`, each of two processes takes half of the class, into one gradebook."""

    path: Path
    two: bool = False

    @property
    def name(self) -> str:
        return "nbgrader, 2 processes" if self.two else "nbgrader, serial"

    def prepare(self, folder: Path, students: Sequence[Student]) -> None:
        master = tuple(f"### BEGIN SOLUTION\n{a}\n### END SOLUTION" for a in students[0].answers)
        _write(folder / "source/task/task.ipynb", self._cells(master))
        for student in students:
            place = folder / "submitted" / student.name / "task/task.ipynb"
            _write(place, self._cells(student.answers))
        (folder / "nbgrader_config.py").write_text(
            f"get_config().ExecutePreprocessor.timeout = {CELL_S}\n"
        )
        run(
            [str(self.path / "nbgrader"), "generate_assignment", "task"], self.environment(), folder
        )

    @staticmethod
    def _cells(answers: Sequence[str]) -> list[Any]:
        def graded(id: str, source: str, **what: Any) -> Any:
            kinds = {"solution": False, "grade": False, "locked": False, "task": False}
            base = {"schema_version": 3, "cell_type": "code", "grade_id": id}
            return _code(source, id, nbgrader={**kinds, **base, **what})

        return [
            cell
            for number, (answer, check) in enumerate(zip(answers, _ASSERTS, strict=True), start=1)
            for cell in (
                graded(f"answer-{number}", answer, solution=True),
                graded(f"check-{number}", check, grade=True, locked=True, points=1),
            )
        ]

    def lanes(self, folder: Path, students: Sequence[Student]) -> Lanes:
        program = str(self.path / "nbgrader")
        if not self.two:
            return [[[program, "autograde", "task"]]]
        # nbgrader has no option for parallel jobs: two processes are two commands.
        halves = ("s*[02468]", "s*[13579]")
        return [[[program, "autograde", "task", "--student", half]] for half in halves]

    def environment(self) -> dict[str, str]:
        return _with_path(self.path)

    def grades(self, folder: Path) -> dict[str, float]:
        run([str(self.path / "nbgrader"), "export"], self.environment(), folder)
        with (folder / "grades.csv").open(newline="") as file:
            return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}


@dataclass(frozen=True)
class Otter:
    """`otter run`, one process a submission, without a container."""

    path: Path
    name: str = "otter run"

    def prepare(self, folder: Path, students: Sequence[Student]) -> None:
        tests = folder / "tests"
        tests.mkdir()
        for number, check in enumerate(_ASSERTS, start=1):
            case = {"code": f">>> {check}", "hidden": False, "locked": False}
            suites = [{"type": "doctest", "cases": [case]}]
            test = {"name": f"q{number}", "points": 1, "suites": suites}
            (tests / f"q{number}.py").write_text(f"OK_FORMAT = True\ntest = {test!r}\n")
        for student in students:
            cells = [_code('import otter\n\ngrader = otter.Notebook(tests_dir="tests")', "start")]
            for number, answer in enumerate(student.answers, start=1):
                cells.append(_code(answer, f"answer-{number}"))
                cells.append(_code(f'grader.check("q{number}")', f"check-{number}"))
            _write(folder / f"{student.name}.ipynb", cells)
            (folder / "out" / student.name).mkdir(parents=True)
        generate = [str(self.path / "otter"), "generate", "-t", "tests", "-o", "autograder.zip"]
        run(generate, self.environment(), folder)

    def lanes(self, folder: Path, students: Sequence[Student]) -> Lanes:
        program = [str(self.path / "otter"), "run", "--no-logo", "-a", "autograder.zip"]
        # --kill-after: what does not end at SIGTERM is killed a second later.
        limit = ["timeout", "--kill-after=1", str(_OTTER_WHOLE_S)]
        return [[[*limit, *program, "-o", f"out/{s.name}", f"{s.name}.ipynb"] for s in students]]

    def environment(self) -> dict[str, str]:
        return _with_path(self.path)

    def grades(self, folder: Path) -> dict[str, float]:
        return {
            file.parent.name: sum(
                test.get("score", 0.0) for test in json.loads(file.read_text())["tests"]
            )
            for file in (folder / "out").glob("*/results.json")
        }


@dataclass(frozen=True)
class Nbval:
    """`pytest --nbval`, one process a submission: what an instructor without a grader might do."""

    path: Path
    name: str = "pytest --nbval"

    def prepare(self, folder: Path, students: Sequence[Student]) -> None:
        for student in students:
            cells = [
                _code(source, id)
                for number, answer in enumerate(student.answers, start=1)
                for id, source in (
                    (f"answer-{number}", answer),
                    (f"check-{number}", _ASSERTS[number - 1]),
                )
            ]
            _write(folder / f"{student.name}.ipynb", cells)

    def lanes(self, folder: Path, students: Sequence[Student]) -> Lanes:
        program = [
            str(self.path / "python"),
            "-m",
            "pytest",
            "-q",
            "--nbval",
            "--nbval-current-env",
        ]
        limit = ["-p", "no:cacheprovider", "--nbval-cell-timeout", str(CELL_S)]
        return [
            [
                [*program, *limit, f"--junitxml={s.name}.xml", "--rootdir=.", f"{s.name}.ipynb"]
                for s in students
            ]
        ]

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def grades(self, folder: Path) -> dict[str, float]:
        return {file.stem: _passed_checks(file) for file in folder.glob("*.xml")}


def _passed_checks(junit: Path) -> float:
    """Cells are numbered in the report: the second and the fourth are the checks."""
    cases = list(ET.parse(junit).iter("testcase"))
    return float(sum(len(list(case)) == 0 for case in cases[1::2]))


def competitors(root: Path) -> list[Callable[[], Grader]]:
    """The graders to compare with; each is installed when it is made.

    Raises:
        BenchError: On the call, where one cannot be installed.
    """
    return [
        lambda: Nbgrader(environment_of(root, "nbgrader")),
        lambda: Nbgrader(environment_of(root, "nbgrader"), two=True),
        lambda: Otter(environment_of(root, "otter")),
        lambda: Nbval(Path(sys.executable).parent),
    ]
