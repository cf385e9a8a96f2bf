"""One submission costs nobody else: CPU time, and what it leaves for the grader to remove."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import nbformat
import pytest

from labs import course as courses
from labs import lessons
from labs.grading import GradingError, Limits, Submission
from labs.grading.runners.local_runner import LocalRunner
from labs.grading.sandbox.channel import LoopThread
from labs.grading.sandbox.disk_quota import DiskUsage, Unmeasured
from labs.grading.sandbox.isolated_playground import IsolatedPlayground
from labs.grading.sandbox.kernel import Kernel
from labs.grading.submissions.handout import Handout
from labs.playground import cgroup_name, cgroup_of, course_filters, removal
from tests.grading.attacked import ATTACKED, MODULE, SECRET, handed_in, make_handout
from tests.sizes import quick

pytestmark = pytest.mark.engine
MATERIAL = Handout()
LESSON = MATERIAL.lessons["run-a-registry"]


@pytest.fixture(scope="module")
def loop() -> Iterator[LoopThread]:
    one = LoopThread()
    yield one
    one.close()


def test_all_containers_of_a_submission_have_one_parent(course: Path, engine, loop):
    label = "gtest-21"
    playground = IsolatedPlayground(engine, loop, lessons.find("run-a-registry"), label)
    kernel = Kernel(engine, loop, f"labs-{courses.course_id()}-kernel-{label}")
    try:
        assert playground.store.answers()
        found = engine.client.containers.list(all=True, filters=course_filters(courses.course_id()))
        parents = {
            each.name.rpartition("-")[2]: each.attrs["HostConfig"]["CgroupParent"]
            for each in found
            if label in each.name
        }
    finally:
        kernel.remove()
        playground.close()
    wanted = cgroup_of(engine.client, cgroup_name(courses.course_id(), label)).parent
    assert wanted
    assert parents == dict.fromkeys(["node1", "mirror", "gate", "store", "21"], wanted)


def solution(**changed: str) -> dict[str, str]:
    notebook = nbformat.read(MATERIAL.solution(LESSON), as_version=4)
    wanted = {task.cell for task in LESSON.tasks}
    return {c.id: c.source for c in notebook.cells if c.id in wanted} | changed


SPIN = "for i in $(seq 8); do (while :; do :; done) </dev/null >/dev/null 2>&1 & done"
GREEDY = {
    "more shares and eight loops": f"""
import time
lab.node().exec(["sh", "-c", "echo 262144 >/sys/fs/cgroup/cpu/cpu.shares; {SPIN}"])
time.sleep(50)
""",
    "eight busy containers": """
import time
docker.images.pull("busybox", tag="latest")
for _ in range(8):
    docker.containers.run("busybox", ["sh", "-c", "while :; do :; done"], detach=True)
time.sleep(50)
""",
}


@pytest.mark.parametrize("program", quick(GREEDY, "more shares and eight loops"))
def test_neighbor_of_a_greedy_submission_gets_its_points(course: Path, engine, program):
    runner = LocalRunner(MATERIAL, engine=engine, jobs=2)
    greedy = Submission("eve", LESSON.slug, "", solution(**{"answer-1-1": program}))
    class_ = [greedy, Submission("ada", LESSON.slug, "", solution())]
    try:
        found = dict(runner.run_all(class_, Limits(60, 300)))
    finally:
        runner.close()
    assert not isinstance(found[1], Exception), found[1]
    assert [mark.outcome for mark in found[1].marks] == ["passed"] * len(LESSON.tasks), found[1]


@contextmanager
def starving(spinning: int, shares: int) -> Iterator[None]:
    """Give all submissions of this course these shares, beside so many programs that take all they can."""
    over = threading.Event()

    def shrink() -> None:
        while not over.wait(0.05):
            for each in Path("/sys/fs/cgroup/cpu").glob(f"labs-{courses.course_id()}-*/cpu.shares"):
                with suppress(OSError):
                    each.write_text(str(shares))

    thread = threading.Thread(target=shrink)
    spin = [sys.executable, "-c", "while True: pass"]
    running = [subprocess.Popen(spin) for _ in range(spinning)]
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        for each in running:
            each.kill()
            each.wait()


@pytest.fixture
def attacked(course: Path, engine, tmp_path) -> Iterator[LocalRunner]:
    if not os.access("/sys/fs/cgroup/cpu/cpu.shares", os.W_OK):
        pytest.skip("no cgroup v1 that this process may change: a submission cannot be starved")
    runner = LocalRunner(make_handout(tmp_path), engine=engine, module=MODULE)
    yield runner
    runner.close()


# A second of work on an idle machine.
WORK = f"total = sum(range(20_000_000))\nvalue = {SECRET!r}"


@pytest.mark.full
def test_right_work_on_a_starved_machine_is_never_a_zero(attacked):
    # Before: the kernel starts, which has a limit of its own.
    assert attacked.run(handed_in(WORK), ATTACKED, Limits(30, 100)).points == 2
    with starving(spinning=8, shares=2):
        try:
            graded, message = attacked.run(handed_in(WORK), ATTACKED, Limits(4, 60)).points, ""
        except GradingError as error:
            graded, message = None, error.message
    # A kernel that is starved may not even start: that is not graded either.
    assert graded == 2 or "no CPU time for it, twice" in message or "kernel" in message


@pytest.mark.full
def test_endless_loop_beside_others_is_graded(attacked):
    with starving(spinning=4, shares=1024):
        result = attacked.run(handed_in("while True: pass"), ATTACKED, Limits(10, 60))
    assert [mark.outcome for mark in result.marks] == ["not reached", "not reached"]
    # On a machine that is busy otherwise as well, this may be what its second run gave.
    assert "a cell took too long" in result.marks[0].message


PLACES = {"in the container": "/root/deep", "in the volume": "/var/lib/docker/deep"}


def nest(node, folder: str) -> None:
    """Nest 25,000 folders in a node; more than an engine may open files."""
    # 100 at a time from the inside out: a shell keeps the path of its folder, which grows with each step.
    script = f"""
    mkdir -p {folder} && cd {folder} && hundred=$(printf 'd/%.0s' $(seq 100))
    mkdir -p top/$hundred
    for i in $(seq 249); do
        mkdir -p next/$hundred && mv top next/${{hundred}}top && mv next top || exit 1
    done
    """
    said = node.exec(["bash", "-c", script])
    assert said.exit_code == 0, said.stderr


@pytest.mark.parametrize("folder", quick(PLACES, "in the container"))
def test_folders_nested_too_deep_are_removed(course: Path, engine, loop, folder):
    playground = IsolatedPlayground(engine, loop, lessons.find("run-a-registry"), "gtest-22")
    try:
        nest(playground.nodes[0], folder)
        if folder == PLACES["in the container"]:
            with pytest.raises(Unmeasured):
                DiskUsage(engine, playground).bytes_used(10**9)
    finally:
        started = time.monotonic()
        playground.close()
    assert time.monotonic() - started < 120
    filters = course_filters(courses.course_id())
    assert removal.remove_objects(engine, filters, named=lambda name: "gtest-22" in name) == []
