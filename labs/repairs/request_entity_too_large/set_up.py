"""A registry that only its own machine reaches, and an nginx with default limits before it."""

from __future__ import annotations

import re
from typing import Any

import httpx

from labs.lessons import ask
from labs.playground import Playground
from labs.registry import RegistryClient
from labs.repairs.common import (
    ADDRESS,
    TOOL,
    make_tool,
    ready,
    run_registry,
    stock,
)
from labs.waiting import wait_until

_LAYER_BYTES = 2_000_000
_PROXY = """server {
    listen 5000;
    location /v2/ {
        proxy_set_header Host $http_host;
        proxy_pass http://127.0.0.1:5001;
    }
}
"""


def set_up(playground: Playground) -> dict[str, Any]:
    """Run both; an image was pushed before the proxy was there, and node 2 has another one."""
    server, user = playground.node(1), playground.node(2)
    user.reload_engine({"insecure-registries": [ADDRESS]})
    run_registry(server, port=5001, ports={"5000/tcp": ("127.0.0.1", 5001)})
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
    wait_until(RegistryClient(server.url(5000)).speaks, "the proxy")
    digest = stock(server, port=5001)
    make_tool(user)
    return {"digest": digest}


def reproduce(playground: Playground) -> str:
    """Send 2 MB of a layer: the engine would try five times, 50 s long, before it says what it got."""
    url = playground.node(1).url(5000)
    begun = ask(f"{url}/v2/{TOOL}/blobs/uploads/", method="POST")
    assert begun is not None
    place = url + httpx.URL(begun.headers["location"]).raw_path.decode()
    answer = ask(place, method="PATCH", content=b"x" * _LAYER_BYTES)
    ask(place, method="DELETE")
    found = re.search("<title>(.*)</title>", answer.text if answer is not None else "")
    return found[1] if found else ""
