"""What `make test` and its kin do around pytest: the exit status goes through, and only what it started is stopped."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parent.parent
PYTHON = '#!/bin/sh\n[ "$1" = -c ] && exit {no_engine}\necho "pytest" "$@" >>said\nexit {status}\n'


@pytest.fixture
def course(tmp_path):
    """A folder with the script, and stand-ins that write down how they are called."""
    for name in (".ci/lint", ".venv/bin/labs", ".venv/bin/chromium"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f'#!/bin/sh\necho {Path(name).name} "$@" >>said\n')
        (tmp_path / name).chmod(0o755)
    shutil.copy(ROOT / ".ci/test", tmp_path / ".ci/test")
    return tmp_path


def run(
    course: Path, *, engine_runs: bool, status: int = 0, path: str = ""
) -> tuple[int, list[str]]:
    python = course / ".venv/bin/python"
    python.write_text(PYTHON.format(no_engine=int(not engine_runs), status=status))
    python.chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", str(course / ".ci/test"), "-k", "word"],
        env={"PATH": path or os.environ["PATH"]},
        timeout=60,
    )
    said = re.sub(r"--before=\d+", "--before=0", (course / "said").read_text())
    return done.returncode, said.splitlines()


START = [
    "lint",
    "labs start --yes --no-lab",
    "labs images build",
    "pytest -m pytest -n 2 --dist loadscope --no-loadscope-reorder --before=0 -k word",
]


def test_tests_stop_the_engine_they_started(course):
    assert run(course, engine_runs=False) == (0, [*START, "labs stop"])


def test_tests_leave_an_engine_that_was_there(course):
    assert run(course, engine_runs=True) == (0, START)


def test_tests_that_fail_keep_their_status_and_stop_the_engine(course):
    assert run(course, engine_runs=False, status=3) == (3, [*START, "labs stop"])


def test_lint_that_fails_ends_the_run(course):
    (course / ".ci/lint").write_text("#!/bin/sh\necho lint >>said\nexit 1\n")
    assert run(course, engine_runs=False) == (1, ["lint"])


def test_ci_run_calls_make_test():
    assert (ROOT / ".ci/run").read_text().splitlines()[-1] == "exec make test"


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["test", "ARGS=-x"], '.ci/test -m "not full" --times=build/tests.json -x'),
        (["test", "LABS_LONG=1"], ".ci/test  --times=build/tests.json "),
        (["test-all"], ".ci/test --times=build/test-all.json "),
        (["test-lesson", "L=run-a-registry"], '.ci/test --lesson="run-a-registry" '),
        (
            ["test-unit"],
            'pytest -m "not engine and not site and not notebooks and not process and not full" ',
        ),
    ],
)
def test_make_runs_pytest_on_what_its_target_names(words, wanted):
    command = ["make", "--dry-run", *words]
    # What the `make` that runs this test was told would be told to this one, too.
    told = {"LABS_LONG", "ARGS", "MAKEFLAGS", "MAKEOVERRIDES"}
    env = {key: value for key, value in os.environ.items() if key not in told}
    shown = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60, env=env
    ).stdout.rstrip("\n")
    assert shown.endswith(wanted)


@pytest.mark.skipif(
    os.geteuid() != 0 or not Path("/etc/debian_version").exists(),
    reason="Chromium is installed on Debian and Ubuntu as root only",
)
def test_chromium_is_installed_where_there_is_none(course):
    (course / ".venv/bin/chromium").unlink()
    machine = course / "machine"
    machine.mkdir()
    for name in ("cat", "date", "dirname", "id", "ls", "mkdir", "sh"):
        (machine / name).symlink_to(shutil.which(name))
    apt = machine / "apt-get"
    apt.write_text(
        f'#!/bin/sh\necho apt-get "$1" >>said\n: >{machine}/chromium\n/bin/chmod 755 {machine}/chromium\n'
    )
    apt.chmod(0o755)
    _, said = run(course, engine_runs=True, path=str(machine))
    assert said[1:3] == ["apt-get update", "apt-get install"]
