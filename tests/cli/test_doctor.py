"""`labs doctor` as a program: without an engine, before one that never answers, and on this machine."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from labs import playground
from labs.engine import Embedded, Engine

# The program as it is, on a machine whose embedded engine would lie in the folder given first.
NOWHERE = (
    "import sys; from pathlib import Path; from labs.engine import Embedded; "
    "folder = Path(sys.argv.pop(1)); Embedded.__init__.__defaults__ = (folder, folder, ()); "
    "from labs.cli import main; main()"
)


def doctor(
    *words: str, folder: Path, embedded: bool = False, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run it for a course folder; unless `embedded`, this machine's embedded engine is not seen."""
    start = ["-m", "labs.cli"] if embedded else ["-c", NOWHERE, str(folder / "none")]
    environment = {**os.environ, "LABS_COURSE": str(folder), **variables}
    return subprocess.run(
        [sys.executable, *start, "doctor", *words],
        env=environment,
        cwd=Path(__file__).parent.parent.parent,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.process
def test_doctor_without_an_engine_says_what_to_do(tmp_path: Path):
    ran = doctor(folder=tmp_path, DOCKER_HOST="unix:///nonexistent/docker.sock")
    assert ran.returncode == 1, ran.stderr
    assert ran.stdout.startswith("problem engine        no Docker engine answers")
    assert "-> " in ran.stdout
    assert ran.stdout.endswith("\nLessons cannot run yet.\n")
    assert ran.stderr == ""


@pytest.mark.process
def test_doctor_as_json_is_json_and_nothing_else(tmp_path: Path):
    ran = doctor("--json", folder=tmp_path, DOCKER_HOST="unix:///nonexistent/docker.sock")
    told = json.loads(ran.stdout)
    assert told["ok"] is False
    assert told["findings"][0]["subject"] == "engine"
    assert {"subject", "state", "seen", "todo"} == set(told["findings"][0])


@pytest.mark.process
def test_doctor_is_not_held_up_by_an_engine_that_never_answers(tmp_path: Path):
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "s.sock"))
        silent.listen()
        started = time.monotonic()
        ran = doctor("--json", folder=tmp_path, DOCKER_HOST=f"unix://{tmp_path / 's.sock'}")
    assert time.monotonic() - started < 20  # 5 s a look, and the start of Python on a busy machine
    assert ran.returncode == 1
    assert "timed out" in json.loads(ran.stdout)["findings"][0]["seen"]


@pytest.mark.process
def test_doctor_names_a_variable_whose_file_is_gone(tmp_path: Path):
    ran = doctor(folder=tmp_path, SSL_CERT_FILE="/nonexistent/ca.pem")
    assert "no such file: SSL_CERT_FILE=/nonexistent/ca.pem" in ran.stdout
    assert "-> unset SSL_CERT_FILE" in ran.stdout


@pytest.mark.engine
def test_doctor_on_this_machine_is_green_and_leaves_nothing(engine: Engine, course: Path):
    ran = doctor(folder=course, embedded=True)
    assert ran.returncode == 0, ran.stdout
    assert ran.stdout.endswith("\nLessons can run.\n")
    assert len(ran.stdout.splitlines()) <= 24, "more than one screen"
    assert playground.remove_all(engine) == []


@pytest.mark.engine
def test_doctor_names_images_that_are_missing(own_engine: Embedded, tmp_path: Path):
    own_engine.start(lambda _: None)
    ran = doctor("--json", folder=tmp_path, DOCKER_HOST=own_engine.address)
    found = {each["subject"]: each for each in json.loads(ran.stdout)["findings"]}
    assert found["engine"]["state"] == "ok"
    assert found["images"]["state"] == "problem"
    assert "registry-course/node" in found["images"]["seen"]
    assert "not tried" in found["node"]["seen"]
    assert ran.returncode == 1
