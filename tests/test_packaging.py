"""The files around the code agree: dependencies, lock file, conda environment, Makefile, change log."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
CONDA_NAMES = {"docker-py": "docker"}
# Written so that this file does not find itself.
FOREIGN_PATHS = re.compile(
    r"(?<![\w.$}-])/(?:wor[k]|far[m])/|/(?:hom[e]|User[s])/(?!student\b|jovyan\b)[a-z]\w*/"
)
REGISTRY_HOSTS = re.compile(
    r"\b(?:pyp[i]\.org|python[h]osted\.org|registry\.npm[j]s\.org|deb\.[d]ebian\.org|security\.[d]ebian\.org"
    r"|snapshot\.[d]ebian\.org|archive\.[u]buntu\.com|conda\.[a]naconda\.org|proxy\.[g]olang\.org|crates\.[i]o)\b"
)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def project() -> dict:
    return tomllib.loads(read("pyproject.toml"))


def runtime() -> dict[str, Requirement]:
    return by_name(project()["project"]["dependencies"])


def development() -> dict[str, Requirement]:
    return by_name(project()["dependency-groups"]["dev"])


def by_name(lines: list[str]) -> dict[str, Requirement]:
    requirements = [Requirement(line) for line in lines]
    return {canonicalize_name(each.name): each for each in requirements}


def locked(name: str) -> dict[str, Version]:
    pins = re.findall(r"^([\w.-]+)==([^\s;\\]+)", read(name), re.MULTILINE)
    return {canonicalize_name(name): Version(version) for name, version in pins}


def tracked() -> list[Path]:
    """The files git knows, and those it would add; without a repository the test cannot say anything."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = [ROOT / name for name in names.split("\0") if name]
    return [path for path in paths if path.is_file()]


def places(pattern: re.Pattern[str]) -> list[str]:
    """`file:line: text` of every match in a tracked text file."""
    found = []
    for path in tracked():
        lines = path.read_bytes().decode("utf-8", errors="replace").splitlines()
        hits = ((number, pattern.search(line)) for number, line in enumerate(lines, start=1))
        found += [f"{path.relative_to(ROOT)}:{number}: {hit[0]}" for number, hit in hits if hit]
    return found


def test_conda_environment_has_the_dependencies_of_the_project():
    lines = [
        line
        for line in yaml.safe_load(read("environment.yml"))["dependencies"]
        if isinstance(line, str)
    ]
    conda = by_name(
        [re.sub(r"^[\w-]+", lambda name: CONDA_NAMES.get(name[0], name[0]), line) for line in lines]
    )
    python = conda.pop("python").specifier
    conda.pop("pip")
    assert python == Requirement(f"python{project()['project']['requires-python']}").specifier
    assert {name: str(each.specifier) for name, each in conda.items()} == {
        name: str(each.specifier) for name, each in runtime().items()
    }


def test_conda_environment_installs_the_course_itself():
    (pip,) = [
        each
        for each in yaml.safe_load(read("environment.yml"))["dependencies"]
        if isinstance(each, dict)
    ]
    assert pip == {"pip": ["--editable ."]}


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("requirements.lock", runtime()),
        ("requirements-dev.lock", runtime() | development()),
    ],
)
def test_lock_satisfies_every_dependency(lock, wanted):
    pins = locked(lock)
    assert [name for name in wanted if name not in pins] == []
    wrong = [
        f"{each} but {pins[name]}"
        for name, each in wanted.items()
        if not each.specifier.contains(pins[name])
    ]
    assert wrong == []


def test_course_has_the_same_versions_in_both_locks_and_no_development_package():
    course, everything = locked("requirements.lock"), locked("requirements-dev.lock")
    assert {name: everything.get(name) for name in course} == course
    assert {"mypy", "playwright", "pytest-timeout", "ruff"} & set(course) == set()


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", ".ci/uv.txt"])
def test_lock_pins_each_package_with_hashes_and_names_no_host(name):
    lines = [line for line in read(name).splitlines() if not line.lstrip().startswith("#")]
    entries = re.split(r"\n(?=\S)", "\n".join(lines))
    assert entries
    assert [each for each in entries if "==" not in each or "--hash=sha256:" not in each] == []
    assert not re.search(
        r"--?(?:extra-)?(?:index|find-links)|://", read(name).replace("--no-emit-index-url", "")
    )


def test_installed_packages_are_the_locked_ones():
    from importlib.metadata import version

    pins = locked("requirements.lock")
    assert {name: version(name) for name in runtime()} == {
        name: str(pins[name]) for name in runtime()
    }


def test_each_dependency_has_one_line_of_reason():
    text = read("CONTRIBUTING.md").split("\n## Dependencies\n")[1]
    reasons = dict(re.findall(r"^- `([\w.-]+)`: (.{15,})$", text, re.MULTILINE))
    assert set(reasons) == set(runtime() | development())


@pytest.mark.process
def test_no_file_names_a_path_of_one_machine():
    assert places(FOREIGN_PATHS) == []


@pytest.mark.process
def test_no_file_names_a_package_registry():
    assert places(REGISTRY_HOSTS) == []


@pytest.mark.process
def test_make_help_lists_every_target():
    targets = set(re.findall(r"^([a-z][\w-]*):(?!=)", read("Makefile"), re.MULTILINE))
    shown = subprocess.run(
        ["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    assert {line.split()[1] for line in shown.splitlines()} == targets
    assert all(len(line.split()) > 4 for line in shown.splitlines())


def test_make_targets_are_all_phony():
    targets = set(re.findall(r"^([a-z][\w-]*):(?!=)", read("Makefile"), re.MULTILINE))
    (phony,) = re.findall(r"^\.PHONY: (.*)$", read("Makefile"), re.MULTILINE)
    assert set(phony.split()) == targets


def test_documents_name_only_targets_that_exist():
    targets = set(re.findall(r"^([a-z][\w-]*):(?!=)", read("Makefile"), re.MULTILINE))
    documents = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ".devcontainer/devcontainer.json"]
    named = {word for name in documents for word in re.findall(r"[`\"]make ([a-z-]+)", read(name))}
    assert named
    assert named <= targets


def test_change_log_tells_of_this_version():
    headings = re.findall(r"^## \[([^\]]+)\]", read("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == "Unreleased"
    released = [Version(each) for each in headings[1:]]
    assert released == sorted(released, reverse=True)
    assert not released or released[0] == Version(project()["project"]["version"])


def test_licenses_are_the_ones_the_project_declares():
    assert project()["project"]["license-files"] == ["LICENSE", "LICENSE-text"]
    assert read("LICENSE").startswith("MIT License\n")
    assert "Creative Commons Attribution 4.0 International" in read("LICENSE-text")


def test_readme_fits_one_screen_and_gives_the_two_commands():
    lines = read("README.md").splitlines()
    assert len(lines) <= 45
    start = next(number for number, line in enumerate(lines) if line == "make start")
    assert start < 25
    assert lines[start - 1].startswith("git clone ")


def test_python_is_one_the_project_allows():
    assert Requirement(f"python{project()['project']['requires-python']}").specifier.contains(
        ".".join(map(str, sys.version_info[:3]))
    )
