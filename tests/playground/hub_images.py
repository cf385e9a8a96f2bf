"""Small images for a hub's tests, pushed and pulled over HTTP: many at once, or only a part of one."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import httpx

from labs.playground import Playground
from tests.playground.hub_accounts import MANIFESTS, PASSWORDS

CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


def digest_of(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Registry:
    """The registry of a hub for one account and repository.

    Args:
        playground: Whose hub.
        path: The repository.
        name: Whose token.
    """

    def __init__(self, playground: Playground, path: str, name: str = "ada") -> None:
        self.path = path
        url = playground.hub.url
        self.http = httpx.Client(base_url=url, trust_env=False, timeout=120)
        self.token = self.ask_token(f"repository:{path}:pull,push", name)
        self.http.headers["Authorization"] = f"Bearer {self.token}"

    def ask_token(self, scope: str, name: str) -> str:
        """A token for a scope."""
        login = (name, PASSWORDS[name])
        answer = httpx.get(
            f"{self.http.base_url}/auth/token".replace("//auth", "/auth"),
            params={"scope": scope},
            auth=login,
            trust_env=False,
            timeout=60,
        )
        return str(answer.raise_for_status().json()["token"])

    def blob(self, content: bytes) -> dict[str, Any]:
        """Upload a blob; return its descriptor, without a type."""
        started = self.http.post(f"/v2/{self.path}/blobs/uploads/").raise_for_status()
        digest = digest_of(content)
        where = httpx.URL(started.headers["Location"]).copy_merge_params({"digest": digest})
        sent = self.http.put(
            where.raw_path.decode(),
            content=content,
            headers={"Content-Type": "application/octet-stream"},
        )
        assert sent.status_code == 201, sent.text
        return {"digest": digest, "size": len(content)}

    def manifest(self, layer: bytes) -> bytes:
        """Upload config and layer; return the manifest that lists them."""
        config = json.dumps(
            {"os": "linux", "architecture": "amd64", "config": {"Labels": {"l": digest_of(layer)}}}
        )
        return json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": MANIFESTS,
                "config": {"mediaType": CONFIG, **self.blob(config.encode())},
                "layers": [{"mediaType": LAYER, **self.blob(layer)}],
            }
        ).encode()

    def put(self, tag: str, manifest: bytes) -> httpx.Response:
        """Send a manifest."""
        return self.http.put(
            f"/v2/{self.path}/manifests/{tag}",
            content=manifest,
            headers={"Content-Type": MANIFESTS},
        )

    def push(self, tag: str, layer: bytes) -> str:
        """Push an image; return its digest once the registry has acknowledged it."""
        answer = self.put(tag, self.manifest(layer))
        assert answer.status_code == 201, answer.text
        return str(answer.headers["Docker-Content-Digest"])

    def pull(self, tag: str) -> str:
        """Pull an image with all of its blobs; return its digest."""
        answer = self.http.get(f"/v2/{self.path}/manifests/{tag}", headers={"Accept": MANIFESTS})
        found = answer.raise_for_status().json()
        for each in (found["config"], *found["layers"]):
            blob = self.http.get(f"/v2/{self.path}/blobs/{each['digest']}").raise_for_status()
            assert digest_of(blob.content) == each["digest"]
        return digest_of(answer.content)


def tags_shown(playground: Playground, path: str) -> dict[str, str]:
    """Tags and digests of a public repository, as the hub has them in its tables."""
    space, _, name = path.partition("/")
    url: str | None = f"/v2/namespaces/{space}/repositories/{name}/tags?page_size=100"
    found: dict[str, str] = {}
    with httpx.Client(base_url=playground.hub.url, trust_env=False, timeout=60) as client:
        while url:
            answer = client.get(url)
            if answer.status_code == 404:
                return {}
            page = answer.raise_for_status().json()
            found |= {each["name"]: each["digest"] for each in page["results"]}
            url = page["next"]
    return found
