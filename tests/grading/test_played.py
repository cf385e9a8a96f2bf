"""Lesson 1 graded as a class would hand it in: right, blank, wrong, and attacks by way of the student's own node."""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest

from labs.grading import Limits, Result, Submission
from labs.grading.runners.local_runner import LocalRunner
from labs.grading.submissions.handout import Handout
from tests.grading.sandbox.test_confined import listening, own_addresses
from tests.sizes import quick

pytestmark = pytest.mark.engine
MATERIAL = Handout()
LESSON = MATERIAL.lessons["run-a-registry"]


@pytest.fixture(scope="module")
def grader(course: Path, engine) -> Iterator[LocalRunner]:
    runner = LocalRunner(MATERIAL, engine=engine)
    yield runner
    runner.close()
    client = engine.client
    left = [*client.containers.list(all=True), *client.volumes.list(), *client.networks.list()]
    assert [each.name for each in left if runner._token in each.name] == []


def answers() -> dict[str, str]:
    notebook = nbformat.read(MATERIAL.solution(LESSON), as_version=4)
    wanted = {task.cell for task in LESSON.tasks}
    return {cell.id: cell.source for cell in notebook.cells if cell.id in wanted}


@pytest.fixture
def grade(grader):
    def run(**changed: str) -> Result:
        """Grade the solution with these cells in the place of its own: `a1` for answer-1-1."""
        mine = {**answers(), **{f"answer-1-{name[1:]}": text for name, text in changed.items()}}
        sent = Submission("eve", LESSON.slug, "", mine)
        return grader.run(sent, LESSON, Limits(60, 300))

    return run


def outcomes(result: Result) -> dict[str, str]:
    assert result.status == "graded"
    return {mark.exercise: mark.outcome for mark in result.marks}


def test_solution_passes_and_blank_is_not_attempted(grade, grader):
    assert set(outcomes(grade()).values()) == {"passed"}
    blank = grader.run(Submission("eve", LESSON.slug, ""), LESSON, Limits(60, 300))
    assert set(outcomes(blank).values()) == {"not attempted"}


@pytest.mark.full
def test_later_exercise_may_tear_down_what_an_earlier_one_built(grade):
    assert outcomes(grade(a6='lab.remove("shelf")\nchoice = "b"'))["1.5"] == "passed"


EVERYTHING = """
node = lab.node()
node.write_file("/srv/a/b", bytes(range(256)))
said = [node.read_file("/srv/a/b") == bytes(range(256)), node.exec(["sh", "-c", "exit 3"]).exit_code]
try:
    node.read_file("/nowhere")
except FileNotFoundError:
    said.append("no file")
node.configure_engine({"labels": ["a=b"]})
said.append(docker.info()["Labels"])
node.reload_engine({"labels": ["c=d"]})
said.append(docker.info()["Labels"])
try:
    node.reload_engine({"registry-mirrors": ["node1:5000"]})
except labs.LabsError as error:
    said.append("unsupported scheme" in error.message)
node.stop()
said.append(node.status)
node.start()
node.wait()
node.cut()
said += [node.status, node.docker.ping()]
node.heal()
said.append(node.status)
lab.store.make_bucket("mine")
said += [lab.store.objects("mine"), lab.store.answers()]
try:
    lab.store.make_bucket("../mine")
except labs.LabsError:
    said.append("no bucket")
ada = lab.hub.sign_up("ada", "ada-password")
said.append(ada.get("/v2/namespaces/ada/repositories").json()["count"])
said.append(docker.login("ada", "ada-password", registry="hub.lab")["Status"])
said.append(docker.images.get("alpine/git").tags)
try:
    lab.hub.log_in("ada", "another")
except labs.LabsError as error:
    said.append(error.message)
lab.shell()
choice = "-".join(map(str, said))
"""


def test_notebook_can_do_all_that_it_can_at_home(grade):
    result = grade(a6=EVERYTHING)
    said = next(mark.message for mark in result.marks if mark.exercise == "1.6")
    wanted = "True-3-no file-['a=b']-['c=d']-True-stopped-cut-True-running-[]-True-no bucket-0-Login Succeeded"
    assert wanted in said.replace('"', "'").replace("\\'", "'"), result


NOTHING_DONE = {
    "lab.check patched": 'lab.check = lambda *a, **k: print("1.1 passed")',
    "labs patched": """
import labs.graded.graded_lab
labs.graded.graded_lab.GradedLab.check = lambda *a, **k: print("1.1 passed")
""",
    "fake docker": """
import sys, types
class Anything(types.ModuleType):
    def __getattr__(self, name): return Anything(name)
    def __call__(self, *a, **k): return Anything("x")
sys.modules["docker"] = Anything("docker")
docker = Anything("docker")
""",
    "served in the kernel": """
import http.server, threading
server = http.server.ThreadingHTTPServer(("127.0.0.1", 5001), http.server.SimpleHTTPRequestHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
""",
}


@pytest.mark.parametrize("program", quick(NOTHING_DONE, "served in the kernel"))
def test_claims_about_a_registry_that_was_not_run_decide_nothing(grade, program):
    found = outcomes(grade(a1=program, a3="pass", a5="pass", a7="pass"))
    assert [found[id] for id in ("1.1", "1.3", "1.5", "1.7")] == ["not attempted"] * 4


