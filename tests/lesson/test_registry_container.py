"""The registry's container behind `lab.storage()` and `lab.requests()`: found, read, or said why not."""

from __future__ import annotations

import io
import tarfile
import time
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from docker.errors import NotFound

from labs.lesson.lesson import LessonError
from labs.lesson.recording import Recording
from labs.lesson.registry_container import find_on_nodes, port_of
from labs.views import view

ROOT = "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY"
OFF = "REGISTRY_LOG_ACCESSLOG_DISABLED"


def archive(files: dict[str, bytes]) -> list[bytes]:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    data = buffer.getvalue()
    return [data[at : at + 700] for at in range(0, len(data), 700)]


def container(files: dict[str, dict[str, bytes]], *variables: str, log: bytes = b"") -> Any:
    """A container with these folders and variables."""

    def get_archive(path: str) -> tuple[list[bytes], dict[str, object]]:
        if path not in files:
            raise NotFound(path)
        return archive(files[path]), {}

    attrs = {"Config": {"Env": list(variables), "Cmd": ["/etc/docker/registry/config.yml"]}}
    return SimpleNamespace(
        name="registry", attrs=attrs, get_archive=get_archive, logs=lambda **_: log
    )


def put(lab: Any, one: Any) -> None:
    def get(name: str) -> Any:
        if name != "registry":
            raise NotFound(name)
        return one

    lab.docker.containers = SimpleNamespace(get=get, list=lambda all: [one])


def stored(tags: int) -> dict[str, bytes]:
    """The files of so many tags of one repository, each of a manifest of its own."""
    files: dict[str, bytes] = {}
    base = "v2/repositories/app/_manifests"
    for number in range(tags):
        digits = f"{number:064x}"
        files[f"v2/blobs/sha256/{digits[:2]}/{digits}/data"] = b"{}"
        link = f"sha256:{digits}".encode()
        files[f"{base}/tags/t{number}/current/link"] = link
        files[f"{base}/tags/t{number}/index/sha256/{digits}/link"] = link
        files[f"{base}/revisions/sha256/{digits}/link"] = link
    return files


@pytest.mark.parametrize("how", ["variable", "file"])
def test_storage_of_another_folder_is_that_folders(lab, seen, how):
    files = {"/data": stored(1), "/var/lib/registry": {}}
    config = b"storage:\n  filesystem:\n    rootdirectory: /data\n"
    if how == "file":
        files["/etc/docker/registry/config.yml"] = {"config.yml": config}
    put(lab, container(files, *([f"{ROOT}=/data"] if how == "variable" else [])))
    lab.storage()
    assert seen[0].text.startswith("/data\n  repositories/app\n    tag t0 -> blob 1\n")


def test_storage_that_is_no_folder_says_what_it_is(lab):
    put(lab, container({"/var/lib/registry": {}}, "REGISTRY_STORAGE=inmemory"))
    with pytest.raises(LessonError, match="stores in inmemory, not in a folder"):
        lab.storage()


def test_storage_without_its_folder_or_container_says_so(lab):
    put(lab, container({}))
    with pytest.raises(LessonError, match="container registry has no folder /var/lib/registry"):
        lab.storage()
    with pytest.raises(LessonError, match="no container 'depot'") as told:
        lab.storage("depot")
    assert told.value.hint.startswith("it has registry")


def test_storage_of_a_thousand_tags_shows_the_first_and_how_many_more(lab, seen):
    put(lab, container({"/var/lib/registry": stored(1000)}))
    lab.storage()
    shown = view(seen[0])
    assert len(shown.html) < 150_000
    assert len(shown.text) < 30_000
    rest = "not shown: 2,940 links, 920 blobs"
    assert rest in shown.html
    assert shown.text.endswith(rest)


def test_storage_of_a_lesson_leaves_nothing_out(lab, seen):
    put(lab, container({"/var/lib/registry": stored(15)}))
    lab.storage()
    assert "not shown" not in view(seen[0]).html + seen[0].text


def test_storage_of_many_repositories_counts_those_that_are_left_out(lab, seen):
    link = f"sha256:{1:064x}".encode()
    files = {
        f"v2/repositories/r{n:04}/_manifests/revisions/sha256/{1:064x}/link": link
        for n in range(500)
    }
    put(lab, container({"/var/lib/registry": files}))
    lab.storage()
    assert seen[0].text.endswith("not shown: 350 repositories, 350 links")


@pytest.mark.parametrize("how", ["variable", "file"])
def test_access_log_that_is_off_is_said_at_once(how):
    config = {"config.yml": b"log:\n  accesslog:\n    disabled: true\n"}
    files = {"/etc/docker/registry/config.yml": config} if how == "file" else {}
    started = time.monotonic()
    with pytest.raises(LessonError, match="registry writes no access log") as told:
        Recording(container(files, *([f"{OFF}=true"] if how == "variable" else [])), "http://x")
    assert OFF in told.value.hint
    assert time.monotonic() - started < 1


