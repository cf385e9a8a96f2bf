"""What right and wrong repairs of several scenarios do in nodes, and how nodes are made clean between them."""

from __future__ import annotations

import json
import time
from typing import Any

from docker.models.containers import Container

from labs.playground import Node, Playground
from labs.registry import RegistryClient
from labs.repairs.common import ADDRESS, REPOSITORY, TAG, ready, shell
from labs.waiting import wait_until
from tests.lessons.actions import clean, clean_swarm

REGISTRY = "registry:2"
DATA = ["registry-data:/var/lib/registry"]
_HOSTS = "/run/hosts-of-a-clean-node"
_DAEMON_JSON = "/etc/docker/daemon.json"
_MIRRORS = {"registry-mirrors": ["http://mirror:5000"]}


def make_clean(playground: Playground) -> None:
    """Remove everything that a set-up, a repair or a check may have left in the nodes."""
    for node in playground.nodes:
        shell(node, f"[ -e {_HOSTS} ] || cp /etc/hosts {_HOSTS}; cat {_HOSTS} > /etc/hosts")
        if json.loads(node.read_file(_DAEMON_JSON)) != _MIRRORS or _believes(node):
            node.reload_engine({"insecure-registries": [], **_MIRRORS})
            # Without the empty list, for which `clean` would restart the engine.
            node.write_file(_DAEMON_JSON, json.dumps(_MIRRORS))
    if any(node.docker.info()["Swarm"]["ControlAvailable"] for node in playground.nodes):
        clean_swarm(playground)
    else:
        clean(playground)
    for node in playground.nodes:
        shell(node, "umount /srv/disk 2>/dev/null && rmdir /srv/disk; true")


def _believes(node: Node) -> bool:
    """Whether an engine takes any registry as insecure: it keeps a list that was taken out of its file."""
    found = node.docker.info()["RegistryConfig"]
    ranges = set(found["InsecureRegistryCIDRs"] or ()) - {"127.0.0.0/8", "::1/128"}
    return bool(ranges) or not all(each["Secure"] for each in found["IndexConfigs"].values())


def wait(node: Node, port: int) -> None:
    """Wait until something inside the node answers on a port of its own."""
    ask = f"printf 'GET /v2/ HTTP/1.0\\r\\n\\r\\n' | socat -T 2 - TCP:127.0.0.1:{port} 2>/dev/null"
    wait_until(lambda: "HTTP/1" in node.exec(["sh", "-c", ask]).stdout, f"port {port}")


def run(node: Node, name: str = "registry", *, port: int = 5000, **options: Any) -> Container:
    """Run a registry on the old one's volume and wait until it answers."""
    kept: dict[str, Any] = {"ports": {"5000/tcp": port}, "volumes": DATA}
    ready(node, REGISTRY)
    container: Container = node.docker.containers.run(
        REGISTRY, name=name, detach=True, **(kept | options)
    )
    wait_until(RegistryClient(node.url(port)).speaks, f"{name} on port {port}")
    return container


def remove(node: Node, *names: str) -> None:
    """Remove containers, and no volume with a name."""
    for name in names:
        node.docker.containers.get(name).remove(force=True)


def pull(node: Node, repository: str = f"{ADDRESS}/{REPOSITORY}", tag: str = TAG) -> None:
    """Pull, as a repair ends."""
    node.docker.images.pull(repository, tag=tag)


def push(node: Node, image: str, to: str) -> None:
    """Push an image of the course under another name with the `docker` command of the node."""
    ready(node, image)
    shell(node, f"docker tag {image} {to} && docker push -q {to}")


def lead_home(node: Node) -> None:
    """Let the registry's name lead a node to itself."""
    shell(node, "echo 127.0.0.1 registry.lab >> /etc/hosts")
    time.sleep(5)  # Go keeps what it read of /etc/hosts for so long


def believe(node: Node, *registries: str) -> None:
    """Take registries as insecure."""
    node.reload_engine({"insecure-registries": list(registries)})
