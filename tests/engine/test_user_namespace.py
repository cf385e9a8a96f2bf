"""Subordinate ids of the embedded engine, and the runtime that starts nodes with them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from labs.engine import user_namespace

WHOLE = "         0          0 4294967295"


def files(etc: Path, subuid: str, subgid: str) -> Path:
    (etc / "subuid").write_text(subuid)
    (etc / "subgid").write_text(subgid)
    return etc


def test_ids_of_another_user_are_not_ours(tmp_path: Path):
    assert user_namespace.first_id(tmp_path) is None  # no files at all
    text = "ada:100000:65536\n"
    assert user_namespace.first_id(files(tmp_path, text, text)) is None


def test_ids_are_ours_where_users_and_groups_agree(tmp_path: Path):
    text = "ada:100000:65536\nregistry-course:165536:65536\n"
    assert user_namespace.first_id(files(tmp_path, text, text)) == 165536
    assert user_namespace.first_id(files(tmp_path, text, text.replace("165536", "231072"))) is None


@pytest.mark.parametrize(
    "line", ["registry-course:165536:1000", "registry-course:x:65536", "zork", ""]
)
def test_a_range_that_is_too_short_or_damaged_is_none(tmp_path: Path, line: str):
    assert user_namespace.first_id(files(tmp_path, line, line)) is None


def test_new_ids_come_after_all_that_are_given_away(tmp_path: Path):
    files(tmp_path, "ada:100000:65536\n", "ada:100000:65536\nbob:300000:10\n")
    assert user_namespace._free(tmp_path) == 300010
    assert user_namespace._free(files(tmp_path, "", "")) == 100000


def test_limits_of_keys_are_raised_and_never_lowered(tmp_path: Path):
    (tmp_path / "maxkeys").write_text("200\n")
    (tmp_path / "maxbytes").write_text("25000000\n")
    user_namespace._allow_keys(tmp_path)
    assert (tmp_path / "maxkeys").read_text() == "20000"
    assert (tmp_path / "maxbytes").read_text() == "25000000\n"
    user_namespace._allow_keys(tmp_path / "none")


@pytest.mark.process
def test_a_folder_that_others_cannot_enter_is_named(tmp_path: Path):
    closed = tmp_path / "closed"
    (closed / "data").mkdir(parents=True)
    closed.chmod(0o700)
    assert user_namespace._closed(closed / "data").startswith(f"{closed} is closed")


@pytest.mark.parametrize(
    ("table", "fits"),
    [
        (WHOLE, True),
        ("0 100000 65536", False),  # a rootless container
        ("0 1000 1\n1 100000 65536", False),
        ("0 0 65536\n100000 100000 65536", True),
        ("100000 100000 65535", False),
    ],
)
def test_a_machine_with_few_ids_is_seen(table: str, fits: bool):
    assert user_namespace.maps(100000, table) is fits


def test_without_the_programs_there_is_a_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert user_namespace.settings(tmp_path) == ({}, "useradd, usermod, unshare missing")


@pytest.fixture
def run(tmp_path: Path):
    """Calls the runtime with a runc that writes down its arguments and the bundle that it found."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "runc").write_text(
        f'#!/bin/sh\necho "$@" >{tmp_path}/said\ncp "$BUNDLE" {tmp_path}/seen; exit 7\n'
    )
    (programs / "runc").chmod(0o755)
    script = Path(user_namespace.__file__).with_name("node-runtime")
    bundle = tmp_path / "config.json"

    def call(config: dict[str, object], *words: str) -> dict[str, object]:
        bundle.write_text(json.dumps(config, separators=(",", ":")))
        path = {"PATH": f"{programs}:{os.environ['PATH']}", "BUNDLE": str(bundle)}
        done = subprocess.run(["sh", script, *words], env=path, check=False)
        assert done.returncode == 7
        assert (tmp_path / "said").read_text().split() == list(words)
        return json.loads((tmp_path / "seen").read_text())

    return call


SYS = {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "ro"]}
MAPPED = {"linux": {"uidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}]}}


@pytest.mark.process
def test_runtime_opens_sys_of_a_container_in_a_user_namespace(run, tmp_path: Path):
    words = ("--log", "create", "create", "--bundle", str(tmp_path), "--pid-file", "p", "c1")
    seen = run({"mounts": [SYS], **MAPPED}, *words)
    assert seen["mounts"][0]["options"] == ["nosuid", "rw"]


@pytest.mark.process
def test_runtime_changes_nothing_else(run, tmp_path: Path):
    words = ("create", "--bundle", str(tmp_path), "--pid-file", "p", "c1")
    plain = {"mounts": [SYS], "linux": {}}
    assert run(plain, *words) == plain
    mapped = {"mounts": [SYS], **MAPPED}
    assert run(mapped, "exec", "--process", "p", "create") == mapped
