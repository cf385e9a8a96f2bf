"""What lesson 2 says of volumes and of a push and none of its cells shows: each on a real engine."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labs.playground import Playground
from tests.lessons.actions import push, run, wait

pytestmark = [pytest.mark.engine, pytest.mark.full]
V2 = "/var/lib/registry/docker/registry/v2"


@pytest.fixture(scope="module")
def playground(opened: Callable[..., Playground]) -> Playground:
    """One node."""
    return opened("keep-claims", ports=(5000,))


def volumes(playground: Playground) -> set[str]:
    return {volume.name for volume in playground.node(1).docker.volumes.list()}


def test_rm_takes_an_anonymous_volume_along_and_leaves_one_with_a_name(playground: Playground):
    before = volumes(playground)
    node = playground.node(1)
    command = ["docker", "run", "--rm", "-v", "named:/srv", "registry:2", "--version"]
    assert node.exec(command).exit_code == 0
    assert volumes(playground) - before == {"named"}
    run(playground, "registry")
    node.docker.containers.get("registry").remove(force=True)
    (left,) = volumes(playground) - before - {"named"}
    assert len(left) == 64
    node.docker.volumes.prune()
    assert volumes(playground) - before == {"named"}


def test_push_writes_its_links_after_its_blobs(playground: Playground):
    run(playground, "registry", ports={"5000/tcp": 5000}, volumes=["/srv/kept:/var/lib/registry"])
    wait(playground, 5000)
    push(playground, "busybox", "127.0.0.1:5000/busybox:latest")
    found = playground.node(1).exec(
        [
            "sh",
            "-c",
            f"cd /srv/kept{V2.removeprefix('/var/lib/registry')} && "
            "find blobs -name data -exec stat -c '%.9Z blob' {} + && "
            "stat -c '%.9Z tag' repositories/busybox/_manifests/tags/latest/current/link",
        ]
    )
    times = [line.split() for line in found.stdout.splitlines()]
    (tag,) = (float(time) for time, what in times if what == "tag")
    assert len(times) == 4
    assert all(float(time) < tag for time, what in times if what == "blob")
