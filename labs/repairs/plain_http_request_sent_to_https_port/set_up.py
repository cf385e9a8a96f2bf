"""An nginx with TLS that does not tell the registry behind it how it was asked."""

from __future__ import annotations

import re
from typing import Any

from labs.lessons import ask
from labs.playground import Playground
from labs.registry import RegistryClient
from labs.repairs.common import (
    TOOL,
    TRUST,
    issue,
    make_authority,
    make_tool,
    ready,
    run_registry,
    said,
    stock,
)
from labs.waiting import wait_until

_PROXY = """server {
    listen 5000 ssl;
    ssl_certificate /certs/tls.crt;
    ssl_certificate_key /certs/tls.key;
    client_max_body_size 0;
    location /v2/ {
        proxy_set_header Host $http_host;
        proxy_pass http://127.0.0.1:5001;
    }
}
"""


def set_up(playground: Playground) -> dict[str, Any]:
    """Run both; an image was pushed before the proxy was there, and node 2 has another one."""
    server, user = playground.node(1), playground.node(2)
    authority = make_authority(server)
    issue(server, "-addext subjectAltName=DNS:registry.lab -days 90")
    user.write_file(f"{TRUST}/ca.crt", authority)
    run_registry(server, port=5001, ports={"5000/tcp": ("127.0.0.1", 5001)})
    digest = stock(server, port=5001)
    ready(server, "nginx:latest")
    server.write_file("/srv/proxy/registry.conf", _PROXY)
    server.docker.containers.run(
        "nginx:latest",
        name="proxy",
        network_mode="host",
        volumes=["/srv/proxy:/etc/nginx/conf.d:ro", "/srv/certs:/certs:ro"],
        restart_policy={"Name": "unless-stopped"},
        detach=True,
    )
    wait_until(RegistryClient(server.url(5000)).speaks, "the proxy")
    make_tool(user)
    return {"digest": digest}


def reproduce(playground: Playground) -> str:
    """Begin an upload and go on where the answer says: the engine would try five times, 50 s long."""
    url = playground.node(1).url(5000).replace("http:", "https:", 1)
    begun = ask(f"{url}/v2/{TOOL}/blobs/uploads/", method="POST")
    if begun is None or begun.status_code != 202:
        return said(begun)
    place = str(begun.url.join(begun.headers["location"]))
    answer = ask(place, method="PATCH", content=b"a part of a layer")
    ask(place.replace("http:", "https:", 1), method="DELETE")
    found = re.search("<title>(.*)</title>", answer.text if answer is not None else "")
    return found[1] if found else said(answer)
