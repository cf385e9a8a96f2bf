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
    assert steps[3:] == [("layer 1", "layer 1: not asked for", "skip")]


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


DOCKER, CURL = "docker/26.1.5 go/go1.24", "curl/8.14.1"
UP = "/v2/app/blobs/uploads/"
PUSHED = (
    ("POST", UP, 202, DOCKER),
    ("PATCH", f"{UP}{UPLOAD}?_state=x", 202, DOCKER),
    ("PUT", f"{UP}{UPLOAD}?_state=y&digest={LAYER}", 201, DOCKER),
    ("HEAD", f"/v2/app/blobs/{LAYER}", 200, DOCKER),
    ("PUT", "/v2/app/manifests/1", 201, DOCKER),
)
AGAIN = (
    ("HEAD", f"/v2/app/blobs/{LAYER}", 200, DOCKER),
    ("PUT", "/v2/app/manifests/1", 201, DOCKER),
)


def meanings(*requests, documents=()):
    return [(meaning, kind) for _, meaning, kind in said(*requests, documents=documents)]


def test_second_push_of_the_same_blob_skips_it_and_does_not_say_that_it_has_arrived():
    told = meanings(*PUSHED, *AGAIN, documents=[document(LAYER)])
    assert told[3] == ("layer 1 has arrived", "ask")
    assert told[5] == ("layer 1 is there already: skipped", "skip")


def test_blob_that_arrived_in_another_repository_or_from_another_client_is_not_said_to_have_arrived():
    for again in (
        ("HEAD", f"/v2/other/blobs/{LAYER}", 200, DOCKER),
        ("HEAD", f"/v2/app/blobs/{LAYER}", 200, CURL),
    ):
        assert meanings(*PUSHED[:3], again, documents=[document(LAYER)])[3] == (
            "layer 1 is there",
            "ask",
        )


def test_upload_that_was_refused_has_not_arrived():
    refused = ("PUT", f"{UP}{UPLOAD}?digest={LAYER}", 400, DOCKER)
    told = meanings(
        refused, ("HEAD", f"/v2/app/blobs/{LAYER}", 200, DOCKER), documents=[document(LAYER)]
    )
    assert told == [("refused", "ask"), ("layer 1 is there", "ask")]


def test_blob_asked_for_without_a_push_is_there_and_skips_nothing():
    assert meanings(("HEAD", f"/v2/app/blobs/{LAYER}", 200, CURL), documents=[document(LAYER)]) == [
        ("layer 1 is there", "ask")
    ]


@pytest.mark.parametrize(
    ("method", "agent"),
    [("HEAD", CURL), ("HEAD", DOCKER), ("HEAD", ""), ("GET", CURL), ("GET", "python-httpx/0.28")],
)
def test_manifest_that_no_engine_got_says_nothing_of_its_blobs(method, agent):
    told = meanings((method, "/v2/app/manifests/1", 200, agent), documents=[document(LAYER)])
    assert len(told) == 1


def test_blobs_of_a_manifest_that_an_engine_got_are_said_not_to_be_asked_for_and_no_more():
    image = document(LAYER)
    told = meanings(
        ("HEAD", "/v2/app/manifests/1", 200, DOCKER),
        ("GET", f"/v2/app/manifests/{image.digest}", 200, DOCKER),
        documents=[image],
    )
    assert told[2:] == [("the config: not asked for", "skip"), ("layer 1: not asked for", "skip")]


def test_pull_beside_a_push_says_what_was_not_asked_for():
    image = document(LAYER)
    pulled = ("GET", f"/v2/app/manifests/{image.digest}", 200, DOCKER)
    assert meanings(*PUSHED, pulled, documents=[image])[-1] == ("the config: not asked for", "skip")


def test_whole_upload_in_one_request_carries_the_bytes():
    blob = document(LAYER)
    one = ("POST", f"{UP}?digest={LAYER}", 201, CURL)
    assert meanings(one, documents=[blob]) == [("received the bytes of layer 1: complete", "send")]
    not_taken = ("POST", f"{UP}?digest={LAYER}", 202, CURL)
    put = ("PUT", f"{UP}{UPLOAD}?digest={LAYER}", 201, CURL)
    assert meanings(not_taken, put, documents=[blob]) == [
        ("an upload is open", "ask"),
        ("received the bytes of layer 1: complete", "send"),
    ]


def test_upload_in_one_request_does_not_name_the_uploads_that_others_open():
    one, other = ("POST", f"{UP}?digest={LAYER}", 201, CURL), ("POST", UP, 202, DOCKER)
    assert meanings(one, other, documents=[document(LAYER)])[1] == ("an upload is open", "ask")


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (("DELETE", f"/v2/app/manifests/{OTHER}", 202), "manifest 1 is deleted"),
        (("DELETE", "/v2/app/manifests/1", 202), "1 is deleted"),
        (("DELETE", f"/v2/app/blobs/{OTHER}", 202), "the link to blob 1 is deleted"),
        (("DELETE", f"{UP}{UPLOAD}", 204), "the upload is given up"),
        (("GET", f"{UP}{UPLOAD}", 204), "how far the upload is"),
        (("DELETE", f"/v2/app/manifests/{OTHER}", 405), "not allowed here"),
        (("GET", f"/v2/app/blobs/{OTHER}", 307), "look elsewhere"),
        (("HEAD", f"/v2/app/blobs/{OTHER}", 401), "who are you?"),
        (("GET", "/v2/_catalog?n=2", 200), "the repositories"),
        (("GET", "/v2/app/tags/list", 200), "the tags"),
        (("GET", f"/v2/app/referrers/{OTHER}", 200), "the referrers"),
    ],
)
def test_each_other_request_says_what_it_is(request_, told):
    assert meanings(request_) == [(told, "ask")]


def test_blobs_of_two_manifests_have_different_names_and_a_shared_one_has_one():
    first, second = document(LAYER), document(LAYER, OTHER)
    told = meanings(
        *(("GET", f"/v2/app/blobs/{digest}", 200, DOCKER) for digest in (CONFIG, LAYER, OTHER)),
        documents=[first, second],
    )
    assert [meaning for meaning, _ in told] == [
        "the bytes of the config",
        "the bytes of layer 1",
        "the bytes of layer 2 of manifest 2",
    ]
