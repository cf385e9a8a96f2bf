"""A small HTTP server in a thread that answers as a class registry does, and can break an answer: for unit tests."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from labs.images.catalog import SOURCE_LABEL, Catalog, Image
from labs.registry.manifest import DOCKER_MANIFEST


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class ClassServer:
    """What it serves, by path, and the requests that it got.

    Attributes:
        cut: How many bytes of a body it sends before it closes the connection, one number an answer.
        ranges: Whether it knows ranges.
    """

    def __init__(self) -> None:
        self.url = ""
        self.bodies: dict[str, tuple[str, bytes]] = {"/v2/": ("application/json", b"{}")}
        self.status: dict[str, list[int]] = {}
        self.requests: list[tuple[str, str]] = []
        self.cut: list[int] = []
        self.ranges = True

    def add_blob(self, repository: str, content: bytes) -> str:
        self.bodies[f"/v2/{repository}/blobs/{digest(content)}"] = ("", content)
        return digest(content)

    def add(self, image: Image, layers: list[bytes], **changes: Any) -> dict[str, Any]:
        """Serve an image as this checkout makes it; `changes` are of its config. Return its manifest."""
        repository = image.name.rpartition(":")[0]
        config = {
            "architecture": "amd64",
            "config": {"Labels": {SOURCE_LABEL: f"build:{image.fingerprint()}"}},
            "rootfs": {"diff_ids": [digest(layer) for layer in layers]},
            **changes,
        }
        content = json.dumps(config).encode()
        packed = [gzip.compress(layer, mtime=0) for layer in layers]
        manifest = {
            "mediaType": DOCKER_MANIFEST,
            "config": self._descriptor(repository, content),
            "layers": [self._descriptor(repository, layer) for layer in packed],
        }
        self.put(image, manifest)
        return manifest

    def put(self, image: Image, document: dict[str, Any], reference: str = "") -> str:
        repository, _, tag = image.name.rpartition(":")
        content = json.dumps(document).encode()
        path = f"/v2/{repository}/manifests/"
        self.bodies[path + (reference or tag)] = (document["mediaType"], content)
        return digest(content)

    def _descriptor(self, repository: str, content: bytes) -> dict[str, Any]:
        return {"mediaType": "", "digest": self.add_blob(repository, content), "size": len(content)}


class _Handler(BaseHTTPRequestHandler):
    served: ClassServer

    def do_GET(self) -> None:
        served, wanted = self.served, self.headers.get("Range", "")
        served.requests.append((self.path, wanted))
        status = served.status.get(self.path, [])
        kind, body = served.bodies.get(self.path, ("", b""))
        code = status.pop(0) if status else 200 if self.path in served.bodies else 404
        if wanted and served.ranges and code == 200:
            code, body = 206, body[int(wanted.removeprefix("bytes=").removesuffix("-")) :]
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", kind)
        self.end_headers()
        cut = served.cut.pop(0) if served.cut and "/blobs/" in self.path else len(body)
        self.wfile.write(body[:cut])
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def class_server() -> Iterator[ClassServer]:
    served = ClassServer()
    handler = type("Handler", (_Handler,), {"served": served})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        served.url = f"http://127.0.0.1:{http.server_port}"
        threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
        yield served
        http.shutdown()


def every_image(served: ClassServer, catalog: Catalog, **changes: Any) -> None:
    """Serve all images of the catalog, each with two small layers."""
    for image in catalog.all():
        more = dict(changes)
        if image is catalog.mirror:
            more["config"] = {"Labels": {SOURCE_LABEL: "mirror:0123456789ab"}}
        served.add(image, [image.key.encode(), b"shared"], **more)
