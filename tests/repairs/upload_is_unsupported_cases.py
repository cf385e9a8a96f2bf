"""Right and wrong repairs of a registry that became a cache."""

from __future__ import annotations

from labs.playground import Playground
from labs.repairs.common import shell
from tests.repairs.cases import RepairCases, WrongRepair
from tests.repairs.repair_actions import believe, push, remove, run

TOOL = "registry.lab:5000/team/tool:1"
UPSTREAM = {"REGISTRY_PROXY_REMOTEURL": "http://mirror:5000"}
FILE = """version: 0.1
storage:
  filesystem:
    rootdirectory: /var/lib/registry
http:
  addr: :5000
proxy:
  remoteurl: http://mirror:5000
"""


def separate(playground: Playground) -> None:
    """The registry of the team takes pushes again, and has node 2's image."""
    remove(playground.node(1), "registry")
    run(playground.node(1))
    shell(playground.node(2), f"docker push -q {TOOL}")


def ask(playground: Playground, mirror: str) -> None:
    playground.node(2).reload_engine({"registry-mirrors": [mirror]})


def cache_by_a_file_on_the_bridge(playground: Playground) -> None:
    server = playground.node(1)
    address = shell(server, "getent hosts mirror").split()[0]
    separate(playground)
    server.write_file("/srv/cache/config.yml", FILE)
    run(
        server,
        "cache",
        port=5001,
        volumes=["/srv/cache/config.yml:/etc/docker/registry/config.yml:ro"],
        extra_hosts={"mirror": address},
    )
    ask(playground, "http://node1:5001")


def switch_the_cache_off(playground: Playground) -> None:
    separate(playground)


def leave_the_setting_of_node_2_out(playground: Playground) -> None:
    separate(playground)
    settings = {**UPSTREAM, "REGISTRY_HTTP_ADDR": ":5001"}
    run(playground.node(1), "cache", port=5001, network_mode="host", ports={}, environment=settings)
    ask(playground, "http://mirror:5000")


def cache_on_the_bridge(playground: Playground) -> None:
    separate(playground)
    playground.node(1).docker.containers.run(
        "registry:2",
        name="cache",
        environment=UPSTREAM,
        ports={"5000/tcp": 5001},
        detach=True,
    )
    ask(playground, "http://registry.lab:5001")


def push_to_another_registry(playground: Playground) -> None:
    user = playground.node(2)
    run(playground.node(1), "second", port=5001, volumes=[])
    believe(user, "registry.lab:5000", "registry.lab:5001")
    push(user, "busybox:latest", "registry.lab:5001/team/tool:1")


def fill_a_registry_by_hand(playground: Playground) -> None:
    separate(playground)
    run(playground.node(1), "cache", port=5001, volumes=[])
    push(playground.node(1), "hello-world:latest", "127.0.0.1:5001/library/hello-world:latest")
    ask(playground, "http://registry.lab:5001")


def begin_with_an_empty_one(playground: Playground) -> None:
    remove(playground.node(1), "registry")
    run(playground.node(1), volumes=[])


CASES = RepairCases(
    right=(cache_by_a_file_on_the_bridge,),
    wrong=(
        WrongRepair(
            switch_the_cache_off,
            "node 2 asks port 5000 of node 1 for images of Docker Hub, and a registry is there that takes pushes; "
            "wanted a cache",
            "the cache has to be a second registry: port 5001 of node 1 is free",
        ),
        WrongRepair(
            push_to_another_registry,
            "the registry on port 5000 of node 1 still refuses an upload: 405 UNSUPPORTED: The operation is "
            "unsupported.",
            "it refuses as long as it has an upstream, REGISTRY_PROXY_REMOTEURL or `proxy:` in its file; the cache has "
            "to be another registry",
        ),
        WrongRepair(
            leave_the_setting_of_node_2_out,
            "node 2 does not ask node 1 for images of Docker Hub any more",
            "registry-mirrors of node 2: http://registry.lab:5001; `docker info` shows what its engine has",
        ),
        WrongRepair(
            cache_on_the_bridge,
            "node 2 asks port 5001 of node 1 for images of Docker Hub, and library/hello-world:latest is not served "
            "there",
            "the cache asks http://mirror:5000; its log says what it got. A container on the bridge asks other name "
            "servers than its machine: --network host",
        ),
        WrongRepair(
            fill_a_registry_by_hand,
            "node 2 asks port 5001 of node 1 for images of Docker Hub, and a registry is there that takes pushes; "
            "wanted a cache",
            "a cache is a registry with REGISTRY_PROXY_REMOTEURL; what someone pushes to a registry is never newer "
            "than that push",
        ),
        WrongRepair(
            begin_with_an_empty_one,
            "team/app:1 is not served on port 5000 of node 1; wanted what was there before, on the same port",
            "a new registry is empty: run it with the volume or the folder of the old one",
        ),
    ),
)
