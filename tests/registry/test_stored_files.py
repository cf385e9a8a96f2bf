"""Reading the files of a registry's storage folder."""

import io
import tarfile

import pytest

from labs.registry import Storage, StoredFile, files_in_tar

ROOT = "registry/docker/registry/v2"
A, B, C, D = ("a" * 64, "b" * 64, "c" * 64, "d" * 64)


def blob(hex, size):
    return StoredFile(f"{ROOT}/blobs/sha256/{hex[:2]}/{hex}/data", size)


def link(where, hex):
    return StoredFile(f"{ROOT}/repositories/{where}/link", 71, f"sha256:{hex}")


FILES = [
    link(f"team/app/_layers/sha256/{B}", B),
    link(f"team/app/_layers/sha256/{C}", C),
    link(f"team/app/_manifests/revisions/sha256/{A}", A),
    link("team/app/_manifests/tags/latest/current", A),
    link(f"team/app/_manifests/tags/latest/index/sha256/{A}", A),
    StoredFile(f"{ROOT}/repositories/team/app/_uploads/1/data", 3),
    link(f"copy/_layers/sha256/{B}", B),
    blob(C, 30),
    blob(B, 200),
    blob(A, 500),
    blob(D, 1),
]


@pytest.fixture
def storage():
    return Storage.read(reversed(FILES))


def test_blobs_are_numbered_manifests_first_unlinked_last(storage):
    seen = [(blob.number, blob.digest[-1], blob.links) for blob in storage.blobs]
    assert seen == [(1, "a", 3), (2, "c", 1), (3, "b", 2), (4, "d", 0)]


def test_links_are_in_an_order_that_digests_do_not_change(storage):
    seen = [(it.repository, it.label) for it in storage.links]
    app = ["tag latest", "tag latest (its history)", "manifest", "layer", "layer"]
    assert seen == [("copy", "layer"), *(("team/app", label) for label in app)]
    assert storage.repositories == ("copy", "team/app")


def test_link_to_a_deleted_blob_leads_nowhere():
    storage = Storage.read([link(f"app/_layers/sha256/{A}", A)])
    assert storage.blob(storage.links[0].digest) is None


def test_tag_named_like_a_folder_is_a_tag():
    storage = Storage.read([link("app/_manifests/tags/index/current", A)])
    assert [(it.kind, it.tag) for it in storage.links] == [("tag", "index")]


def test_tar_gives_sizes_and_link_texts():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for file in FILES:
            content = file.link.encode() if file.link else bytes(file.size_bytes)
            entry = tarfile.TarInfo(file.path)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    chunks = [buffer.getvalue()[i : i + 700] for i in range(0, len(buffer.getvalue()), 700)]
    assert files_in_tar(chunks) == sorted(FILES)
