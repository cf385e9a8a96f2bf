"""What lesson 3 says of a registry and none of its cells shows: each on a real one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labs.playground import Playground
from tests.lessons.speak_the_api_cases import base, http, put, registry

pytestmark = [pytest.mark.engine, pytest.mark.full]


@pytest.fixture(scope="module")
def playground(opened: Callable[..., Playground]) -> Playground:
    """One node with a registry that has busybox, and its layer in `by-hand`."""
    found = opened("speak-claims", ports=(5000,))
    base(found, "by-hand")
    return found


def test_catalog_without_n_has_100_names_at_most_and_a_link(playground: Playground):
    image = registry(playground).manifest("busybox", "latest")
    with http(playground) as client:
        for number in range(101):
            for blob in (image.config, *image.layers):
                params = {"mount": blob.digest, "from": "busybox"}
                client.post(f"/v2/many/{number}/blobs/uploads/", params=params).raise_for_status()
            put(playground, f"many/{number}", "1", image.content, image.media_type)
        page = client.get("/v2/_catalog")
        assert len(page.json()["repositories"]) == 100
        assert page.links["next"]["url"].startswith("/v2/_catalog?")


def test_mount_of_a_blob_that_is_not_there_opens_an_upload(playground: Playground):
    with http(playground) as client:
        params = {"mount": f"sha256:{'0' * 64}", "from": "busybox"}
        reply = client.post("/v2/by-hand/blobs/uploads/", params=params)
    assert (reply.status_code, "location" in reply.headers) == (202, True)


def test_blob_that_is_not_there_is_404_by_head(playground: Playground):
    with http(playground) as client:
        assert client.head(f"/v2/by-hand/blobs/sha256:{'0' * 64}").status_code == 404
