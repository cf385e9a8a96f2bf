"""Right and wrong repairs of a registry that is published on its own machine's loopback only."""

from __future__ import annotations

from labs.playground import Playground
from labs.repairs.common import REFERENCE
from tests.repairs.cases import RepairCases, WrongRepair
from tests.repairs.repair_actions import lead_home, pull, push, remove, run

REFUSED = (
    f"node 2 asks for {REFERENCE} and gets: "
    'Get "http://registry.lab:5000/v2/": dial tcp …:5000: connect: connection refused'
)


def run_on_the_network_of_the_machine(playground: Playground) -> None:
    remove(playground.node(1), "registry")
    run(playground.node(1), ports={}, network_mode="host")
    pull(playground.node(2))


def restart_it(playground: Playground) -> None:
    playground.node(1).docker.containers.get("registry").restart()


def publish_another_port(playground: Playground) -> None:
    remove(playground.node(1), "registry")
    run(playground.node(1), ports={"5000/tcp": 5001}, port=5001)


def run_a_new_one_and_push_again(playground: Playground) -> None:
    remove(playground.node(1), "registry")
    run(playground.node(1), volumes=["another:/var/lib/registry"])
    push(playground.node(1), "busybox:latest", "127.0.0.1:5000/team/app:1")
    pull(playground.node(2))


def answer_on_the_own_machine(playground: Playground) -> None:
    user = playground.node(2)
    run(user)
    lead_home(user)
    push(user, "hello-world:latest", REFERENCE)


CASES = RepairCases(
    right=(run_on_the_network_of_the_machine,),
    wrong=(
        WrongRepair(
            restart_it,
            REFUSED,
            "the container on port 5000 of node 1 is published on 127.0.0.1 of that machine only",
        ),
        WrongRepair(
            publish_another_port,
            "team/app:1 is not served on port 5000 of node 1; wanted what was there before, on the same port",
            "a new registry is empty: run it with the volume or the folder of the old one",
        ),
        WrongRepair(
            run_a_new_one_and_push_again,
            "team/app:1 is another image now; wanted what was there before, on the same port",
            "a new registry is empty: run it with the volume or the folder of the old one",
        ),
        WrongRepair(
            answer_on_the_own_machine,
            "on node 2, registry.lab does not lead to node 1 any more",
            "`getent hosts registry.lab` in node 2; look at its /etc/hosts",
        ),
    ),
)
