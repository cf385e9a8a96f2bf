"""Reads the service behind the registry's port: its password file, and where that file comes from."""

from __future__ import annotations

import base64
import re
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from typing import Any

from docker.errors import APIError

from labs.lessons.common import PasswordLines
from labs.playground import Playground, haproxy, service_spec
from labs.waiting import WaitTimeout, wait_until

PORT = 5000
_PATIENCE_S = 20.0  # an update stops a task and starts another one
_READING_S = 5.0  # a container that runs may not accept exec yet
_AGAIN = 2  # a task that exited twice will exit again
_PATH = "REGISTRY_AUTH_HTPASSWD_PATH"
_BCRYPT = re.compile(r"\$2[aby]?\$\d\d\$[./A-Za-z0-9]{53}")
_SECRETS = "/run/secrets/"


@dataclass(frozen=True)
class Guard:
    """The service behind port 5000.

    Attributes:
        name: Its name.
        path: Of the members' file, as its task sees it; empty where its environment names none.
        lines: That file: the hash of each member; empty if it cannot be read.
        path_of_secret: Whether a secret is mounted there.
        unused_secrets: Names of secrets that no service uses.
        shown_in: What shows hashes to every client of a manager, `the config members`; empty if nothing does.
    """

    name: str
    path: str
    lines: dict[str, str]
    path_of_secret: bool
    unused_secrets: tuple[str, ...]
    shown_in: str

    @classmethod
    def of(cls, playground: Playground) -> Guard | None:
        """Read the service; return None if no service has the port.

        Raises:
            NodeUnavailable: The swarm has no quorum.
        """
        api: Any = playground.swarm.reach().docker.api
        services = api.services()
        raw = _behind(services)
        if raw is None:
            return None
        content = raw["Spec"]["TaskTemplate"]["ContainerSpec"]
        path = dict(e.partition("=")[::2] for e in content.get("Env") or []).get(_PATH, "")
        return cls(
            raw["Spec"]["Name"],
            path,
            _read(playground, raw, path),
            path in [_mounted(secret) for secret in content.get("Secrets") or []],
            _unused(api.secrets(), services),
            _shown(api.configs(), services),
        )

    @classmethod
    def settled(cls, playground: Playground) -> Guard | None:
        """The same, once its tasks are those that the service asks for now: an update takes some seconds."""
        with suppress(WaitTimeout):
            wait_until(
                lambda: _is_settled(playground) or has_given_up(playground),
                "tasks",
                timeout_s=_PATIENCE_S,
                interval_s=0.3,
            )
        return cls.of(playground)

    @property
    def has_other_hash(self) -> list[str]:
        """Members whose line has no bcrypt."""
        return [user for user, rest in self.lines.items() if not _BCRYPT.fullmatch(rest)]


def has_given_up(playground: Playground) -> bool:
    """Whether waiting is useless: no service has the port, its update failed, or its tasks exit again and again."""
    raw, tasks = _asked(playground)
    if raw is None or (raw.get("UpdateStatus") or {}).get("State") == "paused":
        return True
    own = [task["Status"]["State"] for task in tasks if _is_as_asked(task, raw)]
    ended = sum(state in ("failed", "rejected", "complete") for state in own)
    return ended >= _AGAIN and "running" not in own


def _is_settled(playground: Playground) -> bool:
    """Whether each task that is wanted runs and is made as the service says now."""
    raw, tasks = _asked(playground)
    wanted = [task for task in tasks if task["DesiredState"] in ("ready", "running")]
    return bool(raw and wanted) and all(
        _is_as_asked(task, raw) and task["Status"]["State"] == "running" for task in wanted
    )


def _asked(playground: Playground) -> tuple[service_spec.Raw | None, list[service_spec.Raw]]:
    """The service behind the port, and all its tasks."""
    api: Any = playground.swarm.reach().docker.api
    raw = _behind(api.services())
    return raw, api.tasks(filters={"service": raw["ID"]}) if raw else []


def _is_as_asked(task: service_spec.Raw, service: service_spec.Raw | None) -> bool:
    content = service and service["Spec"]["TaskTemplate"]["ContainerSpec"]
    return bool(task["Spec"]["ContainerSpec"] == content)


def _behind(services: list[service_spec.Raw]) -> service_spec.Raw | None:
    """The service that the port leads to, by the mesh or by an edge."""
    named = {raw["Spec"]["Name"]: raw for raw in services}
    for raw in services:
        if any(port.get("PublishedPort") == PORT for port in service_spec.ports(raw)):
            before = (raw["Spec"].get("Labels") or {}).get(haproxy.BEHIND)
            return named.get(before) if before else raw
    return None


def _read(playground: Playground, service: service_spec.Raw, path: str) -> dict[str, str]:
    """The members' file in the first task that runs as the service asks: read inside, since a secret is on no disk."""
    lines: list[str] = []

    def finds() -> bool:
        lines[:] = _lines(playground, service, path)
        return bool(lines)

    if path:
        with suppress(WaitTimeout):
            wait_until(finds, path, timeout_s=_READING_S, interval_s=0.5)
    return PasswordLines.read("\n".join(lines)).hashes


def _lines(playground: Playground, service: service_spec.Raw, path: str) -> list[str]:
    api: Any = playground.swarm.reach().docker.api
    tasks = api.tasks(filters={"service": service["ID"], "desired-state": "running"})
    wanted: Any = [f"com.docker.swarm.task.id={t['ID']}" for t in tasks if _is_as_asked(t, service)]
    for node, label in product(playground.nodes, wanted):
        for container in node.docker.containers.list(filters={"label": label}, ignore_removed=True):
            # The task may have ended meanwhile.
            with suppress(APIError):
                done: Any = container.exec_run(["cat", path])
                # A machine under load sometimes loses what a command printed: then the next task is asked.
                if not done.exit_code and done.output:
                    lines = done.output.decode(errors="replace").split("\n")
                    return [line for line in lines if line.strip()]
    return []


def _mounted(secret: service_spec.Raw) -> str:
    # A file name without a slash is below /run/secrets, an absolute one is where it says.
    name = str((secret.get("File") or {}).get("Name", ""))
    return name if name.startswith("/") else _SECRETS + name


def _unused(secrets: list[service_spec.Raw], services: list[service_spec.Raw]) -> tuple[str, ...]:
    used = {
        secret["SecretID"]
        for raw in services
        for secret in raw["Spec"]["TaskTemplate"]["ContainerSpec"].get("Secrets") or []
    }
    return tuple(sorted(each["Spec"]["Name"] for each in secrets if each["ID"] not in used))


def _shown(configs: list[service_spec.Raw], services: list[service_spec.Raw]) -> str:
    for each in sorted(configs, key=lambda config: str(config["Spec"]["Name"])):
        content = base64.b64decode(each["Spec"].get("Data") or "").decode(errors="replace")
        if _BCRYPT.search(content):
            return f"the config {each['Spec']['Name']}"
    for raw in services:
        content = raw["Spec"]["TaskTemplate"]["ContainerSpec"]
        words = (content.get(part) or [] for part in ("Env", "Command", "Args"))
        if any(_BCRYPT.search(word) for part in words for word in part):
            return f"the service {raw['Spec']['Name']}"
    return ""
