"""`LABS_LOG=debug`: processes of a run append to one file; without it nothing is written."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from labs.grading import debug_log
from labs.grading.debug_log import cut, join_debug_log, log, start_debug_log, timed

CHILD = """
from labs.grading.debug_log import join_debug_log, timed
join_debug_log("child")
with timed("cell %d", 7):
    pass
"""


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course folder, and the log as it was before."""
    monkeypatch.setenv("LABS_COURSE", str(tmp_path))
    # As if set: what a test sets itself is taken back then.
    monkeypatch.setenv(debug_log._FILE_VARIABLE, "")
    before = log.name, log.level, log.propagate
    yield tmp_path
    for handler in list(log.handlers):
        log.removeHandler(handler)
        handler.close()
    log.name, log.level, log.propagate = before


@pytest.mark.process
def test_processes_of_a_run_log_to_one_file_that_stderr_names(course: Path, monkeypatch, capsys):
    monkeypatch.setenv("LABS_LOG", "debug")
    start_debug_log()
    log.debug("begins")
    subprocess.run([sys.executable, "-c", CHILD], check=True, cwd=Path(__file__).parents[2])
    path = course / ".labs" / "grade.log"
    assert str(path) in capsys.readouterr().err
    first, second = path.read_text().splitlines()
    assert f"grade[{os.getpid()}]" in first
    assert first.endswith("begins")
    assert "child[" in second
    assert " cell 7 took 0." in second


def test_without_the_variable_nothing_is_logged(course: Path, monkeypatch, capsys):
    monkeypatch.delenv("LABS_LOG", raising=False)
    start_debug_log()
    join_debug_log("worker")
    with timed("nothing"):
        log.debug("nothing")
    assert not (course / ".labs" / "grade.log").exists()
    assert capsys.readouterr().err == ""
    assert log.level == logging.NOTSET


def test_text_of_a_student_is_short_and_in_one_line():
    assert cut("a\nb\x1b[2J\u202e") == r"'a\nb\x1b[2J\u202e'"
    assert len(cut("x" * 10_000)) < 100
