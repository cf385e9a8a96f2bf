"""From a lesson's source to the notebooks and the page made of it, and the checks that they agree.

    solutions/NN-slug.py -> run -> solutions/NN-slug.ipynb -> strip -> notebooks/NN-slug.ipynb
                                                           -> page  -> site/lessons/NN-slug.md

Modules by noun: `folders` (paths), `source` (formats), `answers` (markers), `execute` and `outputs`
(the stored run), `student`, `page`, `rules` and `check` (what is wrong), `compare` (nbval).
"""

from __future__ import annotations

from labs.release import page, source
from labs.release.check import Problem, known_exercises, problems, stale
from labs.release.compare import compare
from labs.release.execute import run
from labs.release.folders import LessonFiles, ReleaseError, find_root, lessons
from labs.release.make import make
from labs.release.sanitize import Sanitizer
from labs.release.student import strip

__all__ = [
    "LessonFiles",
    "Problem",
    "ReleaseError",
    "Sanitizer",
    "compare",
    "find_root",
    "known_exercises",
    "lessons",
    "make",
    "page",
    "problems",
    "run",
    "source",
    "stale",
    "strip",
]
