"""Repositories of acme: made with a source, given rules, waited for. Each is a call or two of the hub's API."""

from __future__ import annotations

from typing import Any

import httpx

from labs.lessons.build_on_push.node_git import NodeGit
from labs.waiting import wait_until

_ACME = "/v2/namespaces/acme/repositories"
_LONGEST_BUILD_S = 120


class AcmeRepositories:
    """What the lesson's cells do to repositories of acme, which is made if it is not there.

    Args:
        account: The API, logged in as an owner of acme.
        git: The same account's git.
    """

    def __init__(self, account: httpx.Client, git: NodeGit) -> None:
        self._account = account
        account.post("/v2/orgs", json={"orgname": "acme"})
        self._git = git

    def start_over(self, name: str) -> None:
        """Make a repository again, empty, with a source in which git has no tag and at most the branch main."""
        self._account.delete(f"{_ACME}/{name}")
        self._call("POST", "", {"name": name})
        source = self._call("PUT", f"/{name}/source", {"git_repository": name})
        self._git.start(name, source["clone_url"])
        print(source["clone_url"])

    def rule(self, name: str, source_type: str, source: str, tag: str, **more: Any) -> None:
        """Add a build rule, if it is not there.

        Raises:
            ValueError: The hub refuses it; the message is the hub's.
        """
        given = {"source_type": source_type, "source": source, "tag": tag, **more}
        if not any(
            {"autobuild": True, **given}.items() <= each.items() for each in self._rules(name)
        ):
            self._call("POST", f"/{name}/build-rules", given)

    def no_rules(self, name: str, source_type: str) -> None:
        """Delete the build rules for branches, or those for tags."""
        for each in self._rules(name):
            if each["source_type"] == source_type:
                self._call("DELETE", f"/{name}/build-rules/{each['id']}")

    def built(self, name: str) -> dict[str, Any]:
        """Wait for the last build, and return it with its log."""
        newest = self._call("GET", f"/{name}/builds")["results"][0]
        path = f"/{name}/builds/{newest['number']}"
        wait_until(
            lambda: self._call("GET", path)["ended"], "the build", timeout_s=_LONGEST_BUILD_S
        )
        return self._call("GET", path)

    def no_webhooks(self, name: str) -> None:
        """Delete the webhooks of a repository, with their deliveries."""
        for each in self._call("GET", f"/{name}/webhooks")["results"]:
            self._call("DELETE", f"/{name}/webhooks/{each['id']}")

    def tried(self, name: str, state: str = "", after: int = 0) -> dict[str, Any] | None:
        """The last delivery of a repository's webhooks that was tried.

        Args:
            name: The repository.
            state: Only a delivery in this state, `delivered` for instance.
            after: The id of an earlier one.
        """
        found = [
            delivery
            for hook in self._call("GET", f"/{name}/webhooks")["results"]
            for delivery in self._call("GET", f"/{name}/webhooks/{hook['id']}/deliveries")[
                "results"
            ]
            if delivery["attempts"] and delivery["id"] > after and state in delivery["state"]
        ]
        return max(found, key=lambda each: int(each["id"]), default=None)

    def _rules(self, name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._call("GET", f"/{name}/build-rules")["results"]
        return found

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self._account.request(method, f"{_ACME}{path}", json=body)
        if answer.is_error:
            raise ValueError(f"{answer.status_code}: {answer.json()['message']}")
        return dict(answer.json()) if answer.content else {}
