"""HAProxy as the edge of one service: a global service whose port each node publishes in host mode."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from docker.errors import APIError, NotFound

from labs.playground.node_errors import PlaygroundError
from labs.playground.swarm import service_spec

IMAGE = "haproxy:3"
NETWORK = "edge"
BEHIND = "org.registry-course.behind"
"""Label of an edge: the service behind it."""
_SLOTS = 20  # replicas that HAProxy can resolve; lessons run five
CONFIG = "/usr/local/etc/haproxy/haproxy.cfg"

# TCP mode, so that the service behind may use TLS. The engine's DNS resolves `tasks.<service>` to the running tasks;
# HAProxy follows a task that moved within two seconds and sends no connections to one that does not answer. A
# connection that is open ends when the other side acknowledges nothing for four seconds, which the kernel sees
# (`tcp-ut`, and `srvtcpka` for one that waits): a task that is slow to answer keeps its own. HAProxy 3.0 could end them
# as well, by `on-marked-down shutdown-sessions`. But then it forgets a connection that was being opened when its task
# was marked as down, and the client waits for minutes.
# 127.0.0.11 is the engine's DNS server in each container; `init-addr none` lets HAProxy start before the service has
# tasks, and `redispatch 1` lets each retry go to another task. The addresses of many tasks exceed the 512 bytes of
# plain DNS, so a larger answer is accepted.
_CONFIG = """\
global
  maxconn 2000

defaults
  mode tcp
  timeout connect 1s
  timeout client 1h
  timeout server 1h
  option redispatch 1
  retries 6
  option srvtcpka
  srvtcpka-idle 2s
  srvtcpka-intvl 1s
  srvtcpka-cnt 2

resolvers swarm
  nameserver engine 127.0.0.11:53
  accepted_payload_size 8192
  resolve_retries 2
  timeout resolve 1s
  timeout retry 500ms
  hold valid 1s
  hold obsolete 3s

frontend port
  bind :{port}
  default_backend tasks

backend tasks
  balance roundrobin
  default-server check inter 1s fall 3 rise 1
  default-server resolvers swarm init-addr none tcp-ut 4s
  server-template task {slots} tasks.{service}:{target}
"""


def name(port: int) -> str:
    """Return the name of the service that is the edge of a port."""
    return f"edge-{port}"


def config(service: str, *, port: int, target: int) -> str:
    """Return HAProxy's configuration for one service."""
    return _CONFIG.format(service=service, port=port, target=target, slots=_SLOTS)


def network(api: Any) -> str:
    """Return the id of the overlay network between edges and services; create it if necessary."""
    for each in api.networks(names=[NETWORK]):
        if each["Name"] == NETWORK and each["Driver"] == "overlay":
            return str(each["Id"])
    return str(api.create_network(NETWORK, driver="overlay", check_duplicate=True)["Id"])


def serve(api: Any, service: str, *, port: int, target: int, network: str) -> str:
    """Create the edge of a port, or point it to this service; return the edge's name."""
    content = config(service, port=port, target=target).encode()
    spec = _spec(service, port, network, _config_reference(api, port, content))
    try:
        raw = service_spec.service(api, name(port))
    except PlaygroundError:
        service_spec.post(api, "/services/create", spec)
        return name(port)
    # An update replaces all tasks and cuts open connections, so it is made only for another configuration.
    if _config_id(raw["Spec"]) != _config_id(spec):
        service_spec.post(
            api, f"/services/{raw['ID']}/update", spec, version=raw["Version"]["Index"]
        )
    return name(port)


def behind(service: service_spec.Raw) -> str:
    """Return the name of the service behind an edge; empty for a service that is not an edge."""
    return str((service["Spec"].get("Labels") or {}).get(BEHIND, ""))


def is_in_the_way(service: service_spec.Raw, every: Iterable[service_spec.Raw]) -> bool:
    """Whether a service is an edge that holds its port in vain.

    Its service was removed by `docker service rm`, or one of the same name publishes the port in host mode: its tasks
    could not start.

    Args:
        service: Any service.
        every: All services.
    """
    if not (wanted := behind(service)):
        return False
    own = next((each for each in every if each["Spec"]["Name"] == wanted), None)
    if own is None:
        return True
    held = {port.get("PublishedPort") for port in service_spec.ports(service)}
    host = [port for port in service_spec.ports(own) if port.get("PublishMode") == "host"]
    return any(port.get("PublishedPort") in held for port in host)


def remove_config(api: Any, service: service_spec.Raw) -> None:
    """Remove the configuration of an edge that was removed; do nothing for another service."""
    if behind(service):
        # Another edge, of the same service on another port, has one of its own.
        with suppress(APIError):
            api.remove_config(_config_id(service["Spec"]))


def _config_id(spec: service_spec.Raw) -> str:
    """Return the id of the configuration that an edge uses."""
    return str(spec["TaskTemplate"]["ContainerSpec"]["Configs"][0]["ConfigID"])


def _config_reference(api: Any, port: int, content: bytes) -> service_spec.Raw:
    """Return the configuration as a `docker config`; configs are immutable, so the name has a digest of the content."""
    label = f"{name(port)}-{hashlib.sha256(content).hexdigest()[:8]}"
    try:
        id = api.inspect_config(label)["ID"]
    except NotFound:
        id = api.create_config(label, content)["ID"]
    # 99 is the image's user haproxy, as in Docker Hub's image. Nothing in the file is secret: every user may read it.
    target = {"Name": CONFIG, "UID": "99", "GID": "99", "Mode": 0o444}
    return {"ConfigID": id, "ConfigName": label, "File": target}


def _spec(service: str, port: int, network: str, config: service_spec.Raw) -> service_spec.Raw:
    plain = on_every_node(port, network, config)
    # 1 s, in nanoseconds; by default the swarm waits 5 s, in which the port of that node answers no request.
    restart = {"Condition": "any", "Delay": 10**9}
    return {
        **plain,
        "Name": name(port),
        "Labels": {BEHIND: service},
        "TaskTemplate": {**plain["TaskTemplate"], "RestartPolicy": restart},
        # Two tasks on a node cannot both publish the port.
        "UpdateConfig": {"Parallelism": 0, "Order": "stop-first"},
    }


def on_every_node(port: int, network: str, config: service_spec.Raw) -> service_spec.Raw:
    """Return the specification of a global HAProxy service whose port each node publishes in host mode."""
    return {
        "TaskTemplate": {
            "ContainerSpec": {
                "Image": IMAGE,
                "Configs": [config],
                # SIGUSR1, HAProxy's own, waits for open connections, and a push keeps one open. After 1 s (the engine's
                # unit is nanoseconds) it is killed.
                "StopSignal": "SIGTERM",
                "StopGracePeriod": 10**9,
            },
            "Networks": [{"Target": network}],
        },
        "Mode": {"Global": {}},
        "EndpointSpec": {
            # The default, `vip`, needs IPVS, as the routing mesh does: this service is for kernels without it.
            "Mode": "dnsrr",
            "Ports": [
                {
                    "Protocol": "tcp",
                    "TargetPort": port,
                    "PublishedPort": port,
                    "PublishMode": "host",
                }
            ],
        },
    }
