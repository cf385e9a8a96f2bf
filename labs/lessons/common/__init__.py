"""What several lessons share: what their checks look at, and what their notebooks push."""

from typing import TYPE_CHECKING

from labs.exports import on_first_use

if TYPE_CHECKING:
    from labs.lessons.common.check_http import Member, ask
    from labs.lessons.common.container_files import read_file
    from labs.lessons.common.data_folder import (
        blob_file,
        data_on_node,
        root_of,
        storage_mount,
        storage_on_node,
        within,
    )
    from labs.lessons.common.hand_push import archive_of, put_manifest, upload_blob
    from labs.lessons.common.hub_account import HubAccount, Record, hub_answering, login_of
    from labs.lessons.common.image_wholeness import missing_part
    from labs.lessons.common.known_image import difference, local_config, wrong_image
    from labs.lessons.common.listeners import open_ports
    from labs.lessons.common.node_notes import read_note
    from labs.lessons.common.node_trust import (
        CERTS_D,
        is_insecure,
        served,
        wrong_certificate,
    )
    from labs.lessons.common.own_store import shares_store, upload
    from labs.lessons.common.password_lines import PasswordLines
    from labs.lessons.common.port_answers import PortAnswer, ask_ports
    from labs.lessons.common.push_time import pushed_at
    from labs.lessons.common.refused_requests import refused_attempt, refused_request
    from labs.lessons.common.registry_requests import (
        Probe,
        Request,
        asks_itself,
        beginning,
        begun_at,
        code_of,
        lets_through,
        open_to_strangers,
        reading,
        says_registry,
        writing,
    )
    from labs.lessons.common.registry_settings import driver_of, setting, settings_of
    from labs.lessons.common.registry_state import (
        listed,
        named,
        no_registry,
        on_port,
        registries_of,
        tags_of,
    )
    from labs.lessons.common.service_tasks import (
        image_of,
        no_digest,
        nodes_of,
        other_registry,
        service_of,
        too_few,
        update_of,
    )
    from labs.lessons.common.site_versions import SiteVersions, task_containers
    from labs.lessons.common.store_settings import in_store
    from labs.lessons.common.swarm_health import missing_nodes, silent, wait_for_all
else:
    __getattr__ = on_first_use(
        __name__,
        {
            __name__: ("by_hand",),
            "labs.lessons.common.check_http": (
                "Member",
                "ask",
            ),
            "labs.lessons.common.container_files": ("read_file",),
            "labs.lessons.common.data_folder": (
                "blob_file",
                "data_on_node",
                "root_of",
                "storage_mount",
                "storage_on_node",
                "within",
            ),
            "labs.lessons.common.hand_push": ("archive_of", "put_manifest", "upload_blob"),
            "labs.lessons.common.hub_account": (
                "HubAccount",
                "Record",
                "hub_answering",
                "login_of",
            ),
            "labs.lessons.common.known_image": (
                "difference",
                "local_config",
                "wrong_image",
            ),
            "labs.lessons.common.node_notes": ("read_note",),
            "labs.lessons.common.node_trust": (
                "CERTS_D",
                "is_insecure",
                "served",
                "wrong_certificate",
            ),
            "labs.lessons.common.listeners": ("open_ports",),
            "labs.lessons.common.own_store": (
                "shares_store",
                "upload",
            ),
            "labs.lessons.common.password_lines": ("PasswordLines",),
            "labs.lessons.common.image_wholeness": ("missing_part",),
            "labs.lessons.common.port_answers": (
                "PortAnswer",
                "ask_ports",
            ),
            "labs.lessons.common.push_time": ("pushed_at",),
            "labs.lessons.common.refused_requests": ("refused_attempt", "refused_request"),
            "labs.lessons.common.registry_requests": (
                "Probe",
                "Request",
                "asks_itself",
                "beginning",
                "begun_at",
                "code_of",
                "lets_through",
                "open_to_strangers",
                "reading",
                "says_registry",
                "writing",
            ),
            "labs.lessons.common.registry_settings": (
                "driver_of",
                "setting",
                "settings_of",
            ),
            "labs.lessons.common.registry_state": (
                "listed",
                "named",
                "no_registry",
                "on_port",
                "registries_of",
                "tags_of",
            ),
            "labs.lessons.common.service_tasks": (
                "image_of",
                "no_digest",
                "nodes_of",
                "other_registry",
                "service_of",
                "too_few",
                "update_of",
            ),
            "labs.lessons.common.site_versions": (
                "SiteVersions",
                "task_containers",
            ),
            "labs.lessons.common.store_settings": ("in_store",),
            "labs.lessons.common.swarm_health": (
                "missing_nodes",
                "silent",
                "wait_for_all",
            ),
        },
    )

__all__ = [
    "CERTS_D",
    "HubAccount",
    "Member",
    "PasswordLines",
    "PortAnswer",
    "Probe",
    "Record",
    "Request",
    "SiteVersions",
    "archive_of",
    "ask",
    "ask_ports",
    "asks_itself",
    "beginning",
    "begun_at",
    "blob_file",
    "by_hand",
    "code_of",
    "data_on_node",
    "difference",
    "driver_of",
    "hub_answering",
    "image_of",
    "in_store",
    "is_insecure",
    "lets_through",
    "listed",
    "local_config",
    "login_of",
    "missing_nodes",
    "missing_part",
    "named",
    "no_digest",
    "no_registry",
    "nodes_of",
    "on_port",
    "open_ports",
    "open_to_strangers",
    "other_registry",
    "pushed_at",
    "put_manifest",
    "read_file",
    "read_note",
    "reading",
    "refused_attempt",
    "refused_request",
    "registries_of",
    "root_of",
    "says_registry",
    "served",
    "service_of",
    "setting",
    "settings_of",
    "shares_store",
    "silent",
    "storage_mount",
    "storage_on_node",
    "tags_of",
    "task_containers",
    "too_few",
    "update_of",
    "upload",
    "upload_blob",
    "wait_for_all",
    "within",
    "writing",
    "wrong_certificate",
    "wrong_image",
]
