"""The checks of "encrypt-it" against right, blank and wrong answers on a real engine."""

from __future__ import annotations

import pytest

from tests.lessons.behavior import dead_engine_is_never_a_wrong_answer, is_judged_as_told, walk
from tests.lessons.cases import Case, by_deed
from tests.lessons.conftest import Room
from tests.lessons.encrypt_it_cases import CASES

SLUG = "encrypt-it"
DEEDS = by_deed(CASES)
pytestmark = pytest.mark.engine


@pytest.fixture(autouse=True)
def trusting_nobody(room: Room) -> None:
    """Neither node trusts what an earlier case made it trust."""
    for node in room.playground.nodes:
        node.exec(["rm", "-rf", "/etc/docker/certs.d"])
        if b"insecure" in node.read_file("/etc/docker/daemon.json"):
            node.configure_engine({"insecure-registries": None})


@pytest.mark.parametrize("cases", DEEDS.values(), ids=DEEDS)
def test_deed_gets_its_verdicts_from_both_processes(
    clean_room: Room, cases: list[tuple[str, Case]]
) -> None:
    is_judged_as_told(clean_room, cases)


def test_starter_is_not_attempted_before_and_at_its_place_and_the_answer_passes(
    clean_room: Room,
) -> None:
    found = walk(clean_room)
    assert found == {id: ["not attempted", "not attempted", "passed"] for id in found}


def test_dead_engine_is_unavailable_until_the_lesson_is_opened_again(clean_room: Room) -> None:
    dead_engine_is_never_a_wrong_answer(clean_room)
