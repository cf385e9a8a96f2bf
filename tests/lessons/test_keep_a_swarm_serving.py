"""The checks of "keep-a-swarm-serving" against right, blank and wrong answers on a real engine."""

from __future__ import annotations

import pytest

from labs.playground.swarm import service_spec
from tests.lessons.behavior import dead_engine_is_never_a_wrong_answer, is_judged_as_told, walk
from tests.lessons.cases import Case, by_deed
from tests.lessons.doing import clean_swarm, nothing
from tests.lessons.keep_a_swarm_serving_cases import CASES, goes_on_to_the_last
from tests.lessons.room import Room

SLUG = "keep-a-swarm-serving"
DEEDS = by_deed(CASES)
pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]


@pytest.mark.parametrize("cases", DEEDS.values(), ids=DEEDS)
def test_deed_gets_its_verdicts_from_both_processes(
    room: Room, cases: list[tuple[str, Case]]
) -> None:
    """Other deeds begin with the lesson's registry and put it right: a clean swarm for each takes minutes."""
    if cases[0][1].do is nothing:
        clean_swarm(room.playground)
    is_judged_as_told(room, cases)


def test_check_that_tries_a_bad_update_leaves_the_service_as_it_was(room: Room) -> None:
    goes_on_to_the_last(room.playground)
    room.playground.swarm.wait("shop", running=5)
    api = room.playground.node(1).docker.api
    before = service_spec.service(api, "shop")["Spec"]
    assert room.verdict("7.2", {}).outcome == "not yet"
    assert service_spec.service(api, "shop")["Spec"] == before
    room.playground.swarm.wait("shop", running=5)
    for node in room.playground.nodes:
        assert not node.docker.images.list(name="hello-world:latest")


def test_starter_is_not_attempted_before_and_at_its_place_and_the_answer_passes(
    clean_room: Room,
) -> None:
    found = walk(clean_room)
    assert found == {id: ["not attempted", "not attempted", "passed"] for id in found}


def test_dead_engine_is_unavailable_until_the_lesson_is_opened_again(clean_room: Room) -> None:
    dead_engine_is_never_a_wrong_answer(clean_room)
