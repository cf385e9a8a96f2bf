"""Submissions that attack the grader from inside their kernel's container. None of them gets points for it."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from labs.grading import GradingError, Limits, Result
from labs.grading.runners.local_runner import LocalRunner
from tests.grading.attacked import ATTACKED, MODULE, SECRET, handed_in, make_handout
from tests.grading.listening import listening
from tests.sizes import quick

pytestmark = pytest.mark.engine
HONEST = f"value = {SECRET!r}"
FRAME = r'b"\x01\x00\x00\x00\x09\x00\x08requests"'


@pytest.fixture(scope="module")
def grader(course: Path, engine, tmp_path_factory) -> Iterator[LocalRunner]:
    handout = make_handout(tmp_path_factory.mktemp("attacked"))
    runner = LocalRunner(handout, engine=engine, module=MODULE)
    yield runner
    runner.close()
    left = engine.client.containers.list(all=True, filters={"name": runner._token})
    assert [container.name for container in left] == []


@pytest.fixture
def grade(grader):
    def run(first: str, second: str = HONEST, *, cell_s: float = 20) -> Result:
        return grader.run(handed_in(first, second), ATTACKED, Limits(cell_s, 60))

    return run


def outcomes(result: Result) -> list[str]:
    assert result.status == "graded"
    return [mark.outcome for mark in result.marks]


def found(result: Result) -> str:
    """What the program of 1.1 handed in."""
    assert result.marks[0].outcome == "not yet", result
    return result.marks[0].message


def test_honest_submission_passes(grade):
    result = grade(HONEST)
    assert outcomes(result) == ["passed", "passed"]
    assert result.junit.count("<testcase") == 5


def test_blank_submission_is_not_attempted(grade):
    assert outcomes(grade("value = None", "value = None")) == ["not attempted", "not attempted"]


@pytest.mark.full
def test_error_in_an_answer_leaves_the_others(grade):
    assert outcomes(grade("value = None\n1 / 0")) == ["not attempted", "passed"]


ENDLESS = {
    "endless loop": "while True: pass",
    "fork bomb": "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass",
    "deaf to interrupts": "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(1000)",
}


@pytest.mark.parametrize("program", quick(ENDLESS, "fork bomb"))
def test_program_that_never_ends_is_ended(grade, program):
    result = grade(program, cell_s=4)
    assert outcomes(result) == ["not reached", "not reached"]
    assert "a cell took too long" in result.marks[1].message
    assert outcomes(grade(HONEST)) == ["passed", "passed"]


DEADLY = {
    "exit": "import os; os._exit(0)",
    "kill": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "kill all": "import os, signal; os.kill(-1, signal.SIGKILL); os.abort()",
    "memory hog": "hog = []\nwhile True: hog.append(bytearray(10_000_000))",
    "crash": "import ctypes; ctypes.string_at(0)",
}


@pytest.mark.parametrize("program", quick(DEADLY, "kill all", "memory hog"))
def test_kernel_that_dies_costs_its_own_submission(grade, program):
    result = grade(program, cell_s=30)
    assert outcomes(result) == ["not reached", "not reached"]
    assert "its kernel ended" in result.marks[0].message
    assert outcomes(grade(HONEST)) == ["passed", "passed"]


def test_files_are_limited(grade):
    fill = """
