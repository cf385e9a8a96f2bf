"""What one node is answered on each port of another without a password, over TCP and over TLS.

This machine reaches a node by way of its loopback address, where something else may listen than other machines get.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from labs.lessons.common.listeners import open_ports
from labs.lessons.common.registry_requests import Request
from labs.playground import Node
from labs.registry import ACCEPT

# For a port, then for each request, with both ways. timeout: a port may accept and never answer, and is then asked
# nothing more. 2000 bytes: the head of an answer, and enough of a manifest or a list to know it.
_ASK = r"""
ask() { printf '%s HTTP/1.0\r\nHost: %s\r\nAccept: %s\r\n\r\n' "$1" "$host" "$accept" |
  timeout 3 socat -t 2 - "$way" 2>/dev/null | head -c 2000 | tr -d '\000'; }
host=$1 ports=$2 accept=$3; shift 3
for port in $ports; do
  for way in TCP:$host:$port OPENSSL:$host:$port,verify=0; do
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
    """An answer of a port to a request without a password.

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


def ask_ports(
    asker: Node,
    node: Node,
    requests: Iterable[Request],
    *,
    host: str,
    published: Iterable[int],
    always: Iterable[int] = (),
) -> list[PortAnswer]:
    """Ask every port of a node that other machines may reach, from another one.

    Args:
        asker: The node that asks.
        node: The one that is asked.
        requests: What is asked for, by GET.
        host: Its name on the network.
        published: Ports of the lesson.
        always: Ports that are asked even if nothing seems to listen there.
    """
    found = {*always, *open_ports(node, published)}
    lines = [f"{each.method} {each.path}" for each in requests]
    ports = " ".join(map(str, sorted(found)))
    said = asker.read_output(["sh", "-c", _ASK, "ask", host, ports, ACCEPT, *lines]).stdout
    return [_read(found) for found in _ANSWER.finditer(said.replace("\r\n", "\n"))]


def _read(found: re.Match[str]) -> PortAnswer:
    rest = found["rest"].lower()
    return PortAnswer(
        port=int(found["port"]),
        plain=found["way"] == "TCP",
        request=Request(found["method"], found["path"]),
        status=int(found["status"]),
        of_registry=_VERSION in rest or any(words.lower() in rest for words in _CONTENT),
    )
