"""Container registries, hands on: what a notebook imports. Names are loaded at their first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from labs.errors import LabsError

if TYPE_CHECKING:
    from labs.lesson import Lab, PullFailed, PushFailed
    from labs.registry import Reference, RegistryClient, RegistryError
    from labs.repairs import RepairLab

_HOMES = {
    "Lab": "labs.lesson",
    "PullFailed": "labs.lesson",
    "PushFailed": "labs.lesson",
    "Reference": "labs.registry",
    "RegistryClient": "labs.registry",
    "RegistryError": "labs.registry",
}

__all__ = [
    "Lab",
    "LabsError",
    "PullFailed",
    "PushFailed",
    "Reference",
    "RegistryClient",
    "RegistryError",
    "mend",
    "open",
]


def open(slug: str, *, managers: int | None = None, workers: int | None = None) -> Lab:
    """Open a lesson: create its playground, or find it and repair what is broken.

    Args:
        slug: The lesson's short name, `run-a-registry`.
        managers: For a lesson with a swarm: the number of managers, if not the lesson's own.
        workers: Likewise.

    Raises:
        LabsError: There is no such lesson, it has no swarm, or its playground cannot be made; the
            hint says what to do.
    """
    # Here and not above: `labs --help` imports this package too, and needs neither.
    from labs import lessons, views
    from labs.graded import is_graded

    if not is_graded():
        views.short_tracebacks()
    lesson = lessons.find(slug).sized(managers, workers)
    if is_graded():
        from labs.graded import GradedLab, RemotePlayground

        return GradedLab(
            lesson,
            RemotePlayground(slug),
            show=views.show,
            status=views.opening,
            course=lessons.all_lessons,
        )
    with views.opening(lesson) as say:
        # Imported while the progress bar is shown: Docker's SDK and an HTTP client take a while to load.
        from labs.lesson import Lab
        from labs.playground import Playground

        playground = Playground.of(lesson.slug, lesson.spec).open(say)
    # Last: images that are missing are made by processes that need this machine's proxies.
    views.ignore_host_settings()
    return Lab(
        lesson, playground, show=views.show, status=views.opening, course=lessons.all_lessons
    )


def mend(slug: str) -> RepairLab:
    """Open a scenario of the repair shop: break a registry in a playground of its own, or find it as it was left.

    Args:
        slug: The scenario's short name; `labs mend` in a terminal lists them.

    Raises:
        LabsError: There is no such scenario, or its playground cannot be made; the hint says what to do.
    """
    from labs.graded import is_graded

    if is_graded():
        raise LabsError(
            "the repair shop is not part of a graded run", hint="remove the call of labs.mend"
        )
    from labs import repairs, views

    scenario = repairs.find(slug)
    views.short_tracebacks()
    repair = repairs.open_repair(scenario, show=views.show, working=views.opening_of)
    views.ignore_host_settings()
    repair.symptom()
    return repair


if not TYPE_CHECKING:  # a typed caller sees the names above and no others

    def __getattr__(name: str) -> Any:
        if name in _HOMES:
            return getattr(import_module(_HOMES[name]), name)
        raise AttributeError(f"module 'labs' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
