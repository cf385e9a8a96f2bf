"""Whether the registry takes pushes, has what it had, and node 2 still has a cache of Docker Hub."""

from __future__ import annotations

from urllib.parse import urlsplit

from labs.lesson import Answers, Finding, not_yet, passed
from labs.playground import Playground
from labs.repairs.common import begin_upload, image_kept, keeps, leads_to, said, user_pushed
from labs.repairs.upload_is_unsupported.set_up import UPSTREAM

_WANTED = "library/hello-world"
_PORTS = (5000, 5001)


def mended(playground: Playground, notes: Answers) -> Finding:
    """The old image is there, team/tool:1 came from node 2, and a cache on node 1 serves node 2."""
    if missing := image_kept(playground, notes):
        return missing
    if refusal := said(begin_upload(playground.node(1))):
        return not_yet(
            f"the registry on port 5000 of node 1 still refuses an upload: {refusal}",
            hint="it refuses as long as it has an upstream, REGISTRY_PROXY_REMOTEURL or `proxy:` in its file; "
            "the cache has to be another registry",
        )
    return user_pushed(playground) or _cache_lost(playground) or passed()


def _cache_lost(playground: Playground) -> Finding | None:
    server = playground.node(1)
    port = _cache_port(playground)
    if port is None:
        return not_yet(
            "node 2 does not ask node 1 for images of Docker Hub any more",
            hint="registry-mirrors of node 2: http://registry.lab:5001; `docker info` shows what its engine has",
        )
    refusal = said(begin_upload(server, port))
    if not refusal:
        return not_yet(
            f"node 2 asks port {port} of node 1 for images of Docker Hub, and a registry is there that takes pushes; "
            "wanted a cache",
            hint="the cache has to be a second registry: port 5001 of node 1 is free"
            if port == _PORTS[0]
            else "a cache is a registry with REGISTRY_PROXY_REMOTEURL; what someone pushes to a registry is never "
            "newer than that push",
        )
    if not keeps(server, port, _WANTED, "latest"):
        return not_yet(
            f"node 2 asks port {port} of node 1 for images of Docker Hub, and {_WANTED}:latest is not served there",
            hint=f"the cache asks {UPSTREAM}; its log says what it got. A container on the bridge asks other name "
            "servers than its machine: --network host",
        )
    return None


def _cache_port(playground: Playground) -> int | None:
    """The port of node 1 that node 2's engine asks first for images of Docker Hub."""
    server, user = playground.node(1), playground.node(2)
    for mirror in user.docker.info()["RegistryConfig"]["Mirrors"] or ():
        url = urlsplit(mirror)
        if url.port in _PORTS and leads_to(user, str(url.hostname), server):
            return int(url.port)
    return None
