"""`labs grade --swarm` on three nodes of the course's own: stopped, gone on with, a node lost, and the same grades."""

from __future__ import annotations

import csv
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from labs.engine import Engine, EngineClient
from labs.grading.runners.swarm_api import GRADING
from labs.images import Catalog
from labs.playground import Node, Playground
from labs.playground.labels import COURSE
from labs.waiting import wait_until
from tests.grading.real_class import (
    LESSON,
    SOLUTION,
    STARTER,
    grade,
    make_class,
    notebook,
    python,
)

pytestmark = [pytest.mark.engine, pytest.mark.full]

ENSURE = """
from labs import images
from labs.engine import find
for purpose in ("grading", "swarm"):
    images.ensure(find().client, print, purpose=purpose, late=None)
"""


@pytest.fixture(scope="module")
def top(course: Path) -> Path:
    texts = {
        "ada": notebook(SOLUTION),
        "blaise": notebook(STARTER),
        "claude": notebook(SOLUTION, answer_1_4='choice = "a"'),
        "dora": notebook(SOLUTION, answer_1_2="import os\nos._exit(1)"),
    }
    return make_class(course, texts)


@pytest.fixture(scope="module")
def swarm(engine: Engine, opened, top: Path) -> Iterator[Playground]:
    """Three nodes, the first of which is the host of a class; it has the course's images."""
    ensure = python(top, "-c", ENSURE)
    said, errors = ensure.communicate()
    assert ensure.returncode == 0, said + errors
    made = opened("grade-on-a-swarm", ports=(), managers=1, workers=2)
    catalog, api = Catalog.read(), engine.client.api
    names = [image.name for image in (*catalog.all(), *catalog.extra.values())]
    response = api._get(api._url("/images/get"), params={"names": names}, stream=True)
    patient(made.nodes[0]).images.load(response.iter_content(1 << 20))
    return made


def patient(node: Node) -> EngineClient:
    """A client that waits until a gigabyte of images is unpacked."""
    return node._connect(600)


def start(
    top: Path, out: str, node: Node | None = None, *, swarm: bool = True
) -> subprocess.Popen[str]:
    """`labs grade`: on the swarm that `node` manages, on it alone, or on this host."""
    options = ["--swarm", "--jobs", "3"] if node and swarm else ["--jobs", "2"]
    return grade(top, out, *options, **(node.environment() if node else {}))


def grades(top: Path, out: str) -> list[dict[str, str]]:
    with (top.parent / out / "grades.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


def left(swarm: Playground) -> list[str]:
    """What grading has left on the nodes that are up."""
    found: list[str] = []
    manager = swarm.nodes[0].docker
    for kind in (manager.services, manager.configs):
        found += [each.name for each in kind.list(filters={"label": GRADING})]
    filters = {"label": COURSE}
    for node in swarm.nodes:
        if node.status != "running":
            continue
        found += [each.name for each in node.docker.containers.list(all=True, filters=filters)]
        found += [each.name for each in node.docker.networks.list(filters=filters)]
        found += [each.name for each in node.docker.volumes.list(filters=filters)]
        found += [str(i.tags) for i in node.docker.images.list() if "127.0.0.1" in str(i.tags)]
    return found


def jobs(manager: Node) -> set[str]:
    """The ids of the services that grade."""
    every = manager.docker.api.services()
    return {each["ID"] for each in every if "ReplicatedJob" in each["Spec"].get("Mode", {})}


def wait_until_clean(swarm: Playground) -> None:
    """Engines remove the containers of services that are gone by themselves, a little later."""
    wait_until(
        lambda: not left(swarm),
        "the swarm to be clean",
        timeout_s=60,
        interval_s=1,
        last_words=lambda: ", ".join(left(swarm)),
    )


def wait_for_job_on(node: Node, manager: Node) -> None:
    """Until a job runs there."""
    id = node.docker.info()["Swarm"]["NodeID"]
    api = manager.docker.api

    def runs() -> bool:
        ours, tasks = jobs(manager), api.tasks(filters={"node": id})
        return any(t["ServiceID"] in ours and t["Status"]["State"] == "running" for t in tasks)

    wait_until(runs, f"a job on {node.name}", timeout_s=300, interval_s=0.3)


@pytest.mark.timeout(1800)
def test_swarm_gives_the_grades_of_a_local_run_though_stopped_and_a_node_lost(
    swarm: Playground, top: Path
):
    manager, _, lost = swarm.nodes
    first = start(top, "grades", manager)
    told = []
    while not (line := first.stdout.readline()).startswith("1/4"):
        assert line, "".join(told) + first.stderr.read()
        told.append(line)
    first.send_signal(signal.SIGINT)
    said, errors = first.communicate(timeout=400)
    assert first.returncode == 130, said + errors
    wait_until_clean(swarm)

    second = start(top, "grades", manager)
    wait_for_job_on(lost, manager)
    before = jobs(manager)
    lost.stop()
    # The swarm misses a node after some seconds; then another job takes on what that one had.
    wait_until(lambda: jobs(manager) - before, "a job for what was lost", timeout_s=200)
    said, errors = second.communicate(timeout=900)
    assert second.returncode == 0, said + errors
    assert "need no run" in said
    wait_until_clean(swarm)

    third = start(top, "local")
    said, errors = third.communicate(timeout=600)
    assert third.returncode == 0, said + errors
    assert grades(top, "grades") == grades(top, "local")
    points = {}
    for row in grades(top, "local"):
        points.setdefault(row["student"], []).append(row["verdict"])
    assert set(points["ada"]) == {"passed"}
    assert set(points["blaise"]) == {"not attempted"}
    assert points["claude"].count("passed") == len(LESSON.tasks) - 1
    assert points["dora"][1:] == ["not reached"] * (len(LESSON.tasks) - 1)

    # What a swarm finished is finished without it too: the same images, checks and answers.
    fourth = start(top, "grades", manager, swarm=False)
    said, errors = fourth.communicate(timeout=300)
    assert fourth.returncode == 0, said + errors
    assert "4 submissions, 4 need no run" in said


def test_engine_that_is_no_manager_is_told(swarm: Playground, top: Path):
    said, errors = start(top, "worker", swarm.nodes[1]).communicate(timeout=120)
    assert "is a worker of a swarm" in errors, said
    assert "docker swarm init" in errors
