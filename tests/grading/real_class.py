"""A class that handed in lesson 1, and `labs grade` for it, run in a copy of the course."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from labs import lessons
from labs.grading.submissions.handout import Handout

ROOT = Path(__file__).resolve().parents[2]
LESSON = lessons.find("run-a-registry")
SOLUTION = Handout().solution(LESSON)
STARTER = ROOT / "notebooks" / SOLUTION.name


def notebook(path: Path, **answers: str) -> str:
    """A notebook of the course with other answers."""
    found = json.loads(path.read_text())
    for cell in found["cells"]:
        cell["source"] = answers.get(cell["id"].replace("-", "_"), cell["source"])
    return json.dumps(found)


def make_class(course: Path, texts: dict[str, str]) -> Path:
    """The folder of submissions, by student what was handed in; beside it a copy of the course.

    A copy, for what is finished is known by the course's sources, and somebody may be editing them.
    """
    for student, text in texts.items():
        folder = course / "class" / student / LESSON.slug
        folder.mkdir(parents=True)
        (folder / SOLUTION.name).write_text(text)
    for part in ("labs", "notebooks", "solutions"):
        leave_out = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / part, course / "copy" / part, ignore=leave_out)
    return course / "class"


def python(top: Path, *words: str, **variables: str) -> subprocess.Popen[str]:
    """A Python process in the copy of the course."""
    where = top.parent / "copy"
    env = {**os.environ, "PYTHONPATH": str(where), **variables}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, *words], stdout=pipe, stderr=pipe, text=True, cwd=where, env=env
    )


def grade(top: Path, out: str, *options: str, **variables: str) -> subprocess.Popen[str]:
    """`labs grade` of that class, into a folder beside it."""
    words = ["grade", str(top), "--out", str(top.parent / out), *options]
    return python(top, "-m", "labs.cli", *words, **variables)
