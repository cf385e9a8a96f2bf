"""Images for two processors, pushed by hand: one that this node runs, and one for another processor.

The second holds a message and no program. So what was pulled by mistake cannot run.
"""

from __future__ import annotations

import json
from typing import Any

import httpx

from labs.lesson import Lab
from labs.lessons.common import archive_of, upload_blob
from labs.registry import ACCEPT, digest_of

SHOP, TAG = "shop/app", "1"
NOTE = "/srv/shop-app.json"
"""A file of node 1: the digest of each image of `shop/app`, by its architecture."""
INDEX = "application/vnd.oci.image.index.v1+json"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar"
JSON = dict[str, Any]


def push_two_platforms(lab: Lab, repository: str, message: str) -> dict[str, JSON]:
    """Push an image for each of two processors, without a tag; return their descriptors by architecture.

    The one for this node has busybox's layer and a layer with the message, which it prints. Busybox has to be in the
    repository `busybox`.
    """
    with lab.http() as http:
        base, of_busybox = _busybox(http)
        layer = archive_of("message", f"{message}\n".encode())
        own = upload_blob(http, repository, layer, _LAYER)
        where = {"mount": base["digest"], "from": "busybox"}
        http.post(f"/v2/{repository}/blobs/uploads/", params=where).raise_for_status()
        here, message_id = of_busybox["architecture"], digest_of(layer)
        other = "arm64" if here == "amd64" else "amd64"
        layers = [{**base, "mediaType": f"{_LAYER}+gzip"}, own]
        both_ids = [*of_busybox["rootfs"]["diff_ids"], message_id]
        return {
            here: _push(http, repository, layers, _config(here, both_ids)),
            other: _push(http, repository, [own], _config(other, [message_id])),
        }


def deliver_shop(lab: Lab) -> None:
    """Push `shop/app:1`: an index for two processors, made by someone who mixed up its platforms."""
    images = push_two_platforms(lab, SHOP, "Welcome to the shop")
    swapped = zip(images.values(), reversed(images), strict=True)
    entries = [
        {**image, "platform": {"os": "linux", "architecture": wrong}} for image, wrong in swapped
    ]
    content = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}).encode()
    with lab.http() as http:
        _put(http, f"/v2/{SHOP}/manifests/{TAG}", content, INDEX)
    note = {architecture: image["digest"] for architecture, image in images.items()}
    lab.node().write_file(NOTE, json.dumps(note))


def _busybox(http: httpx.Client) -> tuple[JSON, JSON]:
    """Busybox's layer and its config."""
    manifest = http.get("/v2/busybox/manifests/latest", headers={"accept": ACCEPT}).json()
    config = http.get(f"/v2/busybox/blobs/{manifest['config']['digest']}").json()
    return manifest["layers"][0], config


def _config(architecture: str, diff_ids: list[str]) -> JSON:
    return {
        "os": "linux",
        "architecture": architecture,
        "config": {"Cmd": ["cat", "/message"]},
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
    }


def _push(http: httpx.Client, repository: str, layers: list[JSON], config: JSON) -> JSON:
    manifest = {
        "schemaVersion": 2,
        "mediaType": _MANIFEST,
        "config": upload_blob(http, repository, json.dumps(config).encode(), _CONFIG),
        "layers": layers,
    }
    content = json.dumps(manifest).encode()
    _put(http, f"/v2/{repository}/manifests/{digest_of(content)}", content, _MANIFEST)
    return {"mediaType": _MANIFEST, "digest": digest_of(content), "size": len(content)}


def _put(http: httpx.Client, url: str, content: bytes, kind: str) -> None:
    http.put(url, content=content, headers={"content-type": kind}).raise_for_status()
