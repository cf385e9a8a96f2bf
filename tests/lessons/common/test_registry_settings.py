"""A registry's setting is found wherever distribution takes it from, and in whatever form of YAML."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from labs.lessons.common import registry_settings
from labs.lessons.common.registry_settings import keeps_files, setting, value_in

ROOT = ("storage", "filesystem", "rootdirectory")
PATH = ("auth", "htpasswd", "path")
IN_LINES = """version: 0.1
# rootdirectory: /wrong
storage:
  cache:
    blobdescriptor: inmemory
  filesystem:
    rootdirectory: "/data/all"  # ours
auth:
  htpasswd:
    realm: Team
    path: '/auth/members'
http:
  addr: :5001
"""
IN_BRACES = """version: 0.1
storage: {cache: {blobdescriptor: inmemory}, filesystem: {rootdirectory: /data/all}}
auth: {"htpasswd": {"realm": "Team", "path": "/auth/members"}}
http: {addr: ":5001"}
"""
MIXED = """storage:
  filesystem: {
    rootdirectory: /data/all
  }
auth:
  htpasswd: {realm: Team, path: /auth/members}
http:
    addr: ":5001"
"""


@pytest.mark.parametrize("text", [IN_LINES, IN_BRACES, MIXED], ids=["lines", "braces", "mixed"])
def test_value_is_found_in_each_form(text: str) -> None:
    assert value_in(text, ROOT) == "/data/all"
    assert value_in(text, PATH) == "/auth/members"
    assert value_in(text, ("http", "addr")) == ":5001"
    assert value_in(text, ("proxy", "remoteurl")) == ""
    assert value_in(text, ("storage", "path")) == ""


@pytest.mark.parametrize(
    "text", ["", "{", "{a", "a: {b: {", "::\n - x\n{}", "storage:\nfilesystem:"]
)
def test_what_is_not_yaml_has_no_value(text: str) -> None:
    assert value_in(text, ROOT) == ""


def container(*env: str, args: tuple[str, ...] = ()) -> Any:
    return SimpleNamespace(
        attrs={"Config": {"Env": list(env)}, "Path": "registry", "Args": list(args)}
    )


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Files that each container has, by path."""
    found: dict[str, bytes] = {}
    monkeypatch.setattr(registry_settings, "read_file", lambda _container, path: found.get(path))
    return found


@pytest.mark.parametrize(
    ("env", "path", "wanted"),
    [
        (("REGISTRY_AUTH_HTPASSWD_PATH=/a/b",), PATH, "/a/b"),
        (('REGISTRY_AUTH={"htpasswd": {"realm": "x", "path": "/a/b"}}',), PATH, "/a/b"),
        (("REGISTRY_AUTH_HTPASSWD={realm: x, path: /a/b}",), PATH, "/a/b"),
        (("REGISTRY_STORAGE={filesystem: {rootdirectory: /data}}",), ROOT, "/data"),
        (("REGISTRY_STORAGE=filesystem", "REGISTRY_STORAGE_CACHE=none"), ROOT, ""),
        ((), ROOT, ""),
    ],
)
def test_variables_say_it(
    files: dict[str, bytes], env: tuple[str, ...], path: tuple[str, ...], wanted: str
) -> None:
    assert setting(container(*env), *path) == wanted


@pytest.mark.parametrize(
    "made",
    [
        container(args=("serve", "/etc/docker/registry/config.yml")),
        container(args=("/etc/docker/registry/config.yml",)),
        container("REGISTRY_CONFIGURATION_PATH=/etc/docker/registry/config.yml", args=("serve",)),
    ],
)
def test_config_file_says_it_where_no_variable_does(files: dict[str, bytes], made: Any) -> None:
    files["/etc/docker/registry/config.yml"] = IN_LINES.encode()
    assert setting(made, *ROOT) == "/data/all"
    made.attrs["Config"]["Env"].append("REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY=/other")
    assert setting(made, *ROOT) == "/other"


def test_config_file_of_any_name_is_read(files: dict[str, bytes]) -> None:
    files["/srv/registry.conf"] = IN_BRACES.encode()
    assert setting(container(args=("serve", "/srv/registry.conf")), *ROOT) == "/data/all"


@pytest.mark.parametrize(
    ("env", "config", "wanted"),
    [
        ((), IN_LINES, True),
        ((), IN_BRACES, True),
        ((), "storage:\n  inmemory:\n", False),
        ((), "storage: {s3: {bucket: b}}\n", False),
        ((), "storage:\n  # s3: no\n  filesystem: {}\n", True),
        (("REGISTRY_STORAGE=inmemory",), IN_LINES, False),
        (("REGISTRY_STORAGE=filesystem",), "storage:\n  inmemory:\n", True),
        (("REGISTRY_STORAGE_S3_BUCKET=b",), IN_LINES, False),
        (("REGISTRY_STORAGE_CACHE_BLOBDESCRIPTOR=inmemory",), IN_LINES, True),
        (('REGISTRY_STORAGE={"swift": {}}',), IN_LINES, False),
    ],
)
def test_store_in_memory_or_elsewhere_has_no_files(
    files: dict[str, bytes], env: tuple[str, ...], config: str, wanted: bool
) -> None:
    files["/config.yml"] = config.encode()
    assert keeps_files(container(*env, args=("/config.yml",))) is wanted
