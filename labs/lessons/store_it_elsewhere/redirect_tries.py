"""What was tried in exercise 12.3 and did not work: in the registry's settings and log, in files of the node, and in
containers beside the registry.
"""

from __future__ import annotations

from docker.models.containers import Container

from labs.lessons.common import in_store, named, settings_of
from labs.playground import Node, ObjectStore, Playground
from labs.registry import read_access_log

NAME = "hidden.store"
_LATER_NAMES = ("try", "new", "depot", "vault", "archive")
"""Containers of the lesson's later sections, whose ports are not 5000 either."""
_ENDPOINT = "REGISTRY_STORAGE_S3_REGIONENDPOINT"
_LOOK = """
grep -lsF -e hidden -e "$1" /etc/hosts /etc/resolv.conf /etc/docker/daemon.json
ls -d /etc/docker/certs.d/*hidden* 2>/dev/null
"""


def tried(playground: Playground, container: Container) -> str:
    """Say what was done since the lesson's cell ran the registry; empty if nothing is seen."""
    node, store = playground.node(1), playground.store
    if _has_other_settings(container, store):
        return f"{named(container)} has other settings"
    address = store.endpoint.split("/")[2].split(":")[0]
    if files := node.read_output(["sh", "-c", _LOOK, "look", address]).stdout.split():
        return f"{files[0]} of node 1 was changed"
    log = container.logs().decode(errors="replace")
    if log.count("listening on") > 1:
        return f"{named(container)} was started again"
    # The lesson's cell pulls once. An engine asks for the tag at each pull, and for each blob that it pushes.
    engine = [each for each in read_access_log(log) if each.agent.startswith("docker/")]
    if sum((each.method, each.what) == ("HEAD", "manifests") for each in engine) > 1:
        return "node 1 has tried to pull again"
    if any((each.method, each.what) == ("HEAD", "blobs") for each in engine):
        return "node 1 has tried to push"
    beside = _run_beside(node, container)
    return f"{named(beside)} was run beside it" if beside else ""


def _has_other_settings(container: Container, store: ObjectStore) -> bool:
    """Whether a registry has other variables, names or files than the lesson's cell gave it."""
    given = {key: value for key, value in settings_of(container).items() if "REGISTRY_" in key}
    left = in_store(store) | {
        "REGISTRY_STORAGE_S3_ROOTDIRECTORY": "/hidden",
        _ENDPOINT: f"http://{NAME}:8080",
    }
    del left["REGISTRY_STORAGE_REDIRECT_DISABLE"]
    host = container.attrs["HostConfig"]
    known = [each.partition(":")[0] for each in host["ExtraHosts"] or []]
    return given != left or known != [NAME] or bool(host["Binds"])


def _run_beside(node: Node, container: Container) -> Container | None:
    """A container that was made after the registry, for no later section of the lesson."""
    for other in node.docker.containers.list(all=True, ignore_removed=True):
        newer = other.attrs["Created"] > container.attrs["Created"]
        ports = other.attrs["HostConfig"]["PortBindings"] or {}
        published = {each["HostPort"] for pairs in ports.values() for each in pairs or []}
        if newer and other.name not in _LATER_NAMES and published <= {"5000"}:
            return other
    return None
