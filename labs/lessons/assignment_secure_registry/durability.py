"""Checks of the assignment on durability: the key's mode, a process that exits, a container that is removed."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from docker.errors import NotFound
from docker.models.containers import Container

from labs.engine import seconds_of
from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.assignment_secure_registry.access_probe import (
    ADDRESS,
    FIRST,
    MANIFEST,
    PORT,
    REPOSITORY,
    TAG,
    RegistryProbe,
    allowed,
)
from labs.lessons.common import (
    Member,
    data_on_node,
    named,
    on_port,
    pushed_at,
    registries_of,
    served,
    storage_mount,
)
from labs.playground import Node, Playground
from labs.waiting import WaitTimeout, wait_until

# The engine waits 100 ms before the first restart, twice as long before each next one.
_BACK_S = 10.0
_TRIES = 2  # a container that exits again and again would be tried forever
_POLICIES = ("always", "unless-stopped")
# Read as any other user would: a closed folder protects the files in it, whatever their modes. Blobs are left out, and
# so is what is larger than any key.
_READ = """
for place in "$@"; do
  find -L "$place" -path '*/registry/v2' -prune -o -type f -size -64k -print
done | sort -u | while read -r file; do
  grep -q 'PRIVATE KEY-----' "$file" || continue
  if setpriv --reuid=65534 --regid=65534 --clear-groups head -c1 "$file" >/dev/null 2>&1
  then echo "open $file"; else echo "closed $file"; fi
done
"""


def parts(node: Node) -> list[Container]:
    """The container on port 5000 and, if that is not a registry, the registries that may be behind it."""
    registries = [c for c in registries_of(node) if c.status in ("running", "restarting")]
    front = on_port(node, PORT)
    if front:
        return [front] if front in registries else [front, *registries]
    running = node.docker.containers.list(ignore_removed=True)
    hosted = [c for c in running if c.attrs["HostConfig"]["NetworkMode"] == "host"]
    return [*(c for c in hosted if c not in registries), *registries]


def key_is_private(playground: Playground, _answers: Answers) -> Finding:
    """No private key in a folder that the registry mounts can be read by other users of node 1."""
    node = playground.node(1)
    RegistryProbe(node).wait()
    if not served(playground.node(2), ADDRESS).chain:
        return not_attempted(f"let {ADDRESS} speak TLS first (50.1)")
    sources = [m["Source"] for c in parts(node) for m in c.attrs["Mounts"] if m.get("Source")]
    found = node.read_output(["sh", "-c", _READ, "read", *sources]).stdout.splitlines()
    if not found:
        return not_yet(
            "no mount of the registry's container holds its private key",
            hint="mount the folder of certificate and key; what is in an image or container is gone with it",
        )
    if exposed := [line.partition(" ")[2] for line in found if line.startswith("open ")]:
        return not_yet(
            f"{exposed[0]} holds a private key, and every user of node 1 can read it",
            hint="ls -l shows its mode; the last three letters are for others",
        )
    return passed()


def comes_back(playground: Playground, _answers: Answers) -> Finding:
    """After its process is killed the restart policy brings it back, and so it does after a restart of the engine."""
    node = playground.node(1)
    probe = RegistryProbe(node)
    probe.wait()
    whole, before = parts(node), probe.status()
    if not whole or not before:
        return not_attempted(FIRST)
    policies = {_policy(each) for each in whole}
    if policies == {"no"}:
        return not_attempted("give the registry a restart policy")
    for each in whole:
        if _policy(each) not in _POLICIES:
            return not_yet(
                f"{named(each)} has the restart policy {_policy(each)}, wanted always or unless-stopped",
                hint="it has to come back after a restart of its engine, too: "
                "docker.containers.get(…).update(restart_policy=…)",
            )
    for each in whole:
        if not _returns(node, each):
            return _gone(each)
    with suppress(WaitTimeout):
        # The status of before: a proxy in front may answer 502 until the registry listens.
        wait_until(lambda: probe.status() == before or _crashing(whole), "it", timeout_s=_BACK_S)
    return passed() if probe.status() == before else _gone(whole[0])


def _crashing(whole: list[Container]) -> bool:
    """Whether one of them exited again at once."""
    for each in whole:
        each.reload()
    return any(each.attrs["State"]["Restarting"] for each in whole)


def _policy(container: Container) -> str:
    # The name may be empty in the engine's answer, which means `no` as well.
    return container.attrs["HostConfig"]["RestartPolicy"]["Name"] or "no"


def _returns(node: Node, container: Container) -> bool:
    """Kill the container's process as a crash would (`docker kill` would count as your wish), and wait."""
    started, tried = container.attrs["State"]["StartedAt"], container.attrs["RestartCount"]
    # The process's id on the node; a stop through the engine would switch its restart policy off.
    node.exec(["sh", "-c", f"kill -9 {container.attrs['State']['Pid']}"])

    def settled() -> bool:
        container.reload()
        state = container.attrs["State"]
        if container.attrs["RestartCount"] > tried + _TRIES:
            return True
        return bool(state["Running"] and not state["Restarting"] and state["StartedAt"] != started)

    try:
        wait_until(settled, "the container", timeout_s=_BACK_S)
    # NotFound: with `--rm` the engine removes a container when its process ends.
    except (WaitTimeout, NotFound):
        return False
    return bool(container.attrs["RestartCount"] <= tried + _TRIES)


