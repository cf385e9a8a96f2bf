"""One way: both are told the same secret."""

from __future__ import annotations

from labs.repairs.repair_lab import RepairLab


def solution(repair: RepairLab) -> None:
    """A secret of 16 bytes by chance; the volume and the ports stay as they are."""
    import secrets

    secret = secrets.token_hex(16)
    for name, port in {"replica1": 5002, "replica2": 5003}.items():
        repair.remove(name)
        repair.docker.containers.run(
            "registry:2",
            name=name,
            environment={
                "REGISTRY_HTTP_ADDR": f"127.0.0.1:{port}",
                "REGISTRY_HTTP_SECRET": secret,
            },
            network_mode="host",
            volumes=["registry-data:/var/lib/registry"],
            detach=True,
        )
    repair.wait(5000)
    repair.push("registry.lab:5000/team/tool:1", node=2)
