"""Every notebook as handed out runs to its end, and no check of it passes."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from labs.builder import LessonFiles, Sanitizer, run, source
from labs.errors import LabsError
from tests.notebooks.course import LESSONS, name_of, undue_verdicts


@pytest.mark.engine
@pytest.mark.notebooks
@pytest.mark.timeout(900)
@pytest.mark.parametrize("files", LESSONS, ids=name_of)
def test_notebook_as_handed_out_runs_through_and_passes_nothing(
    files: LessonFiles, own_course: Path
) -> None:
    close_playground(files.slug)
    ran = run(
        source.read_ipynb(files.student),
        cwd=files.student.parent,
        sanitizer=Sanitizer.from_file(files.sanitizers),
    )
    assert undue_verdicts(ran) == []


@pytest.mark.parametrize(
    ("said", "fine"),
    [
        ("1.1 not attempted: push it", True),
        ('1.1 not yet: repository "a" has tags []', True),
        ("1.1 passed", False),
        ("1.1 unavailable: no engine", False),
        ("", False),
    ],
)
def test_undue_verdicts_names_what_a_blank_must_not_get(said: str, fine: bool) -> None:
    output = new_output("display_data", data={"text/plain": said})
    cell = new_code_cell('lab.check("1.1")', id="check-1-1", outputs=[output])
    assert (undue_verdicts(new_notebook(cells=[cell])) == []) == fine


def close_playground(slug: str) -> None:
    """Remove what an earlier run of the lesson left: its registry would still hold the answers."""
    from labs import lessons, playground

    lesson = lessons.find(slug)
    with suppress(LabsError):
        playground.find(slug, ports=lesson.ports, nodes=lesson.nodes).close()
