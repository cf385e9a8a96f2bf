"""The client against a small HTTP server on this machine, in its own thread; real registries are tested elsewhere."""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from labs.errors import LabsError
from labs.registry import Manifest, RegistryClient, RegistryError
from labs.registry.manifest import DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST

BLOB = b"some layer"
BLOB_DIGEST = f"sha256:{hashlib.sha256(BLOB).hexdigest()}"
CONFIG = {"mediaType": "application/json", "digest": BLOB_DIGEST, "size": len(BLOB)}
IMAGE = json.dumps({"mediaType": OCI_MANIFEST, "config": CONFIG, "layers": []}).encode()
IMAGE_DIGEST = f"sha256:{hashlib.sha256(IMAGE).hexdigest()}"


class Answers:
    """What the server says to which request, and the requests it got."""

    def __init__(self):
        self.routes = {}
        self.requests = []
        self.url = ""

    def add(self, request, status=200, body=b"", **headers):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.routes[request] = (status, body, headers)


@pytest.fixture
def server():
    answers = Answers()

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            request = f"{self.command} {self.path}"
            answers.requests.append((request, dict(self.headers)))
            error = {"errors": [{"code": "NAME_UNKNOWN", "message": "repository name not known"}]}
            unknown = (404, json.dumps(error).encode(), {})
            status, body, headers = answers.routes.get(request, unknown)
            self.send_response(status)
            for name, value in {"content-length": str(len(body)), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_DELETE = answer  # noqa: N815 - names that http.server calls

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        answers.url = f"http://127.0.0.1:{http.server_port}"
        threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
        yield answers
        http.shutdown()


@pytest.fixture
def client(server):
    with RegistryClient(server.url) as client:
        yield client


def test_ping_a_registry_that_answers_is_silent(server, client):
    server.add("GET /v2/", body={})
    client.ping()


def test_catalog_of_several_pages_gives_all(server, client):
    server.add(
        "GET /v2/_catalog?n=2",
        body={"repositories": ["a", "b"]},
        Link='</v2/_catalog?last=b&n=2>; rel="next"',
    )
    elsewhere = '<https://elsewhere.invalid/v2/_catalog?last=d&n=2>; rel="next"'
    server.add("GET /v2/_catalog?last=b&n=2", body={"repositories": ["c", "d"]}, Link=elsewhere)
    server.add("GET /v2/_catalog?last=d&n=2", body={"repositories": None})
    assert client.catalog(page_size=2) == ["a", "b", "c", "d"]


def test_catalog_whose_pages_go_in_a_circle_raises(server, client):
    server.add("GET /v2/_catalog", body={"repositories": ["a"]}, Link='</v2/_catalog>; rel="next"')
    with pytest.raises(RegistryError, match="circle"):
        client.catalog()


def test_tags_of_nested_repository(server, client):
    server.add("GET /v2/team/app/tags/list", body={"name": "team/app", "tags": ["1", "2"]})
    assert client.tags("team/app") == ["1", "2"]


def test_tags_after_the_last_was_deleted_is_empty(server, client):
    server.add("GET /v2/app/tags/list", body={"name": "app", "tags": None})
    assert client.tags("app") == []


def test_manifest_asks_for_all_media_types_and_keeps_bytes(server, client):
    server.add("GET /v2/app/manifests/1", body=IMAGE, content_type=OCI_MANIFEST)
    manifest = client.manifest("app", "1")
    assert isinstance(manifest, Manifest)
    assert manifest.content == IMAGE
    accepted = server.requests[-1][1]["Accept"]
    assert all(kind in accepted for kind in (OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST))


def test_manifest_by_digest_with_other_bytes_raises(server, client):
    server.add(f"GET /v2/app/manifests/{IMAGE_DIGEST}", body=IMAGE + b"\n")
    with pytest.raises(RegistryError, match="the bytes served have the digest"):
        client.manifest("app", IMAGE_DIGEST)


def test_head_gives_the_descriptor(server, client):
    server.add(
        "HEAD /v2/app/manifests/1",
        body=IMAGE,
        content_type=OCI_MANIFEST,
        docker_content_digest=IMAGE_DIGEST,
    )
    found = client.head("app", "1")
    assert (found.media_type, found.digest, found.size_bytes) == (
        OCI_MANIFEST,
        IMAGE_DIGEST,
        len(IMAGE),
    )


def test_blob_follows_a_redirect_and_checks_its_digest(server, client):
    server.add(f"GET /v2/app/blobs/{BLOB_DIGEST}", 307, Location=f"{server.url}/bucket/x")
    server.add("GET /bucket/x", body=BLOB)
    assert client.blob("app", BLOB_DIGEST) == BLOB
    server.add("GET /bucket/x", body=b"another layer")
    with pytest.raises(RegistryError, match=f"not {BLOB_DIGEST}"):
        client.blob("app", BLOB_DIGEST)


def test_delete_where_it_is_on_is_silent(server, client):
    server.add(f"DELETE /v2/app/manifests/{IMAGE_DIGEST}", 202)
    client.delete("app", IMAGE_DIGEST)


REFUSALS = [
    (404, {"errors": [{"code": "MANIFEST_UNKNOWN"}]}, "404 MANIFEST_UNKNOWN", "tags(repository)"),
    (405, {"errors": [{"code": "UNSUPPORTED"}]}, "405 UNSUPPORTED", "DELETE_ENABLED"),
    (405, b"", "405 Method Not Allowed", "DELETE_ENABLED"),
    (401, {"errors": [{"code": "UNAUTHORIZED"}]}, "401 UNAUTHORIZED", "auth="),
    (
        400,
        b"Client sent an HTTP request to an HTTPS server.\n",
        "400 Client sent",
        "https://127.0.0.1",
    ),
    (500, {"errors": [{"code": "UNKNOWN", "message": "disk full"}]}, "500 UNKNOWN disk full", ""),
    (502, b"<html>\nbad gateway", "502 <html>", ""),
    (404, {"errors": []}, "404", ""),
    (404, ["odd"], "404", ""),
]


@pytest.mark.parametrize(("status", "body", "words", "hint"), REFUSALS)
def test_refusal_names_request_status_code_and_hint(server, client, status, body, words, hint):
    server.add("DELETE /v2/app/manifests/1", status, body)
    with pytest.raises(RegistryError) as caught:
        client.delete("app", "1")
    error = caught.value
    assert error.message.startswith(f"DELETE {server.url}/v2/app/manifests/1: {words}")
    assert (error.method, error.status) == ("DELETE", status)
    assert hint in error.hint
    assert bool(hint) == bool(error.hint)


def test_refusal_is_not_retried(server, client):
    with pytest.raises(RegistryError) as caught:
        client.tags("no/such")
    assert caught.value.code == "NAME_UNKNOWN"
    assert len(server.requests) == 1


def test_silence_has_no_status_and_a_hint():
    with RegistryClient("http://127.0.0.1:1") as client, pytest.raises(RegistryError) as caught:
        client.ping()
    assert caught.value.status is None
    assert "refused" in caught.value.message
    assert "running" in caught.value.hint


def test_https_to_plain_http_hints_at_the_scheme(server):
    url = server.url.replace("http:", "https:")
    with RegistryClient(url) as client, pytest.raises(RegistryError) as caught:
        client.ping()
    assert "http://" in caught.value.hint


def test_user_and_password_are_sent_and_never_shown(server):
    url = server.url.replace("//", "//ann:secret@")
    with RegistryClient(url) as client, pytest.raises(RegistryError) as caught:
        client.ping()
    assert "Basic" in server.requests[-1][1]["Authorization"]
    assert "secret" not in f"{caught.value} {caught.value.url} {client!r}"


def test_environment_does_not_leak_in(server, monkeypatch):
    server.add("GET /v2/", body={})
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.setenv(name, "/no/such/file")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with RegistryClient(server.url) as client:
        client.ping()


@pytest.mark.parametrize("url", ["127.0.0.1:5000", "ftp://127.0.0.1", ""])
def test_url_without_scheme_is_refused(url):
    with pytest.raises(LabsError, match="http:// or https://"):
        RegistryClient(url)


DIGEST = f"sha256:{'d' * 64}"
ENTRY = {"mediaType": OCI_MANIFEST, "digest": DIGEST, "size": 2, "artifactType": "text/plain"}
LIST = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [ENTRY]}