def answering(monkeypatch: pytest.MonkeyPatch, *replies: tuple[int, str]) -> list[str]:
    """Let each request be answered so; the URLs that were asked."""
    asked: list[str] = []
    left = iter(replies)

    def get(self: httpx.Client, url: str) -> httpx.Response:
        asked.append(url)
        status, text = next(left, replies[-1])
        return httpx.Response(status, text=text)

    monkeypatch.setattr(httpx.Client, "get", get)
    return asked


def test_log_of_another_container_is_said_after_seconds(monkeypatch):
    monkeypatch.setattr("labs.lesson.recording._LOG_S", 0.1)
    answering(monkeypatch, (200, "{}"))
    with pytest.raises(LessonError, match="the log of container registry has no line of it"):
        Recording(container({}), "http://127.0.0.1:1").start()


def test_registry_that_does_not_answer_is_said():
    with pytest.raises(LessonError, match=r"nothing answers at http://127\.0\.0\.1:1"):
        Recording(container({}), "http://127.0.0.1:1").start()


def test_registry_with_tls_is_asked_with_tls(monkeypatch):
    monkeypatch.setattr("labs.lesson.recording._LOG_S", 0.1)
    asked = answering(
        monkeypatch, (400, "Client sent an HTTP request to an HTTPS server.\n"), (200, "")
    )
    with pytest.raises(LessonError, match=r"https://127\.0\.0\.1:1 answers"):
        Recording(container({}), "http://127.0.0.1:1").start()
    assert asked == ["http://127.0.0.1:1/v2/", "https://127.0.0.1:1/v2/"]


def test_request_of_a_hint_is_not_drawn(monkeypatch):
    monkeypatch.setattr("labs.lesson.recording.uuid4", lambda: SimpleNamespace(hex="x"))
    answering(monkeypatch, (200, "{}"))
    line = '1.1.1.1 - - [x] "{} HTTP/1.1" 200 2 "" "{}"\n'
    log = "".join(
        line.format(*each)
        for each in (
            ("GET /v2/", "labs-recording/a"),
            ("GET /v2/", "labs-observation"),
            ("GET /v2/_catalog", "curl/8"),
            ("GET /v2/", "labs-recording/b"),
        )
    )
    recording = Recording(container({}, log=log.encode()), "http://127.0.0.1:1")
    marks = iter(["labs-recording/a", "labs-recording/b"])
    monkeypatch.setattr(recording, "_mark", lambda: next(marks))
    recording.start()
    assert [request.target for request in recording.requests()] == ["/v2/_catalog"]


def node(name: str, *containers: str) -> Any:
    """A node whose engine has these containers."""

    def get(wanted: str) -> SimpleNamespace:
        if wanted not in containers:
            raise NotFound(wanted)
        return SimpleNamespace(name=wanted, on=name)

    every = [SimpleNamespace(name=each) for each in containers]
    engine = SimpleNamespace(containers=SimpleNamespace(get=get, list=lambda all: every))
    return SimpleNamespace(name=name, docker=engine)


def test_container_is_found_on_whichever_node_has_it() -> None:
    nodes = [node("node1", "cache"), node("node2", "hub")]
    found, container = find_on_nodes(nodes, "hub")
    assert (found.name, container.name) == ("node2", "hub")
    with pytest.raises(LessonError, match="no node has a container 'zork'") as error:
        find_on_nodes(nodes, "zork")
    assert "cache on node1, hub on node2" in error.value.hint


@pytest.mark.parametrize(
    ("variables", "mode", "ports", "port"),
    [
        ((), "bridge", {"5000/tcp": [{"HostPort": "5001"}]}, 5001),
        (("REGISTRY_HTTP_ADDR=:5003",), "host", {}, 5003),
        ((), "host", None, 5000),
        (("REGISTRY_HTTP_ADDR=:80",), "bridge", {"80/tcp": [{"HostPort": "8080"}]}, 8080),
    ],
)
def test_port_of_a_registry_is_the_published_one_or_its_own(variables, mode, ports, port) -> None:
    it = container({}, *variables)
    it.attrs |= {"HostConfig": {"NetworkMode": mode}, "NetworkSettings": {"Ports": ports}}
    assert port_of(it) == port


def test_port_that_is_not_published_says_so() -> None:
    it = container({})
    it.name, it.status = "hub", "exited"
    it.attrs |= {"HostConfig": {"NetworkMode": "bridge"}, "NetworkSettings": {"Ports": {}}}
    with pytest.raises(LessonError, match="container hub is exited and its port 5000"):
        port_of(it)
