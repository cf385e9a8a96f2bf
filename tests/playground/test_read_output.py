"""What a command printed, on an engine that loses it: a lost output is not taken for an empty one."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

from labs.playground import ExecResult, NodeUnavailable
from labs.playground.node_files import NodeFiles

LABS = Path(__file__).resolve().parents[2] / "labs"


class Busy(NodeFiles):
    """Gives one output after the other, and keeps what it was asked."""

    def __init__(self, *printed: str, exit_code: int = 0) -> None:
        self.name = "node1"
        self.left = list(printed)
        self.exit_code = exit_code
        self.asked: list[list[str]] = []

    def exec(self, argv: list[str]) -> ExecResult:
        self.asked.append(argv)
        return ExecResult(self.exit_code, self.left.pop(0), "")


def test_output_that_was_lost_is_asked_for_again():
    node = Busy("", "", "two\nlines\n.")
    assert node.read_output(["cat", "/etc/hosts"]) == ExecResult(0, "two\nlines\n", "")
    assert len(node.asked) == 3


def test_output_that_is_empty_in_truth_is_asked_for_once():
    assert Busy(".", exit_code=1).read_output(["ls", "/srv/none"]) == ExecResult(1, "", "")


def test_output_that_is_lost_each_time_is_no_answer():
    with pytest.raises(NodeUnavailable, match=r"node1: what 'cat /etc/hosts' printed was lost"):
        Busy("", "", "").read_output(["cat", "/etc/hosts"])


@pytest.mark.process
@pytest.mark.parametrize(
    ("command", "code", "printed"),
    [
        (["printf", "%s", "no end of a line"], 0, "no end of a line"),
        (["printf", "..."], 0, "..."),
        (["sh", "-c", 'echo "$1 $NAME"; exit 3', "sh", "a  b"], 3, "a  b c d\n"),
        (["true"], 0, ""),
        (["sh", "-c", "kill -9 $$"], 137, ""),
        (["no-such-command"], 127, ""),
    ],
)
def test_command_gets_its_words_and_gives_its_status(
    command: list[str], code: int, printed: str
) -> None:
    node = Busy(".")
    node.read_output(command, environment={"NAME": "c d"})
    done = subprocess.run(node.asked[0], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (code, f"{printed}.")


def test_variables_are_not_words_of_the_command_that_goes_on():
    node = Busy(".")
    node.read_output(["cat", "-"], environment={"SECRET": "word"})
    # `env` gives way to what comes after its variables, and with it what other users see of it.
    assert node.asked[0][:2] == ["env", "SECRET=word"]
    assert not any("word" in each for each in node.asked[0][2:])


@pytest.mark.parametrize("room", ["lessons", "repairs"])
def test_no_check_takes_what_exec_printed_for_an_answer(room: str) -> None:
    """`exec(…).stdout` may be empty without reason. What waits for an output asks again by itself."""
    left = {"lessons/cache_what_you_pull/expiry.py", "repairs/no_such_host/solution.py"}
    found = {
        str(path.relative_to(LABS))
        for path in (LABS / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr == "stdout"
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Attribute)
        and node.value.func.attr == "exec"
    }
    assert found - left == set()
