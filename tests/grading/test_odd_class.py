"""A class of twenty odd submissions, graded two at a time while some of them attack: each gets what is right for it."""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from labs.engine import Engine
from tests.grading.real_class import LESSON, SOLUTION, STARTER, grade, make_class, notebook
from tests.grading.test_class import left

pytestmark = [pytest.mark.engine, pytest.mark.full, pytest.mark.timeout(1500)]

POINTS = {task.id: task.points for task in LESSON.tasks}
ALL = set(POINTS)
REGISTRY = """
lab.remove("shelf")
docker.containers.run("registry:2", name="shelf", detach=True, ports={"5000/tcp": 5001})
lab.wait(5001)
"""
PROXY = """
lab.remove("shelf")
lab.node(1).exec(["sh", "-c", "socat TCP-LISTEN:5001,fork,reuseaddr TCP:127.0.0.1:5000 >/dev/null 2>&1 &"])
lab.wait(5001)
"""
HELLO = """
from io import BytesIO
docker.images.build(fileobj=BytesIO(b'FROM hello-world\\nCMD ["sh"]\\n'), tag="127.0.0.1:5001/tools/busybox:1.37")
lab.push("127.0.0.1:5001/tools/busybox:1.37")
"""
LABELED = HELLO.replace("hello-world", "busybox").replace('CMD ["sh"]', "LABEL mine=1")
BUSY = """
docker.images.pull("busybox", tag="latest")
for _ in range(8):
    docker.containers.run("busybox", ["sh", "-c", "while :; do :; done"], detach=True)
"""
DEEP = """
lab.node(1).exec(["sh", "-c", "cd /var/lib/docker; for i in $(seq 25000); do mkdir d && cd d || exit; done"])
"""
ROOT = """
print(lab.node(1).exec(["sh", "-c",
    "cat /proc/sys/kernel/core_pattern >/tmp/c; cat /tmp/c >/proc/sys/kernel/core_pattern; "
    "cd /sys/fs/cgroup/cpu && echo 500000 >cpu.shares; for i in 1 2 3 4; do (while :; do :; done) & done"]))
"""
LOOP = "while True:\n    pass"


def after(answer: str, more: str) -> str:
    """The solution of a cell, and something after it."""
    cells = {
        cell["id"]: "".join(cell["source"]) for cell in json.loads(SOLUTION.read_text())["cells"]
    }
    return cells[answer] + "\n" + more


def without_ids() -> str:
    """As an editor saves it that knows nbformat 4.4 only."""
    found = json.loads(notebook(SOLUTION))
    found["nbformat_minor"] = 4
    for cell in found["cells"]:
        del cell["id"]
    return json.dumps(found)


def in_own_cells() -> str:
    """A starter whose answers are in new cells before the answer cells."""
    found = json.loads(notebook(STARTER))
    cells = []
    for cell in found["cells"]:
        if cell["id"] == "answer-1-1":
            own = {**cell, "id": "own", "source": REGISTRY, "metadata": {}}
            cells.append(own)
        cells.append(cell)
    return json.dumps({**found, "cells": cells})


