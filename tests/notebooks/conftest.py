"""A course folder of the tests' own, so that lessons run in playgrounds that are nobody's work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.notebooks.course import COURSE


@pytest.fixture(scope="session")
def _own_course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("course")
    for name in ("solutions", "notebooks"):
        (folder / name).symlink_to(COURSE / name)
    yield folder
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LABS_COURSE", str(folder))
        _remove_playgrounds()


@pytest.fixture
def own_course(_own_course: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder, set as the course of every process that the test starts; removed at the end."""
    monkeypatch.setenv("LABS_COURSE", str(_own_course))
    return _own_course


def _remove_playgrounds() -> None:
    from labs.engine import find
    from labs.playground import remove_all

    remove_all(find())
