"""The settings of a registry's container: variables of its environment, which win over those in its config file."""

from __future__ import annotations

from docker.models.containers import Container

from labs.lessons.common.container_files import read_file
from labs.registry import RegistrySettings, config_file, value_in, value_in_variables


def settings_of(container: Container) -> dict[str, str]:
    """Return the environment that a container was created with."""
    return dict(entry.partition("=")[::2] for entry in container.attrs["Config"]["Env"] or [])


def setting(container: Container, *path: str) -> str:
    """Return one setting of a registry, such as `auth`, `htpasswd`, `path`; empty if nothing says it.

    distribution takes a variable for the setting (`REGISTRY_AUTH_HTPASSWD_PATH`), one for a whole section, whose value
    is YAML (`REGISTRY_AUTH={"htpasswd": {"path": …}}`), and its config file.
    """
    # The file is read only where no variable decides: that is a request to the engine.
    return value_in_variables(settings_of(container), path) or value_in(_config(container), path)


def read_settings(container: Container) -> RegistrySettings:
    """Return the storage of a registry as its variables and its config file give it, from one reading of the file."""
    return RegistrySettings.read(settings_of(container), _config(container))


def driver_of(container: Container) -> str:
    """Return a registry's storage driver: `filesystem`, `inmemory`, `s3`, …"""
    return read_settings(container).driver


def keeps_files(container: Container) -> bool:
    """Whether a registry keeps its data in files of its container, and not in memory or in another server."""
    return driver_of(container) == "filesystem"


def _config(container: Container) -> str:
    command = [container.attrs["Path"], *container.attrs["Args"]]
    file = config_file(command, settings_of(container))
    content = (read_file(container, file) if file else None) or b""
    return content.decode(errors="replace")
