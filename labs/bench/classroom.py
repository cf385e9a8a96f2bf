"""A class of forty with known grades, for timing graders: a task of two questions that needs no Docker.

The same two answer cells go to every grader. Nothing is graded here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

CELL_S = 5
"""Time limit of a cell, in seconds, for every grader that has such an option."""

TEXT = b"one layer"
DIGEST = "sha256:" + hashlib.sha256(TEXT).hexdigest()
SIZES_BYTES = (525, 29_124_187, 1_368)
TOTAL_BYTES = sum(SIZES_BYTES)
POINTS = 2

_DIGEST = f'import hashlib\n\ndigest = "sha256:" + hashlib.sha256({TEXT!r}).hexdigest()'
_TOTAL = f"total = sum({list(SIZES_BYTES)})"
_HALF_RIGHT = (
    f"import hashlib\n\ndigest = hashlib.sha256({TEXT!r}).hexdigest()",  # no algorithm in front
    f'digest = "sha256:" + {hashlib.md5(TEXT).hexdigest()!r}',
    'digest = ""',
)
_KILLS = (
    "import os\n\nos._exit(0)",
    "import os\n\nos.kill(os.getpid(), 9)",
    "import os\n\nos.abort()",
)
# Shows whether a grader limits a cell, and what that costs the rest of the class.
_ENDLESS = "while True:\n    pass"
# Passes every `assert x == y` that runs in the student's own kernel.
_EQUALS_ALL = """class Same(str):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __hash__ = str.__hash__

digest = Same("?")"""
# Removes the asserts of check cells that run in the student's own kernel.
_DROPS_ASSERTS = """import ast

class Drop(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()

get_ipython().ast_transformers.append(Drop())
digest = "?\""""


@dataclass(frozen=True)
class Student:
    """One student of the class.

    Attributes:
        name: Also the folder's name.
        kind: `honest`, `wrong`, `kills`, `endless` or `attack`.
        answers: The source of both answer cells.
        points: What the answers are worth, of `POINTS`; None where both 0 and 1 are accepted: the answer after an
            endless loop is right, and not every grader reaches it.
    """

    name: str
    kind: str
    answers: tuple[str, str]
    points: int | None


def students() -> list[Student]:
    """30 honest, 3 wrong, 3 that kill the kernel, 2 endless loops, 2 attacks; mixed, always the same."""
    kinds: list[tuple[str, tuple[str, str], int | None]] = [
        *[("honest", (_DIGEST, _TOTAL), 2)] * 30,
        *[("wrong", (half, _TOTAL), 1) for half in _HALF_RIGHT],
        *[("kills", (kill, _TOTAL), 0) for kill in _KILLS],
        *[("endless", (_ENDLESS, _TOTAL), None)] * 2,
        ("attack", (_EQUALS_ALL, "total = digest"), 0),
        ("attack", (_DROPS_ASSERTS, "total = 0"), 0),
    ]
    # 17 and 40 share no factor: each place is taken once.
    mixed = [kinds[(place * 17) % len(kinds)] for place in range(len(kinds))]
    return [Student(f"s{place:02}", *each) for place, each in enumerate(mixed)]


def wrong(given: dict[str, float], expected: list[Student]) -> list[str]:
    """Names of the students with wrong points; a student without a grade counts as zero points."""
    return [
        student.name
        for student in expected
        if given.get(student.name, 0)
        not in ((0, 1) if student.points is None else (student.points,))
    ]
