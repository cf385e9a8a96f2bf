"""More attacks on grades: on those of others, on the machine that judges, and ways never to be graded."""

from __future__ import annotations

import http.server
import json
import platform
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from labs.grading import GradingError, Limits
from labs.grading.runners.local_runner import SETUP_ALLOWANCE_S, LocalRunner
from labs.grading.sandbox import disk_quota
from labs.grading.sandbox.channel import LoopThread
from labs.grading.sandbox.check_process import CHECK_TIMEOUT_S
from labs.grading.sandbox.isolated_playground import IsolatedPlayground
from labs.grading.sandbox.kernel_api import KernelApi
from labs.grading.sandbox.nbval_plugin import NbvalPlugin
from labs.lessons import find as find_lesson
from labs.lessons.assignment_secure_registry.access_probe import RegistryProbe
from labs.lessons.common import check_http
from labs.registry import RegistryClient, RegistryError
from labs.waiting import wait_until
from tests.grading.attacked import ATTACKED, MODULE, handed_in, make_handout

Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


@contextmanager
def serving(answer: Answer) -> Iterator[tuple[str, list[http.server.BaseHTTPRequestHandler]]]:
    """A server of HTTP here that answers so: its address, and all requests that came."""
    came = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            came.append(self)
            answer(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    for method in ("do_POST", "do_DELETE"):
        setattr(Handler, method, Handler.do_GET)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", came
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def reply(status: int, body: bytes = b"{}", **headers: str) -> Answer:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def test_cookie_of_one_students_registry_goes_to_no_others():
    cookie = reply(200, Set_Cookie="all=" + "x" * 9000)
    with serving(cookie) as (first, _), serving(cookie) as (second, came):
        for url in (first, second, second):
            answer = check_http.ask(url)
            assert answer is not None
            assert "set-cookie" in answer.headers
    assert [each.headers.get("Cookie") for each in came] == [None, None]


def test_next_page_of_a_registry_is_never_on_another_host():
    with serving(reply(200)) as (elsewhere, called):
        host = elsewhere.removeprefix("http://")
        page = reply(200, b'{"repositories": []}', Link=f'<x:@{host}/v2/>; rel="next"')
        with serving(page) as (registry, _), pytest.raises(RegistryError, match="circle"):
            RegistryClient(registry).catalog()
    assert called == []


def test_upload_that_is_taken_back_is_never_on_another_host():
    with serving(reply(200)) as (elsewhere, called):
        host = elsewhere.removeprefix("http://")
        with serving(reply(202, Location=f"x:@{host}/v2/")) as (registry, came):
            node = SimpleNamespace(url=lambda _port: registry)
            assert RegistryProbe(node).begins_upload("mine", ("moby", "gordon")) == 202
    assert called == []
    assert [each.command for each in came] == ["POST", "DELETE"]


FENCED = """
import sys
from labs.engine import Engine
from labs.grading.sandbox.check_process import EgressGuard
from labs.registry import RegistryClient, RegistryError
url, port, engine = sys.argv[1:]
guard = EgressGuard(Engine(None, "", engine, ""))
guard.allow([int(port)])
try:
    print(RegistryClient(url).catalog())
except RegistryError as error:
    print("refused:", error)
"""


def fenced(url: str, engine: str = "unix:///run/docker.sock") -> str:
    """What a process says that may ask at `url` alone, and asks there."""
    port = url.rpartition(":")[2]
    command = [sys.executable, "-c", FENCED, url, port, engine]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


@pytest.mark.process
@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_redirect_of_a_registry_leads_nowhere(name):
    with serving(reply(200, b'{"repositories": ["stolen"]}')) as (elsewhere, called):
        there = elsewhere.replace("127.0.0.1", name)
        with serving(reply(307, Location=f"{there}/v2/_catalog")) as (registry, came):
            assert fenced(registry).startswith("refused:")
            assert len(came) == 1
        assert fenced(elsewhere) == "['stolen']\n"
    assert len(called) == 1


def test_names_of_exercises_that_there_are_none_of_are_not_kept():
    plugin = NbvalPlugin(ATTACKED, SimpleNamespace(), lambda *_: None)
    for number in range(100):
        plugin.record("x" * number, {})
    plugin.record("1.1", {"value": 1})
    assert plugin._given == {"1.1": {"value": 1}}


@pytest.mark.parametrize("limits", [Limits(), Limits(5, 50)], ids=["usual", "short"])
def test_answers_that_never_come_end_before_the_worker_would(limits):
    """A submission runs twice; each time the last check may begin at the end of it, and take all of its patience."""
    assert 2 * (limits.whole_s + CHECK_TIMEOUT_S) + 60 < 2 * limits.whole_s + SETUP_ALLOWANCE_S


NO_ANSWER = {
    "not a number": '{"value": NaN}',
    "infinite": '{"value": [1e999]}',
    "too deep for who reads it next": '{"value": ' + 900 * "[" + 900 * "]" + "}",
    "too deep in another way": '{"value": ' + 60 * '{"a": [' + 60 * "]}" + "}",
}


@pytest.mark.parametrize("answers", NO_ANSWER.values(), ids=NO_ANSWER)
def test_answers_that_the_grader_could_not_hand_on_are_refused(answers):
    taken = []
    api = KernelApi(None, ATTACKED.slug, lambda *given: taken.append(given))
    for each in (answers, '{"value": [[{"a": [1, "b", null]}]]}'):
        order = f'{{"verb": "check", "exercise": "1.1", "answers": {each}}}'
        api.reply(order.encode())
    assert taken == [("1.1", {"value": [[{"a": [1, "b", None]}]]})]


# A program of 22 bytes that writes into memory for ever: smaller than all else in the container, it is killed last.
GLUTTON = """
import os, struct, time
code = bytes.fromhex("bf090000004889e6ba00080000b8010000000f05ebea")
head = b"\x7fELF\x02\x01\x01" + bytes(9)
head += struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0x400078, 64, 0, 0, 64, 56, 1, 0, 0, 0)
size = 120 + len(code)
head += struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, size, size, 4096)
program = os.memfd_create("program", 0)
os.write(program, head + code)
os.dup2(os.memfd_create("food", 0), 9)
if os.fork() == 0:
    os.setsid()
    os.execve(program, ["program"], {})
time.sleep(200)
"""


@pytest.mark.full
@pytest.mark.engine
@pytest.mark.skipif(platform.machine() != "x86_64", reason="its program is one for x86-64")
def test_memory_filled_until_the_container_ends_is_no_failure_of_the_machine(
    course: Path, engine, tmp_path
):
    runner = LocalRunner(make_handout(tmp_path), engine=engine, module=MODULE)
    try:
        result = runner.run(handed_in(GLUTTON), ATTACKED, Limits(200, 240))
    finally:
        runner.close()
    assert [mark.outcome for mark in result.marks] == ["not reached", "not reached"]


def test_playground_is_not_made_anew_once_it_is_closed(monkeypatch):
    isolated = IsolatedPlayground.__new__(IsolatedPlayground)
    isolated._changes, isolated._closed = threading.RLock(), False
    isolated._engine, isolated._label = SimpleNamespace(client=None), "0-1"
    isolated.slug = "run-a-registry"
    monkeypatch.setattr(
        "labs.grading.sandbox.isolated_playground.cgroup_of",
        lambda *_: SimpleNamespace(remove=lambda: None),
    )
    done = []
    isolated._playground = SimpleNamespace(
        nodes=[], close=lambda: done.append("closed"), remaining=list
    )
    isolated.close()
    with pytest.raises(GradingError, match="closed"):
        isolated.reset()
    with pytest.raises(GradingError, match="closed"):
        _ = isolated.store
    assert done == ["closed"]


@pytest.fixture
def loop() -> Iterator[LoopThread]:
    one = LoopThread()
    yield one
    one.close()


LIFT = """
cd /sys/fs/cgroup/memory && echo 3000000000 >memory.memsw.limit_in_bytes && echo 3000000000 >memory.limit_in_bytes
"""


@pytest.mark.engine
def test_node_that_lifts_its_own_limits_is_told(course: Path, engine, loop):
    playground = IsolatedPlayground(engine, loop, find_lesson("run-a-registry"), "gtest-lift")
    told, came = [], threading.Event()
    try:
        node = playground.nodes[0]
        assert not disk_quota.limits_were_lifted(node.container)
        if node.exec(["sh", "-c", LIFT]).exit_code:
            pytest.skip("the kernel lets nobody in a node lift its limits")
        with disk_quota.DiskQuota(engine, playground, lambda why: (told.append(why), came.set())):
            assert came.wait(20)
    finally:
        playground.close()
    assert told == ["the limits of a node were lifted"]


@pytest.mark.parametrize(("held", "guilty"), [(10_000_000, False), (2_000_000_000, True)])
def test_disk_that_was_full_meanwhile_is_the_fault_of_who_filled_it(monkeypatch, held, guilty):
    looks = iter([disk_quota.FreeSpace(10**9), disk_quota.FreeSpace(10**6)])
    monkeypatch.setattr(
        disk_quota.FreeSpace, "of", lambda _engine: next(looks, disk_quota.FreeSpace(10**9))
    )
    monkeypatch.setattr(disk_quota.DiskUsage, "bytes_used", lambda _self, _most: held)
    monkeypatch.setattr(disk_quota, "_INTERVAL_S", 0.02)
    told = []
    with disk_quota.DiskQuota(SimpleNamespace(), SimpleNamespace(nodes=[]), told.append) as seen:
        wait_until(lambda: seen.disk_was_full or told, "the quota to be checked", timeout_s=10)
    assert (bool(told), seen.disk_was_full) == (guilty, not guilty)


@pytest.mark.engine
def test_process_that_judges_calls_nothing_but_ports_of_its_playground(course: Path, engine):
    with serving(reply(200, b'{"repositories": ["seen"]}')) as (url, called):
        order = {"slug": "calling", "task": "1.1", "answers": {"url": url}, "label": ""}
        ports = {"node1": [[5000, int(url.rpartition(":")[2])]]}
        asked = [json.dumps({**order, "ports": each}) for each in ({}, ports, {})]
        done = subprocess.run(
            [sys.executable, "-m", "labs.grading.sandbox.check_process", "tests.grading.client"],
            input="\n".join(asked) + "\n",
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["outcome"] for each in said] == ["unavailable", "passed", "unavailable"]
    assert said[1]["message"] == "['seen']"
    assert len(called) == 1


FREEZE = """
cd /sys/fs/cgroup/freezer && mkdir x && { sleep 999 & } && echo $! >x/tasks && echo FROZEN >x/freezer.state
"""


@pytest.mark.full
@pytest.mark.engine
def test_node_with_something_frozen_in_it_is_removed(course: Path, engine, loop):
    playground = IsolatedPlayground(engine, loop, find_lesson("run-a-registry"), "gtest-frozen")
    try:
        said = playground.nodes[0].exec(["sh", "-c", FREEZE])
    finally:
        playground.close()
    if said.exit_code:
        pytest.skip(f"nothing can be frozen in a node here: {said.stderr}")
