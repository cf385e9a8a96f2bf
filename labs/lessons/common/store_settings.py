"""The variables of a registry that keeps its data in a playground's store."""

from __future__ import annotations

from labs.playground import ObjectStore


def in_store(store: ObjectStore) -> dict[str, str]:
    """Settings by name, for the environment of a registry's container."""
    return {
        "REGISTRY_STORAGE": "s3",
        "REGISTRY_STORAGE_S3_REGIONENDPOINT": store.endpoint,
        "REGISTRY_STORAGE_S3_REGION": "us-east-1",
        "REGISTRY_STORAGE_S3_BUCKET": store.bucket,
        "REGISTRY_STORAGE_S3_ACCESSKEY": store.access_key,
        "REGISTRY_STORAGE_S3_SECRETKEY": store.secret_key,
        "REGISTRY_STORAGE_REDIRECT_DISABLE": "true",
    }
