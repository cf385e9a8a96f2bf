"""Watches of swarms: one a playground, ended with it. What they draw is tested beside the views."""

from types import SimpleNamespace

import pytest

from labs.lesson import watching
from tests.views import swarms


def toy(name="toy"):
    state = swarms.whole().state
    swarm = SimpleNamespace(state=lambda: state, managers=[], workers=[])
    place = SimpleNamespace(name=name, swarm=swarm, nodes=[])
    place.again = lambda: place
    return place


def test_new_watch_of_a_playground_ends_the_one_of_before():
    first, other = watching.start(toy()), watching.start(toy("other"))
    second = watching.start(toy())
    assert (first.over, other.over, second.over) == (True, False, False)
    for name in ("toy", "other", "none"):
        watching.end(name)
    assert (second.over, other.over) == (True, True)


@pytest.mark.parametrize("method", ["close", "reset"])
def test_closing_or_resetting_a_lab_ends_its_watch(lab, playground, method):
    playground.swarm = toy().swarm
    playground.again = toy
    lab.watch()
    watch = watching._RUNNING[playground.name]
    getattr(lab, method)()
    assert watch.over
