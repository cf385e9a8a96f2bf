"""A new lesson: its source, its package and its cases as a draft with a TODO where text or code is missing."""

from __future__ import annotations

import re
from pathlib import Path
from string import Template

from labs.builder.folders import BuildError, LessonFiles
from labs.builder.page import TEMPLATES

FIRST_ASSIGNMENT = 50
"""Lessons are numbered below this, assignments from it on: they come last and have 100 points."""

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")


def is_assignment(number: int) -> bool:
    """Whether a lesson of that number is an assignment."""
    return number >= FIRST_ASSIGNMENT


def new_lesson(root: Path, slug: str, number: int | None = None) -> list[Path]:
    """Write the files of a new lesson, a draft.

    Args:
        root: The course's folder.
        slug: Of the lesson, words with hyphens: `run-a-registry`.
        number: Of the lesson; the first that is free after the other lessons if not given.

    Returns:
        The files written.

    Raises:
        BuildError: The slug is not one, or slug, number or a file is taken.
    """
    if not _SLUG.fullmatch(slug):
        raise BuildError(
            f"make lesson {slug!r}: not a slug", hint="Two words or more: run-a-registry."
        )
    taken = {int(path.stem[:2]): path.stem[3:] for path in (root / "solutions").glob("[0-9]*.py")}
    lessons = [each for each in taken if each < FIRST_ASSIGNMENT]
    number = number or max(lessons, default=0) + 1
    if number in taken or slug in taken.values():
        known = ", ".join(f"{each} {name}" for each, name in sorted(taken.items()))
        raise BuildError(f"make lesson {number} {slug}: taken", hint=f"Lessons: {known}.")
    return _write(root, slug, number)


def _write(root: Path, slug: str, number: int) -> list[Path]:
    package = slug.replace("-", "_")
    words = {
        "number": number,
        "slug": slug,
        "package": package,
        "title": slug.replace("-", " ").capitalize(),
    }
    home = root / "labs" / "lessons" / package
    paths = {
        "source": LessonFiles(root, f"{number:02}-{slug}").source,
        "lesson": home / "__init__.py",
        "checks": home / "checks.py",
        "cases": root / "tests" / "lessons" / f"{package}_cases.py",
    }
    for path in paths.values():
        # All are looked at before the first is written: no half lesson, and no file of an author is
        # lost.
        if path.exists():
            raise BuildError(f"write {path}: it is there already")
    for name, path in paths.items():
        template = TEMPLATES / "new_lesson" / f"{name}.py.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        # string.Template: the files are Python code, full of braces.
        text = Template(template.read_text(encoding="utf-8")).substitute(words)
        path.write_text(text, encoding="utf-8")
    return list(paths.values())
