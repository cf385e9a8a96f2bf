"""Power and network faults of a node: stop, start, cut off from the other nodes, heal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docker.errors import APIError, NotFound
from docker.models.containers import Container

from labs.playground.container_start import start_container
from labs.playground.node_errors import PlaygroundError

_CONFLICT = 409


class Machine:
    """The machine that a node's engine runs on: its container.

    Args:
        name: `node1`.
        container: Its container on the host's engine.
        folder: The playground's folder on this machine, where faults are recorded.
    """

    def __init__(self, name: str, container: Container, folder: Path) -> None:
        self.name = name
        self.container = container
        self._fault_file = folder / "faults" / name
        self._since = ""

    @property
    def status(self) -> str:
        """`running`, `cut` (from the other nodes), `stopped`, or another state of its container, such as `paused`."""
        try:
            self.container.reload()
        except NotFound:
            return "missing"
        started = self.container.attrs["State"]["StartedAt"]
        # Restarted, by this process or another: its published ports changed.
        if self._since and started != self._since:
            self.forget()
            self.container.reload()
        self._since = started
        if self.container.status == "exited":
            return "stopped"
        return "cut" if self._has_fault("cut") else str(self.container.status)

    @property
    def fault(self) -> str:
        """`stopped` or `cut` if these methods did it, as lessons ask for; empty if it runs or failed by itself."""
        status = self.status
        return status if status in ("stopped", "cut") and self._has_fault(status) else ""

    @property
    def inner_address(self) -> str:
        """Its address on the playground's network. In a swarm it never changes."""
        if not self._network()["IPAddress"]:  # the container was inspected before it was started
            self.container.reload()
        return str(self._network()["IPAddress"])

    def stop(self) -> None:
        """Switch it off without a shutdown: its engine and tasks end, its disk is kept."""
        try:
            self.container.kill()
        except APIError as error:  # it is off already
            if error.status_code != _CONFLICT:
                raise
        self.container.wait(timeout=30)
        if not self.fault:
            self._record_fault("stopped")
        self.forget()

    def start(self) -> None:
        """Switch it on again; do nothing if it runs."""
        self.container.reload()
        if self.container.status == "paused":
            self.container.unpause()
        elif self.container.status != "running":
            start_container(self.container)
        self.forget()

    def cut(self) -> None:
        """Cut it off from all other nodes; this machine still reaches its engine and its ports.

        Raises:
            PlaygroundError: It is not running.
        """
        if self.status == "cut":
            return
        # Rules instead of disconnecting the container from the network: that would remove its published ports as
        # well. -w: the node's engine changes iptables too, and without waiting for its lock one of the two would
        # fail.
        self._run(" && ".join(f"iptables -w -I {rule}" for rule in self._rules()))
        self._record_fault("cut")

    def heal(self) -> None:
        """Connect it again; do nothing if it is not cut."""
        if self.status != "cut":
            return
        # Until none is left: a cut that was interrupted and repeated has inserted its rules twice.
        every = (f"while iptables -w -D {rule} 2>/dev/null; do :; done" for rule in self._rules())
        self._run("; ".join(every))
        self._fault_file.unlink(missing_ok=True)

    def forget(self) -> None:
        """Forget its published ports: they change when its container restarts."""
        self.container.attrs.pop("NetworkSettings", None)

    def _record_fault(self, what: str) -> None:
        self._fault_file.parent.mkdir(parents=True, exist_ok=True)
        self._fault_file.write_text(self._line(what))

    def _has_fault(self, what: str) -> bool:
        """Whether this fault was caused since the container started: a restart removes the rules of a cut."""
        try:
            return self._fault_file.read_text() == self._line(what)
        except FileNotFoundError:
            return False

    def _line(self, what: str) -> str:
        # With the start time: a restart takes a cut's rules away, and the record must not outlive them.
        return f"{what} {self.container.attrs['State']['StartedAt']}"

    def _rules(self) -> list[str]:
        """Rules that drop everything except traffic with the host, which comes from the gateway's address."""
        gateway = self._network()["Gateway"]
        return [
            f"INPUT -i eth0 ! -s {gateway} -j DROP",
            f"OUTPUT -o eth0 ! -d {gateway} -j DROP",
            # Traffic of the node's containers is forwarded, so it passes neither INPUT nor OUTPUT.
            "FORWARD -i eth0 -j DROP",
            "FORWARD -o eth0 -j DROP",
        ]

    def _run(self, script: str) -> None:
        # types-docker does not know that exec_run without a stream returns bytes.
        container: Any = self.container
        try:
            code, output = container.exec_run(["sh", "-c", script])
        except APIError as error:
            raise PlaygroundError(
                f"{self.name}'s network cannot be changed: {error.explanation}",
                hint=f"it is {self.status}; lab.node({self.name[4:]}).start() switches it on",
            ) from error
        if code:
            raise PlaygroundError(f"{self.name}'s network cannot be changed: {output.decode()}")

    def _network(self) -> dict[str, Any]:
        if "NetworkSettings" not in self.container.attrs:
            self.container.reload()
        networks = self.container.attrs["NetworkSettings"]["Networks"]
        return dict(next(iter(networks.values())))