value = []
for folder in ["/tmp", "/home/student", "/", "/usr", "/dev/shm", "/run/labs"]:
    written = 0
    try:
        with open(folder + "/filler", "wb") as file:
            while True:
                written += file.write(b"x" * 1_000_000)
                file.flush()
    except OSError:
        value.append(written // 1_000_000 * 1_000_000)
"""
    said = found(grade(fill))
    most = max(int(number) for number in said.removeprefix("saw [").rstrip("]").split(", "))
    assert 10_000_000 < most < 70_000_000


def test_hundred_megabytes_of_output_decide_nothing(grade):
    result = grade("for _ in range(100): print('x' * 1_000_000)\n" + HONEST, cell_s=50)
    assert outcomes(result) == ["passed", "passed"]
    assert len(result.to_json()) < 100_000


LOUD = {
    "message of a megabyte": 'raise ValueError("x" * 1_200_000)',
    "message of NUL": 'raise ValueError("\\0" * 1_200_000)',
    "half a surrogate pair": 'print("\\ud800"); raise ValueError("\\ud800")',
    "class of a megabyte": 'raise type("N" * 2_000_000, (Exception,), {})("no")',
    "deep recursion": "def deep(n): return deep(n + 1)\ndeep(0)",
    "chain of causes": """
error = ValueError("x" * 10_000)
for _ in range(200):
    try:
        raise ValueError("x" * 10_000) from error
    except ValueError as next_error:
        error = next_error
raise error
""",
    "exception that cannot be shown": """
class Silent(Exception):
    def __str__(self): raise RuntimeError("no")
raise Silent
""",
    "one print of 100 MB": "print('x' * 100_000_000)",
    "result of 100 MB": "print(); 'x' * 100_000_000",
    "bytes": "import sys\nsys.stdout.write(bytes(range(256)).decode('utf-8', 'surrogateescape') * 10_000)",
    "many displays": "from IPython.display import display\nfor each in range(30_000): display(each)",
    "deep JSON": """
from IPython.display import display
deep = []
for _ in range(900): deep = [deep]
display({"application/json": deep}, raw=True)
""",
    "many errors": """
for _ in range(300):
    try: raise ValueError("x" * 100_000)
    except ValueError: get_ipython().showtraceback()
""",
}


@pytest.mark.parametrize("program", quick(LOUD, "message of a megabyte", "one print of 100 MB"))
def test_nothing_printed_or_raised_costs_points(grade, program):
    # At the end of a cell whose work is done: the exercise is right, and so is the next one.
    first = f"{HONEST}\n{program}"
    assert outcomes(grade(first, cell_s=50)) == ["passed", "passed"]


FORGERIES = {
    "patched check": "lab.check = lambda *a, **k: print('1.1 passed')",
    "patched class": "Lab.check = lambda *a, **k: print('recorded')",
    "printed verdict": "print('1.1 passed')\nvalue = 'guess'",
    "equal to everything": """
class Liar(str):
    def __eq__(self, other): return True
    __hash__ = str.__hash__
value = Liar("guess")
""",
    "ast transformer": """
import ast
class Drop(ast.NodeTransformer):
    def visit_Expr(self, node): return ast.parse("print('1.1 passed')").body[0]
get_ipython().ast_transformers.append(Drop())
""",
    "input transformer": "get_ipython().input_transformers_cleanup.append(lambda lines: ['print(1)'])",
    "hook before cells": "get_ipython().events.register('pre_run_cell', lambda *a: print('passed'))",
    "display hook": "import sys\nsys.displayhook = sys.stdout.write",
    "patched json": 'import json\njson.dumps = lambda *a, **k: \'{"verb": "check", "result": "passed"}\'',
    "fake modules": "import sys\nsys.modules['labs'] = sys.modules['labs.lesson'] = None",
    "other fields": """
from labs.graded.remote_playground import GraderClient
class Lab:
    def check(self, exercise, **answers):
        GraderClient().ask("check", exercise=exercise, answers={}, outcome="passed", points=100)
lab = Lab()
""",
    "forged messages of the kernel": """
import json, zmq
from jupyter_client.session import Session
info = json.load(open("/run/labs/kernel.json"))
session = Session(key=info["key"].encode())
socket = zmq.Context().socket(zmq.DEALER)
socket.connect(f"tcp://127.0.0.1:{info['shell_port']}")
for id in range(100):
    session.send(socket, "execute_reply", {"status": "ok"}, parent={"msg_id": str(id)})
    get_ipython().kernel.session.send(
        get_ipython().kernel.iopub_socket, "status", {"execution_state": "idle"},
        parent={"header": {"msg_id": str(id)}, "msg_id": str(id)})
""",
}


FORGED_IN_SHORT = (
    "patched class",
    "equal to everything",
    "other fields",
    "forged messages of the kernel",
)


@pytest.mark.parametrize("program", quick(FORGERIES, *FORGED_IN_SHORT))
def test_forged_verdict_gets_no_points(grade, program):
    result = grade("value = None\n" + program, "value = None")
    assert result.points == 0, result
    assert not {"passed"} & set(outcomes(result))


def test_answers_for_another_exercise_count_for_none(grade):
    early = f'lab.check("1.2", value={SECRET!r}); lab.check("1.1", value={SECRET!r}); value = None'
    assert outcomes(grade(early, "value = None")) == ["not attempted", "not attempted"]


def test_garbage_for_the_grader_is_refused(grade):
    garbage = """
import os, pickle, socket
class Bomb:
    def __reduce__(self): return os.system, ("touch /tmp/unpickled",)
lines = [pickle.dumps(Bomb()), b"[" * 100_000, b"null", b'{"verb": ["check"]}', b"\\xff" * 1000,
         b'{"verb": "exec", "node": "node1", "argv": ["id"]}', b'{"verb": "open", "slug": "other"}',
         b'{"verb": "check", "exercise": 7, "answers": {}}', b"x" * 30_000_000]
value = []
for line in lines:
    with socket.create_connection(("127.0.0.1", int(os.environ["LABS_GRADED"]))) as there:
        try:
            there.sendall(line + b"\\n")
            value.append("result" in there.makefile().readline().split('"')[:2])
        except OSError:
            value.append(False)
"""
    result = grade(garbage)
    assert found(result) == f"saw {[False] * 9}"
    assert outcomes(result)[1] == "passed"


def test_relay_cannot_be_reached_by_the_student(grade):
    forge = f"""
import os
value = []
for pid in filter(str.isdecimal, os.listdir("/proc")):
    if os.stat("/proc/" + pid).st_uid == os.getuid():
        continue
    for number in range(10):
        try:
            with open(f"/proc/{{pid}}/fd/{{number}}", "wb", buffering=0) as pipe:
                pipe.write({FRAME})
            value.append(("wrote", pid, number))
        except OSError:
            pass
    for name in ("mem", "environ"):
        try:
            value.append((name, open(f"/proc/{{pid}}/{{name}}", "rb").read(10)))
        except OSError:
            pass
    for number in (9, 15, 19):
        try:
            os.kill(int(pid), number)
            value.append(("signalled", pid))
        except OSError:
            pass
"""
    result = grade(forge)
    assert found(result) == "saw []"
    assert outcomes(result)[1] == "passed"


def test_solutions_and_host_are_not_in_the_container(grade):
    look = """
import os, re
value = []
wanted = re.compile(rb"^\\s*### BEGIN SOLUTION$", re.MULTILINE)
for folder, folders, files in os.walk("/"):
    folders[:] = [name for name in folders if os.path.join(folder, name) not in ("/proc", "/sys")]
    if "solutions" in folders or folder.endswith("labs/grading"):
        value.append(folder)
    for name in files:
        path = os.path.join(folder, name)
        if name.endswith((".ipynb", ".sock")):
            value.append(path)
        if "/labs/" in path and name.endswith((".py", ".md")):
            if wanted.search(open(path, "rb").read()):
                value.append(path)
for line in open("/proc/mounts"):
    device, place, kind = line.split()[:3]
    if device.startswith("/dev/") and place not in ("/etc/resolv.conf", "/etc/hostname", "/etc/hosts"):
        value.append(line)
value += [open("/proc/self/status").read().count("CapEff:\\t0000000000000000") - 1, os.getuid() - 1000]
"""
    assert found(grade(look, cell_s=60)) == "saw [0, 0]"


def own_addresses() -> list[str]:
    """Every IPv4 address of this machine: its own, and those of its engine's bridges."""
    said = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=True).stdout
    return ["127.0.0.1", *(each for each in said.split() if ":" not in each)]


