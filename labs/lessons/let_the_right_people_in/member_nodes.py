"""What lesson 6 does more than once: a registry with members, a proxy, and a listener between its two nodes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from docker.errors import APIError

from labs.lesson import Lab, PushFailed
from labs.playground import Node

_LISTENER = "/run/listener.pid"
_HEARD = "/tmp/heard"
# What counts of what went by: each request, each status, and what a client says of itself.
_SAID = re.compile(
    rb"^(?:GET /v2/|HTTP/1.1 (?:401|200)|Authorization: Basic [A-Za-z0-9+/=]+)", re.MULTILINE
)


@contextmanager
def print_error() -> Iterator[None]:
    """Print what an engine says of what it refuses, in place of Python's own account of the error."""
    try:
        yield
    except APIError as error:
        print(error.explanation)
    except PushFailed as error:
        print(error.message)


class MemberNodes:
    """Node 1, which has the registry, and node 2, which logs in from elsewhere.

    Args:
        lab: The lesson's.
    """

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def clear(self) -> None:
        """Take away what cells of the lesson have left, and nothing that an exercise asks for."""
        self._lab.remove("registry", "proxy", "htpasswd")
        for number in (1, 2):
            self.sh("rm -rf /srv/auth /root/.docker", number)
        self._lab.node(2).configure_engine({"insecure-registries": None, "features": None})

    def sh(self, command: str, node: int = 1) -> str:
        """Run a command line inside a node, and return all that it printed."""
        done = self._lab.node(node).exec(["sh", "-c", command])
        return (done.stdout + done.stderr).strip()

    def run_registry(
        self, name: str, port: int, folder: str, environment: Mapping[str, str]
    ) -> None:
        """Run a registry on node 1, in place of one of that name.

        Args:
            name: Of the container.
            port: Of the node.
            folder: Of the node; the container sees it as /auth.
            environment: Its settings.
        """
        self._lab.remove(name)
        self._lab.docker.containers.run(
            "registry:2",
            name=name,
            detach=True,
            ports={"5000/tcp": port},
            volumes=[f"{folder}:/auth:ro"],
            environment=dict(environment),
        )
        self._lab.wait(port)

    def run_proxy(self, name: str, rules: str) -> None:
        """Run an nginx on node 1's own network, whose file of rules is in /srv/<name>; others on port 8080 go."""
        self._lab.remove("proxy", "readers", name)
        self._lab.node().write_file(f"/srv/{name}/default.conf", rules)
        mounts = [f"/srv/{name}:/etc/nginx/conf.d:ro"]
        self._lab.docker.containers.run(
            "nginx", name=name, detach=True, network_mode="host", volumes=mounts
        )
        self._lab.wait(8080)

    def insecure(self, *hosts: str) -> None:
        """Let node 2 take registries without TLS; without a host it takes none again."""
        self._lab.node(2).configure_engine({"insecure-registries": list(hosts) or None})

    @contextmanager
    def listening(self, port: int) -> Iterator[list[str]]:
        """Listen on a port of node 1 and pass everything on to the registry, as long as the block runs.

        Returns:
            Lines that went by, filled when the block has ended: requests, statuses, `Authorization`.
        """
        heard: list[str] = []
        ear = f"socat -v TCP-LISTEN:{port},fork,reuseaddr TCP:127.0.0.1:5000"
        self.sh(f"rm -f {_HEARD}; {ear} >/dev/null 2>{_HEARD} & echo $! >{_LISTENER}")
        try:
            yield heard
        finally:
            self.sh(f"kill $(cat {_LISTENER})")
        heard += [line.decode() for line in _SAID.findall(self._node.read_file(_HEARD))]

    @property
    def _node(self) -> Node:
        return self._lab.node(1)
