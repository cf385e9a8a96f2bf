"""Finished work: found again by content, whole or absent, and written by one process at a time."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from labs.files import write_whole
from labs.grading import GradingError, Limits, Mark, Result, Submission
from labs.grading.cache import _LABS, ResultCache, checks_digest, key_of
from labs.lessons import find
from tests.grading.toy import COUNT, SPELL

SENT = Submission("ann", COUNT.slug, "ann/count-days", {"answer-1-1": "value = 7"})
RESULT = Result("ann", COUNT.slug, (Mark("1.1", "Seven", 3, 3, "passed"),))
ASKED = {"notebook": "{}", "limits": Limits(), "setting": {"image": "sha256:1"}}


def key(submission=SENT, lesson=COUNT, **new):
    return key_of(submission, checks=checks_digest(lesson), **{**ASKED, **new})


@pytest.fixture
def store(tmp_path):
    store = ResultCache(tmp_path / "grades")
    with store.locked():
        yield store


def test_result_is_found_again_under_its_key(store):
    kept = store.put(RESULT, key())
    assert kept == replace(RESULT, key=key())
    assert store.get(key(), SENT) == kept


def test_key_is_the_same_for_the_same_input():
    assert len({key() for _ in range(3)}) == 1
    assert len(key()) == 64


@pytest.mark.parametrize(
    "other",
    [
        {"submission": replace(SENT, student="bob")},
        {"submission": replace(SENT, remarks=("odd",))},
        {"submission": replace(SENT, answers={"answer-1-1": "value = 8"})},
        {"submission": replace(SENT, answers={"answer-1-2": "value = 7"})},
        {"lesson": SPELL},
        {"notebook": "{ }"},
        {"limits": Limits(cell_s=61)},
        {"limits": Limits(whole_s=61)},
        {"setting": {"image": "sha256:2"}},
        {"lesson": replace(COUNT, exercises=(replace(COUNT.exercises[0], points=4),))},
    ],
)
def test_key_is_another_when_anything_that_decides_is(other):
    assert key(**other) != key()


def test_key_of_a_lesson_changes_with_its_checks(monkeypatch, tmp_path):
    own = tmp_path / "lessons" / "count_days"
    own.mkdir(parents=True)
    (own / "checks.py").write_text("1")
    (tmp_path / "lessons" / "spell_words").mkdir()
    monkeypatch.setattr("labs.grading.cache._LABS", tmp_path)
    before = key()
    (tmp_path / "lessons" / "spell_words" / "checks.py").write_text("2")
    assert key() == before
    (own / "checks.py").write_text("2")
    assert key() != before


@pytest.fixture
def labs_copy(monkeypatch, tmp_path):
    """A copy of the package's sources, from which the key is made."""
    copy = tmp_path / "labs"
    leave_out = shutil.ignore_patterns("__pycache__", "bench", "builder", "images", "views")
    shutil.copytree(_LABS, copy, ignore=leave_out)
    monkeypatch.setattr("labs.grading.cache._LABS", copy)
    return copy


LESSON = find("run-a-registry")


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("grading/reports/feedback.css", "}", "} /* a comment */"),
        ("grading/reports/junit.py", "def ", "x = 1\ndef "),
        ("grading/runners/swarm_runner.py", "class ", "x = 1\nclass "),
        ("grading/runners/local_runner.py", "class ", "x = 1\nclass "),
        ("cli/grade.py", "def ", "x = 1\ndef "),
        ("lessons/encrypt_it/checks.py", "def ", "x = 1\ndef "),
        ("lessons/run_a_registry/checks.py", "def ", "# A comment.\ndef "),
        ("grading/sandbox/submission_grader.py", '"""', '"""More of a docstring. '),
    ],
)
def test_key_stays_where_nothing_that_decides_changes(labs_copy, file, old, new):
    before = key(lesson=LESSON)
    text = (labs_copy / file).read_text()
    assert old in text
    (labs_copy / file).write_text(text.replace(old, new, 1))
    assert key(lesson=LESSON) == before


