"""Time until a playground is ready, and the memory of an idle node."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager

import labs
from labs import course
from labs.bench.rows import MEGABYTE, Row, pairs, seconds
from labs.bench.setting import BASELINES, BenchError, Setting, code_home, run
from labs.images import Catalog
from labs.playground import Authority, Names, capabilities

SLUG = "run-a-registry"
IDLE_S = 20.0
_SAMPLES = 5


def node_ready(setting: Setting) -> Iterator[Row]:
    """`labs.open` with images and without a playground, beside the same container by `docker run`.

    Both are timed inside this process, where `labs` and all it needs is imported already: the baseline starts no
    Python either. What a fresh kernel takes is a row of its own. In the baseline each `docker` command
    costs about 0.04 s of its own, as it does when typed.
    """
    with baseline_node(setting) as baseline:
        measured, least = pairs(_open_new, baseline, setting.rounds)
    yield Row("labs.open, new playground", "s", measured, least, 1.3)


def open_again(setting: Setting) -> Iterator[Row]:
    """`labs.open` of a playground that runs: again, and as the first cell of a new kernel."""
    with _open_lab():
        again = tuple(seconds(quiet_open) for _ in range(setting.rounds))
        fresh = [_fresh_kernel() for _ in range(setting.rounds)]
    shown, done = zip(*fresh, strict=True)
    yield Row("labs.open, running playground", "s", again, target=0.3)
    yield Row("labs.open in a fresh kernel", "s", done, target=1, note="with all its imports")
    yield Row("labs.open in a fresh kernel, until something moves", "s", shown, target=0.3)


def idle_memory(setting: Setting) -> Iterator[Row]:
    """Memory of a new node's container after it had nothing to do for a while."""
    with _open_lab() as lab:
        time.sleep(IDLE_S)
        used = []
        for _ in range(_SAMPLES):
            container: Any = lab.node(1).container  # its types do not know what stream=False gives
            used.append(memory_bytes(container.stats(stream=False)) / MEGABYTE)
    yield Row("idle node, memory", "MB", tuple(used), target=100, note="as `docker stats` counts")


def memory_bytes(stats: dict[str, Any]) -> int:
    """What `docker stats` shows: memory in use without the page cache that can be dropped.

    cgroup v1 calls that part `total_inactive_file`, v2 `inactive_file`
    (https://docs.docker.com/reference/cli/docker/container/stats/).

    Raises:
        BenchError: The host counts no memory.
    """
    memory = stats.get("memory_stats") or {}
    if "usage" not in memory:
        raise BenchError("this host's engine counts no memory", hint="its memory cgroup is off")
    details = memory.get("stats") or {}
    cache = details.get("total_inactive_file", details.get("inactive_file", 0))
    return int(memory["usage"]) - int(cache)


def baseline_names(setting: Setting) -> Names:
    """Names and labels of what the baseline makes; `labs reset` in the bench's folder would find it too."""
    # Not the lesson's name: `lab.close()` would remove it.
    return Names(course.course_id(), "baseline", str(setting.folder))


def baseline_arguments(setting: Setting, certs: Path) -> list[str]:
    """What baselines/node.sh gets for `docker run`: all that differs from host to host, and the name to remove."""
    names = baseline_names(setting)
    labels = names.labels(node="baseline")
    return [
        f"--name={names.network}",
        f"--network={names.network}",
        *(f"--label={key}={value}" for key, value in labels.items()),
        *(f"--cap-add={name}" for name in capabilities(setting.engine)),
        f"--volume={certs / 'node'}:/certs:ro",
        Catalog.read().images["node"].name,
    ]


@contextmanager
def baseline_node(setting: Setting) -> Iterator[Callable[[], float]]:
    """What does the baseline once: start the container, poll its engine; network and removal are not counted."""
    certs = setting.folder / "baseline-certs"
    write_certs(certs)
    arguments = baseline_arguments(setting, certs)
    environment = {**setting.docker_environment(), "NODE_CERTS": str(certs)}
    name = arguments[0].partition("=")[2]
    client = setting.engine.client
    network = client.networks.create(name, driver="bridge", labels=baseline_names(setting).labels())

    def baseline() -> float:
        try:
            return seconds(lambda: run(["sh", str(BASELINES / "node.sh"), *arguments], environment))
        finally:
            # By its exact name: the filter is a pattern, and would match longer names too.
            for left in client.containers.list(all=True, filters={"name": f"^/?{name}$"}):
                left.remove(force=True, v=True)

    try:
        yield baseline
    finally:
        network.remove()


def write_certs(folder: Path) -> None:
    """A CA with the client's files in `folder` and the node's in `folder/node`; the baseline is not charged."""
    (folder / "node").mkdir(parents=True, exist_ok=True)
    for name, content in Authority.of(folder, "baseline").node_files("node1").items():
        (folder / "node" / name).write_bytes(content)


def quiet_open(slug: str = SLUG) -> labs.Lab:
    """`labs.open` without the progress that it prints on stderr."""
    with Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):
        return labs.open(slug)


@contextmanager
def _open_lab() -> Iterator[labs.Lab]:
    lab = quiet_open()
    try:
        yield lab
    finally:
        lab.close()


def _open_new() -> float:
    started = time.perf_counter()
    with _open_lab():
        return time.perf_counter() - started


def _fresh_kernel() -> tuple[float, float]:
    """Seconds of a new kernel's first cell: until it shows something, and in all.

    Raises:
        BenchError: The cell failed, or showed nothing.
    """
    shown: list[float] = []
    # Unix sockets: two kernels that start at once can draw the same TCP port.
    manager = KernelManager(transport="ipc")
    manager.start_kernel(cwd=str(code_home()))
    client = manager.blocking_client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=60)
        started = time.perf_counter()

        def look(message: dict[str, Any]) -> None:
            # The first of several: what the student sees move.
            if message["msg_type"] == "display_data":
                shown.append(time.perf_counter() - started)

        code = f"import labs\nlabs.open({SLUG!r})"
        reply = client.execute_interactive(code, timeout=120, output_hook=look)
        done = time.perf_counter() - started
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    if reply["content"]["status"] != "ok" or not shown:
        raise BenchError(f"labs.open in a new kernel: {reply['content'].get('evalue', 'no view')}")
    return shown[0], done
