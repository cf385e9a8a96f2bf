"""From a lesson's source to the notebooks and the page made of it, and the checks that they agree.

    solutions/NN-slug.py -> run -> solutions/NN-slug.ipynb -> strip -> notebooks/NN-slug.ipynb
                                                           -> page  -> site/lessons/NN-slug.md

Modules: `folders` (paths), `source` (formats), `answer_markers` (answers, and the copy without them), `execute` and
`outputs` (the stored run), `page`, `rules` and `check` (what is wrong), `compare` (nbval), `scaffold` and `review`
(a new lesson). `dated_pages` makes two pages of the site from dated facts, `shop_notebook` the
notebook of the repair shop.
"""

from __future__ import annotations

from labs.builder import dated_pages, page, review, scaffold, shop_notebook, source
from labs.builder.answer_markers import strip
from labs.builder.check import Problem, known_exercises, problems, stale
from labs.builder.compare import compare
from labs.builder.execute import run
from labs.builder.folders import BuildError, LessonFiles, find_root, lessons
from labs.builder.make import make
from labs.builder.sanitize import Sanitizer

__all__ = [
    "BuildError",
    "LessonFiles",
    "Problem",
    "Sanitizer",
    "compare",
    "dated_pages",
    "find_root",
    "known_exercises",
    "lessons",
    "make",
    "page",
    "problems",
    "review",
    "run",
    "scaffold",
    "shop_notebook",
    "source",
    "stale",
    "strip",
]
