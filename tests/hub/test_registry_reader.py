"""What the hub reads of manifests that anyone may have written."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.conf import settings

from labs.hub import registry_reader

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
DIGEST = "sha256:" + "a" * 64


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, tuple[str, bytes]]]:
    """An HTTP server with the answers that a test puts into it: by path, type and bytes."""
    answers: dict[str, tuple[str, bytes]] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = answers.get(self.path.partition("?")[0], ("", b""))
            self.send_response(200 if kind else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Docker-Content-Digest", DIGEST)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setattr(settings, "REGISTRY", f"http://127.0.0.1:{server.server_port}")
    yield answers
    server.shutdown()
    server.server_close()


def put(served: dict[str, tuple[str, bytes]], document: Any, kind: str = MANIFEST) -> None:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    served["/v2/acme/app/manifests/1"] = (kind, body)


def image(config: bytes = b"{}", **other: Any) -> dict[str, Any]:
    described = {"mediaType": CONFIG, "digest": DIGEST, "size": 10}
    return {"config": described, "layers": [{"digest": DIGEST, "size": 90}], **other}


def test_image_has_size_platform_and_layers(served: dict[str, tuple[str, bytes]]):
    put(served, image())
    config = {"os": "linux", "architecture": "arm64", "variant": "v8"}
    served[f"/v2/acme/app/blobs/{DIGEST}"] = (CONFIG, json.dumps(config).encode())
    found = registry_reader.describe("acme/app", "1")
    assert found
    assert (found.size, found.platforms, found.digest) == (100, ["linux/arm64/v8"], DIGEST)
    assert found.layers == [{"digest": DIGEST, "size": 90}]


def test_index_has_the_platforms_of_what_it_lists(served: dict[str, tuple[str, bytes]]):
    listed = [
        {"platform": {"os": "linux", "architecture": each}} for each in ("arm64", "amd64", "amd64")
    ]
    put(served, {"manifests": [*listed, {"platform": {"os": "unknown"}}, {}]}, INDEX)
    found = registry_reader.describe("acme/app", "1")
    assert found
    assert (found.size, found.platforms) == (None, ["linux/amd64", "linux/arm64"])


def test_size_of_an_index_is_the_sum_of_its_images(served: dict[str, tuple[str, bytes]]):
    digests = {"amd64": "sha256:" + "b" * 64, "arm64": "sha256:" + "c" * 64}
    listed = [
        {"digest": digest, "platform": {"os": "linux", "architecture": name}}
        for name, digest in digests.items()
    ]
    put(served, {"manifests": listed}, INDEX)
    for size, digest in zip((100, 200), digests.values(), strict=True):
        body = json.dumps({"layers": [{"size": size}], "config": {"size": 7}}).encode()
        served[f"/v2/acme/app/manifests/{digest}"] = (MANIFEST, body)
    found = registry_reader.describe("acme/app", "1")
    assert found
    assert found.size == 314
    assert [(each["platform"], each["size"]) for each in found.manifests] == [
        ("linux/amd64", 107),
        ("linux/arm64", 207),
    ]


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        {"layers": None},
        {"layers": [{}], "config": {}},
        {"layers": [{"digest": 5}], "config": []},
        {"layers": 7},
        image(layers=[{"digest": DIGEST, "size": 1 << 80}]),
        image(layers=[{"digest": DIGEST, "size": "much"}]),
        b"[" * 100_000,
    ],
)
def test_document_that_makes_no_sense_is_noted_without_a_size(
    served: dict[str, tuple[str, bytes]], document: Any
):
    """An event that cannot be noted would be sent again for ever, and all others wait behind it."""
    put(served, document)
    found = registry_reader.describe("acme/app", "1")
    assert found
    assert found.size is None or 0 <= found.size < 1 << 63


@pytest.mark.parametrize("config", [b"hello", b"[]", b"null", b"x" * (3 << 20)])
def test_config_that_makes_no_sense_has_no_platform(
    served: dict[str, tuple[str, bytes]], config: bytes
):
    put(served, image())
    served[f"/v2/acme/app/blobs/{DIGEST}"] = (CONFIG, config)
    found = registry_reader.describe("acme/app", "1")
    assert found
    assert found.platforms == []


def test_manifest_that_is_not_there(served: dict[str, tuple[str, bytes]]):
    assert registry_reader.describe("acme/app", "2") is None
