"""Brings the images of a run to the nodes of a swarm: a registry beside the manager, at 127.0.0.1 on each node.

An engine accepts a registry on its loopback without TLS, so no node needs configuration. It is published by the
routing mesh; where the kernel has no IPVS, and so no routing mesh, HAProxy on every node forwards to it.
"""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from docker.errors import APIError, DockerException, ImageNotFound
from requests.exceptions import RequestException

from labs.engine import Engine
from labs.grading.models import GradingError
from labs.grading.runners.swarm_api import SwarmApi
from labs.images import Catalog
from labs.playground import haproxy, service_spec
from labs.waiting import WaitTimeout, wait_until

# Includes the pull of HAProxy from Docker Hub where the routing mesh is missing.
_UP_S = 180.0
# Texts of the engine and of HAProxy while the registry starts: it gives no code to tell them by.
_NOT_YET = (
    "connection refused",
    "EOF",
    "connection reset",
    "i/o timeout",
    "Client.Timeout",
    "closed idle",
)


class ImageRegistry:
    """A registry of one run.

    Args:
        engine: The manager's; the registry runs beside it.
        cluster: The swarm.
    """

    def __init__(self, engine: Engine, cluster: SwarmApi) -> None:
        self._engine, self._cluster = engine, cluster
        # Below the ports that a kernel hands out, and above those that relays of playgrounds use.
        self.port = 31000 + secrets.randbelow(1000)
        self.how = "mesh" if self._has_ipvs() else "edge"
        network = self._network()
        self._registry(network)
        if self.how == "edge":
            self._edge(network)

    def bring(self, names: list[str]) -> dict[str, str]:
        """Push images, by the names they have here, and return the reference by which any node pulls each.

        Raises:
            GradingError: The registry does not start, or it refuses a push.
        """
        with ThreadPoolExecutor(max_workers=4) as pool:
            return dict(zip(names, pool.map(self._push, names), strict=True))

    def _push(self, name: str) -> str:
        repository, _, tag = name.rpartition(":")
        there = f"127.0.0.1:{self.port}/{repository}"
        api: Any = self._engine.client.api
        api.tag(name, there, tag)
        try:
            digest = wait_until(
                lambda: self._digest(there, tag),
                f"the registry of this run at 127.0.0.1:{self.port}",
                timeout_s=_UP_S,
                interval_s=1,
                last_words=self._words,
            )
        except WaitTimeout as error:
            raise GradingError(
                f"push {name} for the nodes of the swarm: {error.message}",
                hint="nodes get haproxy:3 from Docker Hub or a mirror; this one has to take tasks",
            ) from error
        finally:
            # This only removes a name: the image still has its own.
            api.remove_image(f"{there}:{tag}", noprune=True)
        return f"{there}@{digest}"

    def _digest(self, repository: str, tag: str) -> str:
        """Push once and return the digest; empty while the registry is starting.

        Raises:
            GradingError: It is up, and the push failed.
        """
        api: Any = self._engine.client.api
        for event in api.push(repository, tag, stream=True, decode=True):
            if "error" in event:
                if any(words in event["error"] for words in _NOT_YET):
                    return ""
                raise GradingError(f"push {repository}:{tag}: {event['error']}")
            if digest := (event.get("aux") or {}).get("Digest"):
                return str(digest)
        return ""

    def _words(self) -> str:
        """State and error of the tasks of the registry and of HAProxy."""
        said = []
        for part in ("depot", "edge"):
            for task in self._cluster.tasks(self._cluster.name(part)) if part in self._made else ():
                status = task["Status"]
                said.append(f"{part}: {status['State']} {status.get('Err', '')}".rstrip())
        return "\n".join(said[:8])

    @property
    def _made(self) -> tuple[str, ...]:
        return ("depot", "edge") if self.how == "edge" else ("depot",)

    def _has_ipvs(self) -> bool:
        """Whether the kernel has IPVS, as a container of the engine sees it: the engine may be on another machine."""
        try:
            self._engine.client.containers.run(
                Catalog.read().images["busybox"].name,
                ["-c", "[ -e /proc/net/ip_vs ]"],
                entrypoint="sh",
                labels=self._cluster.labels,
                network_mode="none",
                remove=True,
            )
        # Before DockerException, its base class: a missing image says nothing about the kernel.
        except ImageNotFound:
            raise
        except (DockerException, RequestException):
            return False
        return True

    def _network(self) -> str:
        api, name = self._cluster.api, self._cluster.name("depot")
        try:
            return str(
                api.create_network(name, driver="overlay", labels=self._cluster.labels)["Id"]
            )
        except APIError as error:
            raise GradingError(f"make the network {name}: {error.explanation or error}") from error

    def _registry(self, network: str) -> None:
        port = service_spec.ingress(self.port, 5000)
        # The virtual IP of a service needs IPVS; without it, DNS gives the addresses of the tasks.
        ports = {"Mode": "vip", "Ports": [port]} if self.how == "mesh" else {"Mode": "dnsrr"}
        self._cluster.serve(
            "depot",
            {
                "TaskTemplate": {
                    "ContainerSpec": {
                        "Image": Catalog.read().images["registry"].name,
                        "Env": [f"REGISTRY_HTTP_SECRET={secrets.token_hex(16)}"],
                        "Mounts": [self._volume()],
                    },
                    "Networks": [{"Target": network, "Aliases": ["depot"]}],
                    # Beside the manager: its volume is on this node, and the push is local.
                    "Placement": {"Constraints": [f"node.id=={self._cluster.node}"]},
                },
                "Mode": {"Replicated": {"Replicas": 1}},
                "EndpointSpec": ports,
            },
        )

    def _volume(self) -> dict[str, Any]:
        """Where it keeps its bytes: named, since an engine loses track of a task's volume that has no name."""
        options = {"Labels": self._cluster.labels}
        volume = {"Type": "volume", "Source": self._cluster.name("depot")}
        return {**volume, "Target": "/var/lib/registry", "VolumeOptions": options}

    def _edge(self, network: str) -> None:
        text = haproxy.config(self._cluster.name("depot"), port=self.port, target=5000)
        config = self._cluster.config("edge", text.encode(), haproxy.CONFIG)
        self._cluster.serve("edge", haproxy.on_every_node(self.port, network, config))
