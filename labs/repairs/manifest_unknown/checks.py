"""Whether the image is back, and where the registry would find it after its next update."""

from __future__ import annotations

import re
from dataclasses import replace

from labs.lesson import Answers, Finding, not_yet, passed
from labs.lessons import driver_of, on_port, storage_mount
from labs.playground import Playground
from labs.repairs.common import image_kept, user_pulls

_NO_NAME = re.compile(r"[0-9a-f]{64}")


def mended(playground: Playground, notes: Answers) -> Finding:
    """Node 2 has pulled the image, and the registry's data is in a place that its command names."""
    found = image_kept(playground, notes)
    if found:
        return replace(
            found,
            hint="the old volume is still on node 1: `docker volume ls`, and look into each of them",
        )
    return _lost_with_the_next_update(playground) or user_pulls(playground, notes) or passed()


def _lost_with_the_next_update(playground: Playground) -> Finding | None:
    container = on_port(playground.node(1), 5000)
    if container is None:
        return not_yet("nothing on port 5000 of node 1 is a container", hint="run it in one")
    if driver_of(container) != "filesystem":
        return None
    mount = storage_mount(container)
    if not mount:
        return not_yet(
            "the registry writes into its container, wanted a volume with a name or a folder",
            hint="what is in the container's own layer goes with it: -v registry-data:/var/lib/registry",
        )
    # A volume of 64 digits is fine where the command names it: the next container gets it in the same way.
    named = any(each.get("Name") for each in _mounts_asked_for(container.attrs))
    if mount["Type"] == "volume" and _NO_NAME.fullmatch(mount["Name"]) and not named:
        return not_yet(
            "the image is back in a volume without a name: the next update loses it again",
            hint="-v NAME:/var/lib/registry with a name that you give, or the old volume's own",
        )
    return None


def _mounts_asked_for(attrs: dict[str, object]) -> list[dict[str, str]]:
    """The volumes that a container's command named."""
    config = attrs["HostConfig"]
    assert isinstance(config, dict)
    binds = [{"Name": each.partition(":")[0]} for each in config.get("Binds") or ()]
    return binds + [{"Name": each.get("Source", "")} for each in config.get("Mounts") or ()]
