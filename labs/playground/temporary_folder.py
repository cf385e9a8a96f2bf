"""A course folder for one run: its playgrounds start empty, belong to no student, and are removed afterwards."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from labs.engine import EngineError, find
from labs.playground.removal import remove_all

_VARIABLE = "LABS_COURSE"


@contextmanager
def temporary_course(root: Path) -> Iterator[Path]:
    """Set LABS_COURSE to a new folder, for this process and its children; afterwards remove its playgrounds.

    Args:
        root: The course whose solutions and notebooks it shows.
    """
    before = os.environ.get(_VARIABLE)
    with tempfile.TemporaryDirectory(prefix="labs-course-") as name:
        # As course_root() returns it: on macOS temporary folders are behind a symbolic link.
        folder = Path(name).resolve()
        for part in ("solutions", "notebooks"):
            if (root / part).is_dir():
                (folder / part).symlink_to(root / part)
        os.environ[_VARIABLE] = name
        try:
            yield folder
        finally:
            with suppress(EngineError):  # without an engine nothing was made in it
                remove_all(find())
            if before is None:
                del os.environ[_VARIABLE]
            else:
                os.environ[_VARIABLE] = before
