"""What lesson 7 says of a swarm and none of its cells shows: each on a real one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from docker.types import ServiceMode

from labs.lesson import transfer
from labs.playground import Node, Playground
from labs.waiting import wait_until
from tests.lessons import serve_a_swarm_cases as cases
from tests.lessons.actions import pull

pytestmark = [pytest.mark.engine, pytest.mark.full, pytest.mark.timeout(300)]
OF_REGISTRY = {"label": "com.docker.swarm.service.name=registry"}


@pytest.fixture(scope="module")
def playground(opened: Callable[..., Playground]) -> Playground:
    """Three managers with the lesson's registry."""
    made = opened("serve-a-swarm-claims", ports=(5000,), managers=3)
    cases.the_lessons_registry(made)
    return made


def test_node_that_has_pushed_an_image_asks_for_it_and_does_not_fetch_it(playground: Playground):
    pull(playground, "registry:2").tag("127.0.0.1:5000/first")
    transfer.push(playground.node(1).docker, "127.0.0.1:5000/first")
    three = ServiceMode("replicated", 3)
    cases.serve(playground, "127.0.0.1:5000/first", "first", mode=three)
    playground.swarm.wait("first", running=3)
    lines = log_of_registry(playground)
    heads = {line.split()[0] for line in lines if '"HEAD /v2/first/manifests/latest' in line}
    gets = [line.split()[0] for line in lines if '"GET /v2/first/manifests/sha256' in line]
    assert len(heads) == 3
    # Each once, from those that did not push.
    assert len(gets) == len(set(gets)) == 2


def log_of_registry(playground: Playground) -> list[str]:
    """The lines of the task of the registry, wherever it is."""
    found = [n.docker.containers.list(filters=OF_REGISTRY) for n in playground.nodes]
    ((task,),) = [tasks for tasks in found if tasks]
    return str(task.logs(stderr=False).decode()).splitlines()


def test_image_in_no_registry_makes_the_command_warn_and_the_service_is_made(
    playground: Playground,
):
    first = playground.node(1)
    first.docker.images.get("registry:2").tag("own")
    done = first.exec(["docker", "service", "create", "--detach", "--name", "own", "own"])
    warning = "image own:latest could not be accessed on a registry to record"
    assert warning in done.stderr
    assert done.exit_code == 0


def test_docker_demands_tls_of_the_swarms_name(playground: Playground):
    second = playground.node(2)
    done = second.exec(["docker", "image", "pull", "swarm.lab:5000/hello-world"])
    assert "server gave HTTP response to HTTPS client" in done.stderr


def test_swarms_name_leads_to_the_nodes_that_are_on(playground: Playground):
    """The last of the tests: a node is off afterwards."""
    first = playground.node(1)
    everyone = {address_of(first, f"node{number}") for number in (1, 2, 3)}
    assert addresses_of(first, "swarm.lab") == everyone
    third = address_of(first, "node3")
    playground.node(3).stop()
    wait_until(lambda: addresses_of(first, "swarm.lab") == everyone - {third}, "two addresses")


def addresses_of(node: Node, name: str) -> set[str]:
    """The addresses that a name has in a node."""
    lines = node.exec(["getent", "ahostsv4", name]).stdout.splitlines()
    return {line.split()[0] for line in lines}


def address_of(node: Node, name: str) -> str:
    """The one address that a name has in a node."""
    (address,) = addresses_of(node, name)
    return address
