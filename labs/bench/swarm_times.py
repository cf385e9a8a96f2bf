"""Time until a swarm is ready, has its images and is reset, beside shell scripts; memory of an idle one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labs import playground as playgrounds
from labs.bench.open_times import IDLE_S, baseline_names, memory_bytes, write_certs
from labs.bench.rows import MEGABYTE, Row, pairs, seconds
from labs.bench.setting import BASELINES, Setting, run
from labs.images import Catalog
from labs.playground import Playground, capabilities, remove_objects

SLUG = "bench-swarm"
PORTS = (5000, 80)
# Odd numbers of managers, as Raft needs a majority: 4 tolerate no more failures than 3.
SIZES = (3, 5, 7)
IMAGES = ("registry", "hello-world", "nginx", "haproxy")


def ready(setting: Setting) -> Iterator[Row]:
    """A new swarm of managers, beside the same containers by `docker run` and `docker swarm`.

    The playground's network and mirror are counted for it, and neither for the baseline, which has no mirror and
    finds its network.
    """
    for managers in SIZES:
        with _Baseline.made(setting, managers) as baseline:
            measured, least = pairs(lambda n=managers: _open_new(n), baseline.ready, setting.rounds)  # type: ignore[misc]
        yield Row(f"swarm of {managers} managers, new", "s", measured, least, 1.3)


def reset(setting: Setting) -> Iterator[Row]:
    """`lab.reset()` of five managers, beside `docker rm` and the same script again."""
    place_of = _open(5)
    try:
        with _Baseline.made(setting, 5) as baseline:
            # Before the first round, which removes a swarm.
            baseline.start()
            measured, least = pairs(lambda: seconds(place_of.reset), baseline.reset, setting.rounds)
    finally:
        place_of.close()
    yield Row("swarm of 5 managers, reset", "s", measured, least, 1.2)


def lesson_images(setting: Setting) -> Iterator[Row]:
    """The images of the lesson in five new nodes: pulled from the mirror, and loaded from one archive."""
    archive = setting.folder / "lesson.tar"
    catalog = Catalog.read()
    names = [catalog.images[key].name for key in IMAGES]
    run(["docker", "save", "--output", str(archive), *names], setting.docker_environment())
    served = [catalog.images[key].served for key in IMAGES]

    def pull() -> float:
        with _opened(5) as made:
            return seconds(lambda: made.swarm.pull(*served))

    def load() -> float:
        with _opened(5) as made:
            certs = made.nodes[0].environment()["DOCKER_CERT_PATH"]
            environment = {**setting.docker_environment(), "NODE_CERTS": certs}
            script = ["sh", str(BASELINES / "swarm-load.sh"), str(archive)]
            addresses = [node.address for node in made.nodes]
            return seconds(lambda: run([*script, *addresses], environment))

    measured, least = pairs(pull, load, setting.rounds)
    yield Row("images of the swarm lesson in 5 nodes", "s", measured, least, 1.5)


def memory(setting: Setting) -> Iterator[Row]:
    """Memory of each of five managers that had nothing to do for a while."""
    with _opened(5) as made:
        time.sleep(IDLE_S)
        containers: list[Any] = [node.container for node in made.nodes]
        with ThreadPoolExecutor(max_workers=5) as pool:
            stats = list(pool.map(lambda container: container.stats(stream=False), containers))
    used = tuple(memory_bytes(each) / MEGABYTE for each in stats)
    yield Row("idle manager of 5, memory", "MB", used, target=100, note="one number a node")


def _open(managers: int) -> Playground:
    return playgrounds.open_playground(SLUG, ports=PORTS, managers=managers)


def _open_new(managers: int) -> float:
    started = time.perf_counter()
    with _opened(managers):
        return time.perf_counter() - started


@contextmanager
def _opened(managers: int) -> Iterator[Playground]:
    made = _open(managers)
    try:
        yield made
    finally:
        made.close()


@dataclass(frozen=True)
class _Baseline:
    """The same containers, by a shell."""

    setting: Setting
    managers: int
    certs: Path

    @classmethod
    @contextmanager
    def made(cls, setting: Setting, managers: int) -> Iterator[_Baseline]:
        names, certs = baseline_names(setting), setting.folder / f"swarm-certs-{managers}"
        write_certs(certs)
        client = setting.engine.client
        client.networks.create(names.network, driver="bridge", labels=names.labels())
        try:
            yield cls(setting, managers, certs)
        finally:
            # By labels, so that a script that failed half way leaves nothing.
            remove_objects(setting.engine, names.filters)

    def ready(self) -> float:
        """Seconds until the swarm is whole; its removal is not counted."""
        try:
            return seconds(self.start)
        finally:
            self.remove()

    def reset(self) -> float:
        """Seconds to remove it and to make it again."""
        return seconds(self.remove) + seconds(self.start)

    def start(self) -> None:
        """Run the script."""
        names = baseline_names(self.setting)
        labels = names.labels(node="baseline")
        arguments = [
            # A prefix: the script adds the number of each node.
            names.node(0)[:-1],
            str(self.managers),
            f"--network={names.network}",
            *(f"--label={key}={value}" for key, value in labels.items()),
            *(f"--cap-add={name}" for name in capabilities(self.setting.engine)),
            f"--volume={self.certs / 'node'}:/certs:ro",
            Catalog.read().images["node"].name,
        ]
        environment = {**self.setting.docker_environment(), "NODE_CERTS": str(self.certs)}
        run(["sh", str(BASELINES / "swarm.sh"), *arguments], environment)

    def remove(self) -> None:
        """`docker rm` of all, with their volumes."""
        prefix = baseline_names(self.setting).node(0)[:-1]
        every = [f"{prefix}{index}" for index in range(1, self.managers + 1)]
        command = ["docker", "rm", "--force", "--volumes", *every]
        run(command, self.setting.docker_environment())
