"""Errors in a real kernel: the student's line, the message and the hint, with the frames folded below."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from docker.errors import APIError, NotFound
from nbclient import NotebookClient
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import ReadTimeout

from labs.errors import LabsError
from labs.views import error_display, error_words

ROOT = Path(__file__).parents[2]
# What the button of JupyterLab does.
STOP = "import os, threading\nthreading.Timer(0.5, os.kill, (os.getpid(), 2)).start()\n"
CELLS = {
    "begin": "from labs import views\nviews.short_tracebacks()\nviews.short_tracebacks()\nimport labs",
    "course": "ref = 'No Reference'\n\nlabs.Reference.parse(ref)",
    "frames": "%tb",
    "function": "def call():\n    labs.RegistryClient('127.0.0.1:5000')\n\ncall()",
    "earlier": "now = 1\ncall()",
    "docker": """\
from docker.errors import APIError
try:
    {}["a"]
except KeyError as error:
    raise APIError("500 Server Error for http+docker://localhost", explanation="port is allocated") from error""",
    "requests": "import requests\nrequests.get('http://127.0.0.1:1')",
    "silent": "import docker\ndocker.DockerClient('tcp://127.0.0.1:1', '1.43').containers.list()",
    "answer": "import types\nlab = types.SimpleNamespace(check=print)\nlab.check('2.3', path=path)",
    "other_name": "print(path)",
    "http": "import httpx\nhttpx.Client(trust_env=False).get('http://127.0.0.1:1')",
    "own": "1 / 0",
    "name": "import labs.waiting\nno_such_name",
    "library": "import json\njson.loads('{')",
    "callback": "labs.waiting.wait_until(lambda: 1 / 0, 'nothing')",
    "exception": "raise Exception('bare')",
    "argument": "import docker\ndocker.DockerClient('tcp://127.0.0.1:1', '1.43').containers.create('a', no_such=1)",
    "file": """\
from labs.playground.node_files import NodeFiles
class Node1(NodeFiles):
    def __init__(self): pass
    def _exec(self, argv): return 1, b"", b"cat: /nope: No such file or directory"
Node1().read_file("/nope")""",
    "waiting": f"{STOP}labs.waiting.wait_until(lambda: False, 'nothing')",
    "run": f"""\
from docker.models.containers import Container, ContainerCollection
from labs.engine.attended_run import AttendedContainers
def waits(containers, *_, **settings):
    containers.made = Container({{"Name": "/web"}})
    labs.waiting.wait_until(lambda: False, 'its end')
ContainerCollection.run = waits
{STOP}AttendedContainers().run("busybox", "sleep 100")""",
    "detached": f'{STOP}AttendedContainers().run("registry:2", detach=True)',
    "loop": f"{STOP}while True:\n    pass",
}
QUIET = ("begin",)


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cells, run once."""
    path = tmp_path_factory.mktemp("errors") / "errors.ipynb"
    cells = []
    for id, source in CELLS.items():
        cell = nbformat.v4.new_code_cell(source, id=id)
        cell.metadata["tags"] = [] if id in QUIET else ["raises-exception"]
        cells.append(cell)
    made = nbformat.v4.new_notebook(cells=cells)
    made.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    client = NotebookClient(made, timeout=60, store_widget_state=False)
    client.execute(env={**os.environ, "PYTHONPATH": str(ROOT)})
    nbformat.write(made, path)
    return path


def outputs(path: Path, id: str) -> list[nbformat.NotebookNode]:
    cells = nbformat.read(path, as_version=4).cells
    return list(next(cell.outputs for cell in cells if cell.id == id))


def plain(error: nbformat.NotebookNode) -> list[str]:
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error.traceback)).splitlines()


@pytest.mark.process
def test_error_of_the_course_is_line_message_and_hint_with_the_frames_folded(notebook: Path):
    error, frames = outputs(notebook, "course")
    assert error.output_type == "error"
    assert (error.ename, error.evalue.splitlines()[0]) == (
        "InvalidReference",
        "invalid reference 'No Reference': a repository is written in lower case",
    )
    assert plain(error) == [
        "Your cell, line 3:",
        "    labs.Reference.parse(ref)",
        "InvalidReference: invalid reference 'No Reference': a repository is written in lower case",
        "Hint: a good one: registry.lab/team/my-app:1.0",
    ]
    html = frames.data["text/html"]
    assert html.startswith("<details><summary>Where it was raised</summary>")
    assert "labs/registry/reference.py, line" in html
    assert str(ROOT) not in html
    assert frames.data["text/plain"] == "%tb prints where it was raised"


@pytest.mark.process
def test_line_in_a_function_of_the_notebook_is_told_with_the_call(notebook: Path):
    assert plain(outputs(notebook, "function")[0])[:4] == [
        "Your cell, line 4:",
        "    call()",
        "Your cell, line 2, in call:",
        "    labs.RegistryClient('127.0.0.1:5000')",
    ]


@pytest.mark.process
def test_errors_of_docker_and_http_clients_are_short_with_their_causes_folded(notebook: Path):
    error, frames = outputs(notebook, "docker")
    assert plain(error)[-1] == "APIError: port is allocated"
    assert "KeyError: &#x27;a&#x27;" in frames.data["text/html"]
    error, frames = outputs(notebook, "requests")
    assert plain(error)[-1].startswith("ConnectionError: "), "what was asked is not an engine"
    error, frames = outputs(notebook, "silent")
    assert plain(error)[-2] == "ConnectionError: the engine at 127.0.0.1:1 does not answer"
    assert plain(error)[-1].startswith("Hint: in a new cell, lab = labs.open")
    assert "Connection refused" in frames.data["text/html"]
    assert "urllib3/" in frames.data["text/html"]
    assert plain(outputs(notebook, "http")[0])[-1].startswith("ConnectError: ")
    for id in ("docker", "requests", "http"):
        assert len(plain(outputs(notebook, id)[0])) < 6


