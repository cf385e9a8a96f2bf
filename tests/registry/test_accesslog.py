"""Lines of a registry's access log, as registry:2 wrote them, and the conversation they make."""

import json

import pytest

from labs.registry import LoggedRequest, Manifest, Step, conversation, read_access_log
from labs.registry.manifest import OCI_INDEX, OCI_MANIFEST, Index

CONFIG, LAYER, OTHER = (f"sha256:{letter * 64}" for letter in "abc")
UPLOAD = "7a4b8ee7-5104-40a1-8839-a40cf803abb2"


def document(*layers):
    parts = [{"mediaType": "x", "digest": digest, "size": 1} for digest in (CONFIG, *layers)]
    content = json.dumps({"mediaType": OCI_MANIFEST, "config": parts[0], "layers": parts[1:]})
    return Manifest(content.encode(), OCI_MANIFEST)


def said(*requests, documents=()):
    steps = conversation([LoggedRequest(*request) for request in requests], documents)
    return [(step.path, step.meaning, step.kind) for step in steps]


def test_line_of_the_log_is_read():
    line = (
        '172.17.0.1 - - [23/Nov/2026:13:06:43 +0000] "POST /v2/team/app/blobs/uploads/'
        f"?from=app&mount=sha256%3A{'b' * 64} "
        'HTTP/1.1" 201 0 "" "docker/26.1.5+dfsg1 UpstreamClient(docker-sdk-python/7.2.0)"'
    )
    (request,) = read_access_log(f"time=... level=info\n{line}\n\n")
    assert (request.method, request.status, request.repository) == ("POST", 201, "team/app")
    assert (request.what, request.end, request.query("mount")) == ("blobs/uploads", "", LAYER)
    assert request.agent.startswith("docker/26.1.5")


@pytest.mark.parametrize(
    "line",
    ["", "panic: x", '1.2.3.4 - - [x] "GET /v2/', '1.2.3.4 - - [x] "\\x16\\x03" 400 0 "" ""'],
)
def test_line_of_another_form_is_left_out(line):
    assert read_access_log(line) == []


def test_repository_may_be_called_like_a_part_of_the_path():
    request = LoggedRequest("GET", f"/v2/blobs/manifests/manifests/{LAYER}", 200)
    assert (request.repository, request.what, request.end) == (
        "blobs/manifests",
        "manifests",
        LAYER,
    )


def test_upload_is_named_by_the_digest_that_closes_it():
    location = f"/v2/app/blobs/uploads/{UPLOAD}?_state=secret"
    assert said(
        ("HEAD", f"/v2/app/blobs/{LAYER}", 404),
        ("POST", "/v2/app/blobs/uploads/", 202),
        ("PATCH", location, 202),
        ("PUT", f"{location}&digest=sha256%3A{'b' * 64}", 201),
        ("HEAD", f"/v2/app/blobs/{LAYER}", 200),
        documents=[document(LAYER)],
    ) == [
        ("/v2/app/blobs/<layer 1>", "layer 1 is not there", "ask"),
        ("/v2/app/blobs/uploads/", "an upload is open", "ask"),
        ("/v2/app/blobs/uploads/…", "received the bytes of layer 1", "send"),
        ("/v2/app/blobs/uploads/…?digest=<layer 1>", "layer 1 is complete", "ask"),
        ("/v2/app/blobs/<layer 1>", "layer 1 has arrived", "ask"),
    ]


def test_blob_that_is_there_or_mounted_is_skipped():
    mount = f"/v2/team/app/blobs/uploads/?from=app&mount={OTHER}"
    assert said(
        ("HEAD", f"/v2/team/app/blobs/{LAYER}", 200),
        ("POST", mount, 201),
        ("POST", mount, 202),
        ("PUT", "/v2/team/app/manifests/1", 201),
        documents=[document(LAYER, OTHER)],
    ) == [
        ("/v2/team/app/blobs/<layer 1>", "layer 1 is there already: skipped", "skip"),
        (
            "/v2/team/app/blobs/uploads/?mount=<layer 2>&from=app",
            "layer 2 is mounted from app: skipped",
            "skip",
        ),
        (
            "/v2/team/app/blobs/uploads/?mount=<layer 2>&from=app",
            "an upload is open",
            "ask",
        ),
        ("/v2/team/app/manifests/1", "the manifest is stored as 1", "send"),
    ]


def test_pull_tells_blobs_in_the_manifests_order_and_those_it_did_not_ask_for():
    image = document(LAYER, OTHER)
    steps = said(
        ("GET", f"/v2/app/manifests/{image.digest}", 200),
        ("GET", f"/v2/app/blobs/{OTHER}", 200),
        ("GET", f"/v2/app/blobs/{CONFIG}", 200),
        documents=[image],
    )
    assert [path for path, *_ in steps[:3]] == [
        "/v2/app/manifests/<manifest>",
        "/v2/app/blobs/<config>",
        "/v2/app/blobs/<layer 2>",
    ]
    assert steps[3:] == [("layer 1", "layer 1: the engine has it: not asked for, skipped", "skip")]


def test_pull_through_an_index_tells_the_blobs_of_what_was_pulled():
    image = document(LAYER)
    entry = {"mediaType": OCI_MANIFEST, "digest": image.digest, "size": 1}
    index = Index(json.dumps({"mediaType": OCI_INDEX, "manifests": [entry]}).encode(), OCI_INDEX)
    steps = said(
        ("GET", f"/v2/app/manifests/{index.digest}", 200),
        ("GET", f"/v2/app/manifests/{image.digest}", 200),
        documents=[index, image],
    )
    assert [meaning for _, meaning, _ in steps[:2]] == [
        "the bytes of the index",
        "the bytes of the manifest",
    ]


@pytest.mark.parametrize(
    ("status", "meaning"),
    [(401, "who are you?"), (403, "you may not"), (404, "not there"), (500, "refused")],
)
def test_refusal_is_told(status, meaning):
    assert said(("GET", "/v2/", status)) == [("/v2/", meaning, "ask")]


def test_digest_without_a_role_gets_a_number():
    assert said(("GET", f"/v2/app/blobs/{LAYER}", 200)) == [
        ("/v2/app/blobs/<blob 1>", "the bytes of blob 1", "fetch")
    ]


def test_blob_asked_for_with_a_digest_of_another_kind_is_told():
    path = "/v2/app/blobs/nonsense"
    assert conversation([LoggedRequest("GET", path, 404)]) == [
        Step("GET", path, 404, "not there", "ask")
    ]
