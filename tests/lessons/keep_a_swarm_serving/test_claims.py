"""What lesson 9 says of managers and of updates and none of its cells shows: each on a real swarm."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labs.lessons.common import SiteVersions
from labs.playground import Playground
from labs.waiting import wait_until
from tests.lessons import keep_a_swarm_serving_cases as cases

pytestmark = [pytest.mark.engine, pytest.mark.full, pytest.mark.timeout(400)]
NO_LEADER = (
    "The swarm does not have a leader. It's possible that too few managers are online. "
    "Make sure more than half of the managers are online."
)
LIST = ["docker", "service", "ls"]


@pytest.fixture(scope="module")
def playground(opened: Callable[..., Playground]) -> Playground:
    """Three managers with the lesson's registry and site."""
    made = opened("keep-a-swarm-serving-claims", ports=(5000,), managers=3)
    cases.the_lessons_site(made)
    return made


def test_update_pauses_where_nothing_is_said_and_a_rollback_goes_back(playground: Playground):
    site = SiteVersions(playground, cases.ADDRESS)
    site.push(3, broken=True)
    playground.swarm.remove("plain")
    image = f"{cases.ADDRESS}/site"
    cases.run(playground, f"docker service create --detach --name plain --replicas 3 {image}:2")
    playground.swarm.wait("plain", running=3)
    cases.run(playground, f"docker service update --detach --image {image}:3 plain")
    wait_until(lambda: site.state("plain") == "paused", "the update to pause", timeout_s=60)
    assert site.versions("plain") == {"version 2": 2}
    cases.run(playground, "docker service rollback --detach plain")
    wait_until(lambda: site.state("plain") == "rollback_completed", "the way back", timeout_s=60)
    assert site.versions("plain") == {"version 2": 3}


def test_order_waits_for_the_vote_or_says_that_time_is_over(playground: Playground):
    """Both happen: a vote takes ten seconds and more, and a manager looks for a leader for twenty."""
    first = playground.swarm.leader
    first.stop()
    asked = next(node for node in playground.nodes if node is not first)
    done = asked.exec(LIST)
    assert done.exit_code == 0 or "DeadlineExceeded" in done.stderr
    assert playground.swarm.leader is not first
    assert asked.exec(LIST).exit_code == 0
    first.start()
    wait_until(lambda: cases.whole(playground), "all nodes", timeout_s=90)
    assert playground.swarm.leader is not first


def test_manager_without_a_quorum_says_that_there_is_no_leader(playground: Playground):
    leader = playground.swarm.leader
    last = next(node for node in playground.nodes if node is not leader)
    for node in playground.nodes:
        if node is not last:
            node.stop()
    try:
        assert last.exec(["timeout", "5", *LIST]).exit_code == 124
        said = wait_until(lambda: _without_a_leader(last), "the words", timeout_s=120)
        assert NO_LEADER in said
    finally:
        for node in playground.nodes:
            node.start()


def _without_a_leader(node) -> str:
    done = node.exec(["timeout", "30", *LIST])
    return done.stderr if "a leader" in done.stderr else ""
