"""What a registry was told by its variables and its configuration file: where it stores, and whether it logs.

distribution takes each setting of its file from a variable too, `REGISTRY_` and the path of the setting, and the
variable wins. Only the few lines that are asked for are read here, so the file needs no parser of YAML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from labs.registry.storage import STORAGE

CONFIG_FILES = ("/etc/docker/registry/config.yml", "/etc/distribution/config.yml")
"""Where distribution 2 and 3 have their file, unless a command names another one."""

_DRIVERS = ("filesystem", "inmemory", "s3", "swift", "azure", "gcs", "oss")
_ROOT = "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY"
_ACCESS_LOG = "REGISTRY_LOG_ACCESSLOG_DISABLED"
_TRUE = ("true", "1", "t", "yes", "on")


@dataclass(frozen=True)
class RegistrySettings:
    """Settings of one registry.

    Attributes:
        driver: Its storage: `filesystem`, `s3`, …
        root: The folder of the filesystem driver, in the container.
        access_log: Whether it writes a line for each request.
    """

    driver: str = "filesystem"
    root: str = STORAGE
    access_log: bool = True

    @classmethod
    def read(cls, variables: Mapping[str, str], file: str = "") -> RegistrySettings:
        """Read them from a container's variables and the text of its configuration file."""
        lines = _paths(file)
        off = variables.get(_ACCESS_LOG) or lines.get("log.accesslog.disabled", "")
        return cls(
            driver=_driver(variables, lines),
            root=variables.get(_ROOT) or lines.get("storage.filesystem.rootdirectory") or STORAGE,
            access_log=off.lower() not in _TRUE,
        )


def config_file(command: list[str]) -> str:
    """The configuration file that a registry's command names; empty if it names none."""
    named = [word for word in command if word.endswith((".yml", ".yaml"))]
    return named[-1] if named else ""


def _driver(variables: Mapping[str, str], lines: Mapping[str, str]) -> str:
    whole = variables.get("REGISTRY_STORAGE", "").strip()
    # `s3`, or the settings of a driver as JSON or YAML.
    for driver in _DRIVERS:
        if whole == driver or re.match(rf'\{{?\s*"?{driver}"?\s*:', whole):
            return driver
    others = [driver for driver in _DRIVERS if driver != "filesystem"]
    for driver in others:
        if any(name.startswith(f"REGISTRY_STORAGE_{driver.upper()}") for name in variables):
            return driver
    named = (path.split(".")[1] for path in lines if path.startswith("storage."))
    return next((name for name in named if name in _DRIVERS), "filesystem")


def _paths(file: str) -> dict[str, str]:
    """The lines of a YAML file in its block style, by the path of their keys: `storage.filesystem.rootdirectory`."""
    found: dict[str, str] = {}
    parents: list[tuple[int, str]] = []
    for line in file.splitlines():
        match = re.match(r"^( *)([\w-]+):\s*(.*?)\s*(?:#.*)?$", line)
        if not match:
            continue
        depth, key, value = len(match[1]), match[2], match[3]
        parents = [parent for parent in parents if parent[0] < depth]
        parents.append((depth, key))
        found[".".join(name for _, name in parents)] = _plain(value)
    return found


def _plain(value: str) -> str:
    """A scalar without its quotes."""
    if value.startswith('"') and value.endswith('"') and len(value) > 1:
        try:
            return str(json.loads(value))
        except ValueError:
            return value[1:-1]
    return value.strip("'")
