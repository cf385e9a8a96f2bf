"""What of an image cannot be pulled, said of a registry that has it, has parts of it, or announces what it has not."""

from __future__ import annotations

import httpx

from labs.lessons.common import blob_file, missing_part
from labs.lessons.common.by_hand import HandMade, image, index
from labs.registry import RegistryClient, digest_of

ONE, TWO = image(b"one"), image(b"two", architecture="arm64")
BOTH = index(ONE, TWO)


def registry_with(*documents: HandMade, without: tuple[bytes, ...] = ()) -> RegistryClient:
    """A registry that has these, but for some bytes: it announces those and closes the connection."""
    types = {digest_of(each.content): each.media_type for each in documents}
    held = {digest_of(each.content): each.content for each in documents}
    held |= {digest_of(blob): blob for each in documents for blob in each.blobs}

    def answer(request: httpx.Request) -> httpx.Response:
        digest = request.url.path.rpartition("/")[2]
        if digest not in held:
            code = "BLOB_UNKNOWN" if "/blobs/" in request.url.path else "MANIFEST_UNKNOWN"
            return httpx.Response(404, json={"errors": [{"code": code}]})
        if held[digest] in without:
            raise httpx.RemoteProtocolError("peer closed connection")
        return httpx.Response(
            200, content=held[digest], headers={"content-type": types.get(digest, "")}
        )

    return RegistryClient("http://registry", transport=httpx.MockTransport(answer))


def test_image_and_index_that_are_whole() -> None:
    registry = registry_with(ONE, TWO, BOTH)
    assert missing_part(registry, "team/app", ONE.digest) == ""
    assert missing_part(registry, "team/app", BOTH.digest) == ""


def test_manifest_that_is_not_there() -> None:
    told = missing_part(registry_with(ONE), "team/app", TWO.digest)
    assert told == "its manifest answers 404 MANIFEST_UNKNOWN"


def test_index_whose_image_is_not_there() -> None:
    told = missing_part(registry_with(ONE, BOTH), "team/app", BOTH.digest)
    assert told == "of what it lists, a manifest answers 404 MANIFEST_UNKNOWN"


def test_layer_that_is_announced_and_not_sent() -> None:
    told = missing_part(registry_with(ONE, without=(b"one",)), "team/app", ONE.digest)
    assert told == "its layer has no bytes: the connection is closed"


def test_config_that_is_not_there() -> None:
    document = HandMade(ONE.content, ONE.media_type, ONE.blobs[1:])
    told = missing_part(registry_with(document), "team/app", ONE.digest)
    assert told == "its config answers 404 BLOB_UNKNOWN"


def test_file_of_a_blob() -> None:
    assert blob_file("/data/docker/registry/v2", "sha256:abcd") == (
        "/data/docker/registry/v2/blobs/sha256/ab/abcd/data"
    )
