"""Every solution, run by nbval on a real engine, gives the outputs that are stored with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs.builder import LessonFiles, compare
from tests.long_tests import leave_out_unless_long
from tests.notebooks.course import COURSE, LESSONS, name_of

pytestmark = [pytest.mark.engine, pytest.mark.notebooks, pytest.mark.timeout(900)]


@pytest.mark.parametrize("files", LESSONS, ids=name_of)
def test_solution_gives_its_stored_outputs_each_time_it_is_run(
    files: LessonFiles, own_course: Path
) -> None:
    for time in ("first", "second"):
        if time == "second":
            leave_out_unless_long(files.slug, "the first run was as stored; a second one")
        junit = COURSE / "build" / "junit" / f"nbval-{files.stem}-{time}.xml"
        ran = compare(files.executed, sanitizers=files.sanitizers, junit=junit)
        assert ran.returncode == 0, f"{time} run\n{ran.stdout}\n{ran.stderr}"
