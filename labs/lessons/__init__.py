"""The lessons of the course: every package in this folder, each with its `LESSON`."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING

from labs.errors import LabsError
from labs.exports import on_first_use
from labs.lesson import Lesson

if TYPE_CHECKING:
    from labs.lessons.common import (
        ask,
        driver_of,
        is_insecure,
        on_port,
        read_file,
        served,
        setting,
        storage_mount,
    )
else:
    __getattr__ = on_first_use(
        __name__,
        {
            "labs.lessons.common": (
                "ask",
                "driver_of",
                "is_insecure",
                "on_port",
                "read_file",
                "served",
                "setting",
                "storage_mount",
            )
        },
    )

__all__ = [
    "all_lessons",
    "ask",
    "drafts",
    "driver_of",
    "find",
    "is_insecure",
    "on_port",
    "read_file",
    "served",
    "setting",
    "storage_mount",
]

_COMMON = "common"  # shared code of checks, not a lesson


def find(slug: str) -> Lesson:
    """The lesson with that slug, `run-a-registry`.

    Raises:
        LabsError: There is none; the hint names the nearest, or all.
    """
    slugs = [name.replace("_", "-") for name in _packages()]
    if slug not in slugs:
        from difflib import get_close_matches

        near = get_close_matches(slug, slugs, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"the lessons are {', '.join(slugs)}"
        raise LabsError(f'no lesson "{slug}"', hint=hint)
    return _lesson(slug.replace("-", "_"))


def all_lessons() -> list[Lesson]:
    """All lessons that are not drafts, in the order of their numbers."""
    return [lesson for lesson in _every() if not lesson.draft]


def drafts() -> list[Lesson]:
    """Lessons that students do not see yet: only `find` gives them."""
    return [lesson for lesson in _every() if lesson.draft]


def _every() -> list[Lesson]:
    return sorted(map(_lesson, _packages()), key=lambda lesson: lesson.number)


def _packages() -> list[str]:
    found = (module.name for module in pkgutil.iter_modules(__path__) if module.ispkg)
    return sorted(name for name in found if name != _COMMON)


def _lesson(package: str) -> Lesson:
    module = import_module(f"{__name__}.{package}")
    lesson = getattr(module, "LESSON", None)
    if not isinstance(lesson, Lesson) or lesson.slug != package.replace("_", "-"):
        raise LabsError(
            f"{module.__name__} has no LESSON with the slug {package.replace('_', '-')}",
            hint="a lesson's folder is its slug with underscores",
        )
    return lesson
