"""Pulled from the hub or built, stale, saved, loaded, removed: in a node's engine, with a small catalog."""

from __future__ import annotations

import gzip
import io
import shutil
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import docker
import pytest

from labs import images
from labs.images import Catalog, ImageError, ensure, load, mirror, save, stock
from labs.images.build import build, context_from
from labs.images.catalog import SOURCE_LABEL
from labs.playground import Playground
from tests.images.small import HUB, catalog, push
from tests.sizes import quick

pytestmark = pytest.mark.engine


def quiet(_: str) -> None:
    """Tell nobody."""


@pytest.fixture(scope="module")
def client(opened: Callable[..., Playground]) -> docker.DockerClient:
    """A node's engine, which stands as a host's; its hub is a registry at its own port 5000."""
    client = opened("images").node().docker
    client.images.pull("registry", "2")
    client.containers.run("registry:2", detach=True, name="hub", ports={"5000/tcp": 5000})
    return client


@pytest.fixture(autouse=True)
def own_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the file that says who makes images on the node's engine with the test's own files."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@pytest.fixture(scope="module")
def hub(client: docker.DockerClient) -> dict[str, str]:
    return {"base": push(client, "base:1", "base\n"), "made": push(client, "made:1", "pulled\n")}


@pytest.fixture
def small(client: docker.DockerClient, hub: dict[str, str], tmp_path: Path) -> Iterator[Catalog]:
    """The small catalog, of which the engine has nothing yet but the registry."""
    tag_registry(client)
    made = catalog(tmp_path, hub, "registry-course/registry:2")
    yield made
    images.remove(client, made)


def tag_registry(client: docker.DockerClient) -> None:
    """Have the catalog's registry, which fills the mirror: the one that was pulled, under its name."""

    image = Catalog.read().images["registry"]
    label = f"FROM registry:2\nLABEL {SOURCE_LABEL}=build:{image.fingerprint()}\n"
    build(client, context_from({"Dockerfile": label.encode()}), image, quiet)


@pytest.fixture
def unpulled(client: docker.DockerClient, hub: dict[str, str], tmp_path: Path) -> Iterator[Catalog]:
    """The small catalog, with an image that its hub has lost."""
    tag_registry(client)
    made = catalog(
        tmp_path, {**hub, "made": f"{HUB}/made:1@sha256:{'0' * 64}"}, "registry-course/registry:2"
    )
    yield made
    images.remove(client, made)


def words(client: docker.DockerClient, name: str) -> str:
    """The files that one of the small images holds."""
    container = client.containers.create(name, ["none"])
    try:
        with tarfile.open(fileobj=io.BytesIO(b"".join(container.export()))) as tar:
            return " ".join(sorted(tar.getnames()))
    finally:
        container.remove()


def test_images_are_pulled_by_digest_and_told_as_the_hubs(
    client: docker.DockerClient, small: Catalog, hub: dict[str, str]
):
    before = {tag for image in client.images.list() for tag in image.tags}
    assert ensure(client, quiet, catalog=small) == ["test/base:1", "test/made:1", "test/mirror:1"]
    sources = {row.image.key: row.source for row in stock(client, small)}
    assert sources["base"] == "hub:" + hub["base"].partition("@")[2]
    assert sources["made"] == "hub:" + hub["made"].partition("@")[2]
    assert all(row.current for row in stock(client, small))
    after = {tag for image in client.images.list() for tag in image.tags}
    assert after - before == {"test/base:1", "test/made:1", "test/mirror:1"}
    assert ensure(client, quiet, catalog=small) == []


def test_images_that_are_served_now_come_first_and_the_others_at_the_next_call(
    client: docker.DockerClient, small: Catalog
):
    small.images["more"] = replace(
        small.images["made"], key="more", name="test/more:1", served="more:1"
    )
    first = ensure(client, quiet, catalog=small, served=("made:1",))
    assert first == ["test/base:1", "test/made:1", "test/mirror:1"]
    assert mirror.serves(client, small, ("made:1",))
    assert not mirror.serves(client, small, ("made:1", "more:1"))
    assert ensure(client, quiet, catalog=small, served=("made:1",)) == []
    assert ensure(client, quiet, catalog=small) == ["test/more:1", "test/mirror:1"]
    assert mirror.serves(client, small, ("made:1", "more:1"))
    assert ensure(client, quiet, catalog=small) == []
    with pytest.raises(ImageError, match="no image is served as zork:1"):
        ensure(client, quiet, catalog=small, served=("zork:1",))


def test_image_that_the_hub_does_not_give_is_built(
    client: docker.DockerClient, unpulled: Catalog, tmp_path: Path
):
    said: list[str] = []
    assert "test/made:1" in ensure(client, said.append, catalog=unpulled)
    assert "  made: Docker Hub did not give it, building it instead" in said
    assert "made" in words(client, "test/made:1")
    client.images.remove("test/made:1")
    with pytest.raises(ImageError, match="cannot pull") as refused:
        ensure(client, quiet, catalog=unpulled, source="hub")
    assert "labs images build" in refused.value.hint


