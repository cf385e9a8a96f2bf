"""What holds for every test: a clean environment. Fixtures that make engines stand in engine_fixtures."""

from __future__ import annotations

import os
from importlib.util import find_spec

import pytest

NEEDS_ENGINE = ("engine", "site", "notebooks")
NOWHERE = "unix:///nonexistent/docker.sock"

pytest_plugins = ["tests.engine_fixtures"] if find_spec("tests.engine_fixtures") else []


def pytest_configure(config: pytest.Config) -> None:
    """Set, before any test module is imported, what every process of the run should see."""
    for name in ("COLUMNS", "FORCE_COLOR", "LABS_COURSE", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
        os.environ.pop(name, None)
    os.environ["NO_COLOR"] = "1"
    local = ["127.0.0.1", "localhost", os.environ.get("NO_PROXY") or os.environ.get("no_proxy")]
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(filter(None, local))


@pytest.fixture(autouse=True)
def no_jupyter_settings(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keep the developer's own Jupyter and IPython settings out."""
    folder = tmp_path_factory.getbasetemp() / "jupyter"
    for name, part in (("JUPYTER_CONFIG_DIR", "config"), ("IPYTHONDIR", "ipython")):
        (folder / part).mkdir(parents=True, exist_ok=True)
        monkeypatch.setenv(name, str(folder / part))


@pytest.fixture(autouse=True)
def no_engine_for_unit_tests(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test without a marker cannot reach an engine, so one that lacks its marker fails at once."""
    if not any(request.node.get_closest_marker(name) for name in NEEDS_ENGINE):
        monkeypatch.setenv("DOCKER_HOST", NOWHERE)
