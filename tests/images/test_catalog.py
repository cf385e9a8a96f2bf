"""The catalog as text: what it must hold, and how a damaged one is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import labs
from labs.images import Catalog, ImageError
from labs.images.build import context_of
from labs.images.catalog import Image


def test_catalog_names_each_image_once():
    names = [image.name for image in Catalog.read().all()]
    assert len(set(names)) == len(names)
    assert all(name.startswith("registry-course/") for name in names)


def test_catalog_pins_what_comes_from_the_hub():
    hubs = [image.hub for image in Catalog.read().all() if image.hub]
    assert len(hubs) >= 4
    assert all(re.fullmatch(r"[a-z-]+:[\w.-]+@sha256:[0-9a-f]{64}", hub) for hub in hubs)


def test_catalog_has_a_dockerfile_for_every_image_but_the_base():
    catalog = Catalog.read()
    for image in [*catalog.images.values(), catalog.mirror]:
        assert (image.context / "Dockerfile").is_file(), image.key


def test_catalog_keeps_the_promised_sizes():
    limits = {image.key: image.max_mb for image in Catalog.read().all()}
    assert (limits["node"], limits["registry"], limits["hello-world"]) == (300, 30, 3)


def test_kernel_has_the_rooms_whose_names_labs_offers():
    """A graded kernel loads each of them before the first cell; one that is missing ends it without a word."""
    rooms = {home.split(".")[1] for home in labs._HOMES.values()}
    assert rooms <= set(Catalog.read().extra["kernel"].rooms)


def test_catalog_has_nodes_pull_what_lessons_name_and_nothing_that_runs_beside_them():
    served = {image.key for image in Catalog.read().served}
    assert {"registry", "haproxy"} <= served
    assert not served & {"node", "store", "base"}


@pytest.mark.parametrize(
    "text",
    ["", "[base]", "[base\n", "[base]\nname='a'\nsuite='s'\nmax_mb=1\nzork=1\n[images]\n[mirror]"],
)
def test_catalog_that_is_none_is_told_with_its_path(tmp_path: Path, text: str):
    (tmp_path / "catalog.toml").write_text(text)
    with pytest.raises(ImageError, match=r"catalog.toml: not a catalog"):
        Catalog.read(tmp_path / "catalog.toml")


def test_fingerprint_follows_names_and_contents(tmp_path: Path):
    image = Image(key="x", name="x", max_mb=1, folder=str(tmp_path))
    seen = {image.fingerprint(), image.fingerprint("more")}
    (tmp_path / "a").write_text("1")
    seen.add(image.fingerprint())
    (tmp_path / "a").write_text("2")
    seen.add(image.fingerprint())
    (tmp_path / "a").rename(tmp_path / "b")
    seen.add(image.fingerprint())
    assert len(seen) == 5


def test_build_context_is_the_same_bytes_each_time(tmp_path: Path):
    (tmp_path / "run").write_text("#!/bin/sh\n")
    (tmp_path / "run").chmod(0o755)
    first = context_of(tmp_path).read()
    (tmp_path / "run").touch()
    assert context_of(tmp_path).read() == first


def test_catalog_keeps_what_grading_needs_apart_from_lessons():
    catalog = Catalog.read()
    needed = catalog.needed_for("grading")
    assert [image.key for image in needed][:2] == ["kernel-packages", "kernel"]
    assert not {image.name for image in needed} & {image.name for image in catalog.all()}


def test_late_image_is_got_for_its_key_alone_and_belongs_to_a_class():
    catalog = Catalog.read()
    assert "tools" not in {image.key for image in catalog.needed_by(None)}
    assert [image.key for image in catalog.late(["tools", "node"])] == ["tools"]
    assert (catalog.late(()), catalog.late(None)) == (
        [],
        [catalog.images[key] for key in ("tools", "crane")],
    )
    assert catalog.images["tools"] in catalog.all()


def test_image_with_rooms_holds_modules_and_neither_solutions_nor_grading():
    files = Catalog.read().extra["kernel"].files()
    assert {"Dockerfile", "labs/__init__.py", "labs/graded/container/relay.py"} <= set(files)
    assert not [name for name in files if re.search(r"solutions|grading|tests/|__pycache__", name)]
    assert not [name for name in files if re.search(r"labs/images/.*/", name)]


def test_grader_holds_the_notebooks_and_the_packages_that_are_installed_here():
    grader = Catalog.read().extra["grader"]
    found = grader.files()
    assert "course/solutions/01-run-a-registry.ipynb" in found
    assert "course/notebooks/01-run-a-registry.ipynb" in found
    assert "packages/nbval/plugin.py" in found
    assert "packages/_pytest/main.py" in found
    assert "labs/graded/mux.py" in found
    assert all(path.is_file() for path in found.values())
    assert not [name for name in found if "checkpoint" in name or "__pycache__" in name]


def test_image_of_a_package_that_is_not_installed_is_told():
    with pytest.raises(ImageError, match="package no-such-package"):
        Image(key="x", name="x", max_mb=1, packages=("no-such-package",)).files()