def _gone(container: Container) -> Finding:
    return not_yet(
        f"the process of {named(container)} was killed, and the registry did not come back",
        hint="what it read when it started has to be there still; its log tells what is missing",
    )


def kept(playground: Playground, answers: Answers) -> Finding:
    """The image was pushed before the registry's container was made, and the registry still has it."""
    node = playground.node(1)
    probe = RegistryProbe(node)
    probe.wait()
    whole = parts(node)
    if not whole or not probe.status():
        return not_attempted(FIRST)
    member = allowed(probe, answers)
    found = probe.ask(MANIFEST, member=member) if member else None
    if found is None or found.status_code != 200:
        return not_attempted(f"push {REPOSITORY}:{TAG} first (50.4)")
    return _younger(node, whole[-1]) or _not_whole(probe, member, found.json()) or passed()


def _not_whole(
    probe: RegistryProbe, member: Member | None, manifest: dict[str, Any]
) -> Finding | None:
    """Return None if the registry has all that the manifest lists; otherwise what is wrong."""
    blobs = [each for each in (manifest.get("config"), *manifest.get("layers", ())) if each]
    for blob in blobs:
        status = probe.status(f"/v2/{REPOSITORY}/blobs/{blob['digest']}", member=member)
        if status != 200:
            return not_yet(
                f"{REPOSITORY}:{TAG} is not whole: a blob gives {status}, wanted 200",
                hint="lesson 2: blobs and repositories belong together; push once more, then start again",
            )
    return None


def _younger(node: Node, registry: Container) -> Finding | None:
    """Return None if the image is older than the container that serves it; otherwise what is wrong."""
    folder = data_on_node(registry)
    if not folder:
        return not_yet(
            f"{named(registry)} keeps what was pushed inside itself: it goes when the container goes",
            hint="lesson 2: mount a folder or a volume with a name where it writes",
        )
    pushed = pushed_at(node, folder, REPOSITORY, TAG)
    if pushed is not None and pushed < seconds_of(registry.attrs["Created"]):
        return None
    # The engine names an anonymous volume with 64 hexadecimal digits.
    if len(storage_mount(registry).get("Name", "")) == 64:
        return not_yet(
            f"{named(registry)} writes to a volume without a name: the next container gets another one",
            hint="lesson 2: mount a folder or a volume with a name where it writes",
        )
    return not_attempted(
        "remove the registry's container, run it again on the same data, and do not push"
    )
