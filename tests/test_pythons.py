"""The course with each Python that students have: from 3.11 to the newest that is installed here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from labs.engine import Engine

ROOT = Path(__file__).resolve().parents[1]
OLDEST = (3, 11)
UNIT = "not engine and not site and not notebooks and not process and not full"
pytestmark = [pytest.mark.process, pytest.mark.full, pytest.mark.timeout(900)]


def uv() -> str:
    """uv, as .ci/bootstrap finds or installs it."""
    found = shutil.which("uv") or str(ROOT / ".uv/bin/uv")
    return found if Path(found).exists() else ""


def others() -> dict[str, Path]:
    """Interpreters by their version, 3.12 for one, without the one that runs this."""
    paths = sorted(Path.home().glob(".pyenv/versions/*/bin/python"))
    if uv():
        words = [uv(), "python", "list", "--only-installed", "--output-format", "json"]
        listed = subprocess.run(words, capture_output=True, text=True, check=False).stdout
        paths += [Path(each["path"]) for each in json.loads(listed or "[]")]
    found = {}
    for path in paths:
        ask = [path, "-c", "import sys; print(*sys.version_info[:2], sys.implementation.name)"]
        said = subprocess.run(ask, capture_output=True, text=True, check=False).stdout.split()
        version = tuple(map(int, said[:2]))
        if said[2:] == ["cpython"] and version >= OLDEST and version != sys.version_info[:2]:
            found[".".join(said[:2])] = path
    return found


@pytest.mark.engine
def test_units_and_lesson_1_pass_with_every_other_python(engine: Engine, tmp_path: Path):
    pythons = others()
    if not pythons or not uv():
        pytest.skip(f"uv: {uv() or 'none'}; Pythons beside {sys.version.split()[0]}: none")
    failed = {}
    for version, path in pythons.items():
        python = installed(path, tmp_path / version)
        lesson = ["tests/lessons/test_lessons.py", "-k", "run-a-registry and stored_outputs_and"]
        for words in (["-m", UNIT], lesson):
            done = subprocess.run(
                [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n0", *words],
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
            )
            print(version, done.stdout.splitlines()[-1:])
            if done.returncode:
                failed[version, words[-1]] = done.stdout[-3000:] + done.stderr[-1000:]
    assert not failed


def installed(python: Path, venv: Path) -> Path:
    """An environment with the locked packages; its Python."""
    lock = ROOT / "requirements-dev.lock"
    new = venv / "bin/python"
    for words in (
        ["venv", "--python", python, venv],
        ["pip", "sync", "--python", new, "--require-hashes", lock],
    ):
        subprocess.run(
            [uv(), "--quiet", *words], check=True, env={**os.environ, "UV_NATIVE_TLS": "1"}
        )
    return new
