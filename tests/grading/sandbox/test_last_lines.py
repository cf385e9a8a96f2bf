"""What feedback shows of an error: the message first, then the last lines; from what IPython really sends."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

from labs.grading.sandbox.nbval_plugin import last_lines


@pytest.fixture
def raised(monkeypatch):
    """Runs a cell in an IPython shell of its own; gives the message `error` that a kernel would send."""
    shell = InteractiveShell()
    found = {}

    def keep(kind, value, lines):
        found.update(ename=kind.__name__, evalue=str(value), traceback=lines)

    monkeypatch.setattr(shell, "_showtraceback", keep)

    def run(code):
        shell.run_cell(code, store_history=True)
        return last_lines(found).splitlines()

    return run


def test_syntax_error_says_what_and_where(raised):
    first, *rest = raised("x = 1\nx = = 1")
    assert first.startswith("SyntaxError: invalid syntax")
    assert [line.strip() for line in rest][1:] == ["x = = 1", "^"]
    assert rest[0].endswith((", line 2", ":2"))  # a kernel names the cell, a plain shell a file


@pytest.mark.parametrize(
    ("code", "first"),
    [
        ("if True:\nx = 1", "IndentationError: expected an indented block"),
        ("x = 'abc", "SyntaxError: unterminated string literal"),
        ("x = 1\nnope", "NameError: name 'nope' is not defined"),
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("raise ValueError", "ValueError"),
        ("raise RuntimeError('a\\nb')", "RuntimeError: a"),
    ],
)
def test_message_is_the_first_line(raised, code, first):
    assert raised(code)[0].startswith(first)


def test_error_of_the_course_keeps_message_and_hint_and_the_students_line(raised):
    lines = raised(
        "from labs.errors import LabsError\n"
        "def push(ref):\n    raise LabsError(f'push {ref}: denied', hint='log in first')\n"
        "push('app')"
    )
    assert lines[:2] == ["LabsError: push app: denied", "Hint: log in first"]
    assert "----> 4 push('app')" in lines
    assert [line for line in lines if "push app: denied" in line] == lines[:1]


def test_error_deep_in_the_sdk_keeps_message_and_the_students_line(raised):
    lines = raised(
        "import docker\ndocker.DockerClient(base_url='tcp://127.0.0.1:1', version='1.41').ping()"
    )
    assert lines[0].startswith("ConnectionError: HTTPConnectionPool(host='127.0.0.1', port=1)")
    assert any("docker.DockerClient(base_url" in line for line in lines[1:3])
    assert len(lines) <= 9


@pytest.mark.parametrize(
    "error",
    [
        {"ename": "E" * 10**6, "evalue": "x" * 10**6, "traceback": ["y" * 10**6] * 3},
        {"ename": "E", "evalue": "x\n" * 10**5, "traceback": ["y\n" * 10**5] * 300},
        {"ename": "", "evalue": "", "traceback": []},
        {"traceback": []},
        {"ename": "\x1b[31mE\x1b[0m", "evalue": "<script>", "traceback": ["\x1b[2J"]},
    ],
)
def test_hostile_error_is_short_text(error):
    text = last_lines(error)
    assert len(text) < 2500
    assert "\x1b" not in text
