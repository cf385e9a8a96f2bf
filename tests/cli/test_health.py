"""Each finding of `labs doctor`, made true by facts: nothing is looked at."""

from __future__ import annotations

import pytest

from labs.cli import health
from labs.cli.doctor import lines
from labs.cli.health import Diagnosis, EngineFacts, Facts, diagnose, healthy

GB = 10**9
ENGINE = EngineFacts("26.1.5", 'context "default"', "unix:///run/docker.sock", cgroup="2")
FINE = Facts(
    engine=ENGINE,
    kernel="6.1.0",
    ipvs="there",
    isolation=("root in a node is a user without rights on the host", ""),
    free_bytes={"the engine and the course": 50 * GB},
    memory_bytes=8 * GB,
    hub=True,
    debian=True,
    node=1.25,
)


def facts(**changes: object) -> Facts:
    return Facts(**{**FINE.__dict__, **changes})


def finding(subject: str, **changes: object) -> Diagnosis:
    found = [each for each in diagnose(facts(**changes)) if each.subject == subject]
    assert len(found) == 1
    return found[0]


def test_everything_fine_is_healthy_and_asks_for_nothing():
    found = diagnose(FINE)
    assert {each.state for each in found} == {"ok"}
    assert not any(each.todo for each in found)
    assert healthy(found)


PROBLEMS = [
    (
        "engine",
        {"engine": None, "engine_error": ("no engine answers", "do it")},
        "no engine answers",
    ),
    ("capabilities", {"capabilities_missing": ("SYS_ADMIN", "LEASE")}, "missing: SYS_ADMIN"),
    ("disk", {"free_bytes": {"the engine": GB // 2}}, "0.5 GB free for the engine"),
    ("memory", {"memory_bytes": 2 * 10**8}, "0.2 GB free"),
    ("images", {"images_missing": ("a", "b")}, "missing: a, b"),
    ("node", {"node": ("no space left", "free some")}, "no space left"),
]


@pytest.mark.parametrize(("subject", "changes", "seen"), PROBLEMS)
def test_problem_is_told_with_the_one_thing_to_do(subject: str, changes: dict, seen: str):
    found = finding(subject, **changes)
    assert (found.state, found.seen) == ("problem", seen)
    assert found.todo
    assert not healthy(diagnose(facts(**changes)))


NOTES = [
    ("engine", {"engine": EngineFacts("26", "x", "y", security=("name=rootless",))}, "rootless"),
    (
        "engine",
        {"engine": EngineFacts("26", "embedded", "y"), "variables": ("DOCKER_HOST",)},
        "the one that DOCKER_HOST names does not answer",
    ),
    ("kernel", {"ipvs": "missing"}, "swarm lessons put an edge"),
    ("capabilities", {"capabilities_missing": ("SYS_RESOURCE",)}, "without SYS_RESOURCE"),
    ("disk", {"free_bytes": {"the engine": 2 * GB}}, "2.0 GB free"),
    ("memory", {"memory_bytes": GB // 2}, "0.5 GB free"),
    ("ports", {"lab_port": "taken"}, "next free port"),
    ("ports", {"airplay": True}, "AirPlay"),
    ("images", {"images_stale": ("a",)}, "out of date: a"),
    ("network", {"hub": False, "debian": False}, "run offline"),
    ("network", {"hub": None, "debian": None}, "not looked at"),
    ("environment", {"variables": ("SSL_CERT_FILE",)}, "set: SSL_CERT_FILE"),
    ("environment", {"dead_files": ("SSL_CERT_FILE=/x",)}, "no such file: SSL_CERT_FILE=/x"),
    ("leftovers", {"strays": ("/gone",)}, "/gone"),
    ("node", {"node": None}, "not tried"),
]


@pytest.mark.parametrize(("subject", "changes", "seen"), NOTES)
def test_note_does_not_keep_lessons_from_running(subject: str, changes: dict, seen: str):
    found = finding(subject, **changes)
    assert found.state == "note"
    assert seen in found.seen
    assert healthy(diagnose(facts(**changes)))


@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        ({"ipvs": "loadable"}, "6.1.0, cgroup v2, IPVS loads when it is asked for"),
        ({"ipvs": ""}, "6.1.0, cgroup v2, IPVS cannot be seen from here"),
        ({"engine": None}, "6.1.0, IPVS is there"),
    ],
)
def test_kernel_says_what_is_known_of_it(changes: dict, seen: str):
    assert finding("kernel", **changes).seen == seen


def test_images_that_are_being_made_are_no_problem_once_a_node_can_run():
    coming = {"images_missing": ("a",), "images_step": "a: Step 2/9"}
    found = finding("images", **coming)
    assert found.state == "note"
    assert found.seen == "missing: a; they are being made now: a: Step 2/9"
    assert "waits for it" in found.todo
    assert finding("images", **coming, node=None).state == "problem"


def test_images_whose_making_failed_are_told_with_the_reason():
    found = finding("images", images_missing=("a",), images_error="failed: no space left")
    assert found.state == "problem"
    assert found.seen == "missing: a; the last try failed: no space left"
    assert "make start" in found.todo


def test_images_missing_without_any_network_come_from_a_bundle():
    offline = {"images_missing": ("a",), "hub": False}
    assert "labs images load" in finding("images", **offline, debian=False).todo
    assert "make start" in finding("images", **offline, debian=True).todo


def test_debian_alone_is_network_enough():
    assert finding("network", hub=False).state == "ok"


def test_isolation_is_told_and_keeps_no_lesson_from_running():
    seen = ("root in a node could change settings of the kernel", "install Sysbox")
    (found,) = [each for each in diagnose(facts(isolation=seen)) if each.subject == "isolation"]
    assert (found.state, found.seen, found.todo) == ("note", *seen)


def test_own_jupyterlab_on_its_port_is_fine():
    assert finding("ports", lab_port="ours").state == "ok"


def test_python_that_is_too_old_is_a_problem():
    assert health.python((3, 10, 4)).state == "problem"
    assert health.python((3, 11, 0)).state == "ok"


def test_every_disk_is_told():
    free = {"the engine": 2 * GB, "the course": 50 * GB}
    states = [each.state for each in diagnose(facts(free_bytes=free)) if each.subject == "disk"]
    assert states == ["note", "ok"]


def test_long_findings_are_wrapped_below_their_column():
    text = lines(Diagnosis("engine", "problem", "word " * 40, "do " * 60))
    assert max(len(line) for line in text) <= 100
    assert text[0].startswith("problem engine        word")
    assert all(line.startswith(" " * 22) for line in text[1:])
    assert next(line for line in text if "->" in line).strip().startswith("-> do do")
