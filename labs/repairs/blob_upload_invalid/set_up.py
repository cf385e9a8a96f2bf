"""Two registries on one volume, without a common secret, behind nginx."""

from __future__ import annotations

from typing import Any

import httpx

from labs.lessons import ask
from labs.playground import Playground
from labs.registry import RegistryClient
from labs.repairs.common import ADDRESS, TOOL, make_tool, ready, run_registry, said, stock
from labs.waiting import wait_until

REPLICAS = {"replica1": 5002, "replica2": 5003}
_PROXY = """upstream replicas {
    server 127.0.0.1:5002;
    server 127.0.0.1:5003;
}
server {
    listen 5000;
    client_max_body_size 0;
    location /v2/ {
        proxy_set_header Host $http_host;
        proxy_pass http://replicas;
    }
}
"""


def set_up(playground: Playground) -> dict[str, Any]:
    """Push by a registry that goes then, and run the two on its volume."""
    server, user = playground.node(1), playground.node(2)
    user.reload_engine({"insecure-registries": [ADDRESS]})
    first = run_registry(server)
    digest = stock(server)
    first.remove(force=True)
    for name, port in REPLICAS.items():
        server.docker.containers.run(
            "registry:2",
            name=name,
            environment={"REGISTRY_HTTP_ADDR": f"127.0.0.1:{port}"},
            network_mode="host",
            volumes=["registry-data:/var/lib/registry"],
            restart_policy={"Name": "unless-stopped"},
            detach=True,
        )
    ready(server, "nginx:latest")
    server.write_file("/srv/proxy/registry.conf", _PROXY)
    server.docker.containers.run(
        "nginx:latest",
        name="proxy",
        network_mode="host",
        volumes=["/srv/proxy:/etc/nginx/conf.d:ro"],
        restart_policy={"Name": "unless-stopped"},
        detach=True,
    )
    registry = RegistryClient(server.url(5000))
    wait_until(lambda: registry.speaks() and registry.catalog(), "both behind the proxy")
    make_tool(user)
    return {"digest": digest}


def reproduce(playground: Playground) -> str:
    """Begin an upload and go on with it: the engine would try five times, 50 s long, before it says what it got."""
    url = playground.node(1).url(5000)
    for _ in REPLICAS:
        begun = ask(f"{url}/v2/{TOOL}/blobs/uploads/", method="POST")
        if begun is None or begun.status_code != 202:
            return said(begun)
        place = httpx.URL(begun.headers["location"])
        for part in (b"first", b"second"):
            answer = ask(url + place.raw_path.decode(), method="PATCH", content=part)
            if refused := said(answer):
                ask(url + place.raw_path.decode(), method="DELETE")
                return refused
            assert answer is not None
            place = httpx.URL(answer.headers["location"])
        ask(url + place.raw_path.decode(), method="DELETE")
    return ""
