"""A new lesson: its files, that it is a draft until it is done, and what `labs check-lesson` says of it."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

import labs.lessons
import tests.lessons
from labs.builder import BuildError, LessonFiles, lessons, make, scaffold, stale
from labs.cli import authoring

ROOT = Path(__file__).parents[2]
SLUG = "try-a-mirror"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A checkout with one lesson, in which packages of new lessons are found."""
    solutions = tmp_path / "solutions"
    solutions.mkdir()
    for name in ("sanitize.cfg", "01-run-a-registry.py"):
        shutil.copy(ROOT / "solutions" / name, solutions)
    for package in (labs.lessons, tests.lessons):
        home = str(tmp_path.joinpath(*package.__name__.split(".")))
        monkeypatch.setattr(package, "__path__", [*package.__path__, home])
    monkeypatch.chdir(tmp_path)
    known = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - known:
        if "try_a_mirror" in name:
            del sys.modules[name]


def command(*words: str) -> Result:
    importlib.invalidate_caches()
    app = typer.Typer()
    authoring.register(app)
    return CliRunner().invoke(app, words, catch_exceptions=False)


def test_new_lesson_is_a_draft_that_only_its_name_finds(course: Path) -> None:
    made = command("new-lesson", SLUG)
    assert made.stdout.splitlines() == [
        "solutions/02-try-a-mirror.py",
        "labs/lessons/try_a_mirror/__init__.py",
        "labs/lessons/try_a_mirror/checks.py",
        "tests/lessons/try_a_mirror_cases.py",
        "Next: replace each TODO, then `labs check-lesson try-a-mirror`.",
    ]
    assert labs.lessons.find(SLUG).draft
    assert "labs.lessons.try_a_mirror.checks" not in sys.modules  # loaded when it judges
    assert [lesson.slug for lesson in labs.lessons.drafts()] == [SLUG]
    assert SLUG not in [lesson.slug for lesson in labs.lessons.all_lessons()]
    assert [files.slug for files in lessons(course)] == ["run-a-registry"]
    assert [files.slug for files in lessons(course, [SLUG])] == [SLUG]


def test_draft_is_built_for_its_author_alone(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command("new-lesson", SLUG)
    files = LessonFiles(course, f"02-{SLUG}")
    monkeypatch.setattr("labs.builder.execute.run", lambda lesson, **_: lesson)
    assert make(files) == [files.executed]
    (course / "notebooks").mkdir()
    (course / "notebooks" / f"02-{SLUG}.ipynb").touch()
    missing = ("01-run-a-registry.ipynb", "missing: run `labs build`")
    told = [(path.name, reason) for path, reason in stale(course)]
    assert told == [missing, missing, (f"02-{SLUG}.ipynb", "is of a draft")]


def test_check_lesson_lists_what_a_draft_lacks(course: Path) -> None:
    command("new-lesson", SLUG)
    ran = command("check-lesson", SLUG)
    assert ran.exit_code == 1
    for line in (
        "solutions/02-try-a-mirror.py: 12 TODO",
        "solutions/02-try-a-mirror.ipynb: missing: run `labs build`",
        "2.1 has 1 right cases, wanted 2",
        "2.1 has 0 wrong cases, wanted 3",
        "2.2 has 0 blank cases, wanted 1",
        "2.2 has 0 wrong cases, wanted 2",
    ):
        assert line in ran.stdout.splitlines()
    assert "words a line" in ran.stdout


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("source", "## Break it", "## Mend it", "section 'Break it' is missing"),
        ("source", "**Next:**", "Then:", "section 'Next' is missing"),
        ("source", "about 30 minutes", "about 45 minutes", "the lesson says 45 of minutes:"),
        ("source", "# **Why", "# [here](09-none.ipynb)\n#\n# **Why", "to 09-none.ipynb leads no"),
        ("source", 'lab.check("2.1")', "pass", "is not followed by its check cell"),
        ("lesson", "points=18", "points=17", "the points add up to 19, wanted 20"),
        (
            "lesson",
            '                "TODO: what to call.",\n',
            "",
            "2.1 has 1 hints, wanted 2 to 3",
        ),
        ("cases", '"2.2": [],', '"2.3": [],', "has cases of 2.3, which is not in the lesson"),
    ],
)
def test_check_lesson_tells_each_thing_that_is_wrong(
    course: Path, file: str, old: str, new: str, told: str
) -> None:
    source, lesson, _, cases = scaffold.new_lesson(course, SLUG)
    assert told not in command("check-lesson", SLUG).stdout
    path = {"source": source, "lesson": lesson, "cases": cases}[file]
    path.write_text(path.read_text().replace(old, new))
    for name in [name for name in sys.modules if "try_a_mirror" in name]:
        del sys.modules[name]
    # Written within the same second and of the same size, a module could come from its cache.
    shutil.rmtree(path.parent / "__pycache__", ignore_errors=True)
    ran = command("check-lesson", SLUG)
    assert told in ran.stdout
    assert ran.exit_code == 1


@pytest.mark.parametrize("lesson", labs.lessons.all_lessons(), ids=lambda lesson: lesson.slug)
def test_lessons_of_the_course_lack_nothing(lesson, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    ran = command("check-lesson", lesson.slug)
    assert ran.stdout.splitlines()[-1] == f"{lesson.slug}: 0 problems"
    assert ran.exit_code == 0


@pytest.mark.parametrize(
    ("slug", "number", "told"),
    [
        ("Mirror", None, "not a slug"),
        ("run-a-registry", None, "taken"),
        ("try-a-mirror", 1, "taken"),
    ],
)
def test_new_lesson_with_a_bad_or_taken_name_or_number_is_refused(
    course: Path, slug: str, number: int | None, told: str
) -> None:
    with pytest.raises(BuildError, match=told):
        scaffold.new_lesson(course, slug, number)
    assert len(list((course / "solutions").glob("*.py"))) == 1


def test_new_lesson_takes_the_number_asked_for(course: Path) -> None:
    made = scaffold.new_lesson(course, SLUG, 51)
    assert made[0].name == f"51-{SLUG}.py"
    for path in made:
        compile(path.read_text(), str(path), "exec")
