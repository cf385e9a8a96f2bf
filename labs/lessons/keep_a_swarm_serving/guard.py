"""Who guards the registry's port: the service behind it, its file of members, and where that file comes from."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any

from labs.playground import Node, Playground, edge, specs

PORT = 5000
_PATH = "REGISTRY_AUTH_HTPASSWD_PATH"
_BCRYPT = re.compile(r"\$2[aby]?\$\d\d\$[./A-Za-z0-9]{53}")
_SECRETS = "/run/secrets/"


@dataclass(frozen=True)
class Guard:
    """The service behind port 5000.

    Attributes:
        name: Its name.
        path: Of the members' file, as its task sees it; empty where its environment names none.
        lines: That file: what stands behind each member's name; empty where it cannot be read.
        path_of_secret: Whether a secret is mounted there.
        unused_secrets: Names of secrets that no service uses.
        shown_in: What shows hashes to everybody who may ask a manager, `the config members`; empty if nothing.
    """

    name: str
    path: str
    lines: dict[str, str]
    path_of_secret: bool
    unused_secrets: tuple[str, ...]
    shown_in: str

    @classmethod
    def of(cls, playground: Playground) -> Guard | None:
        """None where no service has the port.

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
            _read(playground.nodes, raw["Spec"]["Name"], path),
            path in [_mounted(secret) for secret in content.get("Secrets") or []],
            _unused(api.secrets(), services),
            _shown(api.configs(), services),
        )

    @property
    def has_other_hash(self) -> list[str]:
        """Members whose line has no bcrypt."""
        return [user for user, rest in self.lines.items() if not _BCRYPT.fullmatch(rest)]


def _behind(services: list[specs.Raw]) -> specs.Raw | None:
    """The service that the port leads to, by the mesh or by an edge."""
    named = {raw["Spec"]["Name"]: raw for raw in services}
    for raw in services:
        if any(port.get("PublishedPort") == PORT for port in specs.ports(raw)):
            before = (raw["Spec"].get("Labels") or {}).get(edge.BEHIND)
            return named.get(before) if before else raw
    return None


def _read(nodes: list[Node], service: str, path: str) -> dict[str, str]:
    """The members' file in the first task that runs: asked inside, since a secret is on no disk."""
    if not path:
        return {}
    label = {"label": f"com.docker.swarm.service.name={service}"}
    for node in nodes:
        for container in node.docker.containers.list(filters=label, ignore_removed=True):
            done: Any = container.exec_run(["cat", path])
            lines = done.output.decode(errors="replace").splitlines() if not done.exit_code else []
            if lines:
                return dict(_parts(line.strip()) for line in lines if line.strip())
    return {}


def _parts(line: str) -> tuple[str, str]:
    user, _, rest = line.partition(":")
    return user, rest


def _mounted(secret: specs.Raw) -> str:
    name = str((secret.get("File") or {}).get("Name", ""))
    return name if name.startswith("/") else _SECRETS + name


def _unused(secrets: list[specs.Raw], services: list[specs.Raw]) -> tuple[str, ...]:
    used = {
        secret["SecretID"]
        for raw in services
        for secret in raw["Spec"]["TaskTemplate"]["ContainerSpec"].get("Secrets") or []
    }
    return tuple(sorted(each["Spec"]["Name"] for each in secrets if each["ID"] not in used))


def _shown(configs: list[specs.Raw], services: list[specs.Raw]) -> str:
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