@pytest.mark.parametrize(
    "file",
    [
        *("lessons/run_a_registry/checks.py", "lessons/common/registry_state.py"),
        *("grading/sandbox/submission_grader.py", "grading/submissions/assembly.py"),
        *("grading/models.py", "graded/remote_playground.py", "lesson/judge.py"),
        *("playground/node.py", "registry/registry_client.py"),
    ],
)
def test_key_changes_with_code_that_decides(labs_copy, file):
    before = key(lesson=LESSON)
    with (labs_copy / file).open("a") as source:
        source.write("x = 1\n")
    assert key(lesson=LESSON) != before


@pytest.mark.parametrize("cut", [0, 1, 100, -3])
def test_record_that_was_cut_off_is_none(store, cut):
    store.put(RESULT, key())
    path = store.folder / f"{key()}.json"
    path.write_bytes(path.read_bytes()[:cut])
    assert store.get(key(), SENT) is None
    store.put(RESULT, key())
    assert store.get(key(), SENT) is not None


def test_record_under_another_name_or_of_another_student_is_none(store):
    store.put(RESULT, key())
    (store.folder / f"{key()}.json").rename(store.folder / f"{'0' * 64}.json")
    assert store.get("0" * 64, SENT) is None
    store.put(RESULT, key())
    assert store.get(key(), replace(SENT, student="bob")) is None


def test_record_that_is_a_folder_or_garbage_is_none(store):
    (store.folder / f"{key()}.json").mkdir()
    assert store.get(key(), SENT) is None
    (store.folder / f"{'1' * 64}.json").write_bytes(os.urandom(300))
    assert store.get("1" * 64, SENT) is None


def test_failure_of_the_machine_is_not_kept(store):
    failed = Result("ann", COUNT.slug, (Mark("1.1", "t", 0, 3, "not graded"),), status="not graded")
    assert store.put(failed, key()).key == key()
    assert store.get(key(), SENT) is None
    forged = failed.to_json().replace('"key": ""', json.dumps("key") + ": " + json.dumps(key()))
    (store.folder / f"{key()}.json").write_text(forged)
    assert store.get(key(), SENT) is None


def test_full_disk_leaves_what_stood_there(tmp_path, monkeypatch):
    path = tmp_path / "grades.csv"
    write_whole(path, "before")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, "after")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.process
def test_writer_killed_in_the_middle_leaves_a_whole_file(tmp_path):
    path = tmp_path / "grades.csv"
    code = (
        "import sys; from pathlib import Path; from labs.files import write_whole\n"
        "while True:\n    for c in 'ab':\n        write_whole(Path(sys.argv[1]), c * 3_000_000)\n"
        "        print(c, flush=True)"
    )
    for _ in range(3):
        writer = subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE)
        for _ in range(5):
            writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        assert path.read_text() in ("a" * 3_000_000, "b" * 3_000_000)


def test_text_that_is_no_unicode_is_written_with_backslashes(tmp_path):
    write_whole(tmp_path / "x", "ol\udce9 é")
    assert (tmp_path / "x").read_text() == "ol\\udce9 é"


def test_second_run_into_the_same_folder_says_so(store):
    second = ResultCache(store.out).locked()
    with pytest.raises(GradingError, match="another `labs grade` is writing there") as raised:
        second.__enter__()
    assert "--out" in raised.value.hint


@pytest.mark.process
def test_lock_of_a_killed_run_is_free_and_its_rests_are_gone(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from labs.grading.cache import ResultCache\n"
        "with ResultCache(Path(sys.argv[1])).locked():\n"
        "    (Path(sys.argv[1]) / '.done/.writing-x').write_text('half')\n"
        "    print('held', flush=True); time.sleep(600)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, tmp_path / "grades"], stdout=subprocess.PIPE
    )
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(GradingError, match="another"), ResultCache(tmp_path / "grades").locked():
        pass
    holder.kill()
    holder.communicate()
    with ResultCache(tmp_path / "grades").locked():
        assert [path.name for path in (tmp_path / "grades/.done").iterdir()] == ["lock"]


def test_folder_that_cannot_be_made_is_an_error_with_a_hint(tmp_path):
    (tmp_path / "file").write_text("")
    lock = ResultCache(tmp_path / "file" / "grades").locked()
    with pytest.raises(GradingError, match=r"write grades to .*Not a directory") as raised:
        lock.__enter__()
    assert "--out" in raised.value.hint
