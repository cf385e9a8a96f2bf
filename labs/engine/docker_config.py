"""The Docker configuration that a client of the course uses instead of the student's `~/.docker/config.json`.

A lesson has a folder of its own for DOCKER_CONFIG, with a file that exists from the first moment: the SDK reads
`~/.docker` wherever its own file is missing, and sends passwords, proxies and headers that it finds there.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from docker import auth
from docker.utils import config as docker_config
from docker.utils.proxy import ProxyConfig

NAME = "config.json"
# Not an empty list: with one, `docker login` looks for a keyring on the student's machine and keeps the password of a
# lesson there (docker/cli, cli/config: DetectDefaultStore), and the SDK reads ~/.docker again at each request. The
# domain cannot exist (RFC 2606).
_NOWHERE = "lesson.invalid"
_NEW: dict[str, Any] = {"auths": {_NOWHERE: {}}}


def make_config_folder(folder: Path) -> Path:
    """Make a folder for DOCKER_CONFIG with a file in it, unless it is there; return the folder."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / NAME
    if not path.exists():
        # The file will hold passwords. 0600 as `docker login` has it, whatever the umask.
        file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as opened:
            json.dump(_NEW, opened)
    return folder


class DockerConfig:
    """What is in a config.json, read again whenever the file changes: `docker login` in a terminal writes it.

    Logins of the SDK are kept in memory beside those of the file; the later one of the two counts.

    Args:
        folder: For DOCKER_CONFIG; None for a client that has no logins.
    """

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / NAME if folder else None
        self._seen: tuple[int, ...] | None = None
        self._in_file: dict[str, Any] = {}
        self._logins = auth.AuthConfig({"auths": {_NOWHERE: {}}})

    @property
    def settings(self) -> dict[str, Any]:
        """What the SDK reads beside logins: headers, proxies for containers. It never is empty: see `_NOWHERE`."""
        known = {"HttpHeaders": dict, "proxies": dict, "detachKeys": str}
        found = self._read()
        return {n: found[n] for n, kind in known.items() if isinstance(found.get(n), kind)} | {
            "auths": {_NOWHERE: {}}
        }

    @property
    def logins(self) -> auth.AuthConfig:
        """The logins now. What the SDK adds to it is kept."""
        signature = self._signature()
        if signature != self._seen:
            self._seen = signature
            self._merge(_logins_in(self._read()))
        return self._logins

    def _merge(self, found: dict[str, Any]) -> None:
        kept, before = self._logins["auths"], self._in_file
        for host, login in before.items():
            # Logged out in the terminal. Another login of the SDK for the same host stays.
            if host not in found and kept.get(host) == login:
                del kept[host]
        kept.update({host: login for host, login in found.items() if before.get(host) != login})
        self._in_file = found

    def _signature(self) -> tuple[int, ...] | None:
        try:
            stat = self._path.stat() if self._path else None
        except OSError:
            return None
        # docker writes another file and renames it: a new inode where the clock is too coarse.
        return stat and (stat.st_mtime_ns, stat.st_size, stat.st_ino)

    def _read(self) -> dict[str, Any]:
        try:
            content = json.loads(self._path.read_bytes()) if self._path else {}
        except (OSError, ValueError):
            return {}  # as the SDK does; `docker` prints a warning
        return content if isinstance(content, dict) else {}


def _logins_in(content: dict[str, Any]) -> dict[str, Any]:
    """The logins in a config.json; an entry that cannot be read is left out."""
    entries = content.get("auths")
    found: dict[str, Any] = {}
    for host, entry in entries.items() if isinstance(entries, dict) else ():
        try:
            found |= auth.parse_auth({host: entry}, raise_on_error=True)
        except Exception:  # the SDK raises many kinds for base64 that is cut off
            continue
    return found


class BuildProxies(ProxyConfig):
    """Proxies of the student's config.json: for builds on the host's engine, and for no container."""

    def inject_proxy_environment(self, environment: Any) -> Any:
        """Leave a container's environment as it is: a node's engine would ask the proxy for its mirror."""
        return environment


def build_proxies() -> ProxyConfig:
    """The proxies that `~/.docker/config.json` has for builds; none where it cannot be read."""
    try:
        found = docker_config.load_general_config()["proxies"]["default"]
        return BuildProxies(ProxyConfig.from_dict(found))
    except (LookupError, TypeError, AttributeError):
        return BuildProxies()
