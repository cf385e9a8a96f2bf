"""Asks the registry at registry.lab:5000 as member and as untrusted client, and finds other open ports of node 1."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass

import httpx

from labs.lesson import Answers
from labs.lessons.common import Member, ask
from labs.playground import ENGINE_PORT, RELAY_OFFSET, Node, Playground
from labs.registry import ACCEPT
from labs.waiting import WaitTimeout, wait_until

HOST, PORT = "registry.lab", 5000
ADDRESS = f"{HOST}:{PORT}"
REPOSITORY, TAG = "team/hello", "latest"
MANIFEST = f"/v2/{REPOSITORY}/manifests/{TAG}"
FIRST = f"run a registry that answers at {ADDRESS} first (50.1)"
MOBY: Member = ("moby", "gordon")
_PATIENCE_S = 5.0  # a registry and, after it, a proxy have to listen
# Lines of /proc/net/tcp, in hexadecimal; state 0A is LISTEN.
_LISTENS = re.compile(r"^\s*\d+: (?P<host>[0-9A-F]+):(?P<port>[0-9A-F]{4}) \S+ 0A ", re.MULTILINE)
_LOOPBACK = re.compile(r"7F$|^0{24}01000000$")  # words of an address, each with its bytes reversed
# From node 2, as another machine would, over TCP and TLS. timeout: a port may accept and never answer.
_ASK_PORTS = r"""
for port in "$@"; do
  for way in TCP:registry.lab:$port OPENSSL:registry.lab:$port,verify=0; do
    echo "@ $port $way"
    printf 'GET /v2/ HTTP/1.0\r\nHost: registry.lab\r\n\r\n' | timeout 3 socat -t 2 - "$way" 2>/dev/null
    echo
  done
done
"""
_ANSWER = re.compile(r"@ (\d+) (\w+):\S+\s+HTTP/1\.\d (\d+)(.*?)(?=\n@ |\Z)", re.DOTALL)


@dataclass(frozen=True)
class RegistryProbe:
    """Port 5000 of node 1, asked over TLS, else over plain HTTP. The certificate is not verified here."""

    node: Node

    def ask(
        self, path: str = "/v2/", *, method: str = "GET", member: Member | None = None
    ) -> httpx.Response | None:
        """Return the answer, or None if no HTTP server answers."""
        url, headers = self.node.url(PORT) + path, {"Accept": ACCEPT}
        secure = url.replace("http:", "https:", 1)
        for each in (secure, url):
            answer = ask(each, method=method, member=member, headers=headers, host=HOST)
            if answer is not None:
                return answer
        return None

    def status(self, path: str = "/v2/", *, member: Member | None = None) -> int:
        """The status of a GET; 0 if nothing answers."""
        answer = self.ask(path, member=member)
        return answer.status_code if answer is not None else 0

    def begins_upload(self, repository: str, member: Member | None = None) -> int:
        """The status of a POST that begins an upload; the upload is cancelled."""
        answer = self.ask(f"/v2/{repository}/blobs/uploads/", method="POST", member=member)
        if answer is not None and answer.status_code == 202:
            location = httpx.URL(answer.headers.get("location", "/v2/")).raw_path.decode()
            # The answer is untrusted: appended to host and port, "@elsewhere" would be another host.
            self.ask(f"/{location.lstrip('/')}", method="DELETE", member=member)
        return answer.status_code if answer is not None else 0

    def plain(self) -> int:
        """The status of a GET in plain HTTP, 0 for no answer; a port with TLS answers 400."""
        answer = ask(self.node.url(PORT) + "/v2/")
        return answer.status_code if answer is not None else 0

    def wait(self) -> None:
        """Give a container that was just started the time to listen, behind a proxy too."""
        if self.node.docker.containers.list(ignore_removed=True):
            with suppress(WaitTimeout):
                wait_until(self._settled, "the registry", timeout_s=_PATIENCE_S)

    def _settled(self) -> bool:
        # 502: a proxy answers, and the registry behind it does not yet.
        return self.status() not in (0, 502)


def given(answers: Answers) -> Member | None:
    """The second user, as the student names it."""
    user, password = answers.get("user"), answers.get("password")
    # Answers are JSON of any type.
    named = isinstance(user, str) and isinstance(password, str) and user
    return (str(user), str(password)) if named else None


def allowed(probe: RegistryProbe, answers: Answers) -> Member | None:
    """Return a member whom the registry accepts, moby before the second user."""
    known = (MOBY, given(answers))
    return next((each for each in known if each and probe.status(member=each) == 200), None)


@dataclass(frozen=True)
class OpenPort:
    """Another port where node 2 finds a registry: what GET /v2/ without a password gives there."""

    port: int
    plain: bool
    status: int


def other_open_ports(playground: Playground) -> list[OpenPort]:
    """All ports of node 1 but 5000 where node 2 is answered by a registry."""
    ports = [str(port) for port in _listening(playground.node(1))]
    if not ports:
        return []
    said = playground.node(2).exec(["sh", "-c", _ASK_PORTS, "knock", *ports]).stdout
    return [
        OpenPort(int(port), way == "TCP", int(status))
        for port, way, status, rest in _ANSWER.findall(said)
        # The header that registries send with each answer under /v2/, a refusal too.
        if "docker-distribution-api-version" in rest.lower()
    ]


def _listening(node: Node) -> list[int]:
    """Ports on which something listens for other machines, those of the playground itself left out."""
    table = node.exec(["cat", "/proc/net/tcp", "/proc/net/tcp6"]).stdout
    found = {
        int(line["port"], 16)
        for line in _LISTENS.finditer(table)
        if not _LOOPBACK.search(line["host"])
    }
    # The relay leads to port 5000 itself, and the engine's port asks for a client certificate.
    return sorted(found - {PORT, ENGINE_PORT, PORT + RELAY_OFFSET})
