"""The settings of a registry's container: variables of its environment, which win over those in its config file."""

from __future__ import annotations

import re

from docker.models.containers import Container

from labs.lessons.common.container_files import read_file
from labs.registry import value_in, value_in_variables

_CONFIG_VARIABLE = "REGISTRY_CONFIGURATION_PATH"
# A storage driver that keeps nothing in the container's files, as a variable or as a key of YAML.
_ELSEWHERE = r"(?:inmemory|s3|s3aws|swift|azure|gcs|oss)"
_ELSEWHERE_VARIABLE = re.compile(rf"REGISTRY_STORAGE_{_ELSEWHERE.upper()}(?:_|$)")
_ELSEWHERE_KEY = re.compile(rf"^[^#\n]*(?<![\w-]){_ELSEWHERE}[\"']?\s*:", re.MULTILINE)


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


def keeps_files(container: Container) -> bool:
    """Whether a registry keeps its data in files of its container, and not in memory or in another server."""
    environment = settings_of(container)
    chosen = environment.get("REGISTRY_STORAGE", "")
    if chosen and not chosen.lstrip().startswith("{"):
        return chosen == "filesystem"
    if any(_ELSEWHERE_VARIABLE.match(name) for name in environment):
        return False
    return not _ELSEWHERE_KEY.search(chosen or _config(container))


def _config(container: Container) -> str:
    file = _config_file(container)
    content = (read_file(container, file) if file else None) or b""
    return content.decode(errors="replace")


def _config_file(container: Container) -> str:
    """The path of a registry's config file inside its container; empty if none is named."""
    words = container.attrs["Args"]
    named = [word for word in words if word.endswith((".yml", ".yaml"))]
    # Any name is allowed: the file is the argument of `serve`.
    named = named or [word for word in words if word.startswith("/")]
    return named[-1] if named else settings_of(container).get(_CONFIG_VARIABLE, "")
