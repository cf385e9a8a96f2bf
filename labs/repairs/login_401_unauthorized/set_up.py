"""A registry with two members; the hash of one is MD5, as `openssl passwd -apr1` and old manuals make it."""

from __future__ import annotations

from typing import Any

import bcrypt

from labs.playground import Playground
from labs.repairs.common import ADDRESS, run_registry, stock

ROSA, LINUS = ("rosa", "opensesame"), ("linus", "penguin")


def set_up(playground: Playground) -> dict[str, Any]:
    """Fill a registry, then run it with that password file."""
    server = playground.node(1)
    playground.node(2).reload_engine({"insecure-registries": [ADDRESS]})
    run_registry(server)
    digest = stock(server)
    server.docker.containers.get("registry").remove(force=True)
    # The lowest cost: a check asks many times.
    hashed = bcrypt.hashpw(LINUS[1].encode(), bcrypt.gensalt(4)).decode()
    old = server.read_output(
        ["openssl", "passwd", "-apr1", "-salt", "course", ROSA[1]]
    ).stdout.strip()
    server.write_file("/srv/auth/htpasswd", f"{LINUS[0]}:{hashed}\n{ROSA[0]}:{old}\n")
    run_registry(
        server,
        variables={
            "REGISTRY_AUTH_HTPASSWD_REALM": "team",
            "REGISTRY_AUTH_HTPASSWD_PATH": "/auth/htpasswd",
        },
        volumes=["registry-data:/var/lib/registry", "/srv/auth:/auth:ro"],
    )
    return {"digest": digest}


def reproduce(playground: Playground) -> str:
    """Log in on node 2."""
    login = f"echo {ROSA[1]} | docker login -u {ROSA[0]} --password-stdin {ADDRESS}"
    done = playground.node(2).exec(["sh", "-c", login])
    return done.stderr.strip() if done.exit_code else ""
