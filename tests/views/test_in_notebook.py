"""Every view in a real kernel: shown, stored, and found equal by nbval on the next run."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[2]
WIDGET = "application/vnd.jupyter.widget-view+json"

CELLS = [
    "from labs import views\nfrom labs.lesson import Lesson\nfrom tests.views import samples",
    "for shown in samples.everything():\n    views.show(shown)",
    """\
import time
with views.opening(Lesson(1, "toy", "Toy", 5, "")) as say:
    say(f"at {time.time()}")""",
    """\
from itertools import chain, repeat
from labs.lesson.swarm_watch import SwarmWatch
looks = chain([samples.swarms.whole()], repeat(samples.swarms.broken()))
views.show(SwarmWatch(lambda: next(looks), lambda: None))
time.sleep(2)""",
]


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    """The cells, run once; the file that nbval is given."""
    path = tmp_path_factory.mktemp("views") / "views.ipynb"
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    made.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    client = NotebookClient(made, timeout=60, store_widget_state=False)
    client.execute(env={**os.environ, "PYTHONPATH": str(ROOT)})
    nbformat.write(made, path)
    return path


def outputs(path, cell):
    return nbformat.read(path, as_version=4).cells[cell].outputs


def test_everything_is_displayed_with_text_and_html(notebook):
    shown = outputs(notebook, 1)
    assert len(shown) == 21
    assert {output.output_type for output in shown} == {"display_data"}
    assert all({"text/plain", "text/html"} <= set(output.data) for output in shown)


def test_question_status_and_watch_are_widgets_beside_a_stable_text(notebook):
    live = [
        output.data
        for cell in (1, 2, 3)
        for output in outputs(notebook, cell)
        if WIDGET in output.data
    ]
    assert [data["text/plain"].splitlines()[0][:3] for data in live] == ["1.4", "Les", "Swa"]
    assert live[-1]["text/plain"].startswith("Swarm: 5 of 5 nodes ready")


def nbval(path):
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbval",
        "--nbval-current-env",
        "--nbval-cell-timeout=60",
        "-q",
    ]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    extra = ["-p", "no:cacheprovider", "--rootdir", str(path.parent), "-c", os.devnull]
    return subprocess.run(
        [*command, *extra, path], capture_output=True, text=True, env=env, check=False
    )


@pytest.mark.full
def test_nbval_finds_a_second_run_equal(notebook):
    done = nbval(notebook)
    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout


def test_nbval_finds_a_changed_verdict(notebook, tmp_path):
    changed = tmp_path / "changed.ipynb"
    changed.write_text(notebook.read_text().replace("1.2 passed", "1.2 failed"))
    done = nbval(changed)
    assert done.returncode == 1
    assert "1.2 failed" in done.stdout
