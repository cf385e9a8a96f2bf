"""What an import brings along: no process of the course compiles a grammar that nothing needs."""

from __future__ import annotations

import pkgutil
import sys
from importlib import import_module
from pkgutil import resolve_name

import pytest
from packaging.utils import canonicalize_name

import labs
from labs.lesson import NamedCheck
from labs.lessons import all_lessons
from tests.test_packaging import locked

LEFT_OUT = {"rfc3987-syntax", "lark"}
# What the processes begin with: a kernel, a server, a run of notebooks, pytest with its plugin.
ROOTS = ("ipykernel.kernelapp", "jupyter_events", "nbclient", "nbconvert", "nbformat", "nbval")


def every_module() -> list[str]:
    # The hub runs in an image of its own, and most of its modules cannot be imported without Django's settings.
    found = pkgutil.walk_packages(labs.__path__, "labs.", onerror=lambda _: None)
    names = (module.name for module in found if not module.name.startswith("labs.hub."))
    return [name for name in names if not name.endswith(".__main__")]


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_lock_leaves_the_grammar_out(lock):
    assert {canonicalize_name(name) for name in locked(lock)} & LEFT_OUT == set()


@pytest.mark.process  # jupytext asks pandoc for its version at import
def test_no_command_kernel_worker_or_test_compiles_a_grammar():
    # One process that imports all that any of them imports, and this run of pytest with it.
    for name in (*ROOTS, *every_module()):
        import_module(name)
    assert {name.replace("-", "_") for name in LEFT_OUT} & set(sys.modules) == set()


def test_every_named_check_is_there():
    named = [exercise.check for lesson in all_lessons() for exercise in lesson.exercises]
    assert named
    assert all(isinstance(each, NamedCheck) for each in named)
    assert all(callable(resolve_name(each.name)) for each in named)
