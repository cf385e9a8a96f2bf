"""The paths of a lesson's files, from its source to its page. It reads none of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from labs.errors import LabsError
from labs.lessons import drafts

_STEM = re.compile(r"(?P<number>\d\d)-(?P<slug>[a-z0-9]+(?:-[a-z0-9]+)*)")


class BuildError(LabsError):
    """A lesson's source cannot become a notebook or a page."""


@dataclass(frozen=True)
class LessonFiles:
    """The files of one lesson, whether they exist yet or not."""

    root: Path
    stem: str

    @property
    def number(self) -> int:
        return int(self.stem[:2])

    @property
    def slug(self) -> str:
        return self.stem[3:]

    @property
    def source(self) -> Path:
        """The one file edited by hand."""
        return self.root / "solutions" / f"{self.stem}.py"

    @property
    def commands(self) -> Path:
        """What the lesson's blocks of `docker` commands leave out; a lesson need not have this file."""
        return self.root / "solutions" / f"{self.stem}.sh"

    @property
    def executed(self) -> Path:
        """The source with the outputs of its last run: the reference of nbval."""
        return self.root / "solutions" / f"{self.stem}.ipynb"

    @property
    def student(self) -> Path:
        """What a student opens: no answers, no outputs."""
        return self.root / "notebooks" / f"{self.stem}.ipynb"

    @property
    def page(self) -> Path:
        return self.root / "site" / "lessons" / f"{self.stem}.md"

    @property
    def sanitizers(self) -> Path:
        return self.root / "solutions" / "sanitize.cfg"


def find_root(start: Path | None = None) -> Path:
    """Return the nearest folder at or above `start` that holds the lessons' sources.

    Raises:
        BuildError: There is none.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        # Not `solutions/` alone, which another project may have.
        if (folder / "solutions" / "sanitize.cfg").is_file():
            return folder
    raise BuildError(
        f"find solutions/sanitize.cfg from {here} upward: not there",
        hint="Run this inside a checkout of the course.",
    )


def lessons(root: Path, wanted: list[str] | None = None) -> list[LessonFiles]:
    """Return the lessons that have a source, in order, or those of them that are wanted.

    Args:
        root: The course's folder.
        wanted: Slugs, numbers ("1") or stems ("01-run-a-registry"); all but drafts when empty.

    Raises:
        BuildError: A wanted lesson has no source.
    """
    stems = (path.stem for path in sorted((root / "solutions").glob("*.py")))
    found = [LessonFiles(root, stem) for stem in stems if _STEM.fullmatch(stem)]
    if not wanted:
        hidden = {lesson.slug for lesson in drafts()}
        return [files for files in found if files.slug not in hidden]
    return [_pick(found, name) for name in wanted]


def _pick(found: list[LessonFiles], name: str) -> LessonFiles:
    for files in found:
        if name in (files.slug, files.stem, str(files.number), files.stem[:2]):
            return files
    known = ", ".join(files.slug for files in found) or "none"
    raise BuildError(f"find the source of lesson {name!r}: not there", hint=f"Lessons: {known}.")
