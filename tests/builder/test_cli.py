"""The command `labs build`, as someone at a shell uses it."""

from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner, Result

from labs.builder import LessonFiles
from labs.cli import build
from tests.builder.toy import TOY

pytestmark = pytest.mark.process


@pytest.fixture
def shell(toy: LessonFiles, monkeypatch: pytest.MonkeyPatch) -> LessonFiles:
    monkeypatch.chdir(toy.source.parent)
    return toy


def labs(*words: str, name: str = "build") -> Result:
    app = typer.Typer()
    build.register(app)
    app.command("other")(lambda: None)
    return CliRunner().invoke(app, [name, *words])


def test_check_lists_what_is_wrong_and_exits_1(shell: LessonFiles) -> None:
    shell.source.write_text(TOY.replace("Print it.", "Just print it."))
    ran = labs("--check")
    assert ran.exit_code == 1
    assert "solutions/01-say-hello.py: cell 'do' says 'Just'" in ran.stdout
    assert "notebooks/01-say-hello.ipynb: is not what the source gives" in ran.stdout


def test_build_without_run_makes_it_fresh(shell: LessonFiles) -> None:
    shell.source.write_text(TOY.replace("Print it.", "Print a word."))
    ran = labs("say-hello", "--no-run")
    assert ran.exit_code == 0, ran.output
    assert ran.stdout.splitlines() == [
        "solutions/01-say-hello.ipynb",
        "notebooks/01-say-hello.ipynb",
        "site/lessons/01-say-hello.md",
    ]
    assert "notebooks/" not in labs("--check").stdout


def test_name_of_the_first_edition_still_builds_and_is_not_listed(shell: LessonFiles) -> None:
    assert labs("say-hello", "--no-run", name="release").exit_code == 0
    assert "release" not in labs(name="--help").stdout


def test_build_runs_new_code(shell: LessonFiles) -> None:
    shell.source.write_text(TOY.replace('print("hi")', 'print("ho")'))
    assert labs("1").exit_code == 0
    assert "ho\\n" in shell.executed.read_text()


def test_build_of_an_unknown_lesson_says_which_there_are(shell: LessonFiles) -> None:
    ran = labs("say-goodbye")
    assert ran.exit_code == 1
    assert "Hint: Lessons: say-hello." in ran.stderr
