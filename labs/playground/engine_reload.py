"""Changes settings of a node's engine while it runs: daemon.json is written, and dockerd reads it again at SIGHUP.

dockerd takes some settings over without a restart, so containers go on. All others wait for its next start, and it
does not say so. That it took them over is an event of its own, `reload`; what it refused is in its log.
"""

from __future__ import annotations

import re
import time
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

from labs.engine import EngineClient
from labs.playground import engine_settings
from labs.playground.engine_settings import DAEMON_JSON, LAST, REFUSED
from labs.playground.node_errors import NodeUnavailable, PlaygroundError
from labs.playground.node_files import NodeFiles

# dockerd 26, `daemon/reload.go`; "Configuration reload behavior" in its documentation.
_LISTS = ("insecure-registries", "labels", "registry-mirrors")
RELOADABLE = (
    *_LISTS,
    "debug",
    "live-restore",
    "max-concurrent-downloads",
    "max-concurrent-uploads",
    "max-download-attempts",
    "shutdown-timeout",
)
"""Settings that dockerd takes over without a restart."""

_ANSWER_S = 20.0  # it answers in milliseconds, on a machine under load in seconds
# The first is said of a file that it cannot read, the second of a value that it cannot use.
_REFUSALS = (
    re.compile(r'msg="unable to configure the Docker daemon with file \S+: (.+)"'),
    re.compile(r'msg="Error reconfiguring the daemon: (.+)"'),
)
_HANG_UP = "kill -HUP $(cat /run/docker.pid 2>/dev/null || pidof dockerd)"


class EngineReload(NodeFiles):
    """A node whose engine can be told other settings while its containers run."""

    @property
    @abstractmethod
    def docker(self) -> EngineClient:
        """SDK client of this node's engine."""

    def reload_engine(self, settings: Mapping[str, Any] | None = None) -> None:
        """Change settings of the engine's daemon.json and have the engine read it again; None removes a setting.

        Nothing restarts, and containers go on. Without settings the engine reads the file as it is.

        Raises:
            PlaygroundError: The engine refuses these settings, or takes one of them over only when it starts; the
                message has its words. It runs with the settings from before.
            NodeUnavailable: The node is not running.
        """
        before = self._stored(DAEMON_JSON) or b""
        now = engine_settings.parse(before, self.name)
        kept = changed(now, settings or {}, self.name)
        content = engine_settings.as_json(kept).encode() if settings else before
        self.write_file(DAEMON_JSON, content)
        if said := self._hang_up():
            self._back_to(before, refused=content)
            raise PlaygroundError(
                f"{self.name}'s engine does not take over {dict(settings or {}) or DAEMON_JSON}: {said}",
                hint="it runs with the settings from before; the names are those of daemon.json",
            )
        self.write_file(LAST, content)

    def _back_to(self, before: bytes, *, refused: bytes) -> None:
        """Give the engine its earlier file again: of one that it refuses it may have taken over a part."""
        self.write_file(REFUSED, refused)
        older = engine_settings.older(refused, before, self._stored(LAST))
        self.write_file(DAEMON_JSON, next(older, b"{}"))
        self._hang_up()

    def _hang_up(self) -> str:
        """Send SIGHUP and wait for what the engine does; return why it refused, empty if it did not.

        Raises:
            NodeUnavailable: It does not say.
        """
        old = set(self.log().splitlines())
        since = self._now()
        self.exec(["sh", "-c", _HANG_UP])
        deadline = time.monotonic() + _ANSWER_S
        while time.monotonic() < deadline:
            if self._reloaded(since):
                return ""
            if said := refusal(line for line in self.log().splitlines() if line not in old):
                return said
            time.sleep(0.05)
        raise NodeUnavailable(
            f"{self.name}'s engine did not read {DAEMON_JSON} again within {_ANSWER_S:g} s",
            hint=f"{engine_settings.call(self.name)}.restart_engine()",
        )

    def _reloaded(self, since: str) -> bool:
        """Whether the engine has said that it took over its file, after a time of its own clock."""
        until = self._now()
        filters = {"type": "daemon", "event": "reload"}
        engine: Any = self.docker  # its types know no fractions of a second
        # Not for ever: with an end in the past the stream of events closes at once.
        return bool(list(engine.events(since=since, until=until, filters=filters)))

    def _now(self) -> str:
        """Seconds since 1970 by the node's clock. Without a time, the engine would tell of all events, without end."""
        return self.read_output(["date", "+%s.%N"]).stdout.strip()


def changed(now: Mapping[str, Any], settings: Mapping[str, Any], node: str) -> dict[str, Any]:
    """Return the settings after a change that dockerd takes over while it runs.

    Raises:
        PlaygroundError: It takes one of them over only when it starts.
    """
    kept = {**now, **settings}
    for name, value in settings.items():
        if value != now.get(name) and (
            name not in RELOADABLE or (value is None and name not in _LISTS)
        ):
            raise PlaygroundError(
                f"dockerd takes {name!r} over only when it starts",
                hint=f"{engine_settings.call(node)}.configure_engine({{…}}) restarts the engine; "
                f"without a restart: {', '.join(sorted(RELOADABLE))}",
            )
        # Left out, the last mirrors stay until the next start. An empty list is taken over.
        kept[name] = [] if value is None and name in now else value
    return {name: value for name, value in kept.items() if value is not None}


def refusal(lines: Iterable[str]) -> str:
    """Why dockerd did not take over its file, in its own words; empty if these lines of its log do not say."""
    for line in lines:
        for pattern in _REFUSALS:
            if found := pattern.search(line):
                # logfmt: a quote inside the message has a backslash before it.
                return found[1].replace('\\"', '"')
    return ""
