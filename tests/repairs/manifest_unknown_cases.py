"""Right and wrong repairs of a registry that lost its volume."""

from __future__ import annotations

from labs.playground import Node, Playground
from labs.repairs.common import ready
from tests.repairs.cases import RepairCases, WrongRepair
from tests.repairs.repair_actions import pull, push, remove, run


def old_volume(node: Node) -> str:
    (volume,) = node.docker.volumes.list(filters={"dangling": True})
    return str(volume.name)


def copy(node: Node, to: str) -> None:
    ready(node, "busybox:latest")
    node.docker.containers.run(
        "busybox", "cp -a /old/. /new/", volumes=[f"{old_volume(node)}:/old:ro", to], remove=True
    )


def run_it_with_the_old_volume(playground: Playground) -> None:
    server = playground.node(1)
    old = old_volume(server)
    remove(server, "registry")
    run(server, volumes=[f"{old}:/var/lib/registry"])
    pull(playground.node(2))


def copy_it_to_a_folder(playground: Playground) -> None:
    server = playground.node(1)
    copy(server, "/srv/registry:/new")
    remove(server, "registry")
    run(server, volumes=["/srv/registry:/var/lib/registry"])
    pull(playground.node(2))


def copy_it_into_the_new_ones_volume(playground: Playground) -> None:
    server = playground.node(1)
    registry = server.docker.containers.get("registry")
    copy(server, f"{registry.attrs['Mounts'][0]['Name']}:/new")
    registry.restart()
    pull(playground.node(2))


def push_what_is_at_hand(playground: Playground) -> None:
    push(playground.node(1), "busybox:latest", "127.0.0.1:5000/team/app:1")
    pull(playground.node(2))


def run_with_a_new_name(playground: Playground) -> None:
    remove(playground.node(1), "registry")
    run(playground.node(1))


LOOK = "the old volume is still on node 1: `docker volume ls`, and look into each of them"

CASES = RepairCases(
    right=(run_it_with_the_old_volume, copy_it_to_a_folder),
    wrong=(
        WrongRepair(
            copy_it_into_the_new_ones_volume,
            "the image is back in a volume without a name: the next update loses it again",
            "-v NAME:/var/lib/registry with a name that you give, or the old volume's own",
        ),
        WrongRepair(
            push_what_is_at_hand,
            "team/app:1 is another image now; wanted what was there before, on the same port",
            LOOK,
        ),
        WrongRepair(
            run_with_a_new_name,
            "team/app:1 is not served on port 5000 of node 1; wanted what was there before, on the same port",
            LOOK,
        ),
    ),
)
