"""The swarm that a run of grading uses, by the API of the manager it was started on: services, configs, removal.

Whatever is made carries the course's label and one of grading, and goes by them again, however a run ended.
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
from labs.playground import COURSE, FOLDER, RUNTIME, service_spec
from labs.waiting import wait_until

GRADING = "org.registry-course.grading"
_SECOND = 10**9
_LEAVE_S = 100.0
_GRACE_S = 60


class SwarmApi:
    """One run's part of a swarm.

    Args:
        engine: A manager of the swarm.
        token: Begins the name of all that this run makes.

    Raises:
        GradingError: The engine is no manager.
    """

    def __init__(self, engine: Engine, token: str) -> None:
        self.api: Any = engine.client.api
        self.token = token
        info = engine.client.info().get("Swarm") or {}
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
        """The name of something of this run."""
        return f"labs-{self.labels[COURSE]}-{self.token}-{part}"

    def open_nodes(self) -> list[dict[str, Any]]:
        """The nodes that take tasks now."""
        return [
            node
            for node in self.api.nodes()
            if node["Status"]["State"] == "ready" and node["Spec"]["Availability"] == "active"
        ]

    def config(self, part: str, content: bytes, path: str) -> dict[str, Any]:
        """Store bytes as a config; how a container refers to it."""
        name = self.name(part)
        id = self.api.create_config(name, content, self.labels)["ID"]
        file = {"Name": path, "UID": "0", "GID": "0", "Mode": 0o444}
        return {"ConfigID": id, "ConfigName": name, "File": file}

    def serve(self, part: str, spec: dict[str, Any]) -> str:
        """Make a service; its id."""
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
        needs = {} if everywhere else {"NanoCPUs": _SECOND, "MemoryBytes": 1 << 30}
        socket = "/var/run/docker.sock"
        container = {
            "Image": image,
            "Env": [f"LABS_COURSE={self.labels[FOLDER]}", *_runtime()],
            "Configs": configs,
            "Mounts": [{"Type": "bind", "Source": socket, "Target": socket}],
            # What nodes of a playground get is read off this process; it asks for nothing by itself.
            "CapabilityAdd": ["ALL"],
            "StopGracePeriod": _GRACE_S * _SECOND,
        }
        one = {"ReplicatedJob": {"MaxConcurrent": 1, "TotalCompletions": 1}}
        spec = {
            "TaskTemplate": {
                "ContainerSpec": container,
                "Networks": [{"Target": "host"}],
                "Resources": {"Reservations": needs},
                # What one leaves is for another job, so a failed one is removed before this is over.
                "RestartPolicy": {"Condition": "on-failure", "Delay": 20 * _SECOND},
                "LogDriver": {"Name": "json-file", "Options": {"max-size": "200m"}},
            },
            "Mode": {"GlobalJob": {}} if everywhere else one,
        }
        return self.serve(part, spec)

    def tasks(self, service: str) -> list[dict[str, Any]]:
        """The tasks of a service, the youngest first."""
        found: list[dict[str, Any]] = self.api.tasks(filters={"service": service})
        return sorted(found, key=lambda task: task["CreatedAt"], reverse=True)

    def remove(self, service: str) -> None:
        """Remove a service and its configs, and wait until its tasks have ended where they can be told to."""
        with suppress(NotFound):
            raw = self.api.inspect_service(service)
            self.api.remove_service(service)
            wait_until(lambda: self._gone(service), f"the end of {service}", timeout_s=_LEAVE_S)
            for each in raw["Spec"]["TaskTemplate"]["ContainerSpec"].get("Configs") or []:
                self._drop(self.api.remove_config, each["ConfigID"])

    def _gone(self, service: str) -> bool:
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
        for config in self.api.configs(filters=filters):
            self._drop(self.api.remove_config, config["ID"])
        for network in self.api.networks(filters=filters):
            self._drop(self.api.remove_network, network["Id"])
        for volume in self.api.volumes(filters=filters)["Volumes"] or []:
            self._drop(self.api.remove_volume, volume["Name"])

    def _drop(self, remove: Any, id: str) -> None:
        """Remove what a task on its way out may still hold for a moment."""

        def gone() -> bool:
            try:
                remove(id)
            except NotFound:
                return True
            except APIError as error:
                if error.status_code in (400, 403, 409, 500):
                    return False
                raise
            return True

        wait_until(gone, f"{id} to be let go of", timeout_s=60, interval_s=0.3)


def _runtime() -> list[str]:
    """The runtime of nodes, where it is not the usual one."""
    return [f"{RUNTIME}={os.environ[RUNTIME]}"] if os.environ.get(RUNTIME) else []
