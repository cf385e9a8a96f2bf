"""A registry's container in a node: found by its name, with its settings."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Sequence
from typing import TYPE_CHECKING

import docker
from docker.errors import DockerException, NotFound
from docker.models.containers import Container

from labs.lesson.lesson import LessonError
from labs.lesson.shown import Tree
from labs.registry import CONFIG_FILES, RegistrySettings, Storage, config_file, files_in_tar

if TYPE_CHECKING:
    from labs.playground import Node


def find_container(engine: docker.DockerClient, name: str) -> Container:
    """The container of that name, running or not.

    Raises:
        LessonError: There is none; the hint names those that there are.
    """
    try:
        return engine.containers.get(name)
    except NotFound as error:
        names = sorted(str(each.name) for each in engine.containers.list(all=True))
        raise LessonError(
            f"the node has no container {name!r}",
            hint=f"it has {', '.join(names) or 'none'}: give the registry's name",
        ) from error


def find_on_nodes(nodes: Sequence[Node], name: str) -> tuple[Node, Container]:
    """The container of that name and its node, the first that has one.

    Raises:
        LessonError: No node has it; the hint names those that there are.
    """
    for node in nodes:
        try:
            return node, node.docker.containers.get(name)
        except NotFound:
            continue
    there = sorted(
        f"{each.name} on {node.name}"
        for node in nodes
        for each in node.docker.containers.list(all=True)
    )
    raise LessonError(
        f"no node has a container {name!r}",
        hint=f"they have {', '.join(there) or 'none'}: give the registries' names",
    )


def port_of(container: Container) -> int:
    """The port of its node on which a registry is reached.

    Raises:
        LessonError: It publishes none.
    """
    inside = settings_of(container).port
    if container.attrs["HostConfig"]["NetworkMode"] == "host":
        return inside
    published = (container.attrs["NetworkSettings"]["Ports"] or {}).get(f"{inside}/tcp")
    if published:
        return int(published[0]["HostPort"])
    raise LessonError(
        f"container {container.name} is {container.status} and its port {inside} is not published",
        hint=f'start it, with ports={{"{inside}/tcp": 5001}}',
    )


def settings_of(container: Container) -> RegistrySettings:
    """What the registry in a container was told by its variables and its configuration file."""
    config = (getattr(container, "attrs", None) or {}).get("Config") or {}
    variables = dict(each.partition("=")[::2] for each in config.get("Env") or ())
    command = [*(config.get("Entrypoint") or ()), *(config.get("Cmd") or ())]
    named = config_file(command, variables)
    texts = (_text(container, path) for path in ([named] if named else CONFIG_FILES))
    return RegistrySettings.read(variables, next((text for text in texts if text), ""))


def stored_by(container: Container) -> Tree:
    """What the registry in a container has stored.

    Raises:
        LessonError: It stores elsewhere, or has no such folder.
    """
    settings = settings_of(container)
    if settings.driver != "filesystem":
        raise LessonError(
            f"the registry in container {container.name} stores in {settings.driver}, not in a folder",
            hint="lab.store.objects() lists what is in the playground's object store",
        )
    try:
        chunks, _ = container.get_archive(settings.root)
    except NotFound as error:
        raise LessonError(
            f"container {container.name} has no folder {settings.root}",
            hint="a registry makes it at the first push; is this the registry's container?",
        ) from error
    return Tree(Storage.read(files_in_tar(chunks)), settings.root)


def _text(container: Container, path: str) -> str:
    """The text of a file in a container; empty if there is no such file."""
    try:
        chunks, _ = container.get_archive(path)
        with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
            file = tar.extractfile(tar.getmembers()[0])
            return file.read().decode(errors="replace") if file else ""
    except (DockerException, tarfile.TarError, KeyError, IndexError):
        return ""
