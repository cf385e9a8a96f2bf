"""A class of thirty that gets the course's images from one machine: time, and bytes from there and from outside.

Thirty engines are too much for one machine, so each student is a process that does what `labs start --images-from`
does up to an engine: it downloads every image and checks it. All are in a network of their own with a way to the
internet, where what comes from another address than the registry's is counted. `python -m labs.bench.class_network`
is one student.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from labs.bench.network_namespace import HOST, own_network
from labs.bench.rows import MEGABYTE, Row
from labs.bench.setting import BenchError, Setting, code_home, run
from labs.bench.start_times import free_port
from labs.images import Catalog, ClassAddress, ClassImages, serve_class

STUDENTS = 30


def of_thirty(setting: Setting, students: int = STUDENTS) -> Iterator[Row]:
    """Three rows: seconds until the last one has all, megabytes that the registry sent, megabytes from outside."""
    client = setting.engine.client
    sent: list[int] = []
    with own_network() as prefix, tempfile.TemporaryDirectory(prefix="rb-") as work:
        _count_outside(prefix)
        with serve_class(client, setting.say, address=HOST, port=free_port()) as registry:
            reader = threading.Thread(target=lambda: sent.extend(registry.sent()), daemon=True)
            reader.start()
            address = ClassAddress(f"http://{HOST}:{registry.port}", registry.code)
            setting.say(f"  {students} students get {registry.size_bytes / MEGABYTE:.0f} MB each")
            started = time.monotonic()
            _students(
                [*prefix, *_one(address, str(client.version()["Arch"]))], Path(work), students
            )
            taken = time.monotonic() - started
            each = registry.size_bytes / MEGABYTE
        reader.join(10)
        outside = _outside(prefix)
    name, megabytes = f"class of {students}, images", sum(sent) / MEGABYTE
    note = f"{students} processes that download and check {each:.0f} MB each; none loads them into an engine"
    yield Row(f"{name}, until the last has all", "s", (taken,), note=note)
    note = f"{megabytes / taken:.0f} MB/s in {len(sent)} answers, as the registry's log says"
    yield Row(
        f"{name}, sent by the registry",
        "MB",
        (megabytes,),
        target=1.01 * students * each,
        note=note,
    )
    note = "the students' network reaches the internet; this is what came from any address but the registry's"
    yield Row(f"{name}, from outside", "MB", (outside / MEGABYTE,), target=0, note=note)


def _one(address: ClassAddress, architecture: str) -> list[str]:
    return [sys.executable, "-m", "labs.bench.class_network", str(address), architecture]


def _students(command: Sequence[str], work: Path, students: int) -> None:
    """Run that many at once, each with a folder of its own.

    Raises:
        BenchError: One of them failed; the end of its output is in the message.
    """
    logs = [(work / f"{number}.log").open("w+") for number in range(students)]
    processes = [
        subprocess.Popen(
            [*command, str(work / str(number))], cwd=code_home(), stdout=log, stderr=log
        )
        for number, log in enumerate(logs)
    ]
    try:
        for process, log in zip(processes, logs, strict=True):
            if process.wait():
                log.seek(0)
                raise BenchError(f"a student ended with {process.returncode}: {log.read()[-500:]}")
    finally:
        for process, log in zip(processes, logs, strict=True):
            if process.poll() is None:
                process.kill()
                process.wait()
            log.close()


_OTHERS = ["INPUT", "-i", "up0", "!", "-s", HOST, "-j", "RETURN"]


def _count_outside(prefix: Sequence[str]) -> None:
    """Count, inside of the network, what comes from another address than the registry's."""
    run([*prefix, "iptables", "-A", *_OTHERS])


def _outside(prefix: Sequence[str]) -> int:
    """Bytes that were counted since.

    Raises:
        BenchError: The counter is not there.
    """
    listed = run([*prefix, "iptables", "-L", "INPUT", "-v", "-x", "-n"])
    for line in listed.splitlines():
        words = line.split()
        if words[2:3] == ["RETURN"]:
            return int(words[1])
    raise BenchError(f"iptables lists no counter: {listed[:200]}")


def main(address: str, architecture: str, folder: Path) -> None:
    """Be one student: get every image and check it, and keep none."""
    parsed = ClassAddress.parse(address)
    class_images = ClassImages(parsed.url, Catalog.read(), architecture)
    folder.mkdir()
    for offer in class_images.offers(parsed.code).values():
        for path in class_images.download(offer, folder, print):
            path.unlink()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
