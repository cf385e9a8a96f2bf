"""Nbval over a stored run: it passes as made, and fails when what is stored is not what a run gives."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from labs.builder import LessonFiles, compare, make, source
from tests.builder.toy import write_course

pytestmark = pytest.mark.process

SAYS = """\
# %% [markdown] id="title"
# # Name things

# %% id="transport"
import os

from ipykernel.kernelapp import IPKernelApp

print(IPKernelApp.instance().transport)

# %% id="volatile"
print("node http://127.0.0.1:49154 digest sha256:" + os.urandom(32).hex())

# %% id="tag"
print("127.0.0.1:5000/hello-world:latest", hex(id(object())))

# %% id="repository"
print("127.0.0.1:5000/hello-world:latest", os.urandom(6).hex())

# %% id="port"
print("127.0.0.1:5000/hello-world:latest took 0.1 s")

# %% id="verdict"
print('1.2 not yet: repository "hello-world" has tags []')

# %% id="digest"
print("digest sha256:" + os.urandom(32).hex())

# %% id="value"
["hello-world"]

# %% id="cleared"
print("hi")

# %% id="error" tags=["raises-exception"]
raise ValueError("denied")
"""

WRONG = {
    "tag": ("hello-world:latest", "hello-world:v2"),
    "repository": ("5000/hello-world", "5000/hello-moon"),
    "port": ("127.0.0.1:5000", "127.0.0.1:5001"),
    "verdict": ("not yet", "passed"),
    "digest": ("digest sha256:[digest]", "no digest"),
    "value": ("['hello-world']", "[]"),
    "cleared": ("hi\n", ""),
    "error": ("denied", "allowed"),
}


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> LessonFiles:
    files = write_course(tmp_path_factory.mktemp("compare"), SAYS)
    make(files)
    return files


@pytest.mark.full
def test_compare_passes_what_was_made_and_writes_junit(stored: LessonFiles, tmp_path: Path) -> None:
    ran = compare(stored.executed, sanitizers=stored.sanitizers, junit=tmp_path / "nbval.xml")
    assert ran.returncode == 0, ran.stdout
    assert failures(tmp_path / "nbval.xml") == [False] * (2 + len(WRONG))


def test_compare_fails_each_cell_whose_stored_output_is_wrong(
    stored: LessonFiles, tmp_path: Path
) -> None:
    notebook = source.read_ipynb(stored.executed)
    for cell in notebook.cells:
        if cell.id in WRONG:
            doctor(cell, *WRONG[cell.id])
    (tmp_path / "n.ipynb").write_text(source.ipynb_text(notebook))
    ran = compare(tmp_path / "n.ipynb", sanitizers=stored.sanitizers, junit=tmp_path / "nbval.xml")
    assert ran.returncode == 1, ran.stdout
    assert failures(tmp_path / "nbval.xml") == [False, False] + [True] * len(WRONG), ran.stdout


def test_kernels_of_make_and_of_compare_use_unix_sockets(stored: LessonFiles) -> None:
    # That nbval's do too is shown by the first test: the cell's output would differ.
    cells = source.read_ipynb(stored.executed).cells
    assert cells[1].outputs[0].text == "ipc\n"


def doctor(cell: source.NotebookNode, was: str, wrong: str) -> None:
    """Put `wrong` for `was` in the one stored output of a cell; remove it if nothing remains."""
    output = cell.outputs[0]
    holder, key = {
        "stream": (output, "text"),
        "execute_result": (output.get("data"), "text/plain"),
        "error": (output, "evalue"),
    }[output.output_type]
    assert was in holder[key]
    holder[key] = holder[key].replace(was, wrong)
    if not holder[key]:
        cell.outputs = []


def failures(junit: Path) -> list[bool]:
    """Tell of each cell, in order, whether nbval failed it."""
    cases = ET.parse(junit).getroot().iter("testcase")
    return [case.find("failure") is not None for case in cases]