MADE_UP = """
import hashlib, json
config = json.dumps({"config": {"Cmd": ["sh"]}, "rootfs": {"type": "layers", "diff_ids": []}})
digest = "sha256:" + hashlib.sha256(config.encode()).hexdigest()
kind = "application/vnd.docker.distribution.manifest.v2+json"
manifest = json.dumps({"schemaVersion": 2, "mediaType": kind, "layers": LAYERS,
    "config": {"mediaType": "application/json", "digest": digest, "size": len(config)}})
node = lab.node()
for path, text in {
    "index.html": "{}", "_catalog": '{"repositories": ["tools/busybox"]}',
    "tools/busybox/tags/list": '{"tags": ["1.37"]}',
    "tools/busybox/manifests/1.37": manifest, "tools/busybox/blobs/" + digest: config,
}.items():
    node.write_file("/srv/made-up/v2/" + path, text)
docker.images.pull("busybox", tag="latest")
lab.remove("shelf")
docker.containers.run("busybox", ["httpd", "-f", "-p", "5000", "-h", "/www"], name="shelf",
    detach=True, ports={"5000/tcp": 5001}, volumes=["/srv/made-up:/www:ro"])
lab.wait(5001)
"""
LAYERS = {
    "none": "[]",
    "unserved": '[{"mediaType": "x", "digest": "sha256:" + 64 * "0", "size": 9}]',
}


@pytest.mark.parametrize("layers", quick(LAYERS, "unserved"))
def test_registry_that_makes_up_its_answers_has_no_image(grade, layers):
    found = outcomes(grade(a1=MADE_UP.replace("LAYERS", layers), a3="pass", a5="pass", a7="pass"))
    assert found["1.3"] == "not yet"
    assert found["1.5"] == "not attempted"


BROKEN = {
    "the engine is killed": 'lab.node().exec(["sh", "-c", "kill -9 $(cat /run/docker.pid)"])',
    "an answer never ends": """
lab.remove("shelf")
words = "#!/bin/sh\\nprintf 'HTTP/1.1 200 OK\\\\r\\\\n\\\\r\\\\n'\\nexec cat /dev/zero\\n"
lab.node().write_file("/srv/endless", words, mode=0o755)
ear = "socat TCP-LISTEN:5001,fork,reuseaddr EXEC:/srv/endless >/dev/null 2>&1 &"
lab.node().exec(["sh", "-c", ear])
""",
}


@pytest.mark.parametrize("program", quick(BROKEN, "the engine is killed"))
def test_playground_that_the_student_broke_gets_no_points_twice(grade, program):
    result = grade(a1=program, a3="pass", a5="pass", a7="pass")
    assert outcomes(result)["1.1"] == "not yet", result
    assert any("run twice" in remark for remark in result.remarks)
    assert result.marks[0].points == 0
    assert set(outcomes(grade()).values()) == {"passed"}


@contextmanager
def another_network(engine) -> Iterator[str]:
    """Address of a listener on a network of its own, as another student's node has one."""
    network = engine.client.networks.create("labs-test-another")
    try:
        container = engine.client.containers.run(
            "registry-course/busybox:1.37",
            ["httpd", "-f", "-p", "7777"],
            detach=True,
            network=network.name,
        )
        try:
            container.reload()
            networks = container.attrs["NetworkSettings"]["Networks"]
            yield networks[network.name]["IPAddress"]
        finally:
            container.remove(force=True)
    finally:
        network.remove()


def test_listener_on_another_network_is_called_by_its_own_machine(engine):
    with another_network(engine) as address:
        for _ in itertools.repeat(None, 100):
            try:
                socket.create_connection((address, 7777), timeout=2).close()
                return
            except ConnectionRefusedError:
                time.sleep(0.05)
        pytest.fail("it cannot be called at all, so that nobody calls it proves nothing")


def test_node_reaches_neither_this_machine_nor_another_network(grade, engine):
    with listening() as (port, called), another_network(engine) as address:
        places = [*((each, port) for each in own_addresses()), (address, 7777)]
        reach = f"""
import os
reached = []
bash = ["timeout", "2", "bash", "-c"]
gateway = lab.node().exec(["sh", "-c", "cut -f3 /proc/net/route | grep -v -e Gateway -e 00000000"]).stdout
words = [bytes.fromhex(each)[::-1] for each in gateway.split()]
gateways = [(".".join(str(byte) for byte in each), {port}) for each in words]
docker.images.pull("busybox", tag="latest")
for host, port in {places!r} + gateways:
    if host != "127.0.0.1" and not lab.node().exec([*bash, f"</dev/tcp/{{host}}/{{port}}"]).exit_code:
        reached.append(host)
    try:
        docker.containers.run("busybox", ["nc", "-w", "2", host, str(port), "-e", "true"], network="host", remove=True)
        reached.append("from a container: " + host)
    except Exception:
        pass
lab.node().write_file("/srv/reached", repr(reached) + " of " + str(len(gateways)))
choice = lab.node().read_file("/srv/reached").decode()
"""
        result = grade(a6=reach)
    assert called == []
    asked = next(mark for mark in result.marks if mark.exercise == "1.6")
    assert "'[] of 1'" in asked.message.replace('"', "'"), asked
