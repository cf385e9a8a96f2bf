"""The `labs` program: help without an engine, errors as two lines, answers to its questions."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from labs.cli.overview import overview
from labs.cli.program import app
from labs.cli.prompts import asker
from labs.engine import Engine
from labs.errors import LabsError
from labs.images import Catalog

ROOT = Path(__file__).parent.parent.parent


def labs(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "labs.cli", *words],
        env={**os.environ, **variables},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


# Packages that take longer to import than Python to start: none for a page of help or a list of lessons.
SLOW = ("cryptography", "docker", "httpx", "IPython", "nbformat", "pydantic", "rich", "typer")
QUICK = f"""
import sys
from labs.cli import main
for word in ("--help", "--version", "progress"):
    sys.argv = ["labs", word]
    main()
print([name for name in {SLOW} if name in sys.modules])
"""


@pytest.mark.process
def test_help_and_progress_load_no_slow_package_and_ask_no_engine(tmp_path: Path):
    ran = subprocess.run(
        [sys.executable, "-c", QUICK],
        env={**os.environ, "LABS_COURSE": str(tmp_path), "DOCKER_HOST": "zork://"},
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    *told, loaded = ran.stdout.splitlines()
    assert told[0].startswith("Usage: labs ")
    assert told[-1].startswith("Lesson 60, ")
    assert loaded == "[]"


def test_help_is_one_page_that_lists_every_command():
    every = get_command(app).commands
    commands = {name for name, command in every.items() if not command.hidden}
    lines = CliRunner().invoke(app, ["--help"]).output.splitlines()
    assert lines == overview().splitlines()
    assert {line.split()[0] for line in lines if line.startswith("  ")} == commands
    assert max(map(len, lines)) < 80


@pytest.mark.process
def test_version_is_that_of_the_project():
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    ran = labs("--version")
    assert (ran.returncode, ran.stdout) == (0, f"labs {wanted}\n")


def test_without_a_command_the_help_is_shown_and_the_status_is_2():
    ran = CliRunner().invoke(app, [])
    assert ran.exit_code == 2
    assert overview() in ran.output


@pytest.mark.process
def test_error_of_the_course_is_its_message_and_status_1():
    ran = labs("images", "load", "/nonexistent", LABS_COURSE="/nonexistent", DOCKER_HOST="zork://")
    assert ran.returncode == 1
    assert ran.stderr.startswith("labs: ")
    assert "Traceback" not in ran.stderr


@pytest.mark.process
def test_unknown_command_is_status_2():
    assert labs("zork").returncode == 2


def test_asker_with_yes_prints_the_question_and_goes_on(capsys: pytest.CaptureFixture[str]):
    assert asker(True)("Start one?") is True
    assert capsys.readouterr().out == "Start one? yes (--yes)\n"


def test_asker_without_a_terminal_says_no(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert asker(False)("Start one?") is False
    assert "--yes answers yes" in capsys.readouterr().out


@pytest.mark.engine
def test_images_list_shows_size_and_source_of_each(engine: Engine):
    ran = CliRunner().invoke(app, ["images", "list"], catch_exceptions=False)
    assert ran.exit_code == 0
    rows = [line for line in ran.output.splitlines() if line.startswith("registry-course/")]
    every = [image for image in Catalog.read().all() if not image.late]
    for image in every:  # others are made when a class is graded, or a lesson is opened
        (row,) = (line for line in rows if line.split()[0] == image.name)
        assert " MB " in row
        assert "missing" not in row


@pytest.mark.engine
def test_start_with_everything_there_says_so(engine: Engine, course: Path):
    ran = labs("start", "--no-lab", LABS_COURSE=str(course))
    assert ran.returncode == 0, ran.stderr
    assert f"engine: {engine.version}" in ran.stdout
    assert "images: all here" in ran.stdout


@pytest.mark.engine
def test_reset_with_nothing_to_remove_says_nothing(engine: Engine, course: Path):
    ran = labs("reset", LABS_COURSE=str(course))
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_reset_of_a_lesson_that_does_not_exist_names_the_nearest_and_removes_nothing():
    with pytest.raises(LabsError, match='no lesson "run-a-registri"') as told:
        CliRunner().invoke(app, ["reset", "run-a-registri"], catch_exceptions=False)
    assert "run-a-registry" in told.value.hint


@pytest.mark.process
def test_error_is_told_in_a_locale_that_lacks_its_letters(tmp_path: Path):
    variables = {"PYTHONIOENCODING": "latin-1", "LABS_COURSE": str(tmp_path), "PYTHONUTF8": "0"}
    ran = labs("reset", "l\u0113sson", **variables)
    assert ran.returncode == 1
    assert ran.stderr.startswith('labs: no lesson "l\\u0113sson"\nHint: the lessons are ')
