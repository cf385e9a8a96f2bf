"""The terms of the OCI specs as classes, and a client of a registry's HTTP API that uses them."""

from typing import TYPE_CHECKING

from labs.exports import on_first_use

if TYPE_CHECKING:
    from labs.registry.accesslog import LoggedRequest, Step, conversation, read_access_log
    from labs.registry.distribution_settings import (
        CONFIG_FILES,
        RegistrySettings,
        config_file,
        value_in_variables,
    )
    from labs.registry.manifest import (
        Descriptor,
        Index,
        InvalidManifest,
        Manifest,
        digest_of,
        read_manifest,
    )
    from labs.registry.reference import InvalidReference, Reference
    from labs.registry.registry_client import ACCEPT, RegistryClient, authorities
    from labs.registry.registry_error import RegistryError
    from labs.registry.storage import STORAGE, Blob, Link, Storage, StoredFile, files_in_tar
    from labs.registry.tls_transcript import Certificate, Served, certificates
    from labs.registry.traffic import Traffic, TrafficRow, traffic_rows
    from labs.registry.yaml_values import value_in
else:
    __getattr__ = on_first_use(
        __name__,
        {
            "labs.registry.accesslog": (
                "LoggedRequest",
                "Step",
                "conversation",
                "read_access_log",
            ),
            "labs.registry.distribution_settings": (
                "CONFIG_FILES",
                "RegistrySettings",
                "config_file",
                "value_in_variables",
            ),
            "labs.registry.manifest": (
                "Descriptor",
                "Index",
                "InvalidManifest",
                "Manifest",
                "digest_of",
                "read_manifest",
            ),
            "labs.registry.reference": (
                "InvalidReference",
                "Reference",
            ),
            "labs.registry.registry_client": (
                "ACCEPT",
                "RegistryClient",
                "authorities",
            ),
            "labs.registry.registry_error": ("RegistryError",),
            "labs.registry.storage": (
                "STORAGE",
                "Blob",
                "Link",
                "Storage",
                "StoredFile",
                "files_in_tar",
            ),
            "labs.registry.tls_transcript": (
                "Certificate",
                "Served",
                "certificates",
            ),
            "labs.registry.traffic": (
                "Traffic",
                "TrafficRow",
                "traffic_rows",
            ),
            "labs.registry.yaml_values": ("value_in",),
        },
    )

__all__ = [
    "ACCEPT",
    "CONFIG_FILES",
    "STORAGE",
    "Blob",
    "Certificate",
    "Descriptor",
    "Index",
    "InvalidManifest",
    "InvalidReference",
    "Link",
    "LoggedRequest",
    "Manifest",
    "Reference",
    "RegistryClient",
    "RegistryError",
    "RegistrySettings",
    "Served",
    "Step",
    "Storage",
    "StoredFile",
    "Traffic",
    "TrafficRow",
    "authorities",
    "certificates",
    "config_file",
    "conversation",
    "digest_of",
    "files_in_tar",
    "read_access_log",
    "read_manifest",
    "traffic_rows",
    "value_in",
    "value_in_variables",
]
