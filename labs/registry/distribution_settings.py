"""What a registry was told by its variables and its configuration file: where it stores, and whether it logs.

distribution takes each setting of its file from a variable too, `REGISTRY_` and the path of the setting, or from one
that holds a whole section; a variable wins over the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labs.registry.storage import STORAGE
from labs.registry.yaml_values import value_in

CONFIG_FILES = ("/etc/docker/registry/config.yml", "/etc/distribution/config.yml")
"""Where distribution 2 and 3 have their file, unless a command names another one."""

_DRIVERS = ("inmemory", "s3", "s3aws", "swift", "azure", "gcs", "oss")  # beside `filesystem`
_ROOT = ("storage", "filesystem", "rootdirectory")
_LOG_OFF = ("log", "accesslog", "disabled")
_ADDRESS = ("http", "addr")


@dataclass(frozen=True)
class RegistrySettings:
    """Settings of one registry.

    Attributes:
        driver: Its storage: `filesystem`, `s3`, …
        root: The folder of the filesystem driver, in the container.
        access_log: Whether it writes a line for each request.
        port: Where it listens, in its container.
    """

    driver: str = "filesystem"
    root: str = STORAGE
    access_log: bool = True
    port: int = 5000

    @classmethod
    def read(cls, variables: Mapping[str, str], file: str = "") -> RegistrySettings:
        """Read them from a container's variables and the text of its configuration file."""
        return cls(
            driver=_driver(variables, file),
            root=_setting(variables, file, _ROOT) or STORAGE,
            access_log=_setting(variables, file, _LOG_OFF).lower()
            not in ("true", "1", "t", "yes", "on"),
            port=_port(_setting(variables, file, _ADDRESS)),
        )


def config_file(command: Sequence[str], variables: Mapping[str, str]) -> str:
    """The configuration file that a registry's command or its variable names; empty if neither does."""
    # Also in one word, `sh -c "registry serve /config.yml"`.
    words = [word.strip("\"';") for part in command for word in part.split()]
    # Any name is allowed: the file is the argument of `serve`.
    after = [word for word, before in zip(words[1:], words, strict=False) if before == "serve"]
    named = [word for word in words if word.endswith((".yml", ".yaml"))]
    return (after or named or [variables.get("REGISTRY_CONFIGURATION_PATH", "")])[-1]


def value_in_variables(variables: Mapping[str, str], path: tuple[str, ...]) -> str:
    """Return a setting that a variable names, or a variable with the section around it as YAML; empty if none does.

    Args:
        variables: Of a registry's container.
        path: Of the setting in a configuration file: `auth`, `htpasswd`, `path`.
    """
    for depth in range(len(path), 0, -1):
        value = variables.get("_".join(("REGISTRY", *path[:depth])).upper(), "").strip()
        if value and depth == len(path):
            return value
        if found := value_in(value, path[depth:]):
            return found
    return ""


def _setting(variables: Mapping[str, str], file: str, path: tuple[str, ...]) -> str:
    return value_in_variables(variables, path) or value_in(file, path)


def _port(address: str) -> int:
    """The port of `:5000` or `127.0.0.1:5000`; distribution's own if it names none."""
    port = address.rpartition(":")[2]
    return int(port) if port.isdecimal() else 5000


def _driver(variables: Mapping[str, str], file: str) -> str:
    chosen = variables.get("REGISTRY_STORAGE", "").strip()
    if re.fullmatch(r"\w+", chosen):
        return chosen
    for driver in _DRIVERS:
        variable = re.compile(rf"REGISTRY_STORAGE_{driver.upper()}(?:_|$)")
        key = re.compile(rf"^[^#\n]*(?<![\w-]){driver}[\"']?\s*:", re.MULTILINE)
        if any(variable.match(name) for name in variables) or key.search(chosen or _section(file)):
            return driver
    return "filesystem"


def _section(file: str) -> str:
    """The lines of a configuration file below `storage:`."""
    found = re.search(r"^storage:.*\n((?:[ #].*\n|\n)*)", f"{file}\n", re.MULTILINE)
    return found[0] if found else ""
