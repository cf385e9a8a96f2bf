"""What is removed where the engine fails at one object: everything else, and that one with a helper."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import APIError, NotFound
from requests.exceptions import ReadTimeout

from labs import course
from labs.playground import deletion, removal
from labs.playground.labels import COURSE, NODE
from labs.playground.removal import RemovalError, remove_objects

FILTERS: Any = {"label": ["x"]}


def refused(status: int, words: str) -> APIError:
    return APIError(words, SimpleNamespace(status_code=status), words)


TOO_DEEP = refused(500, "unable to remove filesystem: openfdat d/d/d: too many open files")


class Thing:
    """A container, volume or network whose removal gives these answers, one after the other; then it is gone."""

    def __init__(self, name: str, *answers: Exception, client: Any = None) -> None:
        self.name, self.client, self._answers = name, client, list(answers)
        self.labels = {COURSE: "c", NODE: "node1"}
        self.attrs = {"Labels": self.labels, "GraphDriver": {"Data": {"UpperDir": f"/up/{name}"}}}
        self.status, self.containers, self.gone = "exited", (), False

    def reload(self) -> None:
        """Nothing changes."""

    def remove(self, **_options: Any) -> None:
        if self._answers:
            raise self._answers.pop(0)
        if self.gone:
            raise NotFound(self.name)
        self.gone = True


class Helpers:
    """Where the containers that empty something are started."""

    def __init__(self) -> None:
        self.started: list[dict[str, Any]] = []
        self.removed = 0

    def run(self, _image: str, command: list[str], **options: Any) -> Any:
        self.started.append({"command": command, **options})

        def remove(**_options: Any) -> None:
            self.removed += 1

        return SimpleNamespace(wait=lambda timeout: {"StatusCode": 0}, remove=remove)


def engine_with(
    containers: list[Thing] | None = None,
    volumes: list[Thing] | None = None,
    networks: list[Thing] | None = None,
) -> Any:
    def kind(things: list[Thing] | None) -> Any:
        return SimpleNamespace(list=lambda **_options: list(things or []))

    client = SimpleNamespace(
        info=lambda: {"Swarm": {"ControlAvailable": False}, "CgroupVersion": "2"},
        containers=kind(containers),
        volumes=kind(volumes),
        networks=kind(networks),
    )
    return SimpleNamespace(client=client, address="tcp://x")


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(deletion, "_AGAIN_S", 0)


def test_all_others_are_removed_and_what_is_left_is_named():
    stuck, fine = Thing("stuck", *[refused(500, "device busy")] * 9), Thing("fine")
    kept = Thing("stuck", *[refused(409, "volume is in use")] * 9)
    volume, network = Thing("fine"), Thing("net")
    with pytest.raises(RemovalError) as told:
        remove_objects(engine_with([stuck, fine], [kept, volume], [network]), FILTERS)
    assert told.value.left == {"container stuck": "device busy", "volume stuck": "volume is in use"}
    assert told.value.removed == ["container fine", "volume fine", "network net"]
    assert "could not remove 2: container stuck: device busy" in told.value.message


def test_names_of_everything_come_back():
    engine = engine_with([Thing("a")], [Thing("b")], [Thing("c")])
    assert remove_objects(engine, FILTERS) == ["container a", "volume b", "network c"]


def test_only_what_has_the_name_is_removed():
    kept, gone = Thing("other"), Thing("mine")
    engine = engine_with([kept, gone], [kept], [kept])
    assert remove_objects(engine, FILTERS, named=lambda name: name == "mine") == ["container mine"]
    assert not kept.gone


@pytest.mark.parametrize("kind", ["containers", "volumes"])
def test_what_is_nested_too_deep_is_emptied_and_removed(kind):
    helpers = Helpers()
    deep = Thing("deep", TOO_DEEP, client=SimpleNamespace(containers=helpers))
    assert len(remove_objects(engine_with(**{kind: [deep]}), FILTERS)) == 1
    assert deep.gone
    (started,) = helpers.started
    source = "/up/deep" if kind == "containers" else "deep"
    assert list(started["volumes"]) == [source]
    assert started["network_mode"] == "none"
    assert started["cap_drop"] == ["ALL"]
    # Removed with the course if this process is killed, and not taken for a node.
    assert started["labels"] == {COURSE: "c"}
    assert started["name"].startswith("deep-empty")
    assert helpers.removed == 1


def test_container_without_a_folder_of_its_own_is_told():
    deep = Thing("deep", TOO_DEEP, TOO_DEEP)
    deep.attrs["GraphDriver"] = None
    with pytest.raises(RemovalError, match="too many open files"):
        remove_objects(engine_with([deep]), FILTERS)


@pytest.mark.parametrize(
    "answer", [ReadTimeout("60 s"), refused(409, "removal of container x is already in progress")]
)
def test_removal_that_takes_long_is_waited_for(answer):
    slow = Thing("slow", answer, answer, answer)
    assert remove_objects(engine_with([slow]), FILTERS) == ["container slow"]


def test_object_that_another_process_removed_is_removed():
    gone = Thing("gone", NotFound("no such container"))
    assert remove_objects(engine_with([gone]), FILTERS) == ["container gone"]


def test_certificates_stay_while_a_node_does(monkeypatch, tmp_path):
    monkeypatch.setattr(course, "state_folder", lambda: tmp_path)
    monkeypatch.setattr(course, "course_id", lambda: "c")
    (tmp_path / "playgrounds" / "x").mkdir(parents=True)
    with pytest.raises(RemovalError):
        removal.remove_all(engine_with([Thing("stuck", *[refused(400, "no")] * 2)]))
    assert (tmp_path / "playgrounds").is_dir()
    removal.remove_all(engine_with())
    assert not (tmp_path / "playgrounds").exists()
