"""The swarm of a playground as seen from outside: which manager answers, what runs where. `formation` forms it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

from docker.errors import DockerException, NotFound
from docker.utils import parse_repository_tag
from requests.exceptions import RequestException

from labs.playground.node import Node
from labs.playground.node_errors import PlaygroundError
from labs.playground.swarm import haproxy, parsing, publication, service_spec
from labs.playground.swarm.elections import through_elections
from labs.playground.swarm.obstacle_watch import ObstacleWatch, has_image, is_nowhere
from labs.playground.swarm.publication import Published
from labs.playground.swarm.quorum import Quorum, all_of, or_none
from labs.playground.swarm.state import SwarmState, TaskState
from labs.waiting import WaitTimeout, wait_until

_MOVING = ("pending", "updating", "rollback_started")  # states of an update that is not over


class Swarm:
    """The swarm of a playground's nodes.

    Args:
        nodes: All of them, in order.
        managers: How many of them, from the first, are managers in a new swarm.
    """

    def __init__(self, nodes: list[Node], managers: int) -> None:
        self.nodes = nodes
        self.managers = nodes[:managers]
        self.workers = nodes[managers:]
        self._quorum = Quorum(nodes, self.managers)

    def __repr__(self) -> str:
        return f"<Swarm of {len(self.managers)} managers and {len(self.workers)} workers>"

    @property
    def leader(self) -> Node:
        """The manager that leads; an election is waited for.

        Raises:
            NodeUnavailable: The swarm has no quorum, or elects no leader in time.
        """
        return self._quorum.leader()

    def reach(self) -> Node:
        """Return a manager that answers and has a quorum; an election is waited for.

        Raises:
            NodeUnavailable: There is none; the message lists the state of each node.
        """
        return self._quorum.reach()

    def answering(self) -> Node | None:
        """As `reach`, without waiting: None also while a leader is being elected."""
        return self._quorum.answering()

    def machines(self) -> dict[str, str]:
        """Return the status of each node's machine, by name."""
        return self._quorum.machines()

    def state(self) -> SwarmState:
        """Return the state of the swarm now; nodes that do not exist any more raise no error."""
        machines = self.machines()
        manager = self._quorum.answering(machines)
        told = manager and or_none(lambda: all_of(manager))
        if told:
            return parsing.swarm_state(machines, *told)
        alive = [node for node in self.nodes if machines[node.name] in ("running", "cut")]
        with ThreadPoolExecutor(max_workers=8) as pool:
            held = pool.map(lambda n: or_none(n.probe.api.containers) or [], alive)
            running = dict(zip((node.name for node in alive), held, strict=True))
        return parsing.without_quorum(machines, {node.name for node in self.managers}, running)

    def tasks(self, service: str) -> list[TaskState]:
        """Return all tasks of a service, ended ones too: by slot, in each slot the newest first.

        Raises:
            NodeUnavailable: The swarm has no quorum.
            PlaygroundError: There is no such service.
        """
        nodes, services, tasks = self._quorum.read()
        names = sorted(each["Spec"]["Name"] for each in services)
        if service not in names:
            raise PlaygroundError(
                f"the swarm has no service {service!r}",
                hint=f"it has {', '.join(names) or 'none yet'}",
            )
        return [task for task in parsing.tasks(tasks, services, nodes) if task.service == service]

    def wait(self, service: str, *, running: int, timeout_s: float = 60.0) -> list[TaskState]:
        """Wait until exactly `running` tasks of a service run on ready nodes and no other is being started.

        Returns:
            Those tasks.

        Raises:
            NodeUnavailable: The swarm has no quorum.
            PlaygroundError: There is no such service.
            WaitTimeout: It did not converge, or it cannot, since its image is in no registry; the message ends with the
                states of its tasks.
        """
        # Raises at once for a service that does not exist, instead of after the timeout.
        self.tasks(service)
        self._remove_edges_in_the_way()
        return self._wait(
            service, lambda _state: running, f"{running} running tasks of {service}", timeout_s
        )

    def _wait(
        self, service: str, wanted_of: Callable[[SwarmState], int], what: str, timeout_s: float
    ) -> list[TaskState]:
        watch = ObstacleWatch(
            service,
            lambda: self.tasks(service),
            lambda image: is_nowhere(self.reach().docker.api, image),
            self._is_on_a_node,
        )

        def converged() -> list[TaskState] | bool:
            watch.look()
            state = self.state()
            ready = {member.name for member in state.nodes if member.status == "ready"}
            own = [t for m in state.nodes for t in m.tasks if t.service == service]
            own = [t for t in (*own, *state.waiting) if t.service == service]
            wanted = [t for t in own if t.desired == "running"]
            there = [t for t in wanted if t.state == "running" and t.node in ready]
            moving = any(s.name == service and s.update in _MOVING for s in state.services)
            done = len(there) == len(wanted) == wanted_of(state) and not moving
            return (sorted(there) or True) if done else False

        try:
            found = wait_until(
                converged,
                what,
                timeout_s=timeout_s,
                interval_s=0.2,
                last_words=lambda: _describe(self.tasks(service)),
            )
        except WaitTimeout as error:
            raise WaitTimeout(
                error.message, hint=f'lab.swarm.tasks("{service}") has all of them'
            ) from error
        return found if isinstance(found, list) else []

    def settle(self, service: str, *, timeout_s: float = 60.0) -> None:
        """Wait until a service has all its tasks; a global service has one on each node that takes tasks.

        Raises:
            NodeUnavailable: The swarm has no quorum.
            PlaygroundError: There is no such service.
            WaitTimeout: It did not converge.
        """
        self.tasks(service)

        # Counted at each look: a node that comes back meanwhile gets a task of a global service, too.
        def wanted(state: SwarmState) -> int:
            found = next((each for each in state.services if each.name == service), None)
            if found and found.mode == "replicated":
                return found.wanted
            return sum(m.status == "ready" and m.availability == "active" for m in state.nodes)

        self._wait(service, wanted, f"all tasks of {service}", timeout_s)

    def pull(self, *images: str) -> None:
        """Pull images into every node, in parallel, from the mirror.

        Raises:
            NodeUnavailable: A node does not answer.
            PlaygroundError: An image cannot be pulled.
        """
        jobs = [(node, image) for image in images for node in self.nodes]
        # `or 1`: an executor refuses zero workers.
        with ThreadPoolExecutor(max_workers=len(jobs) or 1) as pool:
            list(pool.map(lambda job: _pull(*job), jobs))

    def publish(self, service: str, *, port: int, target: int | None = None) -> Published:
        """Let `port` of every node lead to a service, and wait until it answers.

        Args:
            service: Its name.
            port: On every node; 127.0.0.1 is enough to reach it there.
            target: In its tasks; by default as published so far, or the same.

        Raises:
            NodeUnavailable: The swarm has no quorum.
            PlaygroundError: There is no such service, another one has the port, or the service listens on another one
                than `target`.
            WaitTimeout: Its tasks do not run, or the port does not answer.
        """
        manager = self.reach()
        self._remove_edges_in_the_way()
        api = manager.docker.api
        raw = service_spec.service(api, service)
        mesh = publication.has_ipvs(manager)
        change = publication.by_mesh if mesh else publication.by_edge
        changed = False

        def once() -> None:
            nonlocal changed
            # Read again: the swarm itself changes a service that was created a moment ago.
            now = service_spec.service(api, service)
            changed = change(api, now, port=port, target=target) or changed

        service_spec.in_sequence(once)
        self.settle(service)
        if changed:
            # Only after its tasks run: until then the swarm replaces them with the settings that `update` wrote.
            service_spec.restore(api, raw)
        if not mesh:
            self.settle(haproxy.name(port))
        wanted = publication.target_of(raw, port, target)
        publication.wait_for_port(
            self._open_nodes(), port, lambda: self._wrong_target(service, port, wanted)
        )
        return Published.by(mesh=mesh, service=service, port=port)

    def _is_on_a_node(self, image: str) -> bool:
        running = [node for node in self.nodes if node.status == "running"]
        return any(has_image(node.docker.api, image) for node in running)

    def _open_nodes(self) -> list[Node]:
        """Nodes whose ports are expected to answer: ready and not drained."""
        members = self.state().nodes
        # A drained node runs no tasks, so it has no HAProxy that would publish the port.
        open_ = {m.name for m in members if m.status == "ready" and m.availability != "drain"}
        return [node for node in self.nodes if node.name in open_]

    def _wrong_target(self, service: str, port: int, target: int) -> PlaygroundError | None:
        """The error for a service whose running tasks listen on other ports than the one that is published."""
        nodes, services, tasks = self._quorum.read()
        ids = {each["ID"] for each in services if each["Spec"]["Name"] == service}
        by_id = {each["ID"]: name for name, each in parsing.by_name(nodes).items()}
        own = [(by_id.get(t.get("NodeID")), t) for t in tasks if t["ServiceID"] in ids]
        containers = {
            node: [
                t["Status"]["ContainerStatus"]["ContainerID"]
                for name, t in own
                if name == node.name and _runs(t)
            ]
            for node in self.nodes
        }
        return or_none(lambda: publication.wrong_target(containers, service, port, target))

    def remove(self, *services: str) -> None:
        """Remove services by name, with the edges of their ports, and wait until their tasks are gone.

        Nothing is done for one that does not exist. A cell that begins with this call can be run again.

        Raises:
            NodeUnavailable: The swarm has no quorum.
            WaitTimeout: Tasks do not stop.
        """
        api = self.reach().docker.api
        every = through_elections(api.services)
        # An edge left behind would hold the port: a service that publishes it itself could not start.
        found = [e for e in every if e["Spec"]["Name"] in services or haproxy.behind(e) in services]
        self._remove(api, found)

    def _remove_edges_in_the_way(self) -> None:
        """Remove edges that hold a port in vain: the service behind was removed, or publishes the port itself."""
        api = self.reach().docker.api
        every = through_elections(api.services)
        self._remove(api, [each for each in every if haproxy.is_in_the_way(each, every)])

    def _remove(self, api: Any, services: list[Any]) -> None:
        ids = {each["ID"] for each in services}
        for id in ids:
            with suppress(NotFound):
                through_elections(partial(api.remove_service, id))

        def gone() -> bool:
            nodes, _, tasks = self._quorum.read()
            # A node that is off cannot report that its tasks ended, and would be waited for in vain.
            up = {each["ID"] for each in nodes if each["Status"]["State"] == "ready"}
            return not any(t["ServiceID"] in ids and t.get("NodeID") in up for t in tasks)

        if ids:
            names = ", ".join(sorted(each["Spec"]["Name"] for each in services))
            wait_until(gone, f"the tasks of {names} to end", timeout_s=90, interval_s=0.1)
        for each in services:
            haproxy.remove_config(api, each)


def _runs(task: Any) -> bool:
    status = task["Status"]
    return status["State"] == "running" and bool(
        (status.get("ContainerStatus") or {}).get("ContainerID")
    )


def _pull(node: Node, image: str) -> None:
    repository, tag = parse_repository_tag(image)
    try:
        node.docker.api.pull(repository, tag or "latest")
        # The pull call returns normally even if its stream reports an error.
        node.docker.api.inspect_image(image)
    except (DockerException, RequestException) as error:
        reason = getattr(error, "explanation", None) or error
        raise PlaygroundError(
            f"{node.name}: docker pull {image}: {reason}",
            hint="lab.node(1).exec(['docker', 'pull', …]) shows the engine's own words",
        ) from error


def _describe(tasks: list[TaskState]) -> str:
    """Return one line for each of the first ten tasks."""
    told = [f"{t.service}.{t.slot} on {t.node or 'no node'}: {t.state} {t.error}" for t in tasks]
    return "\n".join(told[:10])
