"""What a failed push or pull is told: by what was observed, whatever words its message has."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest

from labs.lesson import diagnosis
from labs.lesson.diagnosis import Failure, Hub
from labs.lesson.observation import Answers, Server, how_it_answers, server_on
from labs.lesson.transfer import PushFailed, pull, push
from labs.registry import InvalidReference, Reference
from tests.lesson.test_transfer import Api, error

HERE = "127.0.0.1:5000"
REFUSED = "dial tcp 127.0.0.1:80: connect: connection refused"
UPLOAD = f'Patch "http://127.0.0.1/v2/app/blobs/uploads/1-2?_state=x": {REFUSED}'
PAGE = (
    "error parsing HTTP {} response body: invalid character '<' looking for beginning of value: "
    '"<html>\\r\\n<head><title>{} nginx</title></head>"'
)
# Docker 26, in front of nginx.
QUOTED = "unknown: <html>\r\n<head><title>{}</title></head>\r\n<body>\r\n<center><h1>{}</h1></center>\r\n</html>"
UNKNOWN = "received unexpected HTTP status: 500 Internal Server Error"
READ_ONLY = "filesystem: mkdir /var/lib/registry/docker: read-only file system"


def hint(said: str, ref: str = f"{HERE}/app", **seen: Any) -> str:
    answers = seen.pop("answers", None)
    verb = seen.pop("verb", "push")
    return diagnosis.hint(
        Failure(verb, Reference.parse(ref), said, answers=lambda: answers, **seen)
    )


def server(**seen: Any) -> Server:
    return Server("registry", **seen)


def pulled(hub: Hub) -> str:
    said = "lookup registry-1.docker.io: no such host"
    return hint(said, "registree:2", verb="pull", hub=lambda: hub)


CAUSES = {
    "a reader pushes, and the engine says two things": (
        hint("errors:\ndenied: requested access to the resource is denied\nunauthorized: x"),
        "may not do that",
    ),
    "an access token that was switched off": (
        hint("unauthorized: incorrect username or password"),
        "switched off",
    ),
    "too many wrong passwords": (
        hint("toomanyrequests: too many wrong passwords: try again in 4 s"),
        "wait as long",
    ),
    "no registry named": (
        hint("denied: requested access to the resource is denied", "app"),
        "Docker Hub",
    ),
    "no registry named, no network": (
        hint("lookup registry-1.docker.io: no such host", "app"),
        "Docker Hub",
    ),
    "lab.url without its scheme": (
        hint(REFUSED, "127.0.0.1:49153/app", ports={"127.0.0.1:49153": 5000}),
        "there it is 127.0.0.1:5000: 127.0.0.1:5000/app",
    ),
    "the same as localhost": (
        hint(REFUSED, "localhost:49153/app", ports={"127.0.0.1:49153": 5000}),
        "there it is 127.0.0.1:5000",
    ),
    "read-only mount": (
        hint(UNKNOWN, server=server(detail=READ_ONLY, read_only=("/var/lib/registry",))),
        "/var/lib/registry is mounted read-only",
    ),
    "read-only in the SDK's form": (
        hint(UNKNOWN, server=server(detail=READ_ONLY, read_only=("/var/lib/registry",))),
        'mount it with "mode": "rw", or in text without :ro',
    ),
    "read-only root": (hint(UNKNOWN, server=server(detail=READ_ONLY)), "without read_only=True"),
    "misspelled": (
        pulled(Hub(("registry:2", "busybox:latest"))),
        "registree:2 is not on this node, nor in this lesson's mirror, which has busybox:latest, registry:2: is it",
    ),
    "in a registry of the node": (
        pulled(Hub(("registry:2",), holder=HERE)),
        f"{HERE} has that repository: {HERE}/registree:2",
    ),
    "on the node alone": (pulled(Hub(("registry:2",), on_node=True)), "on this node already"),
    "mirror that does not answer": (
        pulled(Hub(("registree:2",))),
        "lab = labs.open(…) in a new cell",
    ),
    "nothing known of the mirror": (pulled(Hub()), "looked for on Docker Hub: is it spelled"),
    "full disk": (hint(UNKNOWN, server=server(detail="write: no space left on device")), "full"),
    "its own reason": (hint(UNKNOWN, server=server(detail="s3aws: 403")), "says: s3aws: 403"),
    "read-only setting": (
        hint("unknown: Method not allowed", server=server(takes_no_push=True)),
        "takes no pushes",
    ),
    "port dropped, in the message": (hint(UPLOAD), "proxy_set_header Host $http_host"),
    "port dropped, as it answers": (
        hint(PAGE.format(404, 404), answers=Answers(200, True, "127.0.0.1")),
        "sent the engine on to 127.0.0.1, not to 127.0.0.1:5000",
    ),
    "413": (hint(PAGE.format(413, 413)), "client_max_body_size"),
    "413 without a page": (
        hint("received unexpected HTTP status: 413 Too Large"),
        "client_max_body_size",
    ),
    "413 in a page": (
        hint(QUOTED.format(*["413 Request Entity Too Large"] * 2)),
        "client_max_body_size",
    ),
    "502 in a page": (hint(QUOTED.format(*["502 Bad Gateway"] * 2)), "does not reach the registry"),
    "a page of a web server": (
        hint(QUOTED.format(*["404 Not Found"] * 2), answers=Answers(404)),
        "not a registry: GET /v2/ gives 404",
    ),
    "a page of a web server not asked": (
        hint(QUOTED.format(*["403 access denied"] * 2)),
        "answered 403 with a page",
    ),
    "502": (hint(PAGE.format(502, 502)), "does not reach the registry behind it"),
    "a web server": (
        hint(PAGE.format(404, 404), answers=Answers(404)),
        "not a registry: GET /v2/ gives 404",
    ),
    "no HTTP": (hint("malformed HTTP response", answers=Answers()), "it does not speak HTTP"),
    "a web server not asked": (hint(PAGE.format(405, 405)), "answered 405 with a page"),
    "nothing there": (hint(f'Get "http://{HERE}/v2/": {REFUSED}'), "nothing listens there"),
    "ended container": (
        hint(REFUSED, server=server(status="exited", last_words="panic: no")),
        "container registry, which has that port, is exited: panic: no",
    ),
    "http scheme behind TLS": (
        hint("client sent an HTTP request to an HTTPS server."),
        "X-Forwarded-Proto",
    ),
    "nothing known": (hint("something new"), ""),
}


@pytest.mark.parametrize(("told", "wanted"), CAUSES.values(), ids=CAUSES)
def test_hint_names_the_cause_that_was_observed(told, wanted):
    assert wanted in told
    assert bool(told) == bool(wanted)


@pytest.mark.parametrize(
    "name", ["denied", "unauthorized", "no-such-host", "team/not-found", "toomanyrequests"]
)
def test_words_in_a_repositorys_name_are_no_cause(name):
    for said in (
        f'Get "http://{HERE}/v2/{name}/manifests/latest": {REFUSED}',
        f"The push refers to {HERE}/{name}: {REFUSED}",
        f"{name}: {REFUSED}",
    ):
        assert "nothing listens there" in hint(said, f"{HERE}/{name}")


def test_words_of_the_engine_beside_such_a_name_still_count():
    said = "An image does not exist locally with the tag: 127.0.0.1:5000/denied"
    assert "image.tag" in hint(said, f"{HERE}/denied")


@pytest.mark.parametrize("url", ["http://127.0.0.1:49153", "https://127.0.0.1:49153"])
def test_reference_that_begins_with_lab_url_says_what_to_write(url):
    with pytest.raises(InvalidReference) as told:
        push(
            SimpleNamespace(api=Api([])),
            f"{url}/team/app:1",
            ports={5000: "http://127.0.0.1:49153"},
        )
    assert told.value.hint.endswith(": 127.0.0.1:5000/team/app:1")
    with pytest.raises(InvalidReference) as told:
        pull(SimpleNamespace(api=Api([])), "http://registry.lab/app")
    assert told.value.hint.endswith("; registry.lab/app")


LOG = f"""\
time="2026-11-30T07:00:00Z" level=warning msg="No HTTP secret provided"
10.0.0.1 - - [30/Nov/2026:07:00:00 +0000] "HEAD /v2/app/blobs/sha256:{"a" * 64} HTTP/1.1" 404 157 "" "docker/26"
time="2026-11-30T07:00:00Z" level=error msg="response completed with error" err.code=unknown \
err.detail="filesystem: mkdir \\"/var/lib/registry\\": read-only file system" err.message="unknown error"
10.0.0.1 - - [30/Nov/2026:07:00:00 +0000] "POST /v2/app/blobs/uploads/ HTTP/1.1" 500 203 "" "docker/26"
"""


class Container:
    """A registry's container, as the SDK shows it."""

    name, status = "registry", "running"

    def __init__(self, log: str = LOG, *variables: str) -> None:
        self.log = log
        self.attrs = {
            "HostConfig": {"PortBindings": {"5000/tcp": [{"HostPort": "5000"}]}},
            "Mounts": [
                {"Destination": "/var/lib/registry", "RW": False},
                {"Destination": "/auth", "RW": True},
            ],
            "Config": {"Env": list(variables)},
        }

    def logs(self, **_: object) -> bytes:
        return self.log.encode()


