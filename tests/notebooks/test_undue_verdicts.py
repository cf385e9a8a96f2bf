"""What the run of a notebook as handed out must not print. No engine."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tests.notebooks.course import undue_verdicts


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
