"""Right and wrong repairs of a registry with two storage drivers."""

from __future__ import annotations

from labs.playground import Playground
from tests.repairs.cases import RepairCases, WrongRepair
from tests.repairs.repair_actions import pull, push, remove, run

NOT_THERE = "team/app:1 is not served on port 5000 of node 1; wanted what was there before, on the same port"
FILE = """version: 0.1
storage:
  filesystem:
    rootdirectory: /var/lib/registry
http:
  addr: :5000
"""


def write_a_file_with_one_driver(playground: Playground) -> None:
    server = playground.node(1)
    remove(server, "registry")
    server.write_file("/srv/registry/config.yml", FILE)
    mounts = [
        "registry-data:/var/lib/registry",
        "/srv/registry/config.yml:/etc/docker/registry/config.yml:ro",
    ]
    run(server, volumes=mounts)
    pull(playground.node(2))


def keep_it_in_memory(playground: Playground) -> None:
    remove(playground.node(1), "registry")
    run(playground.node(1), environment={"REGISTRY_STORAGE": "inmemory"})
    push(playground.node(1), "hello-world:latest", "127.0.0.1:5000/team/app:1")
    pull(playground.node(2))


def leave_one_variable(playground: Playground) -> None:
    server = playground.node(1)
    remove(server, "registry")
    server.docker.containers.run(
        "registry:2",
        name="shelf",
        environment={"REGISTRY_STORAGE_S3_BUCKET": "team-registry"},
        ports={"5000/tcp": 5000},
        volumes=["registry-data:/var/lib/registry"],
        detach=True,
    ).wait()


def begin_with_a_new_volume(playground: Playground) -> None:
    remove(playground.node(1), "registry")
    run(playground.node(1), volumes=["new:/var/lib/registry"])


CASES = RepairCases(
    right=(write_a_file_with_one_driver,),
    wrong=(
        WrongRepair(
            keep_it_in_memory,
            "the registry runs and keeps everything in memory: it is empty after each start",
            "what was there is in files, in the volume registry-data",
        ),
        WrongRepair(
            leave_one_variable, NOT_THERE, "container shelf ends at once: `docker logs shelf`"
        ),
        WrongRepair(
            begin_with_a_new_volume,
            NOT_THERE,
            "a new registry is empty: run it with the volume or the folder of the old one",
        ),
    ),
)
