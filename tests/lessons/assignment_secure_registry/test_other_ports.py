"""What node 2 is answered on the ports of node 1, read from what it saw."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from labs.lessons.assignment_secure_registry import other_ports
from labs.lessons.common import PortAnswer

# Port 5000 on each address, 5432 on loopback, 8000 on IPv6; then the engine's, and the relay of port 5000.
TABLE = """  sl  local_address rem_address   st
   0: 00000000:1388 00000000:0000 0A 00000000:00000000 00:00000000
   1: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000
   2: 00000000:0948 00000000:0000 0A 00000000:00000000 00:00000000
   3: 00000000:61A8 00000000:0000 0A 00000000:00000000 00:00000000
   4: 0100007F:9999 0100007F:1388 01 00000000:00000000 00:00000000
   0: 00000000000000000000000000000000:1F40 00000000:0000 0A 00000000
   1: 00000000000000000000000001000000:1F41 00000000:0000 0A 00000000
"""
RULES = """-A DOCKER ! -i docker0 -p tcp -m tcp --dport 5000 -j DNAT --to-destination 172.17.0.2:5000
-A PREROUTING -p tcp -m tcp --dport 5443 -j REDIRECT --to-ports 5001
-A PREROUTING -p tcp -m multiport --dports 81,82 -j REDIRECT --to-ports 5001
"""
SAID = """
@@ 5000 OPENSSL GET /v2/
HTTP/1.1 401 Unauthorized
Docker-Distribution-Api-Version: registry/2.0

{"errors":[]}
@@ 5000 OPENSSL GET /v2/_catalog

@@ 5443 TCP GET /v2/
HTTP/1.1 401 Unauthorized
Www-Authenticate: Basic realm="x"

@@ 5443 TCP GET /v2/team/hello/manifests/latest
HTTP/1.0 200 OK

{"schemaVersion": 2}
@@ 8000 TCP GET /v2/
HTTP/1.1 200 OK

<html>Welcome</html>
"""


class Scripted:
    """A node whose commands have an output each, by their first word."""

    def __init__(self, **outputs: str) -> None:
        self.outputs = outputs
        self.asked: list[list[str]] = []

    def read_output(self, argv: list[str]) -> Any:
        self.asked.append(argv)
        return SimpleNamespace(stdout=self.outputs[argv[0].replace("-", "_")])


def asked(first: Scripted, second: Scripted) -> list[PortAnswer]:
    playground: Any = SimpleNamespace(node=lambda number: (first, second)[number - 1])
    return other_ports.answers(playground)


def test_ports_of_other_addresses_and_of_rules_are_asked() -> None:
    second = Scripted(sh="")
    assert asked(Scripted(cat=TABLE, iptables_save=RULES), second) == []
    assert second.asked[0][5] == "81 82 5000 5443 8000"
    assert "GET /v2/" in second.asked[0]


def test_answers_are_read_with_their_port_way_and_status() -> None:
    found = asked(Scripted(cat="", iptables_save=""), Scripted(sh=SAID.replace("\n", "\r\n")))
    assert [(a.port, a.plain, a.request.path, a.status, a.of_registry) for a in found] == [
        (5000, False, "/v2/", 401, True),
        (5443, True, "/v2/", 401, False),
        (5443, True, "/v2/team/hello/manifests/latest", 200, True),
        (8000, True, "/v2/", 200, False),
    ]


def test_answer_for_one_request_is_not_taken_for_that_of_another() -> None:
    """A port that fell silent has no status, and does not get the next one's."""
    said = "@@ 1 TCP GET /v2/\n\n@@ 1 TCP GET /v2/_catalog\nHTTP/1.1 200 OK\n"
    found = asked(Scripted(cat="", iptables_save=""), Scripted(sh=said))
    assert [(a.request.path, a.status) for a in found] == [("/v2/_catalog", 200)]
