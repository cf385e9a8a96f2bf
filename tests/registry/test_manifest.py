"""Manifests and indexes keep the bytes they came as."""

import hashlib
import json

import pytest

from labs.registry import Descriptor, Index, InvalidManifest, Manifest, read_manifest
from labs.registry.manifest import DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST

CONFIG = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": "sha256:c", "size": 5}
LAYER = {"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": "sha256:l", "size": 9}


def image(**more):
    return json.dumps({"schemaVersion": 2, "config": CONFIG, "layers": [LAYER], **more}).encode()


def test_digest_is_of_the_bytes_served_and_not_of_the_json():
    spaced = image(mediaType=OCI_MANIFEST).replace(b": ", b" :  ")
    document = read_manifest(spaced)
    assert document.content == spaced
    assert document.digest == f"sha256:{hashlib.sha256(spaced).hexdigest()}"
    assert document.descriptor == Descriptor(OCI_MANIFEST, document.digest, len(spaced))


@pytest.mark.parametrize("kind", [OCI_MANIFEST, DOCKER_MANIFEST])
def test_manifest_lists_config_and_layers(kind):
    document = read_manifest(image(), f"{kind}; charset=utf-8")
    assert isinstance(document, Manifest)
    assert document.config.digest == "sha256:c"
    assert [layer.size_bytes for layer in document.layers] == [9]
    assert document.subject is None


@pytest.mark.parametrize("kind", [OCI_INDEX, DOCKER_LIST])
def test_index_lists_manifests_with_platforms(kind):
    arm = {"os": "linux", "architecture": "arm", "variant": "v7"}
    entry = {"mediaType": OCI_MANIFEST, "digest": "sha256:m", "size": 1, "platform": arm}
    document = read_manifest(json.dumps({"mediaType": kind, "manifests": [entry]}).encode())
    assert isinstance(document, Index)
    assert [it.platform for it in document.manifests] == ["linux/arm/v7"]


def test_subject_makes_a_referrer():
    subject = {"mediaType": OCI_MANIFEST, "digest": "sha256:s", "size": 2}
    assert read_manifest(image(subject=subject), OCI_MANIFEST).subject.digest == "sha256:s"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", OCI_MANIFEST),
        (b"<html>", OCI_MANIFEST),
        (b"[]", OCI_MANIFEST),
        (b"{}", OCI_MANIFEST),
        (b"{}", OCI_INDEX),
        (b'{"config": 1, "layers": []}', OCI_MANIFEST),
        (b'{"manifests": [{"size": 1}]}', OCI_INDEX),
        (b'{"schemaVersion": 1}', "application/vnd.docker.distribution.manifest.v1+json"),
    ],
)
def test_anything_else_is_invalid(content, kind):
    with pytest.raises(InvalidManifest):
        read_manifest(content, kind)
