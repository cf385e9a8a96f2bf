"""A lesson on a swarm of another size."""

import pytest

from labs.lesson import Lesson, LessonError


def lesson(**more):
    return Lesson(number=6, slug="toy-swarm", title="Toy", minutes=5, summary="", **more)


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [({}, (5, 0)), ({"managers": 3}, (3, 0)), ({"workers": 2}, (5, 2)), ({"workers": 0}, (5, 0))],
)
def test_sized_changes_what_is_asked_for(asked, wanted):
    sized = lesson(managers=5).sized(**asked)
    assert (sized.managers, sized.workers) == wanted


def test_sized_of_a_lesson_without_a_swarm_says_how_to_open_it():
    with pytest.raises(LessonError, match="toy-swarm has no swarm") as refused:
        lesson().sized(managers=3)
    assert refused.value.hint == 'labs.open("toy-swarm")'
