"""Someone who uses the hub in a measurement: an account, by its pages and by the registry's API."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from labs.bench.setting import BenchError

PASSWORD = "bench-password"
_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG = "application/vnd.docker.container.image.v1+json"
_POLL_S = 0.02


@dataclass(frozen=True)
class Person:
    """An account that is logged in.

    Attributes:
        http: Its browser.
    """

    http: httpx.Client

    @classmethod
    @contextmanager
    def signed_up(cls, url: str) -> Iterator[Person]:
        """Make the account ada."""
        with httpx.Client(
            base_url=url, trust_env=False, timeout=60, follow_redirects=True
        ) as client:
            made = cls(client)
            made.post("/signup", username="ada", password=PASSWORD)
            yield made

    def post(self, path: str, at: str = "", **given: str) -> httpx.Response:
        """Send a form of a page.

        Raises:
            BenchError: The page has no form.
        """
        found = re.search(
            r'name="csrfmiddlewaretoken" value="(\w+)"', self.http.get(at or path).text
        )
        if found is None:
            raise BenchError(f"no form at {at or path}")
        sent = {**given, "csrfmiddlewaretoken": found[1]}
        headers = {"Referer": str(self.http.base_url)}
        return self.http.post(path, data=sent, headers=headers).raise_for_status()

    def rule(self, path: str) -> None:
        """Make a repository with a source whose branch main makes latest, without a cache."""
        space, _, name = path.partition("/")
        self.post(f"/{space}/-/new", name=name)
        page = f"/{path}/-/automation"
        self.post(f"{page}/source", at=page, name=name)
        given = {"kind": "branch", "source": "main", "tag": "latest", "autobuild": "on"}
        self.post(f"{page}/rule", at=page, dockerfile="Dockerfile", context="/", **given)

    def built_again(self, path: str, number: str) -> float:
        """Run a build again; return the seconds until it has ended."""
        at = f"/{path}/-/builds/{number}"
        started = time.perf_counter()
        self.post(f"{at}/change", at=at, what="again")
        newest = max(
            map(
                int, re.findall(rf"/{path}/-/builds/(\d+)", self.http.get(f"/{path}/-/builds").text)
            )
        )
        self.wait_for(path, str(newest))
        return time.perf_counter() - started

    def wait_for(self, path: str, number: str) -> None:
        """Wait for the end of a build.

        Raises:
            BenchError: It failed.
        """
        while True:
            build = self.http.get(f"/{path}/-/builds/{number}/log").json()
            if build["state"] not in ("pending", "in progress"):
                break
            time.sleep(_POLL_S)
        if build["state"] != "successful":
            raise BenchError(f"build {number} is {build['state']}: {build['text'][-300:]}")


def zero_image(http: httpx.Client, path: str, tags: list[str]) -> None:
    """Push images, one for each tag, whose layers are a few bytes."""
    scope = {"scope": f"repository:{path}:pull,push"}
    token = http.get("/auth/token", params=scope, auth=("ada", PASSWORD)).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}

    def blob(content: bytes) -> dict[str, object]:
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        started = http.post(f"/v2/{path}/blobs/uploads/", headers=headers).raise_for_status()
        where = httpx.URL(started.headers["Location"]).copy_merge_params({"digest": digest})
        given = {**headers, "Content-Type": "application/octet-stream"}
        http.put(where.raw_path.decode(), content=content, headers=given).raise_for_status()
        return {"digest": digest, "size": len(content)}

    for tag in tags:
        config = json.dumps({"os": "linux", "architecture": "amd64", "created_by": tag}).encode()
        manifest = {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": {"mediaType": _CONFIG, **blob(config)},
            "layers": [],
        }
        http.put(
            f"/v2/{path}/manifests/{tag}",
            content=json.dumps(manifest).encode(),
            headers={**headers, "Content-Type": _MANIFEST},
        ).raise_for_status()
