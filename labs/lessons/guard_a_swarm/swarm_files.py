"""What the registry of a swarm needs: its certificate with the key, settings with the key of the store, variables."""

from __future__ import annotations

import json
from dataclasses import dataclass

from labs.playground import Playground

# Another certificate than the running registry's would be one that no node trusts.
_NEW = """
cd /srv && { openssl x509 -checkend 86400 -noout -in lab.crt 2>/dev/null ||
    openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 90 \\
        -subj /CN=registry.lab -addext subjectAltName=DNS:registry.lab -keyout lab.key -out lab.crt; }
"""
_VARIABLES = {
    "REGISTRY_HTTP_TLS_CERTIFICATE": "/registry.crt",
    "REGISTRY_HTTP_TLS_KEY": "/run/secrets/registry.key",
    "REGISTRY_AUTH": "htpasswd",
    "REGISTRY_AUTH_HTPASSWD_REALM": "Swarm",
    "REGISTRY_AUTH_HTPASSWD_PATH": "/run/secrets/members",
}


@dataclass(frozen=True)
class SwarmFiles:
    """The contents of three files, and the variables that name them.

    Attributes:
        certificate: For `registry.lab`; every node trusts it.
        key: The private key of that certificate.
        settings: A configuration file of a registry that keeps its images in the playground's store.
        variables: Of a registry with certificate and members, whose files are where the swarm mounts them.
    """

    certificate: bytes
    key: bytes
    settings: bytes
    variables: dict[str, str]

    @classmethod
    def made(cls, playground: Playground) -> SwarmFiles:
        """Make the certificate where there is none yet, as in lesson 5, and let every node trust it.

        Raises:
            AssertionError: openssl failed; the message has its own words.
        """
        first = playground.node(1)
        done = first.exec(["sh", "-c", _NEW])
        assert done.exit_code == 0, done.stderr
        certificate, key = (first.read_file(f"/srv/lab.{end}") for end in ("crt", "key"))
        for node in playground.nodes:
            node.write_file("/etc/docker/certs.d/registry.lab:5000/ca.crt", certificate)
        return cls(certificate, key, _settings(playground), dict(_VARIABLES))


def _settings(playground: Playground) -> bytes:
    store = playground.store
    s3 = {"regionendpoint": store.endpoint, "region": "us-east-1", "bucket": store.bucket}
    s3 |= {"accesskey": store.access_key, "secretkey": store.secret_key}
    storage = {"s3": s3, "redirect": {"disable": True}}
    # A registry reads YAML, and JSON is YAML.
    file = {"version": 0.1, "http": {"addr": ":5000"}, "storage": storage}
    return json.dumps(file).encode()
