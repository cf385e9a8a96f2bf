"""The toy course, made once; tests that change it take a copy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from labs.builder import LessonFiles, Sanitizer, lessons, make
from tests.builder.toy import COURSE, TOY, write_course


@pytest.fixture(scope="session")
def sanitizer() -> Sanitizer:
    return Sanitizer.from_file(COURSE / "solutions" / "sanitize.cfg")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> LessonFiles:
    """The toy course with everything made: to look at, not to change."""
    files = write_course(tmp_path_factory.mktemp("made"), TOY)
    make(files)
    return files


@pytest.fixture
def toy(made: LessonFiles, tmp_path: Path) -> LessonFiles:
    """A copy of the made course, to change."""
    shutil.copytree(made.root, tmp_path / "course")
    return lessons(tmp_path / "course")[0]
