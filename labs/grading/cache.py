"""The cache of results in `GRADES/.done`.

Cache key: SHA-256 of every input that affects the grade. A change gives another key, so a record is never
stale; one that was cut off is not read, and the submission is graded again.
"""

from __future__ import annotations

import ast
import fcntl
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from labs.files import TEMPORARY_PREFIX, write_whole
from labs.grading.models import GradingError, Limits, RecordError, Result, Submission

if TYPE_CHECKING:
    from labs.lesson import Lesson

_LABS = Path(__file__).resolve().parent.parent
# What decides a grade besides the lesson's own folder: what runs and judges submissions. Reports, runners and commands
# do not, and neither do other lessons.
_DECISIVE = (
    *("errors.py", "waiting.py", "graded", "lesson", "lessons/__init__.py", "lessons/common"),
    *(
        "grading/models.py",
        "grading/starvation.py",
        "grading/cpu_meter.py",
        "grading/sandbox",
        "grading/submissions",
        "playground",
        "registry",
    ),
)


class ResultCache:
    """The results of one folder of grades, by their keys."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.folder = out / ".done"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder of grades, made when needed; a process that ends in any way lets go of it.

        Raises:
            GradingError: It cannot be written, or another process holds it.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = (self.folder / "lock").open("a+b")
        except OSError as error:
            raise GradingError(
                f"write grades to {self.out}: {error.strerror}",
                hint="name a folder that you may write to with --out",
            ) from error
        with lock:
            try:
                # Two runs would both grade, and write over each other's tables.
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise GradingError(
                    f"write grades to {self.out}: another `labs grade` is writing there",
                    hint="wait until it has ended, or name another folder with --out",
                ) from error
            for left in self.folder.glob(f"{TEMPORARY_PREFIX}*"):  # of a run that was killed
                left.unlink()
            yield

    def get(self, key: str, submission: Submission) -> Result | None:
        """The result of that key; None where no record of it can be read."""
        try:
            result = Result.from_json((self.folder / f"{key}.json").read_bytes())
        except (OSError, RecordError):
            return None
        # A record may have been copied or renamed by hand: it has to say itself what it is.
        mine = (key, submission.student, submission.slug, "graded")
        found = (result.key, result.student, result.slug, result.status)
        return result if found == mine else None

    def put(self, result: Result, key: str) -> Result:
        """Keep a result under its key and return it; what the machine failed at is not kept.

        Raises:
            OSError: It cannot be written, because the disk is full for example.
        """
        kept = replace(result, key=key)
        if kept.status == "graded":
            # Whole or not at all: a run may be killed at any moment.
            write_whole(self.folder / f"{key}.json", kept.to_json())
        return kept


def key_of(
    submission: Submission,
    *,
    checks: str,
    notebook: str,
    limits: Limits,
    setting: Mapping[str, str],
) -> str:
    """The digest of all that decides a submission's grade.

    Args:
        submission: Whose it is, its answers, and its remarks, which the feedback shows.
        checks: What `checks_digest` says of its lesson.
        notebook: The text of the notebook handed out, or a digest of it.
        limits: How long it may take.
        setting: What the runner says: image ids, versions.
    """
    parts = {
        "student": submission.student,
        "remarks": submission.remarks,
        "answers": dict(submission.answers),
        "notebook": notebook,
        "checks": checks,
        "limits": asdict(limits),
        "setting": dict(setting),
    }
    # sort_keys: the key must not depend on the order in which a dict was filled.
    return digest(json.dumps(parts, sort_keys=True).encode())


def checks_digest(lesson: Lesson) -> str:
    """The digest of the code that runs and judges a lesson, and of what the lesson asks."""
    own = f"lessons/{lesson.slug.replace('-', '_')}"
    tops = [_LABS / name for name in (*_DECISIVE, own)]
    files = [path for top in tops for path in (top, *top.rglob("*")) if path.is_file()]
    asked = [[task.id, task.title, task.cell, getattr(task, "points", 1)] for task in lesson.tasks]
    seen = {
        str(path.relative_to(_LABS)): _digest_of_source(path)
        for path in files
        # Compiled files differ from run to run and decide nothing.
        if path.suffix != ".pyc"
    }
    return digest(json.dumps([asked, seen], sort_keys=True).encode())


def _digest_of_source(path: Path) -> str:
    """The digest of what can decide something in a file: all of it, or of Python code the syntax alone."""
    content = path.read_bytes()
    return _digest_of_code(content) if path.suffix == ".py" else digest(content)


@cache  # lessons have most of their files in common
def _digest_of_code(content: bytes) -> str:
    """The digest of the syntax tree: comments, docstrings and the layout of lines are not in it."""
    tree = ast.parse(content)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            # A string that is a statement has no effect, in any place.
            node.body = [each for each in body if not _is_text(each)]  # type: ignore[attr-defined]
    return digest(ast.dump(tree).encode())


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def digest(data: bytes) -> str:
    """SHA-256, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
