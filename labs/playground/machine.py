"""A node as a machine with a plug and a network cable: switched off and on, cut from the others and healed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docker.errors import APIError, NotFound
from docker.models.containers import Container

from labs.playground.node_errors import PlaygroundError

_CONFLICT = 409


class Machine:
    """The machine below a node's engine.

    Args:
        name: `node1`.
        container: Its container on the host's engine.
        folder: The playground's own, on this machine.
    """

    def __init__(self, name: str, container: Container, folder: Path) -> None:
        self.name = name
        self.container = container
        self._mark = folder / "hurt" / name
        self._since = ""

    @property
    def status(self) -> str:
        """`running`, `cut` from the other nodes, `stopped`, or what else its container is: `paused`, `missing`."""
        try:
            self.container.reload()
        except NotFound:
            return "missing"
        started = self.container.attrs["State"]["StartedAt"]
        if self._since and started != self._since:  # by whom ever: its ports are others now
            self.forget()
            self.container.reload()
        self._since = started
        if self.container.status == "exited":
            return "stopped"
        return "cut" if self._marked("cut") else str(self.container.status)

    @property
    def hurt(self) -> str:
        """`stopped` or `cut` where somebody did that by these methods; empty where it runs, or died by itself."""
        status = self.status
        return status if status in ("stopped", "cut") and self._marked(status) else ""

    @property
    def inner_address(self) -> str:
        """Its address on the playground's network; in a swarm it never changes."""
        if not self._network()["IPAddress"]:  # as seen before it was started
            self.container.reload()
        return str(self._network()["IPAddress"])

    def stop(self) -> None:
        """Switch it off, as by its plug: its engine and tasks are gone, its disk is kept."""
        try:
            self.container.kill()
        except APIError as error:  # 409: it is off already
            if error.status_code != _CONFLICT:
                raise
        self.container.wait(timeout=30)
        if not self.hurt:
            self._write_mark("stopped")
        self.forget()

    def start(self) -> None:
        """Switch it on again; one that runs is left alone."""
        self.container.reload()
        if self.container.status == "paused":
            self.container.unpause()
        elif self.container.status != "running":
            self.container.start()
        self.forget()

    def cut(self) -> None:
        """Cut it from all other machines of the playground; this one still reaches its engine and its ports.

        Raises:
            PlaygroundError: It is not running.
        """
        if self.status == "cut":
            return
        self._run(" && ".join(f"iptables -w -I {rule}" for rule in self._rules()))
        self._write_mark("cut")

    def heal(self) -> None:
        """Connect it again; one that is not cut is left alone."""
        if self.status != "cut":
            return
        every = (f"while iptables -w -D {rule} 2>/dev/null; do :; done" for rule in self._rules())
        self._run("; ".join(every))
        self._mark.unlink(missing_ok=True)

    def forget(self) -> None:
        """Drop what is known of its published ports: they change when its container restarts."""
        self.container.attrs.pop("NetworkSettings", None)

    def _write_mark(self, what: str) -> None:
        self._mark.parent.mkdir(parents=True, exist_ok=True)
        self._mark.write_text(self._line(what))

    def _marked(self, what: str) -> bool:
        """Whether that was done since it was started: a cut ends with the container's network."""
        try:
            return self._mark.read_text() == self._line(what)
        except FileNotFoundError:
            return False

    def _line(self, what: str) -> str:
        return f"{what} {self.container.attrs['State']['StartedAt']}"

    def _rules(self) -> list[str]:
        """Nothing passes but what comes from the host, by way of the gateway, and what answers it."""
        gateway = self._network()["Gateway"]
        return [
            f"INPUT -i eth0 ! -s {gateway} -j DROP",
            f"OUTPUT -o eth0 ! -d {gateway} -j DROP",
            "FORWARD -i eth0 -j DROP",
            "FORWARD -o eth0 -j DROP",
        ]

    def _run(self, script: str) -> None:
        container: Any = (
            self.container
        )  # its types do not know that an exec without a stream gives bytes
        try:
            code, words = container.exec_run(["sh", "-c", script])
        except APIError as error:
            raise PlaygroundError(
                f"{self.name}'s network cannot be changed: {error.explanation}",
                hint=f"it is {self.status}; lab.node({self.name[4:]}).start() switches it on",
            ) from error
        if code:
            raise PlaygroundError(f"{self.name}'s network cannot be changed: {words.decode()}")

    def _network(self) -> dict[str, Any]:
        if "NetworkSettings" not in self.container.attrs:
            self.container.reload()
        networks = self.container.attrs["NetworkSettings"]["Networks"]
        return dict(next(iter(networks.values())))
