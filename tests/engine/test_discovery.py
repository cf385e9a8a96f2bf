"""Which engine is found: DOCKER_HOST's, the context's, the embedded one, or none with a clear message."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from labs.engine import Embedded, Engine, EngineNotFound, EngineTooOld, find, find_or_start
from labs.engine.discovery import parse_version
from tests.engine.serving import engine_of_version

VARIABLES = ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH")


@pytest.fixture(autouse=True)
def no_docker_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))


@pytest.fixture
def nobody(tmp_path: Path) -> Embedded:
    """An embedded engine that does not run."""
    return Embedded(data=tmp_path / "data", run=tmp_path / "run")


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[str]:
    """The address of a socket that accepts and never answers."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "silent.sock"))
        server.listen()
        yield f"unix://{tmp_path / 'silent.sock'}"


def use_context(folder: Path, name: str, address: str) -> None:
    """Write a context as `docker context create NAME; docker context use NAME` does."""
    (folder / "config.json").write_text(json.dumps({"currentContext": name}))
    meta = folder / "contexts" / "meta" / sha256(name.encode()).hexdigest()
    meta.mkdir(parents=True)
    endpoints = {"docker": {"Host": address, "SkipTLSVerify": False}}
    described = {"Name": name, "Metadata": {}, "Endpoints": endpoints}
    (meta / "meta.json").write_text(json.dumps(described))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("20.10.24+dfsg1", (20, 10)),
        ("26.1.5+dfsg1", (26, 1)),
        ("29.0.0-rc.1", (29, 0)),
        ("1.13", (1, 13)),
        ("5", (5, 0)),
        ("dev", (0, 0)),
    ],
)
def test_parse_version_reads_the_first_two_numbers(text: str, wanted: tuple[int, int]):
    assert parse_version(text) == wanted


def test_find_takes_docker_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nobody: Embedded):
    with engine_of_version("26.1.5", tmp_path / "e.sock") as address:
        monkeypatch.setenv("DOCKER_HOST", address)
        found = find(nobody)
    assert (found.source, found.address, found.version) == ("DOCKER_HOST", address, "26.1.5")
    assert not found.embedded


def test_find_takes_the_current_context(tmp_path: Path, nobody: Embedded):
    with engine_of_version("28.0.1", tmp_path / "e.sock") as address:
        use_context(tmp_path, "desk", address)
        found = find(nobody)
    assert (found.source, found.address) == ('context "desk"', address)


def test_find_takes_docker_context_over_the_current_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nobody: Embedded
):
    with engine_of_version("28.0.1", tmp_path / "e.sock") as address:
        use_context(tmp_path, "desk", address)
        (tmp_path / "config.json").write_text('{"currentContext": "default"}')
        monkeypatch.setenv("DOCKER_CONTEXT", "desk")
        assert find(nobody).source == 'context "desk"'


def test_find_with_a_context_that_is_not_there_names_it(
    monkeypatch: pytest.MonkeyPatch, nobody: Embedded
):
    monkeypatch.setenv("DOCKER_CONTEXT", "zork")
    with pytest.raises(EngineNotFound, match='no context "zork"'):
        find(nobody)


def test_find_with_a_damaged_context_names_it(tmp_path: Path, nobody: Embedded):
    use_context(tmp_path, "desk", "unix:///nonexistent")
    next(tmp_path.glob("contexts/meta/*/meta.json")).write_text("{")
    with pytest.raises(EngineNotFound, match='context "desk" cannot be read'):
        find(nobody)


@pytest.mark.parametrize(
    "address", ["unix:///nonexistent/docker.sock", "tcp://127.0.0.1:1", "zork://x"]
)
def test_find_without_an_engine_says_where_it_looked(
    address: str, monkeypatch: pytest.MonkeyPatch, nobody: Embedded
):
    monkeypatch.setenv("DOCKER_HOST", address)
    with pytest.raises(EngineNotFound) as missing:
        find(nobody)
    assert f"no Docker engine answers at {address} (DOCKER_HOST)" in missing.value.message
    assert "make start" in missing.value.hint


def test_find_gives_up_on_an_engine_that_never_answers(
    silent: str, monkeypatch: pytest.MonkeyPatch, nobody: Embedded
):
    monkeypatch.setenv("DOCKER_HOST", silent)
    with pytest.raises(EngineNotFound, match="timed out"):
        find(nobody, timeout_s=1)


def test_find_refuses_an_engine_that_is_too_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nobody: Embedded
):
    with engine_of_version("19.03.15", tmp_path / "e.sock") as address:
        monkeypatch.setenv("DOCKER_HOST", address)
        with pytest.raises(EngineTooOld, match=r"19\.03\.15, this course needs 20\.10") as old:
            find(nobody)
        with pytest.raises(EngineTooOld):
            find_or_start(lambda _: pytest.fail("asked"), print, nobody)
    assert "update Docker" in old.value.hint


def test_nothing_changes_without_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nobody: Embedded
):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(EngineNotFound) as missing:
        find_or_start(lambda _: pytest.fail("asked"), print, nobody)
    assert "as root" in missing.value.hint
    assert list(tmp_path.iterdir()) == []


def test_nothing_changes_when_the_answer_is_no(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nobody: Embedded
):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    monkeypatch.setattr(nobody, "why_not", lambda: "")
    asked: list[str] = []
    with pytest.raises(EngineNotFound, match="the answer was no"):
        find_or_start(lambda question: bool(asked.append(question)), print, nobody)
    assert str(nobody.data) in asked[0]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.engine
def test_embedded_engine_is_started_after_a_yes_and_found_again(
    own_engine: Embedded, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    started = find_or_start(lambda _: True, lambda _: None, own_engine)
    again = find(own_engine)
    assert started.embedded
    assert (again.source, again.address) == ("embedded", own_engine.address)


@pytest.mark.engine
def test_find_with_nonsense_in_the_environment_still_reaches_the_engine(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, "/nonexistent")
    monkeypatch.setenv("DOCKER_HOST", engine.address)
    assert find().client.ping()
