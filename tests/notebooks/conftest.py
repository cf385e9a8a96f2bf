"""A course folder of the tests' own, so that lessons run in playgrounds that are nobody's work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from labs.playground import temporary_course
from tests.notebooks.course import COURSE


@pytest.fixture(scope="session")
def _own_course() -> Iterator[Path]:
    with temporary_course(COURSE) as folder:
        yield folder


@pytest.fixture
def own_course(_own_course: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder, set as the course of every process that the test starts; removed at the end."""
    monkeypatch.setenv("LABS_COURSE", str(_own_course))
    return _own_course
