"""On an engine of the tests' own: what a playground leaves on it, and what its restart breaks."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from docker.models.containers import Container
from typer.testing import CliRunner

from labs import playground as playgrounds
from labs.cli.program import app
from labs.engine import Embedded, Engine, find
from labs.images import Catalog
from tests.engine_fixtures import course_folder
from tests.playground.conftest import census

pytestmark = pytest.mark.engine
SLUG = "guest"


@pytest.fixture
def host(own_host: Embedded, monkeypatch: pytest.MonkeyPatch, course: object) -> Iterator[Engine]:
    """The own engine, found as this machine's embedded one; a course folder's objects are removed."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    monkeypatch.setattr(
        Embedded.__init__, "__defaults__", (own_host.data, own_host.run, own_host.arguments)
    )
    own_host.start(lambda _: None)
    yield find()
    playgrounds.remove_all(find())


@pytest.fixture
def student(host: Engine) -> Iterator[Container]:
    """What a student had on the engine before: a container, its network and its volume."""
    client = host.client
    network = client.networks.create("mine", labels={"org.example": "1"})
    volume = client.volumes.create("mine")
    container = client.containers.run(
        Catalog.read().images["busybox"].name,
        ["sleep", "600"],
        detach=True,
        name="mine",
        network="mine",
        volumes={"mine": {"bind": "/mine"}},
        stop_signal="SIGKILL",
    )
    yield container
    again = find().client
    again.containers.get("mine").remove(force=True)
    again.volumes.get(volume.id).remove()
    again.networks.get(network.id).remove()


def test_open_reset_and_close_leave_the_engine_as_it_was(host: Engine, student: Container):
    before = census(host)
    playground = playgrounds.open_playground(SLUG)
    playground.node().docker.volumes.create("inside")
    playground.reset()
    assert playground.node().docker.volumes.list() == []
    playground.close()
    assert census(host) == before


@pytest.mark.full
def test_labs_reset_leaves_the_engine_as_it_was(host: Engine, student: Container):
    before = census(host)
    playgrounds.open_playground(SLUG)
    playgrounds.open_playground("other-guest")
    ran = CliRunner().invoke(app, ["reset"], catch_exceptions=False)
    assert ran.exit_code == 0
    assert ran.output.count("removed container") == 4
    assert ran.output.count("removed network") == ran.output.count("removed volume") == 2
    assert census(host) == before


@pytest.mark.full
def test_close_removes_its_own_and_not_another_lessons(host: Engine):
    other = playgrounds.open_playground("other-guest")
    before = census(host)
    playgrounds.open_playground(SLUG).close()
    assert census(host) == before
    assert other.node().answers()


def test_reset_removes_no_other_course_folders(host: Engine, tmp_path_factory):
    with course_folder(tmp_path_factory.mktemp("neighbor")):
        neighbor = playgrounds.open_playground(SLUG)
    playgrounds.open_playground(SLUG)
    playgrounds.remove_all(host)
    assert neighbor.node().answers()
    neighbor.close()


@pytest.mark.full
def test_folder_that_is_gone_is_told_and_reset_gone_removes_what_it_left(host: Engine, tmp_path):
    before = census(host)
    with course_folder(tmp_path / "gone") as folder:
        folder.mkdir()
        playgrounds.open_playground(SLUG)
    folder.rename(tmp_path / "elsewhere")
    assert list(playgrounds.strays(host).values()) == [str(folder)]
    CliRunner().invoke(app, ["reset"], catch_exceptions=False)
    assert playgrounds.strays(host)
    CliRunner().invoke(app, ["reset", "--gone"], catch_exceptions=False)
    assert playgrounds.strays(host) == {}
    assert census(host) == before


@pytest.mark.full
def test_close_with_a_foreign_container_on_its_network_removes_its_own(host: Engine, student):
    playground = playgrounds.open_playground(SLUG)
    host.client.networks.get(playground.name).connect(student)
    playground.close()
    student.reload()
    assert student.status == "running"
    assert host.client.networks.list(names=[playground.name]) == []


@pytest.mark.full
def test_host_engine_restarted_then_open_starts_the_nodes_again(host: Engine, own_host: Embedded):
    said: list[str] = []
    node = playgrounds.open_playground(SLUG).node()
    node.docker.volumes.create("kept")
    port = int(node.url(5000).rpartition(":")[2])
    own_host.stop()
    with socket.socket() as taken:  # another process took the port meanwhile
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        own_host.start(lambda _: None)
        again = playgrounds.open_playground(SLUG, say=said.append).node()
        assert again.docker.volumes.get("kept")
        assert again.url(5000) != f"http://127.0.0.1:{port}"
    assert len(said) == 1
    assert said[0].startswith("node1: had stopped")


@pytest.mark.full
def test_labs_stop_leaves_an_engine_that_others_use(host: Engine, student: Container):
    playgrounds.open_playground(SLUG)
    ran = CliRunner().invoke(app, ["stop"], catch_exceptions=False)
    assert "the embedded engine goes on: 1 containers of other folders" in ran.output
    assert [c.name for c in host.client.containers.list()] == ["mine"]


@pytest.mark.full
def test_labs_stop_ends_an_engine_that_nobody_uses(host: Engine, own_host: Embedded):
    playgrounds.open_playground(SLUG)
    ran = CliRunner().invoke(app, ["stop"], catch_exceptions=False)
    assert "stopped the embedded engine" in ran.output
    assert not own_host.running()
    own_host.start(lambda _: None)
    assert census(find())["containers"] == []
