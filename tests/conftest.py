"""What holds for every test: a clean environment. Fixtures that make engines are in engine_fixtures."""

from __future__ import annotations

import os

import pytest

pytest_plugins = [
    "tests.engine_fixtures",
    "tests.unit_limits",
    "tests.run_times",
    "tests.run_groups",
]


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