@pytest.mark.parametrize(
    "path", [f"/v2/app/referrers/{DIGEST}", f"/v2/app/manifests/sha256-{'d' * 64}"]
)
def test_referrers_come_from_the_api_or_the_fallback_tag(server, path):
    server.add(f"GET {path}", body=LIST, content_type=OCI_INDEX)
    (found,) = RegistryClient(server.url).referrers("app", DIGEST)
    assert (found.digest, found.artifact_type) == (DIGEST, "text/plain")


def test_referrers_where_nothing_is_listed_are_none(server):
    assert RegistryClient(server.url).referrers("app", DIGEST) == []


@pytest.mark.parametrize("path", ["referrers/sha256:", "manifests/sha256-"])
def test_referrers_refused_is_raised(server, path):
    server.add(f"GET /v2/app/{path}{'d' * 64}", status=401)
    with pytest.raises(RegistryError, match="401"):
        RegistryClient(server.url).referrers("app", DIGEST)


HEX = "0123456789abcdef" * 4
NAMES = {
    "capital": "Team/app",
    "host and port": "127.0.0.1:5000/app",
    "tag": "app:1",
    "empty": "",
    "slash at the end": "app/",
    "up": "../app",
    "space": "my app",
    "too long": "a" * 256,
    "none": None,
}
CALLS = {
    "tags": lambda client, name: client.tags(name),
    "manifest": lambda client, name: client.manifest(name, "1"),
    "head": lambda client, name: client.head(name, "1"),
    "blob": lambda client, name: client.blob(name, BLOB_DIGEST),
    "delete": lambda client, name: client.delete(name, BLOB_DIGEST),
    "referrers": lambda client, name: client.referrers(name, BLOB_DIGEST),
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_bad_repository_is_refused_and_not_sent(server, client, call, name):
    with pytest.raises(RegistryError, match=r"not sent: a (repository|name)") as refused:
        call(client, name)
    assert refused.value.status is None
    assert refused.value.hint
    assert server.requests == []


REFERENCES = {
    "empty": ("", "a tag or a digest is missing"),
    "dash first": ("-x", "a tag is 1 to 128"),
    "slash": ("a/b", "a tag is 1 to 128"),
    "too long": ("t" * 129, "a tag is 1 to 128"),
    "query": ("1?n=2", "a tag is 1 to 128"),
    "cut digest": (f"sha256:{HEX[:-1]}", "a digest of sha256 has 64"),
    "unknown algorithm": (f"zork:{HEX}", "a digest is an algorithm"),
    "repository and tag": ("app:1", "a digest is an algorithm"),
    "number": (1, "a name is text, not int"),
}


@pytest.mark.parametrize(("reference", "rule"), REFERENCES.values(), ids=REFERENCES)
def test_bad_tag_or_digest_is_refused_and_not_sent(server, client, reference, rule):
    for call in (client.manifest, client.head, client.delete):
        with pytest.raises(RegistryError, match=f"not sent: {rule}"):
            call("app", reference)
    assert server.requests == []


@pytest.mark.parametrize("digest", ["", "latest", f"sha512:{HEX}", f"sha256:{HEX.upper()}"])
def test_bad_digest_of_a_blob_or_subject_is_refused_and_not_sent(server, client, digest):
    for call in (client.blob, client.referrers):
        with pytest.raises(RegistryError, match="not sent: "):
            call("app", digest)
    assert server.requests == []


@pytest.mark.parametrize("size", [0, -1, 1.5, "10", True])
def test_bad_page_size_is_refused_and_not_sent(server, client, size):
    for call in (client.catalog, lambda page_size: client.tags("app", page_size=page_size)):
        with pytest.raises(RegistryError, match="not sent: a page size is a whole number from 1"):
            call(page_size=size)
    assert server.requests == []


def test_blob_of_another_algorithm_is_compared_by_it(server, client):
    digest = f"sha512:{hashlib.sha512(BLOB).hexdigest()}"
    server.add(f"GET /v2/app/blobs/{digest}", body=BLOB)
    assert client.blob("app", digest) == BLOB
    server.add(f"GET /v2/app/blobs/{digest}", body=BLOB + b"!")
    with pytest.raises(RegistryError, match="the bytes served have the digest sha512:"):
        client.blob("app", digest)


def test_referrers_of_a_sha512_are_under_a_tag_of_64_digits(server, client):
    tag = f"sha512-{HEX}"
    index = {"mediaType": OCI_INDEX, "manifests": [CONFIG]}
    server.add(f"GET /v2/app/manifests/{tag}", body=index, content_type=OCI_INDEX)
    assert len(client.referrers("app", f"sha512:{HEX * 2}")) == 1


def test_blob_chunks_come_from_a_byte_on_with_ranges_and_without(server):
    path = f"/v2/app/blobs/{BLOB_DIGEST}"
    client = RegistryClient(server.url)
    server.add(f"GET {path}", body=BLOB)
    assert b"".join(client.blob_chunks("app", BLOB_DIGEST)) == BLOB
    assert b"".join(client.blob_chunks("app", BLOB_DIGEST, start=4)) == BLOB[4:]
    server.add(f"GET {path}", status=206, body=BLOB[4:])
    assert b"".join(client.blob_chunks("app", BLOB_DIGEST, start=4)) == BLOB[4:]
    sent = [headers.get("Range") for _, headers in server.requests]
    assert sent == [None, "bytes=4-", "bytes=4-"]


def test_blob_chunks_that_end_early_or_are_refused_are_errors(server):
    client = RegistryClient(server.url)
    with pytest.raises(RegistryError, match="404 NAME_UNKNOWN"):
        list(client.blob_chunks("app", BLOB_DIGEST))
    server.add(f"GET /v2/app/blobs/{BLOB_DIGEST}", body=BLOB, **{"content-length": "1000"})
    with pytest.raises(RegistryError, match="without sending complete message body"):
        list(client.blob_chunks("app", BLOB_DIGEST))
