"""The embedded engine: started, found running, stopped by its own process id, honest about a failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from labs.engine import Embedded, EngineClient, EngineError
from tests.engine_fixtures import embedded


@pytest.fixture
def idle(tmp_path: Path) -> Embedded:
    """One that nobody starts."""
    own = Embedded(data=tmp_path / "data", run=tmp_path / "run")
    own.run.mkdir()
    return own


def refuse(_: str) -> None:
    raise AssertionError("nothing is to be said")


def test_pid_of_a_missing_or_damaged_file_is_none(idle: Embedded):
    assert idle.pid() is None
    idle.pid_file.write_text("zork")
    assert idle.pid() is None
    assert not idle.running()


@pytest.mark.process
def test_pid_of_a_process_that_ended_is_none(idle: Embedded):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    idle.pid_file.write_text(str(ended.pid))
    assert idle.pid() is None


@pytest.mark.process
def test_stop_leaves_a_foreign_process_alone(idle: Embedded):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as foreign:
        idle.pid_file.write_text(str(foreign.pid))
        idle.socket.touch()
        assert not idle.running()
        assert idle.stop() is False
        assert foreign.poll() is None
        foreign.communicate(b"\n")
    assert foreign.returncode == 0


def test_why_not_names_what_a_person_can_do(idle: Embedded, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    assert "Docker Desktop" in idle.why_not()
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "as root" in idle.why_not()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", "/nonexistent")
    assert "install Docker" in idle.why_not()


def test_start_without_root_changes_nothing(idle: Embedded, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(EngineError, match="as root"):
        idle.start(refuse)
    assert not idle.data.exists()
    assert list(idle.run.iterdir()) == []


def test_plan_says_what_will_be_installed(idle: Embedded, monkeypatch: pytest.MonkeyPatch):
    assert str(idle.data) in "\n".join(idle.plan())
    monkeypatch.setenv("PATH", "/nonexistent")
    assert "docker.io" in idle.plan()[0]


@pytest.mark.engine
def test_engine_starts_once_and_stops(own_engine: Embedded):
    own_engine.start(lambda _: None)
    pid = own_engine.pid()
    assert own_engine.running()
    assert EngineClient(own_engine.address).ping()
    own_engine.start(refuse)
    assert own_engine.pid() == pid
    assert own_engine.stop() is True
    assert not own_engine.running()
    assert own_engine.stop() is False


@pytest.mark.full
@pytest.mark.engine
def test_engine_started_by_two_processes_at_once_is_one(own_engine: Embedded):
    program = (
        "import sys; from pathlib import Path; from labs.engine import Embedded\n"
        "own = Embedded(Path(sys.argv[1]), Path(sys.argv[2]), tuple(sys.argv[3:]))\n"
        "own.start(lambda _: None); print(own.pid())"
    )
    words = [sys.executable, "-c", program, own_engine.data, own_engine.run, *own_engine.arguments]
    both = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [each.communicate(timeout=60)[0].strip() for each in both]
    assert said == [str(own_engine.pid())] * 2


@pytest.mark.engine
def test_engine_starts_over_what_a_killed_one_left(own_engine: Embedded):
    own_engine.run.mkdir(parents=True)
    own_engine.pid_file.write_text(str(os.getpid()))  # an id that another process has by now
    own_engine.socket.touch()
    own_engine.start(lambda _: None)
    assert own_engine.running()


@pytest.mark.engine
def test_engine_that_ends_at_once_shows_its_last_words():
    with embedded("--storage-driver=zork") as own:
        with pytest.raises(EngineError, match="driver not supported") as failure:
            own.start(lambda _: None)
        assert str(own.log) in failure.value.hint
        assert own.pid() is None


@pytest.mark.full
@pytest.mark.engine
def test_second_engine_leaves_the_networks_of_the_first_alone(own_engine: Embedded):
    before = Path("/sys/class/net/docker0").exists()
    for _ in range(2):
        own_engine.start(lambda _: None)
        own_engine.stop()
    assert Path("/sys/class/net/docker0").exists() == before