@pytest.mark.process
def test_line_in_a_function_of_an_earlier_cell_is_told_as_such(notebook: Path):
    assert plain(outputs(notebook, "earlier")[0])[:4] == [
        "Your cell, line 2:",
        "    call()",
        "An earlier cell, line 2, in call:",
        "    labs.RegistryClient('127.0.0.1:5000')",
    ]


@pytest.mark.process
def test_check_whose_answer_no_cell_has_set_says_to_run_that_cell(notebook: Path):
    assert plain(outputs(notebook, "answer")[0]) == [
        "Your cell, line 3:",
        "    lab.check('2.3', path=path)",
        "NameError: name 'path' is not defined",
        "Hint: no cell that was run has set path: run the cell above this one first",
    ]


OWN = {
    "other_name": "NameError",
    "own": "ZeroDivisionError",
    "name": "NameError",
    "library": "JSONDecodeError",
    "callback": "ZeroDivisionError",
    "exception": "Exception",
}


@pytest.mark.process
@pytest.mark.parametrize("id", OWN)
def test_error_of_the_students_own_line_or_library_is_as_ever(notebook: Path, id: str):
    (error,) = outputs(notebook, id)
    assert error.ename == OWN[id]
    assert "Traceback (most recent call last)" in plain(error)[1]


@pytest.mark.process
@pytest.mark.parametrize(
    ("id", "last"),
    [
        (
            "argument",
            "TypeError: run() got an unexpected keyword argument 'no_such'",
        ),
        ("file", "FileNotFoundError: cat: /nope: No such file or directory"),
    ],
)
def test_error_of_any_kind_out_of_a_package_is_short(notebook: Path, id: str, last: str):
    error, frames = outputs(notebook, id)
    assert len(plain(error)) == 3
    assert plain(error)[-1] == last
    assert "Where it was raised" in frames.data["text/html"]


STOPPED = {
    "waiting": "what it started may still run: docker.containers.list() shows it",
    "loop": "what it started may still run: docker.containers.list() shows it",
    "detached": "what it started may still run: docker.containers.list() shows it",
    "run": 'container web may still run: docker.containers.get("web").remove(force=True) removes it; '
    "with detach=True, run does not wait for its end",
}


@pytest.mark.process
@pytest.mark.parametrize("id", STOPPED)
def test_interrupt_is_the_line_that_it_stopped_and_what_may_still_run(notebook: Path, id: str):
    error, frames = outputs(notebook, id)
    assert error.ename == "KeyboardInterrupt"
    line, code, *_ = shown = plain(error)
    assert line.startswith("Your cell, line ")
    assert code.strip() in CELLS[id].splitlines()[-1] or id == "loop"
    assert shown[-2:] == ["KeyboardInterrupt: this cell was stopped", f"Hint: {STOPPED[id]}"]
    assert len(shown) <= 6
    assert "Where it was raised" in frames.data["text/html"]


@pytest.mark.process
def test_frames_can_be_printed(notebook: Path):
    assert "_check_repository" in "".join(plain(outputs(notebook, "frames")[0]))


@pytest.mark.process
def test_stored_errors_are_the_same_under_nbval(notebook: Path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbval",
        "-q",
        "-p",
        "no:cacheprovider",
        str(notebook),
    ]
    ran = subprocess.run(
        command, cwd=notebook.parent, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout[-3000:]


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


MESSAGES = {
    "hint": (LabsError("seen", hint="do"), ("seen", "do")),
    "explanation": (
        NotFound("404 for http+docker://x", explanation="No such container: x"),
        "No such container: x",
    ),
    "no explanation": (APIError("500 Server Error"), "500 Server Error"),
    "no words": (NoConnection(), "ConnectionError"),
    "long": (APIError("x", explanation="y" * 5000), "y" * 1000 + "…"),
}


@pytest.mark.parametrize(("error", "wanted"), MESSAGES.values(), ids=MESSAGES)
def test_message_is_what_was_said_and_no_more(error, wanted):
    message, hint = (error_words.message(error), error_words.hint(error, error.__traceback__, {}))
    assert (message, hint) == wanted if isinstance(wanted, tuple) else message == wanted


def test_answer_that_took_too_long_is_not_called_silence():
    sdk = {"__name__": "docker.api.container", "error": ReadTimeout("Read timed out. (timeout=1)")}
    with pytest.raises(ReadTimeout) as raised:
        exec("raise error", sdk)
    assert error_words.message(raised.value) == "Read timed out. (timeout=1)"
    sdk["error"] = NoConnection("HTTPSConnectionPool(…)")
    with pytest.raises(NoConnection) as raised:
        exec("raise error", sdk)
    assert error_words.message(raised.value) == "the engine does not answer"


def test_error_without_a_line_of_the_notebook_has_its_message():
    error = raised(LabsError("seen", hint="do"))
    lines = error_display.brief(error, error.__traceback__, {})
    assert [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines] == [
        "LabsError: seen",
        "Hint: do",
    ]


def test_frames_are_escaped_and_as_text_a_command():
    view = error_display.frames_view(raised(LabsError("<b>seen</b>")), {})
    assert "<b>" not in view.html
    assert view.text == "%tb prints where it was raised"


def test_outside_a_notebook_nothing_is_installed():
    error_display.short_tracebacks()
