"""The measuring itself on a real engine, few rounds: that its baselines do the same work, and nothing is left."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from labs.bench import Setting, class_network, course_class, measure, pick
from labs.bench import setting as new_setting
from labs.bench.lesson_commands import run_commands
from labs.bench.network_namespace import own_network
from labs.bench.open_times import baseline_node, quiet_open
from labs.builder import lessons
from labs.engine import find
from labs.lessons import all_lessons
from labs.playground.labels import COURSE

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(not shutil.which("docker"), reason="the baselines need the docker command"),
]


@pytest.fixture
def setting() -> Iterator[Setting]:
    with new_setting(ROOT, rounds=1, say=lambda text: None, find_server=lambda: None) as made:
        yield made


def left_by(folder: Path) -> list[str]:
    """Names of what carries the label of a course in `folder`."""
    listed = find().client.containers.list(all=True, filters={"label": COURSE}, ignore_removed=True)
    return [str(c.name) for c in listed if str(folder) in c.labels.values()]


def test_opening_gives_rows_with_numbers_and_leaves_nothing() -> None:
    said: list[str] = []
    with new_setting(ROOT, rounds=1, say=said.append, find_server=lambda: None) as setting:
        rows = measure(setting, pick(["image-sizes", "node-ready", "open-again"]))
        folder = setting.folder
    assert [row.note for row in rows if row.verdict == "not measured"] == []
    assert {"image node", "labs.open, new playground"} <= {row.name for row in rows}
    assert json.loads(json.dumps([row.to_json() for row in rows]))
    assert left_by(folder) == []
    assert not folder.exists()
    assert os.environ.get("LABS_COURSE") != str(folder)


def test_interrupted_bench_leaves_nothing() -> None:
    folders: list[Path] = []

    def interrupted() -> None:
        with new_setting(
            ROOT, rounds=1, say=lambda text: None, find_server=lambda: None
        ) as setting:
            folders.append(setting.folder)
            quiet_open()
            assert left_by(setting.folder)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert left_by(folders[0]) == []


def test_baseline_node_is_the_container_that_a_playground_makes(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = quiet_open()
    wanted = lab.node(1).container.attrs
    seen = []
    with baseline_node(setting) as baseline:
        client = setting.engine.client
        remove = type(client.containers.list()[0]).remove

        def look(container, **options):
            seen.append(container.attrs)
            remove(container, **options)

        monkeypatch.setattr(type(client.containers.list()[0]), "remove", look)
        baseline()
    (bare,) = seen
    host = ("CapAdd", "CapDrop", "SecurityOpt", "MaskedPaths", "ReadonlyPaths", "CgroupnsMode")
    assert {k: plain(bare["HostConfig"][k]) for k in host} == {
        k: plain(wanted["HostConfig"][k]) for k in host
    }
    assert bare["HostConfig"]["Privileged"] is False
    assert bare["Config"]["Cmd"] == wanted["Config"]["Cmd"]
    assert bare["Config"]["Image"] == wanted["Config"]["Image"]
    assert set(bare["NetworkSettings"]["Ports"]) == set(wanted["NetworkSettings"]["Ports"])


def plain(value: object) -> object:
    """Lists in any order and with or without the prefix, None as empty."""
    if isinstance(value, str):
        return value
    items = value if isinstance(value, list) else []
    # systempaths=unconfined is the CLI's word for empty MaskedPaths and ReadonlyPaths.
    return sorted(i.removeprefix("CAP_") for i in items if i != "systempaths=unconfined")


# Exercises that the commands must leave passed. The others want an answer, or are judged by a state that a later step
# of the lesson replaces; a new lesson gets a line here.
LEFT_PASSED = {
    "run-a-registry": {"1.1", "1.3", "1.7"},  # 1.7 pulls by tag what 1.5 wants without one
    "keep-what-you-push": {"2.6"},
    "speak-the-api": {"3.3", "3.4", "3.5", "3.7"},  # 3.1 and 3.2 want answers
    "push-more-than-images": {"4.2", "4.5", "4.7"},  # 4.3 wants an answer
    "encrypt-it": {"5.2", "5.3", "5.6"},
    "let-the-right-people-in": {"6.2", "6.5", "6.6"},
    "serve-a-swarm": {"7.1", "7.8"},  # the services of 7.2, 7.4 and 7.6 are removed later
    "guard-a-swarm": {"8.2", "8.5", "8.7", "8.8"},
    "keep-a-swarm-serving": {"9.3", "9.8"},  # 9.5 drains a node, which a later step makes active
    "cache-what-you-pull": {"10.6", "10.7"},
    # 11.6 and 11.7 know the images by digest, and the commands push others.
    "clean-up": {"11.8"},
    # 12.7 wants what the notebook pushed: an index and a signature, which `docker` does not make.
    "store-it-elsewhere": {"12.3", "12.5", "12.6"},
    "share-it": {"13.4", "13.6", "13.7", "13.8"},  # 13.2 wants an answer
    "build-on-push": {"14.1", "14.2", "14.3", "14.4", "14.6", "14.8"},  # 14.7 wants an answer
    "move-and-sign": set(),  # its checks know the images by digest, and the commands push others
    "choose-a-registry": {"16.2", "16.4"},  # 16.5 wants answers, 16.6 a file
    "assignment-secure-registry": {"50.1", "50.2", "50.4", "50.5", "50.6"},  # 50.3 wants an answer
    "run-the-registry-of-a-team": set(),  # it shows no commands
}


@pytest.mark.full
@pytest.mark.timeout(900)  # lesson 7 loses eight machines, one after the other
@pytest.mark.parametrize("lesson", all_lessons(), ids=lambda lesson: lesson.slug)
def test_blocks_of_a_lesson_run_in_order_and_do_its_exercises(lesson, setting: Setting) -> None:
    """What the commands left undone would make the lesson look slow; a block that fails raises."""
    lab = quiet_open(lesson.slug)
    run_commands(setting, lessons(ROOT, [lesson.slug])[0], lab)
    verdicts = {exercise.id: lab.verdict(exercise.id) for exercise in lesson.exercises}
    passed = {id for id, verdict in verdicts.items() if verdict.outcome == "passed"}
    assert passed >= LEFT_PASSED[lesson.slug], verdicts


@pytest.mark.full
@pytest.mark.timeout(600)
def test_class_of_a_lesson_is_graded_whole_and_counted(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(course_class, "SMALL", 1)
    monkeypatch.setattr(course_class, "LARGE", 2)
    rows = {row.name.partition(": ")[2]: row for row in course_class.of_lesson_1(setting)}
    assert rows["wrong grades"].measured == (0.0, 0.0, 0.0)
    assert all(
        value > 0 for row in rows.values() for value in row.measured + row.baseline if row.unit
    )


@pytest.mark.full
def test_class_images_counts_what_the_registry_sent_and_what_came_from_outside(
    setting: Setting,
) -> None:
    if os.geteuid() != 0 or not shutil.which("iptables") or not shutil.which("ip"):
        pytest.skip("a network of its own needs root, ip and iptables")
    taken, sent, outside = class_network.of_thirty(setting, students=2)
    assert taken.measured[0] > 0
    (each,) = (float(number) for number in re.findall(r"check (\d+) MB each", taken.note))
    assert 2 * (each - 1) < sent.measured[0] < 2.05 * (each + 1)
    assert (sent.verdict, outside.verdict) == ("met", "met")


@pytest.mark.full
def test_bytes_from_another_address_are_counted(setting: Setting) -> None:
    if os.geteuid() != 0 or not shutil.which("iptables") or not shutil.which("ip"):
        pytest.skip("a network of its own needs root, ip and iptables")
    gateway = setting.engine.client.networks.get("bridge").attrs["IPAM"]["Config"][0]["Gateway"]
    ask = f"import socket; socket.socket().connect_ex(({gateway!r}, 9))"  # refused: one packet
    with own_network() as prefix:
        class_network._count_outside(prefix)
        assert class_network._outside(prefix) == 0
        subprocess.run([*prefix, sys.executable, "-c", ask], check=True)
        assert class_network._outside(prefix) > 0
