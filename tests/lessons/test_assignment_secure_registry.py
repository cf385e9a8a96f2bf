"""The checks of the assignment against submissions on a real engine, and the points of each submission."""

from __future__ import annotations

import pytest

from labs import lessons
from labs.lesson.judgment import judge
from tests.lessons.assignment_secure_registry_cases import CASES, TOTALS
from tests.lessons.behavior import dead_engine_is_never_a_wrong_answer, is_judged_as_told, walk
from tests.lessons.cases import Case, by_deed, line_of
from tests.lessons.conftest import Room

SLUG = "assignment-secure-registry"
DEEDS = by_deed(CASES)
# A process is killed at each check of 50.5: a second one that judges the same would double the time.
SHARED = {name: cases for name, cases in DEEDS.items() if name in ("nothing", "complete")}
OTHERS = {name: cases for name, cases in DEEDS.items() if name not in SHARED}
POINTS = {exercise.id: exercise.points for exercise in lessons.find(SLUG).exercises}
engine = pytest.mark.engine


@pytest.fixture
def trusting_nobody(clean_room: Room) -> Room:
    """A clean room where node 2 trusts nobody."""
    node = clean_room.playground.node(2)
    node.exec(["rm", "-rf", "/etc/docker/certs.d", "/root/.docker"])
    if b"insecure" in node.read_file("/etc/docker/daemon.json"):
        node.configure_engine({"insecure-registries": None})
    return clean_room


def test_points_add_up_to_100() -> None:
    assert sum(POINTS.values()) == 100


@pytest.mark.parametrize("deed", TOTALS)
def test_submission_is_worth_its_total(deed: str) -> None:
    outcomes = {exercise: case.outcome for exercise, case in DEEDS[deed]}
    assert set(outcomes) == set(POINTS)
    assert sum(POINTS[id] for id in POINTS if outcomes[id] == "passed") == TOTALS[deed]


@engine
@pytest.mark.parametrize("cases", SHARED.values(), ids=SHARED)
def test_deed_gets_its_verdicts_from_both_processes(
    trusting_nobody: Room, cases: list[tuple[str, Case]]
) -> None:
    is_judged_as_told(trusting_nobody, cases)


@engine
@pytest.mark.parametrize("cases", OTHERS.values(), ids=OTHERS)
def test_deed_gets_its_verdicts(trusting_nobody: Room, cases: list[tuple[str, Case]]) -> None:
    playground, lesson = trusting_nobody.playground, trusting_nobody.lesson
    cases[0][1].do(playground)
    for id, case in cases:
        verdict = judge(lesson.task(id), playground, case.give(playground))
        assert (verdict.line, verdict.hint) == (line_of(id, case), case.hint)


@engine
def test_starter_is_not_attempted_before_and_the_answer_passes(trusting_nobody: Room) -> None:
    found = walk(trusting_nobody)
    ends = {id: (first, last) for id, (first, _, last) in found.items()}
    assert ends == dict.fromkeys(POINTS, ("not attempted", "passed"))
    # The answer to 50.1 makes a key that is private already.
    assert {id for id, (_, then, _) in found.items() if then != "not attempted"} == {"50.2"}


@engine
def test_dead_engine_is_unavailable_until_the_lesson_is_opened_again(trusting_nobody: Room) -> None:
    dead_engine_is_never_a_wrong_answer(trusting_nobody)
