"""What `import labs` gives, and what it costs."""

import subprocess
import sys

import pytest

import labs

NAMES = [
    "Lab",
    "LabsError",
    "PullFailed",
    "PushFailed",
    "Reference",
    "RegistryClient",
    "RegistryError",
    "open",
]


def test_public_names_are_these():
    assert sorted(labs.__all__) == NAMES == dir(labs)
    for name in NAMES:
        assert getattr(labs, name).__module__.startswith("labs")


def test_another_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'opne'"):
        labs.opne  # noqa: B018


@pytest.mark.process
def test_import_loads_nothing_heavy():
    code = "import sys, labs; print(sorted({'docker', 'httpx', 'IPython', 'ipywidgets'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_open_of_an_unknown_lesson_says_so_without_an_engine(monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    with pytest.raises(labs.LabsError, match='no lesson "run-a-registri"'):
        labs.open("run-a-registri")
