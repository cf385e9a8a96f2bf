"""The swarm of a run of grading, by the API of the manager that it was started on: services, configs, removal.

All objects carry the course's label and one of grading; by these they are found and removed, however a run ended.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

from docker.errors import APIError, NotFound

from labs import course
from labs.engine import Engine
from labs.grading.models import GradingError
from labs.grading.runners import job_messages
from labs.grading.runners.host_task import BESIDE
from labs.playground import COURSE, FOLDER, RUNTIME, service_spec
from labs.waiting import wait_until

GRADING = "org.registry-course.grading"
_SECOND = 10**9
# More than the grace period of a task, after which the engine kills it.
_LEAVE_S = 100.0
# A task that is stopped removes its playground first; Docker's default of 10 s is too short for
# that.
_GRACE_S = 60


class SwarmApi:
    """One run's part of a swarm.

    Args:
        engine: A manager of the swarm.
        token: Prefix of the names of all that this run creates.

    Raises:
        GradingError: The engine is not a manager.
    """

    def __init__(self, engine: Engine, token: str) -> None:
        self.api: Any = engine.client.api
        self.token = token
        about = engine.client.info()
        # The engine gives the host's network to no container of a service then.
        self._beside = "name=userns" in (about.get("SecurityOptions") or ())
        info = about.get("Swarm") or {}
        if not info.get("ControlAvailable"):
            state = info.get("LocalNodeState") or "inactive"
            kind = "a worker of a swarm" if state == "active" else f"in no swarm ({state})"
            raise GradingError(
                f"grade on a swarm: the engine at {engine.address} is {kind}",
                hint="point DOCKER_HOST at a manager, or make one: `docker swarm init`, `docker swarm join`",
            )
        self.node = str(info["NodeID"])
        self.labels = {
            COURSE: course.course_id(),
            FOLDER: str(course.course_root()),
            GRADING: token,
        }

    def name(self, part: str) -> str:
        """The full name of an object of this run."""
        return f"labs-{self.labels[COURSE]}-{self.token}-{part}"

    def open_nodes(self) -> list[dict[str, Any]]:
        """The nodes that accept tasks now."""
        return [
            node
            for node in self.api.nodes()
            if node["Status"]["State"] == "ready" and node["Spec"]["Availability"] == "active"
        ]

    def config(self, part: str, content: bytes, path: str) -> dict[str, Any]:
        """Store bytes as a config; returns the reference for a container's spec."""
        name = self.name(part)
        id = self.api.create_config(name, content, self.labels)["ID"]
        file = {"Name": path, "UID": "0", "GID": "0", "Mode": 0o444}
        return {"ConfigID": id, "ConfigName": name, "File": file}

    def serve(self, part: str, spec: dict[str, Any]) -> str:
        """Create a service; returns its id."""
        template = spec["TaskTemplate"]
        container = {**template["ContainerSpec"], "Labels": self.labels}
        whole = {
            **spec,
            "Name": self.name(part),
            "Labels": self.labels,
            "TaskTemplate": {**template, "ContainerSpec": container},
        }
        return str(service_spec.post(self.api, "/services/create", whole)["ID"])

    def job(self, part: str, image: str, work: Any, *, everywhere: bool = False) -> str:
        """Have a grader do some work once, on any node that is free, or on all; the service's id."""
        pieces = job_messages.pack(work)
        configs = [
            self.config(f"{part}-{place:04}", piece, f"{job_messages.FOLDER}/{place:04}")
            for place, piece in enumerate(pieces)
        ]
        # One CPU and 1 GB for each task, so that the scheduler does not overload a node. A sweep
        # has to run on every node, busy or not.
        needs = {} if everywhere else {"NanoCPUs": _SECOND, "MemoryBytes": 1 << 30}
        socket = "/var/run/docker.sock"
        container = {
            "Image": image,
            "Env": [f"LABS_COURSE={self.labels[FOLDER]}", *_runtime(), *self._network_variable()],
            "Configs": configs,
            "Mounts": [{"Type": "bind", "Source": socket, "Target": socket}],
            # A playground's nodes get the capabilities that this process has; it uses none itself.
            "CapabilityAdd": ["ALL"],
            "StopGracePeriod": _GRACE_S * _SECOND,
        }
        one = {"ReplicatedJob": {"MaxConcurrent": 1, "TotalCompletions": 1}}
        spec = {
            "TaskTemplate": {
                "ContainerSpec": container,
                "Networks": [] if self._beside else [{"Target": "host"}],
                "Resources": {"Reservations": needs},
                # The rest of a failed task is given to another job: this one is removed within the delay.
                "RestartPolicy": {"Condition": "on-failure", "Delay": 20 * _SECOND},
                # Results come back in this log, so the node's default driver, which may send logs
                # elsewhere, cannot be used.
                "LogDriver": {"Name": "json-file", "Options": {"max-size": "200m"}},
            },
            "Mode": {"GlobalJob": {}} if everywhere else one,
        }
        return self.serve(part, spec)

    def _network_variable(self) -> list[str]:
        """Tells a task that it is not in the host's network, which reaching nodes of playgrounds takes."""
        return [f"{BESIDE}=1"] if self._beside else []

    def tasks(self, service: str) -> list[dict[str, Any]]:
        """The tasks of a service, newest first."""
        found: list[dict[str, Any]] = self.api.tasks(filters={"service": service})
        return sorted(found, key=lambda task: task["CreatedAt"], reverse=True)

    def remove(self, service: str) -> None:
        """Remove a service and its configs; waits for the end of its tasks on nodes that are reachable."""
        with suppress(NotFound):
            raw = self.api.inspect_service(service)
            self.api.remove_service(service)
            wait_until(lambda: self._gone(service), f"the end of {service}", timeout_s=_LEAVE_S)
            for each in raw["Spec"]["TaskTemplate"]["ContainerSpec"].get("Configs") or []:
                self._drop(self.api.remove_config, each["ConfigID"])

    def _gone(self, service: str) -> bool:
        # A node that is down never reports the end of its tasks: waiting for them would not end.
        up = {node["ID"] for node in self.api.nodes() if node["Status"]["State"] == "ready"}
        ended = ("complete", "failed", "rejected", "shutdown", "orphaned", "remove")
        return not any(
            task.get("NodeID") in up and task["Status"]["State"] not in ended
            for task in self.tasks(service)
        )

    def remove_all(self, token: str = "") -> None:
        """Remove every service, config, network and volume of one run, or of every run of this course folder."""
        mark = f"{GRADING}={token}" if token else GRADING
        filters = {"label": [f"{COURSE}={self.labels[COURSE]}", mark]}
        for service in self.api.services(filters=filters):
            self.remove(service["ID"])
        # After the services: what a service uses cannot be removed.
        for config in self.api.configs(filters=filters):
            self._drop(self.api.remove_config, config["ID"])
        for network in self.api.networks(filters=filters):
            self._drop(self.api.remove_network, network["Id"])
        for volume in self.api.volumes(filters=filters)["Volumes"] or []:
            self._drop(self.api.remove_volume, volume["Name"])

    def _drop(self, remove: Any, id: str) -> None:
        """Remove an object, which a task that is ending may still use for a moment."""

        def gone() -> bool:
            try:
                remove(id)
            except NotFound:
                return True
            except APIError as error:
                # Engines give different codes for an object that is still in use.
                if error.status_code in (400, 403, 409, 500):
                    return False
                raise
            return True

        wait_until(gone, f"{id} to be let go of", timeout_s=60, interval_s=0.3)


def _runtime() -> list[str]:
    """The runtime of nodes, where it is not the default."""
    return [f"{RUNTIME}={os.environ[RUNTIME]}"] if os.environ.get(RUNTIME) else []
