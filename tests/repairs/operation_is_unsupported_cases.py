"""Right and wrong ways to get rid of an image."""

from __future__ import annotations

import httpx

from labs.playground import Node, Playground
from labs.registry import RegistryClient
from labs.repairs.common import shell
from tests.repairs.cases import RepairCases, WrongRepair
from tests.repairs.repair_actions import push, remove, run

DELETE = {"REGISTRY_STORAGE_DELETE_ENABLED": "true"}
DATA = "/srv/data/docker/registry/v2"
COLLECT = "docker exec registry registry garbage-collect /etc/docker/registry/config.yml"


def delete(node: Node) -> None:
    remove(node, "registry")
    run(node, environment=DELETE)
    leaked = RegistryClient(node.url(5000)).head("team/app", "leaked").digest
    url = f"{node.url(5000)}/v2/team/app/manifests/{leaked}"
    assert httpx.delete(url, trust_env=False).status_code == 202


def remove_its_files_by_hand(playground: Playground) -> None:
    node = playground.node(1)
    leaked = RegistryClient(node.url(5000)).head("team/app", "leaked").digest.partition(":")[2]
    remove(node, "registry")
    manifests = f"{DATA}/repositories/team/app/_manifests"
    command = f"rm -r {manifests}/tags/leaked {manifests}/revisions/sha256/{leaked}"
    shell(node, f"docker run --rm -v registry-data:/srv/data busybox {command}")
    run(node)
    shell(node, COLLECT)
    node.docker.containers.get("registry").restart(timeout=1)


def delete_and_not_collect(playground: Playground) -> None:
    delete(playground.node(1))


def move_the_tag(playground: Playground) -> None:
    push(playground.node(1), "hello-world:latest", "127.0.0.1:5000/team/app:leaked")


def only_switch_it_on(playground: Playground) -> None:
    remove(playground.node(1), "registry")
    run(playground.node(1), environment=DELETE)


def begin_with_an_empty_one(playground: Playground) -> None:
    remove(playground.node(1), "registry")
    run(playground.node(1), volumes=[], environment=DELETE)


BY_DIGEST = (
    "a DELETE names the digest; a tag that is moved or removed leaves the manifest where it is"
)

CASES = RepairCases(
    right=(remove_its_files_by_hand,),
    wrong=(
        WrongRepair(
            move_the_tag, "the manifest of leaked, by its digest, is still served", BY_DIGEST
        ),
        WrongRepair(only_switch_it_on, "team/app:leaked is still served", BY_DIGEST),
        WrongRepair(
            delete_and_not_collect,
            "the layer with the password is still served by its digest, as team/app's",
            "deleting a manifest removes no bytes: registry garbage-collect does",
        ),
        WrongRepair(
            begin_with_an_empty_one,
            "team/app:1 is not served on port 5000 of node 1; wanted what was there before, on the same port",
            "a new registry is empty: run it with the volume or the folder of the old one",
        ),
    ),
)
