"""What is stored in this checkout: all of it made from the sources, every rule kept. No engine."""

from __future__ import annotations

from labs.builder import problems, rules, source
from tests.notebooks.course import COURSE, LESSONS

# Cells that nbval runs and does not compare, by lesson; each also says why in its source. Add none
# where printing a stable fact would do.
IGNORED: dict[str, list[str]] = {
    "06-let-the-right-people-in": ["old"],
    "09-keep-a-swarm-serving": ["lost"],
    "10-cache-what-you-pull": ["first"],
    "12-store-it-elsewhere": ["speed"],
}


def test_course_has_lessons() -> None:
    assert LESSONS


def test_notebooks_are_what_the_sources_give_and_keep_the_rules() -> None:
    assert [str(problem) for problem in problems(COURSE)] == []


def test_ignored_outputs_are_those_listed_here() -> None:
    ignored = {files.stem: list(rules.ignored(source.read(files.source))) for files in LESSONS}
    assert {stem: cells for stem, cells in ignored.items() if cells} == IGNORED
