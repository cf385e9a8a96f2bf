"""Right and wrong repairs of a registry that was left read-only."""

from __future__ import annotations

from labs.playground import Playground
from labs.repairs.common import TOOL_REFERENCE, shell
from tests.repairs.cases import RepairCases, WrongRepair
from tests.repairs.repair_actions import push, remove, run

OFF = {"REGISTRY_STORAGE_MAINTENANCE": '{"readonly": {"enabled": false}}'}
STILL = "the registry on port 5000 of node 1 still refuses an upload: 405 Method not allowed"
RESTARTED = "a restart keeps a container's variables; a new container gets others"
PUSH = f"`docker push {TOOL_REFERENCE}` in node 2"


def push_it(playground: Playground) -> None:
    shell(playground.node(2), f"docker push -q {TOOL_REFERENCE}")


def switch_it_off(playground: Playground) -> None:
    remove(playground.node(1), "registry")
    run(playground.node(1), environment=OFF)
    push_it(playground)


def restart_it(playground: Playground) -> None:
    playground.node(1).docker.containers.get("registry").restart(timeout=1)


def run_another_one(playground: Playground) -> None:
    run(playground.node(1), "second", port=5001, volumes=[])
    push(playground.node(1), "busybox:latest", "127.0.0.1:5001/team/tool:1")


def run_an_empty_one(playground: Playground) -> None:
    remove(playground.node(1), "registry")
    run(playground.node(1), volumes=[])
    push_it(playground)


def run_it_and_forget_the_push(playground: Playground) -> None:
    remove(playground.node(1), "registry")
    run(playground.node(1))


def push_another_image(playground: Playground) -> None:
    run_it_and_forget_the_push(playground)
    push(playground.node(1), "hello-world:latest", "127.0.0.1:5000/team/tool:1")


CASES = RepairCases(
    right=(switch_it_off,),
    wrong=(
        WrongRepair(restart_it, STILL, RESTARTED),
        WrongRepair(run_another_one, STILL, RESTARTED),
        WrongRepair(
            run_an_empty_one,
            "team/app:1 is not served on port 5000 of node 1; wanted what was there before, on the same port",
            "a new registry is empty: run it with the volume or the folder of the old one",
        ),
        WrongRepair(
            run_it_and_forget_the_push,
            "the registry takes pushes, and team/tool:1 is not in it",
            PUSH,
        ),
        WrongRepair(
            push_another_image,
            "team/tool:1 is in the registry, and it is not the image of node 2",
            PUSH,
        ),
    ),
)
