"""What the cases of several lessons do in a node, with the Docker SDK as a student would."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from docker.errors import APIError, NotFound
from docker.models.containers import Container
from docker.models.images import Image
from docker.models.volumes import Volume

from labs.lesson import transfer
from labs.lessons.common import in_store
from labs.playground import Node, Playground
from labs.registry import RegistryClient
from labs.waiting import WaitTimeout, wait_until

T = TypeVar("T")
KEPT = "registry:2"  # what a clean node still has: pulling it for each case would double the time
LOADED = {"crane:latest", "tools:latest"}  # what lessons have in their node from the start


def nothing(_playground: Playground) -> None:
    """A fresh playground, and nothing done."""


def clean(playground: Playground) -> None:
    """Remove everything that a case may have left in the nodes: much quicker than a new playground."""
    side_by_side(_clean_node, playground.nodes)


def side_by_side(do: Callable[[T], object], each: Iterable[T]) -> None:
    """Do something to each at the same time: an engine takes tens of milliseconds for one, most of them waiting."""
    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(do, each))


# What a case may have left: data, a relay, a rule of the network, logins, certificates that an engine trusts.
_CLEAN_FILES = """kill $(cat /srv/relay.pid)
[ -e /srv/rule ] && iptables -t nat -D $(cat /srv/rule)
rm -rf /srv/* /tmp/aws /root/.docker /etc/docker/certs.d
cat /etc/docker/daemon.json"""
_MIRRORS = ["http://mirror:5000"]  # of a new node


def _clean_node(node: Node) -> None:
    api = node.docker.api
    # Until there is none: a job that runs by itself may have made another one meanwhile.
    while containers := api.containers(all=True):
        side_by_side(partial(_remove_container, node), containers)
    networks = [each["Id"] for each in api.networks(filters={"type": "custom"})]
    volumes = [each["Name"] for each in api.volumes()["Volumes"] or []]
    jobs: list[Callable[[], object]] = [
        partial(_clean_files, node),
        partial(_remove_images, node),
        *(partial(api.remove_network, network) for network in networks),
        *(partial(api.remove_volume, volume, force=True) for volume in volumes),
    ]
    side_by_side(lambda job: job(), jobs)


def _remove_container(node: Node, container: dict[str, Any]) -> None:
    with suppress(NotFound):  # one that removes itself when it ends
        node.docker.api.remove_container(container["Id"], v=True, force=True)


def _clean_files(node: Node) -> None:
    settings = node.exec(["sh", "-c", _CLEAN_FILES]).stdout
    if "insecure" in settings:
        node.configure_engine({"insecure-registries": None})
    if json.loads(settings or "{}").get("registry-mirrors") != _MIRRORS:
        node.reload_engine({"registry-mirrors": _MIRRORS})


def _remove_images(node: Node) -> None:
    """Newest first: an image cannot go while another one is built on it."""
    for image in node.docker.api.images():
        if not {KEPT, *LOADED} & set(image["RepoTags"] or ()):
            node.docker.api.remove_image(image["Id"], force=True)


def clean_swarm(playground: Playground) -> None:
    """Remove all services, with their secrets and configurations, and what pulls left; the edges' network stays."""
    side_by_side(_bring_back, playground.nodes)
    swarm = playground.swarm
    try:
        wait_until(lambda: not _unready(playground), "all nodes")
    except WaitTimeout:  # a node that comes back as the swarm gives it up stays down for ever
        for node in _unready(playground):
            node.restart_engine()
        wait_until(lambda: not _unready(playground), "all nodes", timeout_s=90)
    engine = swarm.reach().docker
    swarm.remove(*(service.name for service in engine.services.list()))
    side_by_side(lambda kept: kept.remove(), [*engine.secrets.list(), *engine.configs.list()])
    side_by_side(_clean_member, playground.nodes)


def _bring_back(node: Node) -> None:
    node.start()
    node.heal()
    node.wait()


def stored(playground: Playground) -> dict[str, str]:
    """Settings of a registry that keeps its data in the playground's store."""
    return in_store(playground.store)


def _unready(playground: Playground) -> list[Node]:
    members = playground.swarm.state()
    return [node for node in playground.nodes if members.member(node.name).status != "ready"]


# hello-world too: it is small, and a lesson asks which node has it.
_LESSON_IMAGES = ("127.0.0.1:", "localhost:", "registry.lab:", "swarm.lab:", "hello-world:")


def _clean_member(node: Node) -> None:
    """Containers that a swarm left, volumes, and images that lessons push; others of the course are kept."""
    engine = node.docker
    _clean_files(node)
    for container in engine.containers.list(all=True, ignore_removed=True):
        with suppress(APIError):  # the swarm removes it too
            container.remove(force=True, v=True)
    for volume in engine.volumes.list():
        wait_until(partial(_removed, volume), f"{volume.name} to be let go of")
    for image in engine.images.list():
        own = [tag for tag in image.tags if tag.startswith(_LESSON_IMAGES)]
        for name in own or ([] if image.tags else [image.id]):
            engine.images.remove(name, force=True)


def _removed(volume: Volume) -> bool:
    """Remove a volume; whether it is gone. A container that the swarm is removing at this moment holds it."""
    try:
        volume.remove(force=True)
    except NotFound:
        return True
    except APIError as error:
        if error.status_code != 409:
            raise
        return False
    return True


def run(playground: Playground, name: str | None, image: Any = KEPT, **options: Any) -> Container:
    """Run a registry, or another image, and do not wait for it: a check has to."""
    node = playground.node(1)
    if isinstance(image, str) and not node.docker.images.list(name=image):
        pull(playground, image)
    container: Container = node.docker.containers.run(image, name=name, detach=True, **options)
    return container


def wait(playground: Playground, port: int) -> None:
    """Wait until a registry answers, as lab.wait does."""
    wait_until(RegistryClient(playground.node(1).url(port)).speaks, f"port {port}")


def pull(playground: Playground, image: str) -> Image:
    """Pull an image of the course."""
    repository, _, tag = image.partition(":")
    return playground.node(1).docker.images.pull(repository, tag=tag or "latest")


def push(playground: Playground, image: str, to: str) -> None:
    """Pull an image, give it another reference and push that."""
    pull(playground, image).tag(to)
    transfer.push(playground.node(1).docker, to)
