"""The `labs` program: help without an engine, errors as two lines, answers to its questions."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from labs.cli import app
from labs.cli.prompts import asker
from labs.engine import Engine

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


def test_help_lists_every_command_and_asks_no_engine():
    told = labs("--help", DOCKER_HOST="zork://").stdout
    for name in (
        "start",
        "doctor",
        "images",
        "progress",
        "reset",
        "stop",
        "release",
        "site",
        "grade",
        "rehearse",
    ):
        assert f" {name} " in told


def test_error_of_the_course_is_its_message_and_status_1():
    ran = labs("images", "load", "/nonexistent", LABS_COURSE="/nonexistent", DOCKER_HOST="zork://")
    assert ran.returncode == 1
    assert ran.stderr.startswith("labs: ")
    assert "Traceback" not in ran.stderr


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
    for name in ("base:trixie", "node:", "registry:2", "hello-world:", "busybox:", "mirror:"):
        assert f"registry-course/{name}" in ran.output
    assert "missing" not in ran.output
    assert " MB" in ran.output


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
