"""What `archive` holds has the same digests on every machine, but for one image."""

from __future__ import annotations

import pytest

from labs.lessons.store_it_elsewhere import archive_images
from labs.lessons.store_it_elsewhere.archive_images import (
    SHOP,
    TOOLS,
    Stored,
    contents,
    expected,
    fill,
    is_of_a_fill,
    tagged_in_shop,
)

NEW = "sha256:234aaeb4fdcc38f7f05ba36d4eb5f257f1d96c544c4225b897677c3c0d8e113d"
OLD = Stored(b"{}", "application/json")


def test_digests_are_the_same_on_every_machine() -> None:
    assert expected()[SHOP, "2"] == NEW


def test_all_tags_are_expected_and_the_images_that_only_a_digest_names() -> None:
    signature = f"{NEW.replace(':', '-')}.sig"
    assert sorted(expected([OLD.digest])) == sorted(
        [(SHOP, "2"), (SHOP, "latest"), (SHOP, signature), (SHOP, OLD.digest), (TOOLS, "1")]
    )
    assert expected()[SHOP, "latest"] == NEW  # the tag was moved


def test_index_lists_what_is_pushed_before_it() -> None:
    index = next(each for _, tag, each in contents(OLD) if tag == "2")
    assert len(index.children) == 2
    assert all(child.digest.encode() in index.content for child in index.children)


def test_what_a_tag_or_an_index_names_is_not_the_old_image() -> None:
    names = tagged_in_shop()
    assert len(names) == 4
    assert OLD.digest not in names
    assert set(expected().values()) - {expected()[TOOLS, "1"]} <= names


def test_no_image_that_every_archive_has_is_taken_for_that_of_a_fill() -> None:
    images = [each for _, _, stored in contents(OLD) for each in (stored, *stored.children)]
    layers = [blob for image in images for blob in image.blobs]
    assert len(layers) >= 8
    assert not any(is_of_a_fill(layer) for layer in layers)


def test_own_image_of_a_fill_is_known_by_its_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    pushed: list[Stored] = []
    monkeypatch.setattr(archive_images, "_push", lambda _http, _to, _tag, each: pushed.append(each))
    digest = fill("http://127.0.0.1:1")
    own = next(each for each in pushed if each.digest == digest)
    assert any(is_of_a_fill(blob) for blob in own.blobs)
