"""Whether every byte of node 2's image is in the registry, read from its storage."""

from __future__ import annotations

from labs.lesson import Answers, Finding, not_yet, passed
from labs.playground import Playground
from labs.registry import Manifest, RegistryClient, RegistryError
from labs.repairs.common import TOOL, image_kept, still_pulls

_PUSH = "restart the registry, which empties its memory of blobs, and push from node 2 again"


def mended(playground: Playground, notes: Answers) -> Finding:
    """The old image is there, and manifest, config and layers of team/tool:1 can be read."""
    if missing := image_kept(playground, notes):
        return missing
    registry = RegistryClient(playground.node(1).url(5000))
    try:
        manifest = registry.manifest(TOOL, "1")
    except RegistryError as error:
        return not_yet(f"{TOOL}:1 cannot be pulled: {error.status} {error.code}", hint=_PUSH)
    if manifest.digest != notes["tool"]:
        return not_yet(
            f"{TOOL}:1 is another image than Rosa's, busybox on node 2",
            hint="node 2 has the right one: docker push registry.lab:5000/team/tool:1",
        )
    assert isinstance(manifest, Manifest)
    for blob in (manifest.config, *manifest.layers):
        try:
            registry.blob(TOOL, blob.digest)
        except RegistryError:
            return not_yet(
                f"{TOOL}:1 has a manifest, and not all of its blobs can be read", hint=_PUSH
            )
    return still_pulls(playground.node(2), notes) or passed()