def engine(container: Container, *stream: object) -> Any:
    api = Api(stream)
    api.containers = lambda all: [{"Id": "1"}]
    return SimpleNamespace(api=api, containers=SimpleNamespace(get=lambda _: container))


def test_server_is_described_from_its_container_and_log():
    seen = server_on(engine(Container()), 5000, 0)
    assert seen is not None
    assert seen.detail == 'filesystem: mkdir "/var/lib/registry": read-only file system'
    assert (seen.refused, seen.read_only) == (500, ("/var/lib/registry",))
    assert server_on(engine(Container()), 5001, 0) is None
    assert server_on(SimpleNamespace(api=Api([])), 5000, 0) is None


RETRY = ({"status": "Preparing"}, {"status": "Retrying in 5 seconds"})


def test_push_that_is_refused_for_good_ends_at_the_first_retry():
    client = engine(Container(), *RETRY, AssertionError("read on"))
    with pytest.raises(
        PushFailed, match="500 to each try, and its log says: filesystem: mkdir"
    ) as it:
        push(client, f"{HERE}/app")
    assert "mounted read-only" in it.value.hint


@pytest.mark.parametrize(
    "variable", ["REGISTRY_PROXY_REMOTEURL=http://m", "REGISTRY_STORAGE_MAINTENANCE={}"]
)
def test_push_to_a_cache_or_a_read_only_registry_ends_at_the_first_retry(variable):
    log = LOG.splitlines()[3].replace(" 500 ", " 405 ")
    with pytest.raises(PushFailed, match="the registry answers 405 to each try") as it:
        push(engine(Container(log, variable), *RETRY, AssertionError("read on")), f"{HERE}/app")
    assert "takes no pushes" in it.value.hint


