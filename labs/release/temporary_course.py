"""A course folder for one run: its playgrounds start empty, are nobody's work, and are gone afterwards."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from labs import playground
from labs.engine import EngineError, find

_VARIABLE = "LABS_COURSE"


@contextmanager
def own_course(root: Path) -> Iterator[Path]:
    """Let everything inside happen in a course folder of its own, this process and its children alike.

    Args:
        root: The course whose solutions and notebooks it shows.
    """
    before = os.environ.get(_VARIABLE)
    with tempfile.TemporaryDirectory(prefix="labs-course-") as name:
        folder = Path(name).resolve()
        for part in ("solutions", "notebooks"):
            if (root / part).is_dir():
                (folder / part).symlink_to(root / part)
        os.environ[_VARIABLE] = name
        try:
            yield folder
        finally:
            with suppress(EngineError):  # without an engine nothing was made in it
                playground.remove_all(find())
            if before is None:
                del os.environ[_VARIABLE]
            else:
                os.environ[_VARIABLE] = before
