"""Streams of pushes and pulls, as engines 20.10 to 28 send them."""

from types import SimpleNamespace

import docker.errors
import pytest
from requests.exceptions import ReadTimeout
from urllib3.exceptions import ReadTimeoutError

from labs.lesson.observation import is_here
from labs.lesson.transfer import PullFailed, PushFailed, pull, push
from labs.registry import InvalidReference

DIGEST = f"sha256:{'1' * 64}"
LAYER = f"sha256:{'2' * 64}"


class Api:
    """An engine's API that answers with one stream and keeps what it was asked."""

    def __init__(self, stream):
        self.stream = stream
        self.asked = []

    def push(self, name, *, tag, stream, decode):
        self.asked.append((name, tag))
        return self._answer()

    pull = push

    def _answer(self):
        for step in self.stream:
            if isinstance(step, Exception):
                raise step
            yield step


def engine(*stream):
    return SimpleNamespace(api=Api(stream))


def error(words):
    return {"errorDetail": {"message": words}, "error": words}


def test_push_gives_the_last_digest():
    client = engine(
        {"status": "The push refers to repository [127.0.0.1:5000/hello-world]"},
        {"status": "Mounted", "aux": {"Digest": LAYER}},
        {"status": f"latest: digest: {DIGEST} size: 525"},
        {"progressDetail": {}, "aux": {"Tag": "latest", "Digest": DIGEST, "Size": 525}},
    )
    assert push(client, "127.0.0.1:5000/hello-world") == DIGEST
    assert client.api.asked == [("127.0.0.1:5000/hello-world", "latest")]


def test_push_without_aux_reads_the_status():
    assert (
        push(engine({"status": f"v1: digest: {DIGEST} size: 5"}), "registry.lab/app:v1") == DIGEST
    )


def test_pull_gives_the_digest_of_the_manifest_and_not_a_layers():
    client = engine(
        {"status": "Pulling fs layer", "id": "2222"},
        {"status": f"Verifying {LAYER}"},
        {"status": f"Digest: {DIGEST}"},
        {"status": "Status: Image is up to date for hello-world:latest"},
    )
    assert pull(client, f"hello-world@{DIGEST}") == DIGEST
    assert client.api.asked == [("hello-world", DIGEST)]


@pytest.mark.parametrize(("move", "failed"), [(push, PushFailed), (pull, PullFailed)])
@pytest.mark.parametrize("silence", [ReadTimeoutError(None, "/", "Read timed out."), ReadTimeout()])
def test_engine_that_says_nothing_more_is_told_as_such(move, failed, silence):
    client = engine({"status": "Preparing"}, silence)
    client.api.timeout = 60
    with pytest.raises(failed, match="the engine has said nothing for 60 s") as raised:
        move(client, "127.0.0.1:5000/pages")
    assert "run the cell again" in raised.value.hint


FAILURES = [
    ("Get http://127.0.0.1:5001/v2/: dial tcp: connect: connection refused", "nothing listens"),
    ("http: server gave HTTP response to HTTPS client", "insecure-registries"),
    ("dial tcp: lookup registry: no such host", "the engine resolves"),
    ("no basic auth credentials", "log in to exactly"),
    ("x509: certificate signed by unknown authority", "ca.crt"),
    ("An image does not exist locally with the tag: 127.0.0.1:5000/x", "image.tag"),
    ("denied: requested access to the resource is denied", "may not do that"),
    ("something new", ""),
]


@pytest.mark.parametrize(("words", "hint"), FAILURES)
@pytest.mark.parametrize(("act", "failed"), [(push, PushFailed), (pull, PullFailed)])
def test_failure_in_the_stream_raises_the_engines_words(act, failed, words, hint):
    client = engine({"status": "Preparing"}, error(words), {"status": "end"})
    with pytest.raises(failed) as caught:
        act(client, "127.0.0.1:5000/x")
    assert caught.value.message == f"{act.__name__} 127.0.0.1:5000/x: {words}"
    assert hint in caught.value.hint
    assert bool(hint) == bool(caught.value.hint)


def test_failure_with_error_alone_raises():
    with pytest.raises(PushFailed, match="broken"):
        push(engine({"error": "broken"}), "app")


def test_refusal_before_the_stream_raises_the_engines_words():
    refusal = docker.errors.APIError("404", explanation="manifest unknown")
    with pytest.raises(PullFailed, match="pull app: manifest unknown") as caught:
        pull(engine(refusal), "app")
    assert "Docker Hub" in caught.value.hint


def test_stream_without_a_digest_is_no_success():
    with pytest.raises(PushFailed, match="without a digest; its last words: 'Preparing'"):
        push(engine({"status": "Preparing"}), "app")


def test_push_to_a_digest_is_refused():
    with pytest.raises(PushFailed, match="cannot be pushed to"):
        push(engine(), f"app@{DIGEST}")


def test_bad_reference_is_refused_before_the_engine_is_asked():
    client = engine()
    with pytest.raises(InvalidReference):
        pull(client, "No Reference")
    assert client.api.asked == []


@pytest.mark.parametrize(
    ("host", "node", "here"),
    [
        ("127.0.0.1", "node1", True),
        ("127.0.0.1", "node2", True),
        ("node2", "node2", True),
        ("node1", "node2", False),
        ("registry.lab", "node1", True),
        ("registry.lab", "node2", False),
        ("docker.io", "node1", False),
    ],
)
def test_host_names_the_node_itself_or_another_machine(host, node, here):
    assert is_here(host, node) is here
