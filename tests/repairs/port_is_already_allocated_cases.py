"""Right and wrong repairs of two containers that want one port."""

from __future__ import annotations

from typing import Any

from labs.playground import Playground
from labs.repairs.common import shell
from tests.repairs.cases import RepairCases, WrongRepair
from tests.repairs.repair_actions import believe, pull, push, remove, run, wait

HTTPD = ["httpd", "-f", "-p", "80", "-h", "/docs"]
NOT_THERE = "team/app:1 is not served on port 5000 of node 1; wanted what was there before, on the same port"
EMPTY = "a new registry is empty: run it with the volume or the folder of the old one"


def move_docs(playground: Playground, port: int = 8080) -> None:
    remove(playground.node(1), "docs")
    mounts: dict[str, Any] = {"volumes": ["/srv/docs:/docs:ro"], "ports": {"80/tcp": port}}
    playground.node(1).docker.containers.run("busybox", HTTPD, name="docs", detach=True, **mounts)


def make_both_again(playground: Playground) -> None:
    server = playground.node(1)
    move_docs(playground)
    remove(server, "registry")
    run(server)
    pull(playground.node(2))


def kill_the_page(playground: Playground) -> None:
    remove(playground.node(1), "docs")
    playground.node(1).docker.containers.get("registry").start()
    wait(playground.node(1), 5000)
    pull(playground.node(2))


def move_the_registry(playground: Playground) -> None:
    remove(playground.node(1), "registry")
    run(playground.node(1), port=5001)
    believe(playground.node(2), "registry.lab:5001")
    pull(playground.node(2), "registry.lab:5001/team/app")


def run_an_empty_registry(playground: Playground) -> None:
    move_docs(playground)
    remove(playground.node(1), "registry")
    run(playground.node(1), volumes=[])


def push_another_image(playground: Playground) -> None:
    run_an_empty_registry(playground)
    push(playground.node(1), "busybox:latest", "127.0.0.1:5000/team/app:1")
    shell(playground.node(2), "docker pull -q registry.lab:5000/team/app:1")


CASES = RepairCases(
    right=(make_both_again,),
    wrong=(
        WrongRepair(
            kill_the_page,
            "the page of container docs is not served on any port of node 1",
            "run it as before, on another port: `docker run -d --name docs -p 5001:80 -v /srv/docs:/docs:ro "
            "busybox httpd -f -p 80 -h /docs`",
        ),
        WrongRepair(
            move_the_registry,
            "container docs still has port 5000 of node 1",
            "a published port is fixed when a container is made: remove it and run it with another one",
        ),
        WrongRepair(run_an_empty_registry, NOT_THERE, EMPTY),
        WrongRepair(
            push_another_image,
            "team/app:1 is another image now; wanted what was there before, on the same port",
            EMPTY,
        ),
    ),
)
