"""What the notebook of lesson 7 does more than once: a registry as a service, its settings, and what it answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import httpx
from docker.types import RestartPolicy, SecretReference, ServiceMode

from labs.registry import RegistryClient, RegistryError, authorities
from labs.waiting import wait_until

if TYPE_CHECKING:
    from labs.lesson import Lab
    from labs.playground import Node

_NAME, _PORT = "registry", 5000
_FILE = "registry.yml"
_AGAIN_NS = 10**9  # by default a task that is lost is started elsewhere after five seconds more
_LOSS_S = 120.0  # a node is missed after some seconds, its task starts elsewhere, and every edge has to hear of it


def as_secret(lab: Lab, name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Let the swarm keep a registry's settings as a secret, in place of an older one of that name.

    No service may use the older one any more.

    Returns:
        Options for `docker.services.create`: the tasks get the file, and the registry reads it.
    """
    for old in lab.docker.secrets.list(filters={"name": name}):
        if old.name == name:
            old.remove()
    kept = lab.docker.secrets.create(name=name, data=json.dumps(settings).encode())
    file = SecretReference(str(kept.id), name, filename=_FILE)
    return {"args": [f"/run/secrets/{_FILE}"], "secrets": [file]}


class SwarmRegistry:
    """The service `registry` on port 5000 of every node.

    Args:
        lab: The lesson's.
    """

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def run(
        self,
        settings: Mapping[str, Any] | None = None,
        *,
        replicas: int = 1,
        place: str = "node.hostname != node1",
        **options: Any,
    ) -> None:
        """Run it, in place of the one that runs, and wait until every node's port leads to it.

        Args:
            settings: Its configuration file; without them it keeps its images in a volume.
            replicas: How many tasks.
            place: Their constraint.
            options: As for `docker.services.create`: `mounts`.
        """
        lab = self._lab
        lab.swarm.remove(_NAME)
        if settings:
            options |= as_secret(lab, _NAME, settings)
        options |= {"mode": ServiceMode("replicated", replicas), "constraints": [place]}
        again = RestartPolicy(condition="any", delay=_AGAIN_NS)
        lab.docker.services.create("registry:2", name=_NAME, restart_policy=again, **options)
        lab.swarm.publish(_NAME, port=_PORT)

    def home(self) -> Node:
        """The node that its first task is on."""
        name = self._lab.swarm.tasks(_NAME)[0].node
        return next(node for node in self._lab.nodes if node.name == name)

    def wait_for_move(self, lost: Node) -> None:
        """Wait until its task runs on another node, and answers."""

        def moved() -> bool:
            return self._lab.swarm.tasks(_NAME)[0].node not in ("", lost.name)

        wait_until(moved, "a new task", timeout_s=_LOSS_S)
        self._lab.swarm.wait(_NAME, running=1, timeout_s=_LOSS_S)
        self._lab.wait(_PORT, timeout_s=_LOSS_S)

    def waits(self) -> str:
        """What the swarm says of a task that has no node, as soon as it has one to say it of."""

        def words() -> str:
            waiting = self._lab.swarm.state().waiting
            return next(
                (task.error for task in waiting if task.service == _NAME and task.error), ""
            )

        return str(wait_until(words, "the swarm to notice", timeout_s=_LOSS_S))

    def serves(self, node: Node) -> bool:
        """Whether a node gets `hello-world:latest` from it; asked again until it does."""
        return bool(wait_until(_having(node), f"hello-world from {node.name}", timeout_s=_LOSS_S))

    def askers(self, repository: str) -> int:
        """How many nodes asked for the tag `latest` of a repository, by the log of its one task."""
        label = f"com.docker.swarm.service.name={_NAME}"
        (task,) = self.home().docker.containers.list(filters={"label": label})
        asked = f'"HEAD /v2/{repository}/manifests/latest'
        lines = task.logs(stderr=False).decode().splitlines()
        return len({line.split()[0] for line in lines if asked in line})

    def try_uploads(self, number: int = 12) -> list[str]:
        """Open uploads and send bytes to them, each request over a connection of its own.

        Returns:
            The codes of the errors, each once; empty if all were accepted.
        """
        return sorted({self._upload() for _ in range(number)} - {""})

    def _upload(self) -> str:
        base = self._lab.url(_PORT)
        # Without a client, each request has a connection of its own.
        asking: dict[str, Any] = {"trust_env": False, "verify": authorities()}
        opened = httpx.post(f"{base}/v2/hello-world/blobs/uploads/", **asking)
        # Only the path: the registry names the host as it knows itself, which this machine may not reach.
        path = httpx.URL(opened.headers["location"]).raw_path.decode()
        answer = httpx.patch(base + path, content=b"some bytes", **asking)
        return str(answer.json()["errors"][0]["code"]) if answer.is_error else ""


def _having(node: Node) -> Callable[[], str]:
    def digest() -> str:
        try:
            return RegistryClient(node.url(_PORT)).head("hello-world", "latest").digest
        except RegistryError:
            return ""

    return digest
