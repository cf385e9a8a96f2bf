"""The words of the OCI specs as classes, and a client that asks a registry in them."""

from labs.registry.accesslog import LoggedRequest, Step, conversation, read_access_log
from labs.registry.manifest import (
    Descriptor,
    Index,
    InvalidManifest,
    Manifest,
    digest_of,
    read_manifest,
)
from labs.registry.reference import InvalidReference, Reference
from labs.registry.registry_client import RegistryClient
from labs.registry.registry_error import RegistryError
from labs.registry.storage import Blob, Link, Storage, StoredFile, files_in_tar

__all__ = [
    "Blob",
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
    "Step",
    "Storage",
    "StoredFile",
    "conversation",
    "digest_of",
    "files_in_tar",
    "read_access_log",
    "read_manifest",
]
