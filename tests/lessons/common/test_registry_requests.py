"""What is asked of a registry without a password, and what counts as let through."""

from __future__ import annotations

import json

import httpx
import pytest

from labs.lessons.common import Request, begun_at, lets_through, open_to_strangers

ID = "0123abcd-0000-4000-8000-000000000000"


def answer(status: int, code: str = "", **headers: str) -> httpx.Response:
    body = json.dumps({"errors": [{"code": code}]}).encode() if code else b"<html>"
    return httpx.Response(status, content=body, headers=headers)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (answer(201), True),
        (answer(202), True),
        (answer(404, "MANIFEST_UNKNOWN"), True),
        (answer(400, "DIGEST_INVALID"), True),
        (answer(401, "UNAUTHORIZED"), False),
        (answer(401), False),
        (answer(403, "DENIED"), False),
        (answer(403), False),
        (answer(404), False),
        (answer(405), False),
        (answer(405, "UNSUPPORTED"), False),
        (answer(502), False),
        (None, False),
    ],
)
def test_request_is_let_through_where_a_registry_was_willing(
    given: httpx.Response | None, wanted: bool
) -> None:
    assert lets_through(given) is wanted


@pytest.mark.parametrize(
    "open_to",
    [
        "GET /v2/",
        "HEAD /v2/",
        "GET /v2/_catalog",
        "GET /v2/team/hello/tags/list",
        "HEAD /v2/team/hello/manifests/latest",
        "GET /v2/team/hello/manifests/sha256:…",
        "GET /v2/team/hello/blobs/sha256:…",
        "GET /v2/team/hello/blobs/uploads/…",
        "GET /v2/course-check/tags/list",
        "POST /v2/team/hello/blobs/uploads/",
        "POST /v2/course-check/blobs/uploads/",
        "PUT /v2/team/hello/manifests/course-check",
        "PUT /v2/course-check/manifests/sha256:…",
        "DELETE /v2/team/hello/manifests/sha256:…",
        "DELETE /v2/team/hello/blobs/sha256:…",
        "PATCH /v2/team/hello/blobs/uploads/…",
        "PUT /v2/team/hello/blobs/uploads/…",
        "DELETE /v2/team/hello/blobs/uploads/…",
    ],
)
def test_one_open_path_is_found(open_to: str) -> None:
    def ask(request: Request) -> httpx.Response:
        return answer(200) if str(request) == open_to else answer(401, "UNAUTHORIZED")

    found = open_to_strangers("team/hello", "latest", ask)
    assert found
    assert (str(found[0]), found[1]) == (open_to, 200)


def test_each_blob_that_is_known_is_asked_for() -> None:
    digests = [f"sha256:{letter * 64}" for letter in "abc"]
    asked = []

    def ask(request: Request) -> httpx.Response:
        asked.append(f"{request.method} {request.path}")
        return answer(401)

    assert open_to_strangers("team/hello", "latest", ask, digests=digests) is None
    for method in ("GET", "HEAD"):
        assert f"{method} /v2/team/hello/manifests/{digests[0]}" in asked
        assert f"{method} /v2/team/hello/blobs/{digests[1]}" in asked
        assert f"{method} /v2/team/hello/blobs/{digests[2]}" in asked


def test_upload_that_a_stranger_began_is_cancelled() -> None:
    asked = []

    def ask(request: Request) -> httpx.Response:
        asked.append(str(request))
        if request.method == "POST":
            return answer(
                202, location=f"http://elsewhere/v2/team/hello/blobs/uploads/{ID}?_state=x"
            )
        return answer(401)

    found = open_to_strangers("team/hello", "latest", ask)
    assert found
    assert found[1] == 202
    assert asked[-1] == "DELETE /v2/team/hello/blobs/uploads/…"


def test_place_of_an_upload_is_a_path_of_the_same_server() -> None:
    assert begun_at(None) == ""
    assert begun_at(answer(202)) == ""
    assert begun_at(answer(200, location="/v2/x")) == ""
    assert begun_at(answer(202, location="//elsewhere@x/v2/y?a=b")) == "/v2/y?a=b"


def test_request_that_writes_names_nothing_that_exists() -> None:
    asked: list[Request] = []

    def ask(request: Request) -> httpx.Response:
        asked.append(request)
        return answer(401)

    open_to_strangers("team/hello", "latest", ask, digests=[f"sha256:{'a' * 64}"])
    writes = [r for r in asked if r.method not in ("GET", "HEAD")]
    assert {r.method for r in writes} == {"POST", "PUT", "PATCH", "DELETE"}
    assert not [r for r in writes if "latest" in r.path or "aaaa" in r.path]
