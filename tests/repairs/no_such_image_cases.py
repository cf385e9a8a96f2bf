"""Right and wrong repairs of a service whose image is at an address of one node alone."""

from __future__ import annotations

from labs.playground import Playground
from labs.repairs.common import ADDRESS, shell
from tests.repairs.cases import RepairCases, WrongRepair
from tests.repairs.repair_actions import believe, push, run

IMAGE = "127.0.0.1:5000/team/app:1"
UPDATE = "docker service update --detach --no-resolve-image"
SECOND = "to a second registry: what is pushed to port 5000 of node 1 is not in it"
ONE = "one registry, under an address that leads to node 1 from everywhere"


def cache_on_the_other_node(playground: Playground) -> None:
    user = playground.node(2)
    settings = {"REGISTRY_PROXY_REMOTEURL": "http://registry.lab:5000"}
    run(user, "cache", network_mode="host", ports={}, environment=settings)
    playground.swarm.settle("web")


def create_it_again_by_the_command(playground: Playground) -> None:
    shell(
        playground.node(1),
        "docker service rm web && docker service create --quiet --name web --replicas 2 --replicas-max-per-node 1 "
        "registry.lab:5000/team/app:1 sleep infinity",
    )


def load_it_there(playground: Playground) -> None:
    pulled = "registry.lab:5000/team/app:1"
    shell(playground.node(2), f"docker pull -q {pulled} && docker tag {pulled} {IMAGE}")
    playground.swarm.settle("web")


def keep_it_on_node_1(playground: Playground) -> None:
    shell(
        playground.node(1),
        f"{UPDATE} --image registry.lab:5000/team/app:1 --constraint-add node.role==manager web",
    )


def take_a_name_that_is_not_insecure(playground: Playground) -> None:
    shell(playground.node(1), f"{UPDATE} --image node1:5000/team/app:1 web")


def run_a_second_registry(playground: Playground) -> None:
    run(playground.node(2), "second")
    push(playground.node(2), "busybox:latest", IMAGE)
    playground.swarm.settle("web")


def run_registries_on_another_port(playground: Playground) -> None:
    """One on each node, so that each gets the image from itself."""
    for node in playground.nodes:
        run(node, "second", port=5001, volumes=["second-data:/var/lib/registry"])
        push(node, "busybox:latest", "127.0.0.1:5001/team/app:1")
    shell(playground.node(1), f"{UPDATE} --image 127.0.0.1:5001/team/app:1 web")
    playground.swarm.settle("web")


def run_a_registry_for_both_on_node_2(playground: Playground) -> None:
    believe_both(playground, "node2:5001")
    run(playground.node(2), "second", port=5001)
    push(playground.node(2), "busybox:latest", "127.0.0.1:5001/team/app:1")
    shell(playground.node(1), f"{UPDATE} --image node2:5001/team/app:1 web")
    playground.swarm.settle("web")


def serve_the_same_volume_on_another_port(playground: Playground) -> None:
    believe_both(playground, "registry.lab:5001")
    run(playground.node(1), "second", port=5001)
    shell(playground.node(1), f"{UPDATE} --image registry.lab:5001/team/app:1 web")
    playground.swarm.settle("web")


def believe_both(playground: Playground, registry: str) -> None:
    for node in playground.nodes:
        believe(node, ADDRESS, registry)


def run_what_all_nodes_can_get(playground: Playground) -> None:
    shell(playground.node(1), f"{UPDATE} --image busybox:latest web")


CASES = RepairCases(
    right=(
        cache_on_the_other_node,
        create_it_again_by_the_command,
        serve_the_same_volume_on_another_port,
    ),
    wrong=(
        WrongRepair(
            load_it_there,
            f'node 2 cannot get {IMAGE}: Get "http://…:5000/v2/": dial tcp …:5000: connect: connection refused',
            "no registry is at 127.0.0.1:5000 of node 2, so the next image will not get there; which address leads "
            "to node 1 from both?",
        ),
        WrongRepair(
            keep_it_on_node_1,
            "web does not run on node 2",
            "`docker service ps --no-trunc web` on node 1; `docker service inspect --pretty web` has its mode and its "
            "constraints",
        ),
        WrongRepair(
            take_a_name_that_is_not_insecure,
            'node 1 cannot get node1:5000/team/app:1: Get "https://node1:5000/v2/": http: server gave HTTP response to '
            "HTTPS client",
            "the engine of node 1 does not take node1:5000 as insecure: /etc/docker/daemon.json has what it does",
        ),
        WrongRepair(
            run_a_second_registry,
            f"127.0.0.1:5000 leads node 2 {SECOND}",
            ONE,
        ),
        WrongRepair(
            run_registries_on_another_port,
            f"127.0.0.1:5001 leads node 1 {SECOND}",
            ONE,
        ),
        WrongRepair(
            run_a_registry_for_both_on_node_2,
            f"node2:5001 leads node 1 {SECOND}",
            ONE,
        ),
        WrongRepair(
            run_what_all_nodes_can_get,
            "web runs another image, wanted team/app:1 of the registry on node 1",
            "`docker service inspect web`, under Image",
        ),
    ),
)
