"""The measurements by name, run one after the other: one that fails leaves a row that says why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from labs.bench import (
    class_network,
    comparison,
    course_class,
    fresh,
    hub_times,
    lesson_times,
    open_times,
    sizes,
    start_times,
    swarm_times,
)
from labs.bench.rows import Row, not_measured
from labs.bench.setting import FAILURES, BenchError, Setting


@dataclass(frozen=True)
class Measurement:
    """One thing to ask `labs bench` for.

    Attributes:
        name: On the command line.
        about: One line.
        rows: Does it.
        asked: Only done when it is asked for by name: it takes minutes.
    """

    name: str
    about: str
    rows: Callable[[Setting], Iterable[Row]]
    asked: bool = False


MEASUREMENTS = (
    Measurement("image-sizes", "each image beside its limit", sizes.image_sizes),
    Measurement("node-ready", "labs.open of a new playground", open_times.node_ready),
    Measurement("open-again", "labs.open of a running playground", open_times.open_again),
    Measurement("idle-memory", "a node that has nothing to do", open_times.idle_memory),
    Measurement("swarm-ready", "new swarms of 3, 5 and 7 managers", swarm_times.ready),
    Measurement("swarm-images", "a lesson's images in five nodes", swarm_times.lesson_images),
    Measurement("swarm-memory", "five managers that have nothing to do", swarm_times.memory),
    Measurement("swarm-reset", "a swarm of five removed and made again", swarm_times.reset),
    Measurement("hub-ready", "a new hub", hub_times.ready),
    Measurement("hub-memory", "a hub that has nothing to do", hub_times.memory),
    Measurement("hub-token", "one token of the hub's registry", hub_times.token),
    Measurement("hub-page-200-tags", "a repository's page", hub_times.page),
    Measurement("hub-push", "docker push through the hub", hub_times.push),
    Measurement("hub-build", "a build of the hub", hub_times.build),
    Measurement(
        "lessons",
        "each solution under nbval; lessons:5 is the fifth alone",
        lesson_times.under_nbval,
    ),
    Measurement("commands", "labs --help and labs progress", start_times.commands),
    Measurement("second-start", "labs start to a serving JupyterLab", start_times.second_start),
    Measurement("uv-install", ".venv from a warm cache", start_times.uv_install),
    Measurement(
        "class", "graders side by side with a class of forty", comparison.class_of_forty, asked=True
    ),
    Measurement(
        "class-lesson", "20 and 100 submissions of lesson 1", course_class.of_lesson_1, asked=True
    ),
    Measurement(
        "class-images", "thirty machines get images from one", class_network.of_thirty, asked=True
    ),
    Measurement("first-start", "everything from nothing", fresh.first_start, asked=True),
)
ALL = {measurement.name: measurement for measurement in MEASUREMENTS}


def pick(names: Iterable[str]) -> list[Measurement]:
    """The measurements asked for, or all that need not be asked for by name; `lessons:5` is of one lesson.

    Raises:
        BenchError: There is none of that name.
    """
    wanted = list(names)
    single = [name.partition(":")[2] for name in wanted if name.startswith("lessons:")]
    wanted = ["lessons" if name.startswith("lessons:") else name for name in wanted]
    for name in wanted:
        if name not in ALL:
            raise BenchError(f"there is no row {name!r}", hint=f"rows: {', '.join(ALL)}")
    chosen = [m for m in MEASUREMENTS if m.name in wanted or (not wanted and not m.asked)]
    return [_only(m, single) if m.name == "lessons" else m for m in chosen]


def _only(measurement: Measurement, single: list[str]) -> Measurement:
    """The measurement of the lessons, of these alone where there are any."""
    return replace(measurement, rows=partial(lesson_times.under_nbval, wanted=single))


def measure(setting: Setting, measurements: Iterable[Measurement]) -> list[Row]:
    """Do them; what cannot be measured here is a row too."""
    rows: list[Row] = []
    for measurement in measurements:
        setting.say(f"{measurement.name}: {measurement.about}")
        try:
            rows.extend(measurement.rows(setting))
        # The others are measured: a run takes long, and one failure must not lose the rest.
        except FAILURES as error:
            setting.say(f"{measurement.name}: {error}")
            rows.append(not_measured(measurement.name, error))
    return rows
