"""What another machine is answered on each port of node 1 without a password: node 2 asks, over TCP and over TLS.

This machine reaches node 1 by way of its loopback address, where something else may listen than other machines get.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from labs.lessons.assignment_secure_registry.access_probe import PORT, REPOSITORY, TAG
from labs.lessons.common import Request, open_ports, reading
from labs.playground import Playground
from labs.registry import ACCEPT

# For a port, then for each request, with both ways. timeout: a port may accept and never answer, and is then asked
# nothing more. 2000 bytes: the head of an answer, and enough of a manifest or a list to know it.
_ASK = r"""
ask() { printf '%s HTTP/1.0\r\nHost: registry.lab\r\nAccept: %s\r\n\r\n' "$1" "$accept" |
  timeout 3 socat -t 2 - "$way" 2>/dev/null | head -c 2000 | tr -d '\000'; }
ports=$1 accept=$2; shift 2
for port in $ports; do
  for way in TCP:registry.lab:$port OPENSSL:registry.lab:$port,verify=0; do
    first=$(ask "GET /v2/")
    case $first in HTTP/*) ;; *) continue;; esac
    for each in "$@"; do
      printf '\n@@ %s %s %s\n' "$port" "${way%%:*}" "$each"
      ask "$each"
    done
  done
done
"""
_ANSWER = re.compile(
    r"^@@ (?P<port>\d+) (?P<way>\w+) (?P<method>\w+) (?P<path>\S+)\n"
    r"HTTP/1\.\d (?P<status>\d{3})(?P<rest>.*?)(?=\n@@ |\Z)",
    re.DOTALL | re.MULTILINE,
)
# What a registry says, and a web server with a page for everything does not.
_CONTENT = ('"schemaVersion"', '"repositories"', '"tags"', "docker-content-digest:")
_VERSION = "docker-distribution-api-version"


@dataclass(frozen=True)
class PortAnswer:
    """An answer of a port of node 1 to a request of node 2 without a password.

    Attributes:
        port: The port.
        plain: Whether it was asked without TLS.
        request: What was asked.
        status: Of the answer.
        of_registry: Whether a registry gave it, by what it says.
    """

    port: int
    plain: bool
    request: Request
    status: int
    of_registry: bool


def answers(playground: Playground, digests: Sequence[str] = ()) -> list[PortAnswer]:
    """Ask every port of node 1 from node 2 what a reader asks.

    Args:
        playground: With both nodes.
        digests: Of blobs that the registry has, the manifest's first.
    """
    asked = [r for r in reading(REPOSITORY, TAG, digests) if r.method == "GET"]
    found = {PORT, *open_ports(playground.node(1), [PORT])}
    ports = " ".join(map(str, sorted(found)))
    command = ["sh", "-c", _ASK, "ask", ports, ACCEPT, *map(_line, asked)]
    said = playground.node(2).read_output(command).stdout
    return [_read(found) for found in _ANSWER.finditer(said.replace("\r\n", "\n"))]


def _line(request: Request) -> str:
    return f"{request.method} {request.path}"


def _read(found: re.Match[str]) -> PortAnswer:
    rest = found["rest"].lower()
    return PortAnswer(
        port=int(found["port"]),
        plain=found["way"] == "TCP",
        request=Request(found["method"], found["path"]),
        status=int(found["status"]),
        of_registry=_VERSION in rest or any(words.lower() in rest for words in _CONTENT),
    )
