"""What `archive` holds has the same digests on every machine: a notebook pushes it, a check elsewhere expects it."""

from __future__ import annotations

from labs.lessons.store_it_elsewhere.archive_images import PINNED, SHOP, TOOLS, contents, expected

OLD = "sha256:84fb97bb3e5b0a36186af491904bb363cc25856d9845feb007fd79124e050ba7"
NEW = "sha256:234aaeb4fdcc38f7f05ba36d4eb5f257f1d96c544c4225b897677c3c0d8e113d"


def test_digests_are_the_same_on_every_machine() -> None:
    assert PINNED == OLD
    assert expected()[SHOP, "2"] == NEW


def test_all_tags_are_expected_and_the_image_that_only_its_digest_names() -> None:
    signature = f"{NEW.replace(':', '-')}.sig"
    assert sorted(expected()) == sorted(
        [(SHOP, "2"), (SHOP, "latest"), (SHOP, signature), (SHOP, OLD), (TOOLS, "1")]
    )
    assert expected()[SHOP, "latest"] == NEW  # the tag was moved


def test_index_lists_what_is_pushed_before_it() -> None:
    index = next(each for _, tag, each in contents() if tag == "2")
    assert len(index.children) == 2
    assert all(child.digest.encode() in index.content for child in index.children)