ANSWERS = [
    (Answers(404), "is not a registry: GET /v2/ gives 404"),
    (Answers(), "is not a registry"),
    (Answers(200, True, "127.0.0.1"), "sends the engine on to 127.0.0.1, which is not"),
    (Answers(200, True, HERE), ""),
    (Answers(200, True, "127.0.0.1:5001"), ""),
    (Answers(502), ""),
    (None, ""),
]


@pytest.mark.parametrize(("answers", "wanted"), ANSWERS)
def test_retries_are_in_vain_where_the_answers_cannot_change(answers, wanted):
    told = diagnosis.in_vain(HERE, None, lambda: answers)
    assert wanted in told
    assert bool(told) == bool(wanted)


def test_blob_that_was_asked_for_is_no_reason():
    log = LOG.replace("err.code=unknown", 'err.code="blob unknown"')
    seen = server_on(engine(Container(log)), 5000, 0)
    assert seen is not None
    assert seen.detail == ""


def test_push_that_may_succeed_is_tried_again_by_the_engine():
    done = {"aux": {"Digest": f"sha256:{'1' * 64}"}}
    for log in ("", LOG.replace("read-only file system", "input/output error")):
        assert push(engine(Container(log), *RETRY, done), f"{HERE}/app").startswith("sha256:")


def test_push_whose_reason_is_in_the_log_alone_says_it():
    log = LOG.replace("read-only file system", "input/output error")
    with pytest.raises(PushFailed, match=UNKNOWN) as it:
        push(engine(Container(log), *RETRY, error(UNKNOWN)), f"{HERE}/app")
    assert "input/output error" in it.value.hint


@pytest.fixture
def listening() -> Iterator[tuple[str, dict[str, Any]]]:
    """A server that answers as the test says, and where it is."""
    says: dict[str, Any] = {"requests": []}

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            says["requests"].append((self.command, self.path, self.headers["Host"]))
            status, headers, body = says[self.command]
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815 - names that http.server calls

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}", says
        http.shutdown()


def test_upload_is_begun_as_the_engine_would_and_given_up(listening):
    url, says = listening
    says["GET"] = (200, {}, b"{}")
    says["POST"] = (202, {"Location": "http://127.0.0.1/v2/app/blobs/uploads/1?_state=x"}, b"")
    says["DELETE"] = (204, {}, b"")
    assert how_it_answers(url, HERE, "app") == Answers(200, True, "127.0.0.1")
    assert says["requests"] == [
        ("GET", "/v2/", HERE),
        ("POST", "/v2/app/blobs/uploads/", HERE),
        ("DELETE", "/v2/app/blobs/uploads/1?_state=x", HERE),
    ]


@pytest.mark.parametrize("answer", [(404, {}, b"<html>"), (200, {}, b"<html>"), (500, {}, b"")])
def test_server_that_is_no_registry_is_not_sent_an_upload(listening, answer):
    url, says = listening
    says["GET"] = answer
    assert how_it_answers(url, HERE, "app") == Answers(answer[0])
    assert len(says["requests"]) == 1


def test_nothing_that_listens_gives_no_answer():
    assert how_it_answers("http://127.0.0.1:1", HERE, "app") is None
