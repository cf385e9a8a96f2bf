"""One way: a new certificate of the same authority."""

from __future__ import annotations

from labs.repairs.repair_lab import RepairLab


def solution(repair: RepairLab) -> None:
    """The registry reads its certificate when it starts."""
    server, user = repair.node(1), repair.node(2)
    command = (
        "cd /srv/certs && openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 90 "
        "-subj /CN=registry.lab -addext subjectAltName=DNS:registry.lab "
        "-addext basicConstraints=critical,CA:FALSE "
        "-CA /srv/ca/ca.crt -CAkey /srv/ca/ca.key -keyout tls.key -out tls.crt"
    )
    server.exec(["sh", "-c", command])
    server.docker.containers.get("registry").restart()
    repair.wait(5000)
    user.docker.images.pull("registry.lab:5000/team/app", tag="1")
