"""Right and wrong repairs of a registry that remembers what was collected."""

from __future__ import annotations

from labs.playground import Playground
from labs.repairs.common import TOOL_REFERENCE, shell
from tests.repairs.cases import RepairCases, WrongRepair
from tests.repairs.repair_actions import push, remove, run

UNKNOWN = "team/tool:1 cannot be pulled: 404 MANIFEST_UNKNOWN"
AGAIN = "restart the registry, which empties its memory of blobs, and push from node 2 again"


def push_it(playground: Playground) -> None:
    shell(playground.node(2), f"docker push -q {TOOL_REFERENCE}")


def make_the_container_again(playground: Playground) -> None:
    remove(playground.node(1), "registry")
    run(playground.node(1), environment={"REGISTRY_STORAGE_DELETE_ENABLED": "true"})
    push_it(playground)


def make_the_container_again_without_its_setting(playground: Playground) -> None:
    remove(playground.node(1), "registry")
    run(playground.node(1))
    push_it(playground)


def push_under_another_tag(playground: Playground) -> None:
    other = "registry.lab:5000/team/tool:2"
    shell(playground.node(2), f"docker tag {TOOL_REFERENCE} {other} && docker push -q {other}")


def restart_and_stop_there(playground: Playground) -> None:
    playground.node(1).docker.containers.get("registry").restart(timeout=1)


def push_another_image(playground: Playground) -> None:
    push(playground.node(1), "hello-world:latest", "127.0.0.1:5000/team/tool:1")


def start_from_nothing(playground: Playground) -> None:
    remove(playground.node(1), "registry")
    run(playground.node(1), volumes=[])
    push_it(playground)


CASES = RepairCases(
    right=(make_the_container_again,),
    wrong=(
        WrongRepair(push_under_another_tag, UNKNOWN, AGAIN),
        WrongRepair(restart_and_stop_there, UNKNOWN, AGAIN),
        WrongRepair(
            push_another_image,
            "team/tool:1 is another image than Rosa's, busybox on node 2",
            "node 2 has the right one: docker push registry.lab:5000/team/tool:1",
        ),
        WrongRepair(
            make_the_container_again_without_its_setting,
            "the registry on port 5000 of node 1 does not delete any more",
            "the old container had REGISTRY_STORAGE_DELETE_ENABLED=true; a new one has what it is given",
        ),
        WrongRepair(
            start_from_nothing,
            "team/app:1 is not served on port 5000 of node 1; wanted what was there before, on the same port",
            "a new registry is empty: run it with the volume or the folder of the old one",
        ),
    ),
)