class Class:
    """Builds the folder of submissions, and what each student is to get."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.wanted: dict[str, set[str]] = {}

    def hand_in(self, student: str, text: str, right: set[str], path: str = "") -> None:
        """One notebook, at `path` or at its own place."""
        file = self.top / (path or f"{student}/{LESSON.slug}/{SOLUTION.name}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        self.wanted[student] = right


def fill(each: Class) -> None:
    """The class."""
    hand_in: Callable[..., None] = each.hand_in
    right = notebook(SOLUTION)
    hand_in("perfect", right, ALL)
    hand_in("blank", notebook(STARTER), set())
    hand_in("syntax", notebook(SOLUTION, answer_1_2="choice = = 'c'"), ALL - {"1.2"})
    hand_in("no-ids", without_ids(), ALL)
    hand_in("in-folder", right, ALL, f"in-folder/{SOLUTION.name}")
    hand_in("numbered", right, ALL, f"numbered/01-{LESSON.slug}/{SOLUTION.name}")
    hand_in("mac", right, ALL)
    (each.top / f"__MACOSX/mac/{LESSON.slug}").mkdir(parents=True)
    (each.top / f"__MACOSX/mac/{LESSON.slug}/._{SOLUTION.name}").write_bytes(b"\0\5\26\7")
    hand_in(
        "capital", notebook(SOLUTION, answer_1_6='choice = "B"', answer_1_2='choice = " c) "'), ALL
    )
    hand_in(
        "clicked",
        notebook(SOLUTION, answer_1_6='lab.question("1.6")\nchoice = None'),
        ALL - {"1.6"},
    )
    hand_in(
        "loud",
        notebook(SOLUTION, answer_1_5=after("answer-1-5", 'raise ValueError("x" * 1_200_000)')),
        ALL,
    )
    hand_in(
        "chatty", notebook(SOLUTION, answer_1_1=after("answer-1-1", 'print("y" * 5_000_000)')), ALL
    )
    hand_in("hello", notebook(SOLUTION, answer_1_3=HELLO), ALL - {"1.3", "1.5"})
    hand_in("label", notebook(SOLUTION, answer_1_3=LABELED), ALL - {"1.3", "1.5"})
    # A way to the first registry takes pushes, and is not a second one.
    hand_in("proxy", notebook(SOLUTION, answer_1_1=PROXY), ALL - {"1.1", "1.7"})
    hand_in("own-cells", in_own_cells(), set())
    hand_in("cut-off", right[:5000], set())
    hand_in("loop", notebook(SOLUTION, answer_1_6=LOOP), ALL - {"1.6", "1.7"})
    hand_in("busy", notebook(SOLUTION, answer_1_1=after("answer-1-1", BUSY)), ALL)
    hand_in("deep", notebook(SOLUTION, answer_1_7=after("answer-1-7", DEEP)), ALL)
    hand_in("attack", notebook(SOLUTION, answer_1_1=after("answer-1-1", ROOT)), ALL)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr(f"{LESSON.slug}/{SOLUTION.name}", right)
    (each.top / "zipped.zip").write_bytes(packed.getvalue())
    each.wanted["zipped"] = ALL


@pytest.fixture(scope="module")
def graded(engine: Engine, course: Path) -> tuple[Class, Path, str]:
    top = make_class(course, {})
    top.mkdir(exist_ok=True)
    made = Class(top)
    fill(made)
    run = grade(top, "grades", "--jobs", "2")
    said, errors = run.communicate(timeout=1400)
    return made, top.parent / "grades", f"status {run.returncode}\n{said}{errors}"


def rows(out: Path, name: str) -> list[dict[str, str]]:
    with (out / name).open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_each_gets_what_is_right(graded: tuple[Class, Path, str]):
    made, out, said = graded
    found: dict[str, dict[str, str]] = {}
    for row in rows(out, "grades.csv"):
        found.setdefault(row["student"], {})[row["exercise"]] = row["points"]
    wanted = {
        student: {id: str(POINTS[id] if id in right else 0) for id in POINTS}
        for student, right in made.wanted.items()
    }
    # Who attacks may lose points for it, and costs nobody else any.
    for student in ("busy", "deep", "attack"):
        assert student in found
        found.pop(student), wanted.pop(student)
    wrong = {
        student: (found.get(student), wanted[student])
        for student in wanted
        if found.get(student) != wanted[student]
    }
    assert not wrong, said


def test_nothing_is_left_and_nobody_is_without_a_grade(
    graded: tuple[Class, Path, str], engine: Engine
):
    _, out, said = graded
    counts = json.loads((out / "run.json").read_text())["counts"]
    assert counts["not_graded"] == 0, said
    assert left(engine) == [], said


def test_host_is_as_it_was(graded: tuple[Class, Path, str]):
    _, _, said = graded
    pattern = Path("/proc/sys/kernel/core_pattern").read_text()
    assert "labs" not in pattern, said
    assert shutil.disk_usage("/").free > 1 << 30


def test_feedback_says_what_was_raised_and_which_cells_were_not_run(
    graded: tuple[Class, Path, str],
):
    _, out, _ = graded
    page = (out / f"feedback/syntax/{LESSON.slug}.html").read_text()
    assert "SyntaxError" in page
    page = (out / f"feedback/own-cells/{LESSON.slug}.html").read_text()
    assert "lab.remove(&#34;shelf&#34;)" in page or "lab.remove(&quot;shelf&quot;)" in page
