"""A client's own Docker configuration: nothing of ~/.docker, and each login of the `docker` command at once."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from docker import auth

from labs.engine import EngineClient, make_config_folder

HERE = "127.0.0.1:5000"
# What students have: a helper that is not installed, passwords, a proxy, headers, damage.
STUDENTS: dict[str, Any] = {
    "helper": {"credsStore": "desktop"},
    "helper of one host": {"credHelpers": {HERE: "desktop"}},
    "password": {"auths": {HERE: {"auth": base64.b64encode(b"me:secret").decode()}}},
    "broken password": {"auths": {HERE: {"auth": "!"}}},
    "proxy": {"proxies": {"default": {"httpProxy": "http://proxy:3128", "noProxy": "x"}}},
    "headers": {"HttpHeaders": {"X-Meta": "mine"}, "detachKeys": "ctrl-e"},
    "not an object": [],
}


@pytest.fixture(params=["HOME", "DOCKER_CONFIG"])
def home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The student's folder with a config.json, found in either way."""
    folder = tmp_path / ".docker"
    folder.mkdir()
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    if request.param == "DOCKER_CONFIG":
        monkeypatch.setenv("DOCKER_CONFIG", str(folder))
        monkeypatch.setenv("HOME", "/nonexistent")
    return folder


def of_a_lesson(folder: Path) -> EngineClient:
    return EngineClient("tcp://127.0.0.1:1", config_folder=folder, version="1.43")


def header(client: EngineClient, host: str = HERE) -> dict[str, Any] | None:
    """The credentials that the SDK sends with a push or pull."""
    sent = auth.get_config_header(client.api, host)
    return json.loads(base64.urlsafe_b64decode(sent)) if sent else None


def write_login(folder: Path, user: str, host: str = HERE) -> None:
    """As `docker login` does: a new file, renamed."""
    entry = {"auth": base64.b64encode(f"{user}:pw".encode()).decode()}
    content = json.loads((folder / "config.json").read_text())
    content["auths"][host] = entry
    (folder / "new").write_text(json.dumps(content))
    (folder / "new").replace(folder / "config.json")


@pytest.mark.parametrize("content", STUDENTS.values(), ids=STUDENTS)
@pytest.mark.parametrize("present", [True, False], ids=["file", "file removed"])
def test_nothing_of_the_students_own_configuration_reaches_a_lesson(
    home, tmp_path, content, present
):
    (home / "config.json").write_text(json.dumps(content))
    own = make_config_folder(tmp_path / "own")
    if not present:
        (own / "config.json").unlink()
    api: Any = of_a_lesson(own).api
    assert header(api_client := of_a_lesson(own)) is None
    assert api_client.api._auth_configs.get_all_credentials() == {"lesson.invalid": {}}
    assert api._proxy_configs.inject_proxy_environment(["A=b"]) == ["A=b"]
    assert api._proxy_configs.get_environment() == {}
    assert set(api._general_configs) == {"auths"}


@pytest.mark.parametrize("content", STUDENTS.values(), ids=STUDENTS)
def test_client_of_the_hosts_engine_has_no_password_and_gives_nodes_no_proxy(home, content):
    (home / "config.json").write_text(json.dumps(content))
    api: Any = EngineClient("tcp://127.0.0.1:1", version="1.43").api
    assert auth.get_config_header(api, HERE) is None
    assert api._proxy_configs.inject_proxy_environment(["A=b"]) == ["A=b"]
    # Builds on the host's engine need it to reach Debian's mirror.
    proxy = "http://proxy:3128" if "proxies" in content else None
    assert api._proxy_configs.get_environment().get("HTTP_PROXY") == proxy


def test_new_configuration_is_there_at_once_and_only_its_owner_reads_it(tmp_path):
    before = os.umask(0)
    try:
        folder = make_config_folder(tmp_path / "playground" / "docker-config")
    finally:
        os.umask(before)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "config.json").stat().st_mode & 0o777 == 0o600
    write_login(folder, "moby")
    make_config_folder(folder)
    assert HERE in (folder / "config.json").read_text()


def test_login_and_logout_in_a_terminal_reach_an_open_client(tmp_path):
    client = of_a_lesson(folder := make_config_folder(tmp_path))
    assert header(client) is None
    write_login(folder, "moby")
    assert header(client)["username"] == "moby"
    write_login(folder, "ada")
    assert header(client)["username"] == "ada"
    assert header(client, "localhost:5000") is None
    (folder / "config.json").write_text('{"auths": {}}')
    assert header(client) is None


def test_login_of_the_sdk_is_kept_beside_those_of_the_terminal(tmp_path):
    client = of_a_lesson(folder := make_config_folder(tmp_path))
    api: Any = client.api
    api._auth_configs.add_auth(HERE, {"username": "sdk", "password": "pw"})
    write_login(folder, "moby", "registry.lab:5000")
    assert header(client)["username"] == "sdk"
    assert header(client, "registry.lab:5000")["username"] == "moby"
    write_login(folder, "later")
    assert header(client)["username"] == "later"
    api._auth_configs.add_auth(HERE, {"username": "last", "password": "pw"})
    (folder / "config.json").write_text('{"auths": {}}')
    assert header(client)["username"] == "last"


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"auths": []}', '{"auths": {"a": {"auth": 1}}}']
)
def test_damaged_file_of_a_lesson_has_no_logins(tmp_path, content):
    folder = make_config_folder(tmp_path)
    client = of_a_lesson(folder)
    (folder / "config.json").write_text(content)
    assert header(client) is None
    write_again = {"auths": {HERE: {"auth": base64.b64encode(b"a:b").decode()}, "b": {"auth": "!"}}}
    (folder / "config.json").write_text(json.dumps(write_again))
    assert header(client)["username"] == "a"


@pytest.mark.process
@pytest.mark.skipif(not shutil.which("docker"), reason="there is no `docker` command here")
def test_docker_command_writes_the_password_into_the_file_and_not_into_a_keyring(tmp_path):
    """With an empty list of logins it looks for a helper and keeps the password on the student's machine."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("pass", "docker-credential-pass", "docker-credential-secretservice"):
        (programs / name).write_text('#!/bin/sh\necho "$0 $*" >>"$ASKED"\n')
        (programs / name).chmod(0o755)
    asked = tmp_path / "asked"
    own = make_config_folder(tmp_path / "own")
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "ASKED": str(asked),
        "DOCKER_HOST": "tcp://127.0.0.1:1",
    }

    def log_out(config: Path) -> None:
        # The one command that asks the keyring without an engine.
        command = ["docker", "--config", str(config), "logout", HERE]
        subprocess.run(command, env=environment, check=False, capture_output=True, timeout=30)

    log_out(own)
    assert not asked.exists()
    # The same with the file that the course does not write: else this test could not fail.
    (own / "config.json").write_text('{"auths": {}}')
    log_out(own)
    assert "docker-credential-" in asked.read_text()
