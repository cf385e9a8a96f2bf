"""A grader as a task of a swarm: takes its work from configs, grades on this node's engine, writes results to its log.

It runs in a container of the image `grader` and reaches its node's engine by the socket. Only trusted code runs in it;
student code runs in containers of its own, as on a single machine.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from docker.errors import APIError

from labs import lessons
from labs.engine import Engine, find
from labs.grading.models import Stopped
from labs.grading.runners import job_messages
from labs.grading.runners.host_task import BESIDE, STOP_WITH_STDIN, run_beside, stop_with_stdin
from labs.grading.runners.worker_request import (
    allow_open_files,
    close_quietly,
    respond,
    stop_at_sigterm,
)
from labs.grading.sandbox import SubmissionGrader, remove_created_by
from labs.grading.stdio import take_stdout
from labs.grading.submissions import Handout

COURSE = "LABS_COURSE"


def main(folder: Path = Path(job_messages.FOLDER)) -> None:
    """Do what the configs in `folder` ask for; an error ends the process with a status other than 0."""
    out = take_stdout()
    allow_open_files()
    # As in `worker`: plugins that happen to be installed must not change grades.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    # The course's folder on the manager: its id labels what is made here too.
    Path(os.environ[COURSE]).mkdir(parents=True, exist_ok=True)
    work = job_messages.unpack([path.read_bytes() for path in sorted(folder.iterdir())])
    engine = find()
    if "sweep" not in work and os.environ.get(BESIDE):
        sys.exit(run_beside(engine, work["run"], folder))
    if STOP_WITH_STDIN in sys.argv:
        stop_with_stdin()
    take_images(engine, work["images"])
    if "sweep" in work:
        removed = remove_created_by(engine, work["sweep"])
        print(f"removed: {', '.join(removed) or 'nothing'}", file=sys.stderr)
        return
    _grade(engine, work, out)


def take_images(engine: Engine, wanted: dict[str, str]) -> None:
    """Pull images and give them the course's names.

    Args:
        engine: This node's.
        wanted: The reference to pull each image by, by the course's name of it.
    """

    def take(name: str) -> None:
        api: Any = engine.client.api
        source, _, digest = wanted[name].partition("@")
        # By digest: the bytes are those of the manager, whatever else a tag names.
        for _ in api.pull(f"{source}@{digest}", stream=True, decode=True):
            continue
        repository, _, tag = name.rpartition(":")
        api.tag(wanted[name], repository, tag)
        with suppress(APIError):  # only a name, that of a registry which will be gone
            api.remove_image(wanted[name], noprune=True)

    with ThreadPoolExecutor(max_workers=3) as pool:
        list(pool.map(take, wanted))


def _grade(engine: Engine, work: dict[str, Any], out: IO[bytes]) -> None:
    handout = Handout(lessons={each.slug: each for each in lessons.all_lessons()})
    grader = SubmissionGrader(engine, handout, work["token"], prewarm=len(work["orders"]) > 1)
    stop_at_sigterm(grader)
    try:
        for number, order in work["orders"]:
            with suppress(Stopped):
                said = respond(grader, handout.lessons, order)
                # The result of a run that was stopped is not whole; another job does it again.
                if grader.stopped:
                    break
                out.writelines(job_messages.lines(number, said))
                # Each result at once: what is in the log is not lost with this node.
                out.flush()
    finally:
        close_quietly(grader)


if __name__ == "__main__":
    main()
