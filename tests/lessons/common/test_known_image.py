"""An image is one of the course's by its files, its settings and its platform, and by nothing else."""

from __future__ import annotations

import gzip
import json
from typing import Any

import httpx
import pytest

from labs.lessons.common import difference, local_config, wrong_image
from labs.lessons.common.known_image import unpacked_digest
from labs.registry import RegistryClient, digest_of

LAYER = b"a tar file, or what a check takes for one"
OTHER = b"another one"
BUSYBOX: dict[str, Any] = {
    "os": "linux",
    "architecture": "amd64",
    "config": {"Cmd": ["sh"], "Env": ["PATH=/bin"]},
    "rootfs": {"type": "layers", "diff_ids": [digest_of(LAYER)]},
}
OCI = "application/vnd.oci.image"
HINT = 'tag the image that docker.images.pull("busybox", tag="latest") gives'


def changed(**settings: Any) -> dict[str, Any]:
    return {**BUSYBOX, "config": {**BUSYBOX["config"], **settings}}


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (BUSYBOX, ""),
        ({**BUSYBOX, "history": [{"created_by": "me"}], "created": "2020"}, ""),
        (changed(Labels=None, Entrypoint=[], Hostname=""), ""),
        (changed(Image="sha256:1", Hostname="1f2e"), ""),
        (changed(Cmd=["/hello"]), 'it runs ["/hello"], wanted ["sh"]'),
        (changed(Cmd=None), 'it runs null, wanted ["sh"]'),
        (changed(Labels={"own": "1"}), 'its config has other ["Labels"]'),
        (changed(Entrypoint=["/hello"], Env=[]), 'its config has other ["Entrypoint", "Env"]'),
        ({**BUSYBOX, "rootfs": {"diff_ids": [digest_of(OTHER)]}}, "its layers hold other files"),
        ({**BUSYBOX, "rootfs": None}, "its layers hold other files"),
        ({**BUSYBOX, "architecture": "s390x"}, "it is for another platform"),
        ({**BUSYBOX, "rootfs": {"diff_ids": "sh"}}, "its layers hold other files"),
        ({**BUSYBOX, "config": ["sh"]}, 'it runs null, wanted ["sh"]'),
        ({}, 'it runs null, wanted ["sh"]'),
    ],
)
def test_difference_of_a_config_is_said(config: dict[str, Any], said: str) -> None:
    assert difference(config, [BUSYBOX]) == said


def test_config_is_compared_with_that_of_its_platform() -> None:
    arm = {**BUSYBOX, "architecture": "arm64", "rootfs": {"diff_ids": [digest_of(OTHER)]}}
    assert difference(arm, [BUSYBOX, arm]) == ""
    assert difference({**arm, "rootfs": BUSYBOX["rootfs"]}, [BUSYBOX, arm])


def test_image_on_an_engine_is_compared_as_its_config() -> None:
    attrs = {
        "Os": "linux",
        "Architecture": "amd64",
        "Config": {**BUSYBOX["config"], "Labels": None, "Hostname": ""},
        "RootFS": {"Type": "layers", "Layers": [digest_of(LAYER)]},
    }
    assert difference(local_config(attrs), [BUSYBOX]) == ""
    assert difference(local_config({}), [BUSYBOX])


def test_layer_is_unpacked_before_it_is_compared() -> None:
    assert unpacked_digest(LAYER) == digest_of(LAYER)
    assert unpacked_digest(gzip.compress(LAYER)) == digest_of(LAYER)
    # Some tools pack each part of a file by itself.
    parts = gzip.compress(LAYER[:9]) + gzip.compress(LAYER[9:])
    assert unpacked_digest(parts) == digest_of(LAYER)
    assert unpacked_digest(gzip.compress(LAYER)[:-9]) == ""


class Course:
    """A playground whose mirror serves busybox."""

    def course_image(self, name: str) -> list[dict[str, Any]]:
        assert name == "busybox:latest"
        return [BUSYBOX]


