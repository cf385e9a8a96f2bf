"""What the registry `archive` holds before it is moved, pushed over HTTP: the same bytes on every machine, but for one
image.

It has what a registry in use has and what a careless move loses: an index for two platforms, its signature, and an
image that is pulled by digest only, since its tag was moved. That one is another in each archive: only what is moved
from there has it.
"""

from __future__ import annotations

import io
import json
import secrets
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from labs.registry import digest_of

SHOP, TOOLS = "team/shop", "base/tools"
_OCI = "application/vnd.oci.image"
_MANIFEST, _INDEX = f"{_OCI}.manifest.v1+json", f"{_OCI}.index.v1+json"
_TIMEOUT_S = 30.0
_FILE_BYTES = 64 << 10
_OF_A_FILL = "shop 1, archive "


@dataclass(frozen=True)
class Stored:
    """A manifest or an index, with all that has to be pushed before it.

    Attributes:
        content: Its bytes.
        media_type: Its media type.
        blobs: Config and layers.
        children: The manifests that an index lists.
    """

    content: bytes
    media_type: str
    blobs: tuple[bytes, ...] = ()
    children: tuple[Stored, ...] = field(default=())

    @property
    def digest(self) -> str:
        """Of its bytes."""
        return digest_of(self.content)


def contents(old: Stored) -> Iterator[tuple[str, str, Stored]]:
    """All that is pushed, in order: repository, tag, content. A later line may move a tag.

    Args:
        old: What the tag latest was before it moved.
    """
    new = _index(_image("shop 2", "amd64"), _image("shop 2", "arm64"))
    yield SHOP, "latest", old
    yield SHOP, "2", new
    yield SHOP, "latest", new
    yield SHOP, f"{new.digest.replace(':', '-')}.sig", _signature(new)
    yield TOOLS, "1", _image("tools", "amd64")


def expected(untagged: Iterable[str] = ()) -> dict[tuple[str, str], str]:
    """The digest of all that must be there after a move, by repository and tag, or digest where no tag has it.

    Args:
        untagged: Digests of the images that no tag names any more.
    """
    tagged = {
        (repository, tag): each.digest
        for repository, tag, each in contents(_image("shop 1", "amd64"))
    }
    return tagged | {(SHOP, digest): digest for digest in untagged}


def tagged_in_shop() -> set[str]:
    """The digests in the repository that a tag or an index names."""
    _, *later = contents(_image("shop 1", "amd64"))
    found = [each for repository, _, each in later if repository == SHOP]
    return {each.digest for stored in found for each in (stored, *stored.children)}


def fill(url: str) -> str:
    """Push all of it into the registry at `url`.

    Returns:
        The digest of the image that no tag names any more.
    """
    old = _image(f"{_OF_A_FILL}{secrets.token_hex(8)}", "amd64")
    with httpx.Client(base_url=url, trust_env=False, timeout=_TIMEOUT_S) as http:
        for repository, tag, each in contents(old):
            _push(http, repository, tag, each)
    return old.digest


def is_of_a_fill(layer: bytes) -> bool:
    """Whether a layer is of the image that each fill makes another one of."""
    return layer[tarfile.BLOCKSIZE :].startswith(_OF_A_FILL.encode())


def builds() -> tuple[str, bytes, str]:
    """What the build server pushes: a repository, a manifest with the word BUILD in it, its media type."""
    image = _image("tools", "amd64")
    parsed = {**json.loads(image.content), "annotations": {"build": "BUILD"}}
    return TOOLS, json.dumps(parsed).encode(), image.media_type


def _push(http: httpx.Client, repository: str, reference: str, stored: Stored) -> None:
    for child in stored.children:
        _push(http, repository, child.digest, child)
    for blob in stored.blobs:
        place = http.post(f"/v2/{repository}/blobs/uploads/").raise_for_status().headers["location"]
        http.put(f"{place}&digest={digest_of(blob)}", content=blob).raise_for_status()
    kind = {"Content-Type": stored.media_type}
    path = f"/v2/{repository}/manifests/{reference}"
    http.put(path, content=stored.content, headers=kind).raise_for_status()


def _image(text: str, architecture: str) -> Stored:
    layer = _layer(f"{text} for {architecture}\n")
    config: dict[str, Any] = {
        "architecture": architecture,
        "os": "linux",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [digest_of(layer)]},
    }
    return _manifest(json.dumps(config).encode(), layer)


def _layer(line: str) -> bytes:
    """A layer with one file. Not packed: two versions of zlib give two digests of the same file."""
    content = (line * (_FILE_BYTES // len(line))).encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        about = tarfile.TarInfo("about.txt")
        about.size = len(content)
        tar.addfile(about, io.BytesIO(content))
    return out.getvalue()


def _manifest(config: bytes, layer: bytes, *, kind: str = f"{_OCI}.layer.v1.tar") -> Stored:
    parsed = {
        "schemaVersion": 2,
        "mediaType": _MANIFEST,
        "config": _descriptor(config, f"{_OCI}.config.v1+json"),
        "layers": [_descriptor(layer, kind)],
    }
    return Stored(json.dumps(parsed).encode(), _MANIFEST, (config, layer))


def _index(*images: Stored) -> Stored:
    listed = [
        {
            **_descriptor(each.content, each.media_type),
            "platform": {"os": "linux", "architecture": json.loads(each.blobs[0])["architecture"]},
        }
        for each in images
    ]
    parsed = {"schemaVersion": 2, "mediaType": _INDEX, "manifests": listed}
    return Stored(json.dumps(parsed).encode(), _INDEX, children=images)


def _signature(signed: Stored) -> Stored:
    """In the form that cosign gives a signature; its bytes are not a real signature."""
    claim = {"critical": {"image": {"docker-manifest-digest": signed.digest}}}
    kind = "application/vnd.dev.cosign.simplesigning.v1+json"
    return _manifest(b"{}", json.dumps(claim).encode(), kind=kind)


def _descriptor(content: bytes, kind: str) -> dict[str, Any]:
    return {"mediaType": kind, "digest": digest_of(content), "size": len(content)}
