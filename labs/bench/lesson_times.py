"""How long a lesson's solution takes under nbval, beside a script of its `docker` commands and a kernel's start."""

from __future__ import annotations

import subprocess
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from pathlib import Path

from jupyter_client.manager import KernelManager

from labs.bench.lesson_commands import counted, run_commands
from labs.bench.open_times import quiet_open
from labs.bench.rows import Row, not_measured, pairs, seconds
from labs.bench.setting import FAILURES, BenchError, Setting
from labs.builder import LessonFiles, compare, lessons

TARGET = 1.3


def under_nbval(setting: Setting, wanted: Sequence[str] = ()) -> Iterator[Row]:
    """Three rows a lesson: its cells, the whole pytest process, and pytest with nothing to run.

    Of all lessons, or of those that are wanted by number or slug. One that fails gets a row that says why, and the
    others are measured all the same.

    Both sides find a new node that runs and has pulled nothing, since both leave images in it; making that
    node is counted for neither. "cells" is the sum of nbval's own times from its JUnit file, the kernel's start
    and end included; "process" is the time until the command ends, pytest's own start included.
    """
    for files in lessons(setting.root, list(wanted)):
        setting.say(
            f"  lesson {files.number}: {setting.rounds + 1} rounds of nbval and of its commands"
        )
        try:
            # list: rows of a lesson that fails in the middle are not reported as measured.
            yield from list(_rows(setting, files))
        except FAILURES as error:
            setting.say(f"  lesson {files.number}: {error}")
            yield not_measured(f"lesson {files.number} under nbval", error)


def _rows(setting: Setting, files: LessonFiles) -> Iterator[Row]:
    if not files.executed.is_file():
        raise BenchError(f"{files.executed.name} is not there", hint="`labs build` makes it")
    cells: list[float] = []
    empty: list[float] = []
    lab = quiet_open(files.slug)
    try:

        def process() -> float:
            # In the same round, so that it is measured on the same load as the rest.
            empty.append(_pytest_alone(setting, files))
            lab.playground.reset()
            taken, inside = _nbval(setting, files)
            cells.append(inside)
            return taken

        def baseline() -> float:
            lab.playground.reset()
            commands = seconds(lambda: run_commands(setting, files, lab))
            return commands + kernel_start()

        whole, least = pairs(process, baseline, setting.rounds)
    finally:
        lab.close()
    name = f"lesson {files.number} under nbval"
    # The first round is not counted by `pairs`, so it is not here either.
    yield Row(f"{name}, cells", "s", tuple(cells[1:]), least, TARGET, note=counted(files))
    yield Row(f"{name}, process", "s", whole, least, TARGET, note="pytest's own start included")
    yield Row(f"{name}, pytest with no cells", "s", tuple(empty[1:]))


def _nbval(setting: Setting, files: LessonFiles) -> tuple[float, float]:
    """Seconds of the whole process, and of the cells as its JUnit file has them."""
    junit = setting.folder / "junit.xml"
    results: list[subprocess.CompletedProcess[str]] = []
    taken = seconds(
        lambda: results.append(compare(files.executed, sanitizers=files.sanitizers, junit=junit))
    )
    if results[0].returncode:
        raise BenchError(
            f"lesson {files.number} fails under nbval:\n{results[0].stdout[-2000:]}",
            hint="`labs build` runs it again",
        )
    return taken, junit_seconds(junit)


def junit_seconds(junit: Path) -> float:
    """The sum over all cells; pytest counts what a cell sets up, the kernel's start, with it."""
    return sum(float(case.attrib["time"]) for case in ET.parse(junit).iter("testcase"))


def _pytest_alone(setting: Setting, files: LessonFiles) -> float:
    """Seconds of the same command over a notebook without cells: pytest and nbval, and no lesson."""
    empty = setting.folder / "empty.ipynb"
    empty.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    return seconds(lambda: compare(empty, sanitizers=files.sanitizers))


def kernel_start() -> float:
    """Seconds until a kernel, started as nbval's are, is ready to run a cell; ending it is not counted."""
    with tempfile.TemporaryDirectory(prefix="labs-kernel-") as folder:
        # As `labs.builder.nbval_kernels` starts them.
        manager = KernelManager(
            kernel_name="python3", transport="ipc", connection_file=f"{folder}/k.json"
        )

        def start() -> None:
            manager.start_kernel()
            client = manager.client()
            client.start_channels()
            try:
                client.wait_for_ready(timeout=60)
            finally:
                client.stop_channels()

        try:
            return seconds(start)
        finally:
            manager.shutdown_kernel(now=True)
