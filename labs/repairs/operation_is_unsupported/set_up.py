"""A registry as it is by default, with two images in one repository."""

from __future__ import annotations

from typing import Any

from labs.lessons import ask
from labs.playground import Playground
from labs.registry import Manifest, RegistryClient
from labs.repairs.common import REPOSITORY, run_registry, said, stock

LEAKED = "leaked"


def set_up(playground: Playground) -> dict[str, Any]:
    """Push both."""
    server = playground.node(1)
    run_registry(server)
    digest = stock(server)
    leaked = stock(server, tag=LEAKED, image="busybox:latest")
    manifest = RegistryClient(server.url(5000)).manifest(REPOSITORY, leaked)
    assert isinstance(manifest, Manifest)
    return {"digest": digest, "leaked": leaked, "layer": manifest.layers[0].digest}


def reproduce(playground: Playground) -> str:
    """Delete by digest; where there is nothing to delete any more, nothing is refused."""
    server = playground.node(1)
    found = ask(f"{server.url(5000)}/v2/{REPOSITORY}/tags/list")
    if found is None or LEAKED not in (found.json().get("tags") or ()):
        return ""
    leaked = RegistryClient(server.url(5000)).head(REPOSITORY, LEAKED).digest
    return said(ask(f"{server.url(5000)}/v2/{REPOSITORY}/manifests/{leaked}", method="DELETE"))
