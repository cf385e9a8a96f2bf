"""What keeps root in a node from being root on the host: a runtime, a user namespace, or nothing."""

from __future__ import annotations

import os
from dataclasses import dataclass

from labs.engine import NODE_RUNTIME, Engine

RUNTIME = "LABS_NODE_RUNTIME"
"""Variable that names the runtime for nodes where runc does not isolate enough: `sysbox-runc`, `runsc`."""

# What `docker info` lists under "Security Options".
_USERNS, _ROOTLESS = "name=userns", "name=rootless"


@dataclass(frozen=True)
class Isolation:
    """How nodes are kept from the host.

    Attributes:
        kind: One word or two, for tables: `user namespace`, `sysbox-runc`, `none`.
        words: A sentence for people.
        todo: How to get more; empty where root in a node is not root on the host.
        options: Parameters of the SDK's `create_host_config`.
    """

    kind: str
    words: str
    todo: str
    options: dict[str, str]

    @property
    def strong(self) -> bool:
        """Whether root in a node is somebody else on the host."""
        return not self.todo


def isolation_of(engine: Engine) -> Isolation:
    """What an engine gives the nodes that are made now.

    Raises:
        APIError: The engine does not say.
    """
    info = engine.client.info()
    security = " ".join(info.get("SecurityOptions") or ())
    if runtime := os.environ.get(RUNTIME):
        words = f"nodes run under {runtime}, as {RUNTIME} says"
        return Isolation(runtime, words, "", {"runtime": runtime})
    if _ROOTLESS in security:
        words = "the engine is rootless: root in a node is the user who runs the engine"
        return Isolation("rootless", words, "", {})
    if _USERNS in security and NODE_RUNTIME in (info.get("Runtimes") or {}):
        words = "root in a node is a user without rights on the host"
        return Isolation("user namespace", words, "", {"runtime": NODE_RUNTIME})
    # An engine in a node needs cgroups of its own, which only the course's runtime gives to a mapped root.
    options = {"userns_mode": "host"} if _USERNS in security else {}
    words = "root in a node could change settings of the kernel that this engine runs on"
    return Isolation("none", words, _more(engine), options)


def _more(engine: Engine) -> str:
    """How to get a user namespace, or what does the same."""
    if engine.embedded:
        return "`labs stop`, then `labs start`: it says why there is no user namespace"
    sysbox = f"install Sysbox and set {RUNTIME}=sysbox-runc"
    return f"{sysbox}; or stop this engine and run `labs start` as root on Linux: its own engine has one"
