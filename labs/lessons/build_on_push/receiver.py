"""A receiver of webhooks: a web server in a container of node 2 that runs one shell script for each call.

The server is busybox httpd, and the script a CGI program: headers arrive as variables, `X-Hub-Timestamp` as
`HTTP_X_HUB_TIMESTAMP`, the body as input, and what it prints is the answer. It runs in the file system of the node and
not of the container, so it has the node's `docker` and `openssl`.
"""

from __future__ import annotations

from contextlib import suppress

from docker.errors import NotFound

from labs.playground import Node
from labs.waiting import wait_until

PORT = 8081
FOLDER = "/srv/receiver"
HOOK, SECRET = f"{FOLDER}/hook", f"{FOLDER}/secret"

STORE = r"""cat >new && mv new body
echo "$HTTP_X_HUB_TIMESTAMP $HTTP_X_HUB_SIGNATURE_256" >new && mv new headers
printf 'Status: 202 Accepted\n\nstored\n'
"""

DEPLOY = """exec 9>lock
flock 9
docker pull --quiet hub.lab/acme/app
docker rm --force app
docker run --detach --name app --publish 8080:80 hub.lab/acme/app
"""

_CGI = f"""#!/bin/sh
exec chroot /host sh -c 'cd {FOLDER} && exec sh hook'
"""


def start_receiver(node: Node, script: str, secret: str) -> None:
    """Run a receiver on a node, in place of one that is there.

    Args:
        node: Where it runs; the hub reaches it at `http://node2:8081/cgi-bin/hook`.
        script: What it does with a call, which may run the script `deploy` beside it.
        secret: The webhook's, for a script that verifies.
    """
    node.write_file(f"{FOLDER}/cgi-bin/hook", _CGI, mode=0o755)
    node.write_file(HOOK, script)
    node.write_file(f"{FOLDER}/deploy", DEPLOY)
    node.write_file(SECRET, secret, mode=0o600)
    with suppress(NotFound):
        node.docker.containers.get("receiver").remove(force=True)
    node.docker.images.pull("busybox", tag="latest")
    server = ["httpd", "-f", "-p", str(PORT), "-h", f"/host{FOLDER}"]
    node.docker.containers.run(
        "busybox",
        server,
        name="receiver",
        detach=True,
        network_mode="host",
        volumes=["/:/host"],
    )
    listens = ["bash", "-c", f": >/dev/tcp/127.0.0.1/{PORT}"]
    wait_until(lambda: node.exec(listens).exit_code == 0, "the receiver to listen")
