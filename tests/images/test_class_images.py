"""What a class registry offers: taken if it is this checkout's and has the code, refused with what was seen if not."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from labs.images import Catalog, ImageError
from labs.images.catalog import SOURCE_LABEL
from labs.images.class_address import code_of
from labs.images.class_images import ClassImages
from labs.registry import digest_of
from labs.registry.manifest import OCI_INDEX
from tests.images.class_server import ClassServer, class_server, every_image


@pytest.fixture
def catalog() -> Catalog:
    whole = Catalog.read()
    some = {key: whole.images[key] for key in ("node", "registry")}
    return replace(whole, base=whole.images["busybox"], images=some)


@pytest.fixture
def server(catalog: Catalog) -> Iterator[ClassServer]:
    with class_server() as served:
        every_image(served, catalog)
        yield served


def code(images: ClassImages) -> str:
    return code_of({o.image.name: digest_of(o.config) for o in images.offers().values()})


def refused(images: ClassImages, code: str = "") -> ImageError:
    with pytest.raises(ImageError) as error:
        images.offers(code)
    return error.value


@pytest.fixture
def images(server: ClassServer, catalog: Catalog) -> ClassImages:
    return ClassImages(server.url, catalog, "amd64")


def test_offers_are_all_images_of_the_catalog_if_they_have_the_code(images: ClassImages):
    assert set(images.offers(code(images))) == {"busybox", "node", "registry", "mirror"}


def test_images_of_the_same_recipes_with_another_code_are_refused(
    images: ClassImages, server: ClassServer, catalog: Catalog
):
    announced = code(images)
    server.add(catalog.images["node"], [b"made at another time"])
    error = refused(images, announced)
    assert f"not {announced} as the address says" in error.message
    assert "the instructor's screen" in error.hint


def test_images_of_another_architecture_are_told_with_both(images: ClassImages, server, catalog):
    every_image(server, catalog, architecture="arm64")
    error = refused(images)
    assert error.message.endswith("are for arm64, and the engine here runs amd64")
    assert "labs start" in error.hint


@pytest.mark.parametrize("labels", [{SOURCE_LABEL: "build:0123456789ab"}, {}, None])
def test_images_of_another_version_are_told_by_name_and_label(images, server, catalog, labels):
    server.add(catalog.images["node"], [b"node"], config={"Labels": labels})
    error = refused(images)
    assert (
        "another version of the course: it has other registry-course/node:26.1 (" in error.message
    )
    assert "`git pull`" in error.hint


def test_registry_that_lacks_an_image_is_of_another_version(images, server, catalog):
    del server.bodies["/v2/registry-course/node/manifests/26.1"]
    assert (
        "another version of the course: it lacks registry-course/node:26.1"
        in refused(images).message
    )


def test_registry_without_any_course_image_is_another(images, server):
    server.bodies = {"/v2/": ("application/json", b"{}")}
    assert (
        "is not a class registry of this course: it has no registry-course/node"
        in refused(images).message
    )


@pytest.mark.parametrize("status", [403, 404, 500])
def test_server_that_is_not_a_registry_is_told(images, server, status):
    server.status["/v2/"] = [status]
    error = refused(images)
    assert "is not a class registry of this course: GET" in error.message
    assert "labs images serve" in error.hint


@pytest.mark.parametrize(
    "content", [b"<html>welcome</html>", b"[]", b"", b"null", b'{"config": 1, "layers": 2}']
)
def test_server_that_answers_everything_with_a_page_is_told(images, server, catalog, content):
    for path in [*server.bodies]:
        server.bodies[path] = ("text/html", content)
    assert "is not a class registry of this course" in refused(images).message


@pytest.mark.parametrize(
    "config",
    [
        *(b"zork", b"[]", b"{}", b'{"rootfs": {"diff_ids": []}}', b'{"rootfs": {"diff_ids": [1]}}'),
        b'{"rootfs": {"diff_ids": ["sha256:../../../etc"]}}',
    ],
)
def test_config_that_is_not_an_images_is_refused(images, server, catalog, config):
    node = catalog.images["node"]
    manifest = server.add(node, [b"one"])
    manifest["config"] = server._descriptor("registry-course/node", config)
    server.put(node, manifest)
    assert "is not a class registry of this course" in refused(images).message


def test_layer_whose_digest_is_a_path_is_refused(images, server, catalog):
    node = catalog.images["node"]
    manifest = server.add(node, [b"one"])
    manifest["layers"][0]["digest"] = "sha256:../../../tmp/zork"
    server.put(node, manifest)
    assert "is not a class registry of this course" in refused(images).message


def test_nothing_that_answers_is_told_with_the_reason(catalog: Catalog):
    with class_server() as gone:
        url = gone.url
    error = refused(ClassImages(url, catalog, "amd64"))
    assert error.message.startswith(f"no class registry answers at {url}: ")
    assert error.message.endswith("Connection refused")
    assert "in the instructor's network" in error.hint


def test_index_gives_the_image_of_this_architecture(images, server, catalog):
    node = catalog.images["node"]
    wanted, before = code(images), server.bodies["/v2/registry-course/node/manifests/26.1"]
    own = json.loads(before[1])
    attestation = server.put(node, {**own, "layers": []}, "unused")
    entries = []
    for digest, machine in ((attestation, "unknown"), (server.put(node, own, "x"), "amd64")):
        platform = {"os": machine if machine == "unknown" else "linux", "architecture": machine}
        entries.append({"mediaType": "", "digest": digest, "size": 1, "platform": platform})
        content = server.bodies[
            "/v2/registry-course/node/manifests/" + ("x" if entries[1:] else "unused")
        ]
        server.bodies[f"/v2/registry-course/node/manifests/{digest}"] = content
    server.put(node, {"mediaType": OCI_INDEX, "manifests": entries})
    assert code(images) == wanted


def test_layers_are_downloaded_in_order(images: ClassImages, tmp_path: Path):
    offer = images.offers()["node"]
    paths = images.download(offer, tmp_path, print)
    assert [gzip.decompress(path.read_bytes()) for path in paths] == [b"node", b"shared"]


def test_layer_that_the_config_does_not_list_is_refused_and_removed(
    images: ClassImages, server: ClassServer, catalog: Catalog, tmp_path: Path
):
    node = catalog.images["node"]
    announced, config = (
        code(images),
        json.loads(server.bodies["/v2/registry-course/node/manifests/26.1"][1]),
    )
    other = server.add(node, [b"something", b"shared"])
    server.put(node, {**config, "layers": other["layers"]})
    offer = images.offers(announced)["node"]  # the code is of configs alone
    with pytest.raises(ImageError, match="is not the one that its config lists"):
        images.download(offer, tmp_path, print)
    assert list(tmp_path.iterdir()) == []


def test_image_larger_than_the_catalog_allows_is_not_begun(images, server, catalog, tmp_path: Path):
    node = catalog.images["node"]
    manifest = server.add(node, [b"one"])
    manifest["layers"][0]["size"] = 400_000_000
    server.put(node, manifest)
    with pytest.raises(ImageError, match="has 400 MB, more than the 300 MB"):
        images.download(images.offers()["node"], tmp_path, print)
    assert list(tmp_path.iterdir()) == []
