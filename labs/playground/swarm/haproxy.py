"""The edge: a global service of HAProxy whose port each node publishes for itself, in front of one service."""

from __future__ import annotations

import hashlib
from typing import Any

from docker.errors import NotFound

from labs.playground.node_errors import PlaygroundError
from labs.playground.swarm import service_spec

IMAGE = "haproxy:3"
NETWORK = "edge"
BEHIND = "org.registry-course.behind"
"""Label of an edge: the service that it leads to."""
_SLOTS = 20
CONFIG = "/usr/local/etc/haproxy/haproxy.cfg"

# TCP, so that what is behind may speak TLS. The engine's own DNS names the tasks that run; a task that moved is
# found within a second or two, and one that does not answer gets no connections. A busy machine may answer late: it
# takes three times in a row, since whoever is connected to a task that counts as lost is cut off.
_TEXT = """\
global
  maxconn 2000

defaults
  mode tcp
  timeout connect 1s
  timeout client 1h
  timeout server 1h
  option redispatch 1
  retries 6

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
  default-server check inter 1s fastinter 300ms fall 3 rise 1
  default-server resolvers swarm init-addr none on-marked-down shutdown-sessions
  server-template task {slots} tasks.{service}:{target}
"""


def name(port: int) -> str:
    """The service that is the edge of a port."""
    return f"edge-{port}"


def config(service: str, *, port: int, target: int) -> str:
    """HAProxy's configuration."""
    return _TEXT.format(service=service, port=port, target=target, slots=_SLOTS)


def network(api: Any) -> str:
    """Id of the overlay network between edges and services, made if it is not there."""
    for each in api.networks(names=[NETWORK]):
        if each["Name"] == NETWORK and each["Driver"] == "overlay":
            return str(each["Id"])
    return str(api.create_network(NETWORK, driver="overlay", check_duplicate=True)["Id"])


def serve(api: Any, service: str, *, port: int, target: int, network: str) -> str:
    """Make the edge of a port, or turn it to this service; the edge's name."""
    content = config(service, port=port, target=target).encode()
    spec = _spec(service, port, network, _store(api, port, content))
    try:
        raw = service_spec.service(api, name(port))
    except PlaygroundError:
        service_spec.post(api, "/services/create", spec)
        return name(port)
    if _of(raw["Spec"]) != _of(spec):
        service_spec.post(
            api, f"/services/{raw['ID']}/update", spec, version=raw["Version"]["Index"]
        )
    return name(port)


def _of(spec: service_spec.Raw) -> str:
    """The id of the configuration that an edge has."""
    return str(spec["TaskTemplate"]["ContainerSpec"]["Configs"][0]["ConfigID"])


def _store(api: Any, port: int, content: bytes) -> service_spec.Raw:
    """The configuration as a `docker config`; these never change, so its name tells its content."""
    label = f"{name(port)}-{hashlib.sha256(content).hexdigest()[:8]}"
    try:
        id = api.inspect_config(label)["ID"]
    except NotFound:
        id = api.create_config(label, content)["ID"]
    target = {"Name": CONFIG, "UID": "99", "GID": "99", "Mode": 0o444}
    return {"ConfigID": id, "ConfigName": label, "File": target}


def _spec(service: str, port: int, network: str, config: service_spec.Raw) -> service_spec.Raw:
    plain = on_every_node(port, network, config)
    restart = {"Condition": "any", "Delay": 10**9}
    return {
        **plain,
        "Name": name(port),
        "Labels": {BEHIND: service},
        "TaskTemplate": {**plain["TaskTemplate"], "RestartPolicy": restart},
        # An edge holds its port: the old one must go before a new one can come.
        "UpdateConfig": {"Parallelism": 0, "Order": "stop-first"},
    }


def on_every_node(port: int, network: str, config: service_spec.Raw) -> service_spec.Raw:
    """A service of HAProxy with this configuration, whose port each node publishes for itself."""
    return {
        "TaskTemplate": {
            "ContainerSpec": {
                "Image": IMAGE,
                "Configs": [config],
                "StopSignal": "SIGTERM",  # its own waits for open connections, and a push holds one
                "StopGracePeriod": 10**9,
            },
            "Networks": [{"Target": network}],
        },
        "Mode": {"Global": {}},
        "EndpointSpec": {
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
