"""The bootstrap script on machines that lack something: each says in one line what to install."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ("awk", "cat", "cmp", "dirname", "grep", "rm", "sed", "sh")
LOCKS = ("requirements.lock", "requirements-dev.lock")
FILES = (".ci/bootstrap", ".ci/uv.txt", "pyproject.toml", *LOCKS)
OLD_UV = "#!/bin/sh\necho uv 0.4.30\n"
NO_ENSUREPIP = "#!/bin/sh\nexit 1\n"
A_STUDENT = "#!/bin/sh\necho 1000\n"
NO_NEW_PYTHON = '#!/bin/sh\n[ "$1" = --version ] && echo uv 0.13.0 && exit\nexit 2\n'


@pytest.fixture
def machine(tmp_path):
    """A copy of the course in a folder, and a PATH with only what the script itself calls."""
    for name in FILES:
        (tmp_path / "course" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / "course" / name)
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool))
    return tmp_path


def add(machine: Path, name: str, script: str) -> None:
    (machine / "bin" / name).write_text(script)
    (machine / "bin" / name).chmod(0o755)


def bootstrap(
    machine: Path, *arguments: str, course: str = "course"
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", str(machine / course / ".ci/bootstrap"), *arguments],
        env={"PATH": str(machine / "bin")},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_bootstrap_without_python_says_so(machine):
    run = bootstrap(machine)
    assert run.returncode == 1
    assert run.stderr == "python3 is missing: install it, or uv, and run this again.\n"


def test_bootstrap_without_ensurepip_and_root_names_the_package(machine):
    add(machine, "python3", NO_ENSUREPIP)
    add(machine, "id", A_STUDENT)
    add(machine, "apt-get", "#!/bin/sh\nexit 99\n")
    run = bootstrap(machine)
    assert run.returncode == 1
    wanted = "python3-venv" if Path("/etc/debian_version").exists() else "venv and ensurepip"
    assert wanted in run.stderr
    assert len(run.stderr.splitlines()) == 1


def test_bootstrap_with_an_old_uv_does_not_use_it(machine):
    add(machine, "uv", OLD_UV)
    assert "python3 is missing" in bootstrap(machine).stderr


def test_bootstrap_without_a_new_python_says_which(machine):
    add(machine, "uv", NO_NEW_PYTHON)
    run = bootstrap(machine)
    assert run.returncode == 1
    assert "Python 3.11 or newer is needed" in run.stderr
    assert not (machine / "course/.venv/stamp").exists()


def test_bootstrap_with_another_word_tells_its_usage(machine):
    run = bootstrap(machine, "unlock")
    assert (run.returncode, run.stderr) == (1, "usage: .ci/bootstrap [dev | lock]\n")


def stamp(machine: Path, lock: str = "requirements.lock") -> None:
    """What a finished run leaves: a Python that runs, and the files it was made from."""
    python = machine / "course/.venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    text = (ROOT / ".ci/bootstrap").read_text()
    (wanted,) = [line for line in text.splitlines() if line.startswith("wanted() ")]
    script = f"cd {machine / 'course'}\n{wanted}\nwanted {lock} >.venv/stamp"
    subprocess.run(["sh", "-c", script], check=True, env={"PATH": os.environ["PATH"]})


def test_bootstrap_with_a_fresh_stamp_leaves_at_once(machine):
    stamp(machine)
    run = bootstrap(machine)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_bootstrap_for_the_course_takes_what_development_left(machine):
    stamp(machine, "requirements-dev.lock")
    assert bootstrap(machine).returncode == 0
    assert bootstrap(machine, "dev").returncode == 0


def test_bootstrap_for_development_is_not_content_with_the_course(machine):
    stamp(machine)
    assert "python3 is missing" in bootstrap(machine, "dev").stderr


@pytest.mark.parametrize("name", ["requirements.lock", ".ci/bootstrap"])
def test_bootstrap_starts_anew_when_a_file_has_changed(machine, name):
    stamp(machine)
    with (machine / "course" / name).open("a") as file:
        file.write("# changed\n")
    assert "python3 is missing" in bootstrap(machine).stderr


def test_bootstrap_starts_anew_when_the_folder_has_moved(machine):
    stamp(machine)
    (machine / "course").rename(machine / "elsewhere")
    assert "python3 is missing" in bootstrap(machine, course="elsewhere").stderr
