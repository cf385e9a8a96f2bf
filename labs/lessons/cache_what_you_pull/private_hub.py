"""A hub that wants a login, as Docker Hub does for private repositories, by two doors with the same images behind.

One door is nginx, which asks for a Bearer token and gives one to each account at `/token`. Tokens are random and mean
nothing: a token server of distribution would sign what they allow, here nginx looks it up. `library/` is for both
accounts, everything else for ada alone, and no one gets anything without a token. The other door is a registry with a
password file, which asks with Basic: distribution 2.8.3 as a cache cannot log in there (distribution #4263).
"""

from __future__ import annotations

import base64
from contextlib import suppress
from secrets import token_hex

import bcrypt
from docker.errors import NotFound

from labs.playground import Node
from labs.registry import RegistryClient
from labs.waiting import wait_until

REGISTRY_PORT, DOOR_PORT, PASSWORD_PORT = 5002, 5003, 5000
ADA, ROBOT = ("ada", "lovelace"), ("robot", "tin-man")
"""Accounts: ada reads everything, robot only what is public."""

_BASIC = {
    "REGISTRY_AUTH": "htpasswd",
    "REGISTRY_AUTH_HTPASSWD_REALM": "hub",
    "REGISTRY_AUTH_HTPASSWD_PATH": "/auth/htpasswd",
}
_CONFIG = """
map $http_authorization $account {{ default ""; "{ada}" ada; "{robot}" robot; }}
map $account $token {{ default ""; ada "{ada_token}"; robot "{robot_token}"; }}
map $http_authorization $who {{ default ""; "Bearer {ada_token}" ada; "Bearer {robot_token}" robot; }}
map "$who $uri" $may {{
    default 0; "~^[a-z]+ /v2/$" 1; "~^[a-z]+ /v2/library/" 1; "~^ada /v2/" 1;
}}
server {{
    listen {door};
    location = /token {{
        default_type application/json;
        if ($token = "") {{ return 401 '{{"details": "incorrect username or password"}}'; }}
        return 200 '{{"token": "$token"}}';
    }}
    location /v2/ {{
        if ($may = 0) {{
            add_header WWW-Authenticate 'Bearer realm="http://$http_host/token",service="hub"' always;
            return 401;
        }}
        limit_except GET HEAD {{ deny all; }}
        proxy_set_header Host $http_host;
        proxy_pass http://127.0.0.1:{registry};
    }}
}}
"""


def run_private_hub(node: Node) -> None:
    """Run it on a node: port 5003 asks with Bearer, port 5000 with Basic, and 127.0.0.1:5002 asks for nothing."""
    # The one that shares the vault's volume first: a volume in use is not removed with its container.
    for name in ("passwords", "vault", "door"):
        with suppress(NotFound):
            node.docker.containers.get(name).remove(force=True, v=True)
    node.write_file("/srv/door/default.conf", _config())
    node.write_file("/srv/passwords/htpasswd", _line(*ADA))
    run = node.docker.containers.run
    # On loopback alone: another machine gets in by one of the doors or not at all.
    run(
        "registry:2",
        name="vault",
        detach=True,
        ports={"5000/tcp": ("127.0.0.1", REGISTRY_PORT)},
    )
    run(
        "nginx",
        name="door",
        detach=True,
        network_mode="host",
        volumes=["/srv/door:/etc/nginx/conf.d:ro"],
    )
    run(
        "registry:2",
        name="passwords",
        detach=True,
        ports={"5000/tcp": PASSWORD_PORT},
        environment=_BASIC,
        volumes=["/srv/passwords:/auth:ro"],
        volumes_from=["vault"],
    )
    for port in (REGISTRY_PORT, DOOR_PORT, PASSWORD_PORT):
        wait_until(RegistryClient(node.url(port)).speaks, f"port {port} of {node.name}")


def _config() -> str:
    return _CONFIG.format(
        ada=_header(*ADA),
        robot=_header(*ROBOT),
        ada_token=token_hex(16),
        robot_token=token_hex(16),
        door=DOOR_PORT,
        registry=REGISTRY_PORT,
    )


def _header(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _line(user: str, password: str) -> str:
    # 4 is bcrypt's least cost: a password that a lesson prints needs no protection.
    return f"{user}:{bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()}\n"
