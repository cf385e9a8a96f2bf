"""`labs grade` with everything real: lesson 1, a class of known grades, stopped in the middle and gone on with."""

from __future__ import annotations

import csv
import json
import re
import signal
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from labs import course as course_folder_of
from labs.engine import Engine
from labs.grading.submissions.handout import Handout
from labs.playground.labels import COURSE
from tests.grading.real_class import LESSON, SOLUTION, STARTER, grade, make_class, notebook

pytestmark = pytest.mark.engine

SWAPPED = """lab.remove("shelf")
docker.containers.run("registry:2", name="shelf", detach=True, ports={"5001/tcp": 5001})"""
POINTS = {task.id: task.points for task in LESSON.tasks}
GRADES = {
    "ada": set(POINTS),
    "blaise": set(),
    "claude": {"1.2", "1.4"},
    "=fermat": set(),
}


@pytest.fixture(scope="module")
def top(course: Path) -> Path:
    texts = {
        "ada": notebook(SOLUTION),
        "blaise": notebook(STARTER),
        "claude": notebook(SOLUTION, answer_1_1=SWAPPED, answer_1_6='choice = "a"'),
        "=fermat": notebook(SOLUTION)[:5000],
    }
    return make_class(course, texts)


def start(top: Path) -> subprocess.Popen[str]:
    return grade(top, "grades", "--jobs", "1")


def points(out: Path) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    with (out / "grades.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["student"], {})[row["exercise"]] = row["points"]
    return found


def left(engine: Engine) -> list[str]:
    """What this course folder still has on the engine."""
    filters = {"label": f"{COURSE}={course_folder_of.course_id()}"}
    client = engine.client
    found = [*client.containers.list(all=True, filters=filters)]
    found += [*client.networks.list(filters=filters), *client.volumes.list(filters=filters)]
    return [each.name for each in found]


def settings(out: Path) -> dict[str, str]:
    """What the last run said of lesson 1: another image, made meanwhile by another checkout, is other work."""
    return json.loads((out / "run.json").read_text())["settings"][LESSON.slug]


@pytest.mark.timeout(900)
def test_class_is_stopped_goes_on_and_gets_its_grades(engine: Engine, top: Path):
    out = top.parent / "grades"
    first = start(top)
    while not (line := first.stdout.readline()).startswith("2/4"):
        assert line, first.stderr.read()
    first.send_signal(signal.SIGINT)
    said, errors = first.communicate(timeout=300)
    assert first.returncode == 130, said + errors
    # The third may have been done before the signal came: a busy machine decides it.
    lost = re.search(r"^([12]) not graded, which is not a zero", errors, re.MULTILINE)
    assert lost, said + errors
    assert left(engine) == []
    assert [each for each in points(out).values() if "" in each.values()]
    before = settings(out)

    second = start(top)
    said, errors = second.communicate(timeout=600)
    assert second.returncode == 0, said + errors
    ready = 4 - int(lost[1]) if settings(out) == before else 1
    assert f"4 submissions, {ready} need no run" in said
    before = settings(out)
    assert left(engine) == []
    wanted = {
        student.replace("=", "'="): {id: str(POINTS[id] if id in ids else 0) for id in POINTS}
        for student, ids in GRADES.items()
    }
    assert points(out) == wanted

    third = start(top)
    said, errors = third.communicate(timeout=300)
    assert third.returncode == 0, said + errors
    ready = 4 if settings(out) == before else 1
    assert f"4 submissions, {ready} need no run" in said
    assert points(out) == wanted


def test_every_file_of_that_run_is_there_and_whole(top: Path):
    out = top.parent / "grades"
    about = json.loads((out / "run.json").read_text())
    assert about["counts"]["not_graded"] == 0
    assert about["settings"][LESSON.slug]["image kernel"].startswith("sha256:")
    names = json.loads((out / "feedback/index.json").read_text())
    assert sorted(names.values()) == sorted(GRADES)
    page = (out / "feedback/claude/run-a-registry.html").read_text()
    assert "container shelf publishes its port 5001 as 5001" in page
    # The message of the course's own error, and below it where the student's cell called.
    assert re.search(
        r"it ended with: PushFailed: push [^<]+</p>\s*<pre><code>.*lab\.push\(", page, re.S
    )
    suites = {suite.get("name"): suite for suite in ET.parse(out / "junit.xml").iter("testsuite")}
    cells = suites["ada / run-a-registry / cells"]
    assert int(cells.get("tests")) == len(Handout().code_cells(LESSON))
    assert cells.get("failures") == cells.get("errors") == "0"
    assert int(suites["claude / run-a-registry"].get("failures")) == 5