@pytest.mark.full
def test_changed_dockerfile_makes_a_built_image_stale_and_ensure_makes_it_again(
    client: docker.DockerClient, unpulled: Catalog, tmp_path: Path
):
    ensure(client, quiet, catalog=unpulled)
    (tmp_path / "made" / "words").write_text("changed\n")
    stale = [row.image.name for row in stock(client, unpulled) if not row.current]
    assert stale == ["test/made:1"]
    assert ensure(client, quiet, catalog=unpulled) == ["test/made:1", "test/mirror:1"]
    untagged = client.images.list(filters={"dangling": True, "label": SOURCE_LABEL})
    assert untagged == []


def test_build_that_fails_tells_the_step_and_its_last_lines(
    client: docker.DockerClient, unpulled: Catalog, tmp_path: Path
):
    (tmp_path / "made" / "Dockerfile").write_text("FROM scratch\nCOPY zork /\n")
    with pytest.raises(ImageError, match=r"building test/made:1 failed: .*zork"):
        ensure(client, quiet, catalog=unpulled)


@pytest.fixture(scope="module")
def saved(
    client: docker.DockerClient, hub: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A bundle of the small catalog, whose images are then removed."""
    folder = tmp_path_factory.mktemp("saved")
    small = catalog(folder, hub, "registry-course/registry:2")
    tag_registry(client)
    ensure(client, quiet, catalog=small)
    path = folder / "bundle.tar.gz"
    assert save(client, path, quiet, small) == path.stat().st_size
    assert list(folder.glob("*.part")) == []
    images.remove(client, small)
    return path


@pytest.fixture
def bundle(client: docker.DockerClient, small: Catalog, saved: Path, tmp_path: Path) -> Path:
    """A copy of it, to damage, before an engine that has none of its images."""
    images.remove(client, small)
    return Path(shutil.copy(saved, tmp_path))


def present(client: docker.DockerClient, small: Catalog) -> list[str]:
    return [row.image.name for row in stock(client, small) if row.present]


def test_bundle_gives_back_what_was_saved(
    client: docker.DockerClient, small: Catalog, bundle: Path
):
    assert present(client, small) == []
    assert load(client, bundle, quiet, small) == [image.name for image in small.all()]
    assert all(row.current for row in stock(client, small))
    assert ensure(client, quiet, catalog=small) == []


@pytest.mark.parametrize("share", quick([0.1, 0.5, 0.999], 0.5))
def test_truncated_bundle_loads_nothing(
    client: docker.DockerClient, small: Catalog, bundle: Path, share: float
):
    content = bundle.read_bytes()
    bundle.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ImageError, match="not a whole bundle") as cut:
        load(client, bundle, quiet, small)
    assert "copy it again" in cut.value.hint
    assert present(client, small) == []


@pytest.mark.full
def test_damaged_bundle_loads_nothing(client: docker.DockerClient, small: Catalog, bundle: Path):
    content = bytearray(bundle.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 64] = bytes(64)
    bundle.write_bytes(content)
    with pytest.raises(ImageError, match="not a whole bundle"):
        load(client, bundle, quiet, small)
    assert present(client, small) == []


@pytest.mark.parametrize("content", [b"", b"zork", gzip.compress(b"zork"), b"\0" * 2048])
def test_file_that_is_no_bundle_is_told(
    client: docker.DockerClient, small: Catalog, tmp_path: Path, content: bytes
):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(ImageError):
        load(client, tmp_path / "file", quiet, small)


def test_bundle_that_is_not_there_is_told(
    client: docker.DockerClient, small: Catalog, tmp_path: Path
):
    with pytest.raises(ImageError, match="No such file"):
        load(client, tmp_path / "zork", quiet, small)


@pytest.mark.full
def test_bundle_of_other_images_names_those_it_lacks(
    client: docker.DockerClient, small: Catalog, bundle: Path
):
    with pytest.raises(ImageError, match=r"lacks .*registry-course/node"):
        load(client, bundle, quiet)


def test_save_with_an_image_missing_writes_nothing(
    client: docker.DockerClient, small: Catalog, tmp_path: Path
):
    with pytest.raises(ImageError, match="not here: test/base:1"):
        save(client, tmp_path / "out.tar.gz", quiet, small)
    assert list(tmp_path.glob("out*")) == []


@pytest.mark.full
def test_save_into_a_folder_that_is_not_there_is_told(
    client: docker.DockerClient, small: Catalog, tmp_path: Path
):
    ensure(client, quiet, catalog=small)
    with pytest.raises(ImageError, match="cannot write"):
        save(client, tmp_path / "no" / "out.tar.gz", quiet, small)


@pytest.mark.full
def test_remove_of_an_image_in_use_says_what_to_do(client: docker.DockerClient, small: Catalog):
    ensure(client, quiet, catalog=small)
    user = client.containers.create("test/made:1", ["none"])
    with pytest.raises(ImageError, match="cannot remove test/made:1") as used:
        images.remove(client, small)
    assert "labs reset" in used.value.hint
    user.remove()
