"""Watches of swarms: one a playground, ended with it. What they draw is tested beside the views."""

from types import SimpleNamespace

import pytest

from labs.lesson import swarm_watch
from tests.views import swarms


def toy(name="toy"):
    state = swarms.whole().state
    swarm = SimpleNamespace(state=lambda: state, managers=[], workers=[])
    playground = SimpleNamespace(name=name, swarm=swarm, nodes=[])
    playground.again = lambda: playground
    return playground


def test_new_watch_of_a_playground_ends_the_one_of_before():
    first, other = swarm_watch.start(toy()), swarm_watch.start(toy("other"))
    second = swarm_watch.start(toy())
    assert (first.over, other.over, second.over) == (True, False, False)
    for name in ("toy", "other", "none"):
        swarm_watch.end(name)
    assert (second.over, other.over) == (True, True)


@pytest.mark.parametrize("method", ["close", "reset"])
def test_closing_or_resetting_a_lab_ends_its_watch(lab, playground, method):
    playground.swarm = toy().swarm
    playground.again = toy
    lab.watch()
    watch = swarm_watch._RUNNING[playground.name]
    getattr(lab, method)()
    assert watch.over