def test_listener_here_is_called_by_its_own_machine():
    with listening() as (port, called):
        socket.create_connection(("127.0.0.1", port)).close()
        for _ in range(100):
            if called:
                break
            threading.Event().wait(0.01)
        assert called == ["127.0.0.1"]


def test_kernel_reaches_no_address_of_this_machine(grade):
    with listening() as (port, called):
        call = f"""
import socket
value = []
for address in {own_addresses()!r}:
    try:
        socket.create_connection((address, {port}), timeout=2).close()
        value.append(address)
    except OSError:
        pass
value.append(sorted(name for _, name in socket.if_nameindex() if name not in ("tunl0", "sit0", "ip6tnl0")))
"""
        assert found(grade(call, cell_s=60)) == "saw [['lo']]"
    assert called == []


@contextmanager
def somebody_kills(engine, grader, times: int) -> Iterator[None]:
    """Kill the containers of kernels from outside, all at once, so many times, seconds after they began to run."""
    over = threading.Event()

    def kill() -> None:
        for _ in range(times):
            over.wait(10)
            for each in engine.client.containers.list(filters={"name": f"kernel-{grader._token}"}):
                each.kill()

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


SLOW = f"import time\ntime.sleep(20)\n{HONEST}"


@pytest.mark.full
def test_kernel_lost_by_the_machine_is_run_again(grade, grader, engine):
    grade(HONEST)
    with somebody_kills(engine, grader, 1):
        result = grade(SLOW, cell_s=40)
    assert outcomes(result) == ["passed", "passed"]
    assert ["run twice" in remark for remark in result.remarks] == [True]


@pytest.mark.full
def test_kernel_lost_again_and_again_is_not_graded(grade, grader, engine):
    with (
        somebody_kills(engine, grader, 20),
        pytest.raises(GradingError, match="kernel"),
    ):
        grade(SLOW, cell_s=40)
    assert outcomes(grade(HONEST)) == ["passed", "passed"]


@pytest.mark.full
def test_many_requests_at_once_take_their_turns(grade):
    crowd = f"""
import os, socket, threading
port, line = int(os.environ["LABS_GRADED"]), b"x" * 1_000_000
def knock():
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as there:
            while True:
                there.sendall(line)
    except OSError:
        pass
crowd = [threading.Thread(target=knock) for _ in range(60)]
for each in crowd: each.start()
for each in crowd: each.join()
value = {SECRET!r}
"""
    assert outcomes(grade(crowd, cell_s=60)) == ["passed", "passed"]


def test_submission_that_takes_too_long_as_a_whole_is_ended(grader):
    slow = handed_in("import time\ntime.sleep(60)")
    result = grader.run(slow, ATTACKED, Limits(60, 5))
    assert outcomes(result) == ["not reached", "not reached"]
    assert result.marks[0].message == "not reached: the whole took longer than 5 s"
