"""What the checks of several lessons look at: registries, folders, certificates, the swarm, HTTP."""

from typing import TYPE_CHECKING

from labs.exports import on_first_use

if TYPE_CHECKING:
    from labs.lessons.common.check_http import Member, ask
    from labs.lessons.common.data_folder import (
        read_file,
        root_of,
        storage_mount,
        storage_on_node,
        within,
    )
    from labs.lessons.common.node_trust import CERTS_D, is_insecure, served
    from labs.lessons.common.registry_state import (
        hashes_of,
        listed,
        named,
        no_registry,
        on_port,
        registries_of,
        settings_of,
        tags_of,
        wrong_image,
    )
    from labs.lessons.common.swarm_health import missing_nodes, silent, wait_for_all
else:
    __getattr__ = on_first_use(
        __name__,
        {
            "labs.lessons.common.check_http": (
                "Member",
                "ask",
            ),
            "labs.lessons.common.data_folder": (
                "read_file",
                "root_of",
                "storage_mount",
                "storage_on_node",
                "within",
            ),
            "labs.lessons.common.node_trust": (
                "CERTS_D",
                "is_insecure",
                "served",
            ),
            "labs.lessons.common.registry_state": (
                "hashes_of",
                "listed",
                "named",
                "no_registry",
                "on_port",
                "registries_of",
                "settings_of",
                "tags_of",
                "wrong_image",
            ),
            "labs.lessons.common.swarm_health": (
                "missing_nodes",
                "silent",
                "wait_for_all",
            ),
        },
    )

__all__ = [
    "CERTS_D",
    "Member",
    "ask",
    "hashes_of",
    "is_insecure",
    "listed",
    "missing_nodes",
    "named",
    "no_registry",
    "on_port",
    "read_file",
    "registries_of",
    "root_of",
    "served",
    "settings_of",
    "silent",
    "storage_mount",
    "storage_on_node",
    "tags_of",
    "wait_for_all",
    "within",
    "wrong_image",
]