class Store:
    """What a registry has: documents by path."""

    def __init__(self) -> None:
        self.content: dict[str, tuple[str, bytes]] = {}

    def client(self) -> RegistryClient:
        return RegistryClient("http://registry", transport=httpx.MockTransport(self._answer))

    def blob(self, content: bytes, kind: str) -> dict[str, Any]:
        self.content[f"blobs/{digest_of(content)}"] = kind, content
        return {"mediaType": kind, "digest": digest_of(content), "size": len(content)}

    def document(self, data: dict[str, Any], tag: str = "1") -> dict[str, Any]:
        content = json.dumps({"schemaVersion": 2, **data}).encode()
        for name in (tag, digest_of(content)):
            self.content[f"manifests/{name}"] = data["mediaType"], content
        return {"mediaType": data["mediaType"], "digest": digest_of(content), "size": len(content)}

    def image(self, config: Any, *layers: bytes, tag: str = "1") -> dict[str, Any]:
        config = config if isinstance(config, bytes) else json.dumps(config).encode()
        return self.document(
            {
                "mediaType": f"{OCI}.manifest.v1+json",
                "config": self.blob(config, f"{OCI}.config.v1+json"),
                "layers": [self.blob(each, f"{OCI}.layer.v1.tar+gzip") for each in layers],
            },
            tag,
        )

    def index(self, *entries: dict[str, Any]) -> None:
        self.document({"mediaType": f"{OCI}.index.v1+json", "manifests": list(entries)})

    def _answer(self, request: httpx.Request) -> httpx.Response:
        found = self.content.get(request.url.path.removeprefix("/v2/own/"))
        if found is None:
            return httpx.Response(404, json={"errors": [{"code": "UNKNOWN"}]})
        return httpx.Response(200, content=found[1], headers={"content-type": found[0]})


def judged(store: Store, tag: str = "1") -> tuple[str, str] | None:
    course: Any = Course()
    finding = wrong_image(course, store.client(), "own", tag, image="busybox:latest")
    return (finding.message, finding.hint) if finding else None


def test_image_of_the_course_is_found_in_each_packing() -> None:
    for layer in (LAYER, gzip.compress(LAYER), gzip.compress(LAYER, 1)):
        store = Store()
        entry = store.image(BUSYBOX, layer)
        assert judged(store) is None
        assert judged(store, entry["digest"]) is None


def test_image_of_the_course_is_found_in_an_index_beside_others() -> None:
    store = Store()
    own = store.image(BUSYBOX, LAYER, tag="amd")
    arm = store.image({**BUSYBOX, "architecture": "arm64"}, OTHER, tag="arm")
    store.index(
        {**arm, "platform": {"os": "linux", "architecture": "arm64"}},
        {**own, "platform": {"os": "linux", "architecture": "amd64"}},
    )
    assert judged(store) is None


def test_right_config_over_other_files_is_told() -> None:
    store = Store()
    store.image(BUSYBOX, gzip.compress(OTHER))
    assert judged(store) == ("own:1 is not busybox: its layers hold other files", HINT)


def test_right_files_in_an_index_for_another_platform_do_not_count() -> None:
    store = Store()
    own = store.image(BUSYBOX, LAYER, tag="right")
    bad = store.image(changed(Cmd=["/hello"]), OTHER, tag="wrong")
    store.index(
        {**own, "platform": {"os": "linux", "architecture": "arm64"}},
        {**bad, "platform": {"os": "linux", "architecture": "amd64"}},
    )
    assert judged(store) == ('own:1 is not busybox: it runs ["/hello"], wanted ["sh"]', HINT)


@pytest.mark.parametrize("config", [b"[]", b"null", b"no json", b"1"])
def test_config_that_is_none_is_told(config: bytes) -> None:
    store = Store()
    store.image(config, LAYER)
    assert judged(store) == ("own:1 is not an image: it has no config", HINT)


def test_image_without_layers_and_one_that_lacks_a_blob_are_told() -> None:
    store = Store()
    store.image(BUSYBOX)
    assert judged(store) == ("own:1 has no layers, wanted those of busybox", "")
    store.image(BUSYBOX, LAYER)
    del store.content[f"blobs/{digest_of(LAYER)}"]
    assert judged(store) == (
        "own:1 is not whole: the registry answers 404 UNKNOWN",
        "push it again",
    )
