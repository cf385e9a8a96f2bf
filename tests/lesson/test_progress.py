"""The file of progress: kept, shared, and never lost."""

import json
import multiprocessing
from dataclasses import replace

import pytest

from labs.lesson import Progress, standing
from labs.lesson.shown import ProgressReport


@pytest.fixture
def path(tmp_path):
    return tmp_path / "progress.json"


def test_nothing_recorded_is_empty_and_makes_no_file(path):
    assert Progress(path).outcomes("toy") == {}
    assert list(path.parent.iterdir()) == []


def test_recorded_is_read_by_another(path):
    Progress(path).record("toy", "1.2", "not yet")
    assert Progress(path).outcomes("toy") == {"1.2": "not yet"}


@pytest.mark.parametrize("later", ["not yet", "not attempted", "unavailable"])
def test_passed_stays_passed(path, later):
    progress = Progress(path)
    progress.record("toy", "1.2", "passed")
    before = path.read_bytes()
    progress.record("toy", "1.2", later)
    assert path.read_bytes() == before


def test_unavailable_says_nothing_about_the_work(path):
    progress = Progress(path)
    progress.record("toy", "1.2", "not yet")
    progress.record("toy", "1.2", "unavailable")
    assert progress.outcomes("toy") == {"1.2": "not yet"}


def test_same_work_gives_the_same_bytes(tmp_path):
    work = [("b", "2.1", "passed"), ("a", "1.1", "passed"), ("a", "1.2", "not yet")]
    one, two = Progress(tmp_path / "1.json"), Progress(tmp_path / "2.json")
    for step in work:
        one.record(*step)
    for step in reversed(work):
        two.record(*step)
    assert one.path.read_bytes() == two.path.read_bytes()


DAMAGED = [
    "",
    "{",
    "[]",
    "null",
    '{"version": 1}',
    '{"version": 9, "lessons": {}}',
    '{"version": 1, "lessons": {"toy": ["1.2"]}}',
    '{"version": 1, "lessons": {"toy": {"1.2": "failed"}}}',
    "\x00\x00\x00",
    "[" * 100_000,
]


@pytest.mark.parametrize("text", DAMAGED, ids=range(len(DAMAGED)))
def test_damaged_file_is_put_aside_and_said(path, text):
    said = []
    path.write_text(text)
    progress = Progress(path, say=said.append)
    progress.record("toy", "1.2", "passed")
    assert progress.outcomes("toy") == {"1.2": "passed"}
    aside = path.with_name("progress.damaged-1.json")
    assert aside.read_text() == text
    assert len(said) == 1
    assert str(aside) in said[0]


def test_bytes_that_are_no_text_are_put_aside_beside_the_first(path):
    for number in (1, 2):
        path.write_bytes(b"\xff\xfe" * number)
        assert Progress(path, say=lambda _: None).outcomes("toy") == {}
    asides = sorted(path.parent.glob("*.damaged-*.json"))
    assert [aside.read_bytes() for aside in asides] == [b"\xff\xfe", b"\xff\xfe" * 2]


def write_many(path, lesson):
    progress = Progress(path)
    for number in range(25):
        progress.record(lesson, f"1.{number}", "passed")


@pytest.mark.process
def test_notebooks_writing_at_once_lose_nothing(path):
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=write_many, args=(path, f"lesson-{n}")) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    lessons = json.loads(path.read_text())["lessons"]
    assert {slug: len(outcomes) for slug, outcomes in lessons.items()} == {
        f"lesson-{n}": 25 for n in range(4)
    }


def test_variable_names_another_file(path, monkeypatch):
    monkeypatch.setenv("LABS_PROGRESS", str(path))
    Progress().record("toy", "1.2", "passed")
    assert path.exists()


def test_standing_counts_every_task(path, lesson):
    progress = Progress(path)
    progress.record("toy", "1.3", "passed")
    found = standing(lesson, progress)
    assert found.line == "Lesson 1, Toy: 1 of 3 passed"
    assert [outcome for _, _, outcome in found.exercises] == [
        "not attempted",
        "passed",
        "not attempted",
    ]


def test_standing_has_the_points_of_what_is_passed(path, lesson):
    progress = Progress(path)
    heavy = replace(lesson.exercises[0], points=7)
    lesson = replace(lesson, exercises=(heavy, *lesson.exercises[1:]))
    for exercise, outcome in (("1.2", "passed"), ("1.10", "not yet"), ("1.3", "passed")):
        progress.record("toy", exercise, outcome)
    assert standing(lesson, progress).points_line == "Points: 8 of 9"
    assert "\n  Points: 8 of 9" in ProgressReport(standing(lesson, progress)).text
