"""The checks of "serve-a-swarm" against right, blank and wrong answers on a real engine."""

from __future__ import annotations

import pytest

from labs.lesson.judgment import judge
from tests.lessons.behavior import dead_engine_is_never_a_wrong_answer, is_judged_as_told, walk
from tests.lessons.cases import Case, by_deed
from tests.lessons.room import Room
from tests.lessons.serve_a_swarm_cases import CASES, no_storage_at_all

SLUG = "serve-a-swarm"
DEEDS = by_deed(CASES)
# A check that switches five nodes off and on takes a minute, twice: this process and the second one.
pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]


@pytest.mark.parametrize("cases", DEEDS.values(), ids=DEEDS)
def test_deed_gets_its_verdicts_from_both_processes(
    clean_room: Room, cases: list[tuple[str, Case]]
) -> None:
    is_judged_as_told(clean_room, cases)


def test_registry_that_moves_without_its_data_is_told_and_empty_afterwards(
    clean_room: Room,
) -> None:
    """No case of the table: what the first look switches off, the second no longer finds."""
    no_storage_at_all(clean_room.playground)
    first = judge(clean_room.lesson.task("6.2"), clean_room.playground, {})
    assert first.message == "with a node off that ran depot, it answers and has no hello-world"
    assert first.hint == "the task moved and its data stayed on the disk of the node that is off"
    assert clean_room.elsewhere("6.2", {}).message == "depot has no hello-world:latest"


def test_starter_is_not_attempted_before_and_at_its_place_and_the_answer_passes(
    clean_room: Room,
) -> None:
    found = walk(clean_room)
    assert found == {id: ["not attempted", "not attempted", "passed"] for id in found}


def test_dead_engine_is_unavailable_until_the_lesson_is_opened_again(clean_room: Room) -> None:
    dead_engine_is_never_a_wrong_answer(clean_room)
