"""The parent cgroup of a submission: one for all its containers, another for each that runs beside it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labs.grading.sandbox.isolated_playground import names_of
from labs.playground import cgroups
from labs.playground.cgroups import Cgroup, cgroup_name, cgroup_of


class Api:
    """Of any engine on a unix socket."""

    base_url = "http+docker://localhost"


def client_of(driver: str) -> Any:
    return SimpleNamespace(api=Api(), info=lambda: {"CgroupDriver": driver})


@pytest.mark.parametrize(
    ("driver", "wanted"),
    [("cgroupfs", "/labs-c-0-1"), ("systemd", "labs-c-0-1.slice"), ("none", None), ("", None)],
)
def test_parent_is_written_as_the_driver_wants_it(driver, wanted):
    assert cgroup_of(client_of(driver), "labs-c-0-1").parent == wanted


def test_two_engines_on_unix_sockets_have_drivers_of_their_own():
    clients = [client_of("cgroupfs"), client_of("systemd")]
    assert [cgroup_of(each, "labs-c").driver for each in clients] == ["cgroupfs", "systemd"]


def test_playground_of_a_student_has_the_parent_of_the_engine():
    assert cgroup_of(client_of("cgroupfs"), "").parent is None


def test_all_parts_of_a_sandbox_have_one_parent():
    label = "g12ab34-7"
    own = names_of("run-a-registry", label)
    assert own.cgroup == cgroup_name(own.course, label)
    assert own.cgroup == names_of("serve-a-swarm", label).cgroup


@pytest.mark.parametrize("run", ["gabcdef", "g12ab34", "g123456", "s0f00ba"])
def test_sandboxes_at_the_same_time_have_different_parents(run):
    # Eight workers, each with a sandbox in use, the next one, and one that is being removed.
    labels = [f"{run}{worker}-{number}" for worker in range(8) for number in (4, 5, 6)]
    assert len({cgroup_name("c", label) for label in labels}) == 24


def test_names_of_parents_are_few():
    labels = [
        f"g{run:06}{worker}-{number}"
        for run in range(50)
        for worker in range(3)
        for number in range(9)
    ]
    assert len({cgroup_name("c", label) for label in labels}) <= 192


def test_folders_of_each_version_and_driver(monkeypatch, tmp_path):
    monkeypatch.setattr(cgroups, "TOP", tmp_path)
    one, other = Cgroup("labs-c-0", "cgroupfs"), Cgroup("labs-c-0", "systemd")
    assert one.folder("cpuacct", "id") == tmp_path / "cpuacct/labs-c-0/id"
    (tmp_path / "cgroup.controllers").touch()
    assert one.folder("cpuacct", "id") == tmp_path / "labs-c-0/id"
    slices = tmp_path / "labs.slice/labs-c.slice/labs-c-0.slice"
    assert other.folder("cpuacct") == slices
    assert other.folder("cpuacct", "id") == slices / "docker-id.scope"


@pytest.mark.process  # find
def test_empty_folders_are_removed_and_used_ones_stay(monkeypatch, tmp_path):
    monkeypatch.setattr(cgroups, "TOP", tmp_path)
    for controller in ("cpu", "memory"):
        (tmp_path / controller / "labs-c-0").mkdir(parents=True)
    (tmp_path / "memory/labs-c-0/container").mkdir()
    # As a cgroup with a process in it, which cannot be removed.
    (tmp_path / "memory/labs-c-0/container/file").touch()
    Cgroup("labs-c-0", "cgroupfs").remove()
    Cgroup("", "cgroupfs").remove()
    assert [path.name for path in tmp_path.glob("*/*")] == ["labs-c-0"]


@pytest.mark.process
def test_folders_are_counted_at_any_depth(monkeypatch, tmp_path):
    monkeypatch.setattr(cgroups, "TOP", tmp_path)
    one = Cgroup("labs-c-0", "cgroupfs")
    assert one.count(100) == 0
    folder = tmp_path / "memory/labs-c-0"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    for _ in range(3000):
        Path("d").mkdir()
        os.chdir("d")
    # Deeper than Python may call itself, and than a path may be long.
    assert one.count(2000) == 2001
    os.chdir(tmp_path)
    subprocess.run(["rm", "-rf", str(folder)], check=True)


def test_version_two_counts_by_itself(monkeypatch, tmp_path):
    monkeypatch.setattr(cgroups, "TOP", tmp_path)
    (tmp_path / "cgroup.controllers").touch()
    (tmp_path / "labs-c-0").mkdir()
    (tmp_path / "labs-c-0/cgroup.stat").write_text("nr_descendants 17\nnr_dying_descendants 3\n")
    assert Cgroup("labs-c-0", "cgroupfs").count(2000) == 17
