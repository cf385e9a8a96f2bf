"""A small site in versions, which two lessons push to a registry of a swarm and run as a service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from io import BytesIO
from typing import Any

from docker.errors import APIError
from docker.models.containers import Container

from labs.lesson import push
from labs.lessons.common.service_tasks import update_of
from labs.playground import Node, Playground
from labs.waiting import wait_until

_PAGE = "/usr/share/nginx/html/index.html"
_OOPS = "RUN echo oops > /etc/nginx/conf.d/default.conf\n"


class SiteVersions:
    """The repository `site` of a registry: nginx with a page that says which version it is.

    Args:
        playground: Its node 1 builds and pushes.
        registry: As the engines name it, `127.0.0.1:5000`.
    """

    def __init__(self, playground: Playground, registry: str) -> None:
        self._playground = playground
        self._repository = f"{registry}/site"

    def push(self, version: int, *, broken: bool = False) -> None:
        """Build a version and push it, with its number as the tag.

        Args:
            version: Its number.
            broken: With a mistake in nginx's configuration: its program ends at once.
        """
        text = f"FROM nginx\nRUN echo version {version} > {_PAGE}\n{_OOPS if broken else ''}"
        engine = self._playground.node(1).docker
        engine.images.build(fileobj=BytesIO(text.encode()), tag=self._named(version), rm=True)
        push(engine, self._named(version))

    def move_latest(self, version: int) -> None:
        """Give the tag `latest` to a version, and push that."""
        engine = self._playground.node(1).docker
        engine.images.get(self._named(version)).tag(self._named("latest"))
        push(engine, self._named("latest"))

    def pinned(self, version: int) -> str:
        """The reference of a version with the digest that the registry has for it."""
        engine = self._playground.node(1).docker
        digest = engine.images.get_registry_data(self._named(version)).id
        return f"{self._named(version)}@{digest}"

    def versions(self, service: str, nodes: Iterable[Node] | None = None) -> dict[str, int]:
        """How many tasks of a service have which version, as their pages say.

        Args:
            service: Its name.
            nodes: Those that are on; all by default.
        """
        containers = task_containers(nodes or self._playground.nodes, service)
        seen = Counter(filter(None, map(_read, containers)))
        return dict(sorted(seen.items()))

    def state(self, service: str) -> str:
        """The state of a service's last update: `updating`, `completed`, `rollback_completed`; empty without one."""
        return update_of(self._playground.swarm.reach().docker.services.get(service).attrs)

    def most_versions(self, service: str) -> list[str]:
        """Look at a service again and again until its update is over; the versions that it had at once.

        Raises:
            WaitTimeout: It is not over after three minutes.
        """
        seen: list[list[str]] = [[]]

        def over() -> bool:
            seen.append(list(self.versions(service)))
            return self.state(service).endswith("completed")

        wait_until(over, f"the update of {service}", timeout_s=180)
        return max(seen, key=len)

    def forget(self, *services: str) -> None:
        """Remove these services, and from all nodes but the first the versions, and a login to the registry.

        Args:
            services: Names of those that run versions of the site.
        """
        self._playground.swarm.remove(*services)
        for node in self._playground.nodes[1:]:
            node.exec(["docker", "logout", self._repository.partition("/")[0]])
            for image in node.docker.images.list(name=self._repository):
                node.docker.images.remove(str(image.id), force=True)

    def _named(self, tag: int | str) -> str:
        return f"{self._repository}:{tag}"


def task_containers(nodes: Iterable[Node], service: str) -> list[Container]:
    """The containers that run for a service on these nodes."""
    label = {"label": f"com.docker.swarm.service.name={service}"}
    return [
        each
        for node in nodes
        for each in node.docker.containers.list(filters=label, ignore_removed=True)
    ]


def _read(container: Container) -> str:
    """The page of a task; empty if it has ended meanwhile, as tasks of an update do."""
    try:
        done: Any = container.exec_run(["cat", _PAGE])
    except APIError:
        return ""
    return "" if done.exit_code else str(done.output.decode().strip())
