"""The check of exercise 16.6: the file on node 1 lists each repository of two registries with its tags."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.choose_a_registry.checks import PORTS
from labs.lessons.choose_a_registry.many_repositories import COUNT, PAGE
from labs.lessons.common import ask, listed, no_registry, tags_of
from labs.playground import Node, Playground
from labs.registry import RegistryClient

FILE = "/srv/inventory.json"
Repositories = Mapping[str, list[str]]


def complete(playground: Playground, _answers: Answers) -> Finding:
    """The file has all repositories with tags, of both registries, and all tags of each."""
    node = playground.node(1)
    if missing := no_registry(node, PORTS["distribution"]):
        return missing
    if not RegistryClient(node.url(PORTS["crane"])).speaks():
        return not_attempted("run the first cell: crane does not answer")
    stored = {name: _stored(node, port) for name, port in PORTS.items()}
    if len(stored["distribution"]) < COUNT or not stored["crane"]:
        return not_attempted("run the cell that fills distribution and crane first")
    if node.exec(["test", "-e", FILE]).exit_code:
        return not_attempted(f"write {FILE} on node 1")
    try:
        told = json.loads(node.read_file(FILE))
    except ValueError:
        return not_yet(
            f"{FILE} is not JSON", hint="json.dumps makes the text, lab.node().write_file writes it"
        )
    if not isinstance(told, dict) or not set(PORTS) <= set(told):
        return not_yet(
            f"{FILE} has {_shape(told)}, wanted the keys {listed(PORTS)}",
            hint='{"distribution": {"shop/part-001": ["1.001"], …}, "crane": {…}}',
        )
    findings = (_compared(name, told[name], stored[name]) for name in PORTS)
    return next((each for each in findings if each), None) or _all_at_once(node) or passed()


def _all_at_once(node: Node) -> Finding | None:
    """None if distribution refuses to list more than a page: without that limit, `?n=1000` has all of it.

    `serve` of the lesson sets the limit. A file that was written by Link stays right when it is called again.
    """
    port = PORTS["distribution"]
    answer = ask(f"{node.url(port)}/v2/_catalog?n={COUNT}")
    if answer is None or answer.status_code != httpx.codes.OK:
        return None
    return not_yet(
        f"the registry on port {port} lists {COUNT} repositories at once, wanted {PAGE} at most",
        hint=f"the cell of 16.2 runs it with REGISTRY_CATALOG_MAXENTRIES={PAGE}; then run yours again",
    )


def _stored(node: Node, port: int) -> Repositories:
    registry = RegistryClient(node.url(port))
    found = {name: sorted(tags_of(registry, name)) for name in registry.catalog()}
    return {name: tags for name, tags in found.items() if tags}


def _shape(told: Any) -> str:
    return f"the keys {listed(map(str, told))}" if isinstance(told, dict) else "no keys"


def _compared(name: str, told: Any, stored: Repositories) -> Finding | None:
    """None if what is told of one registry is what it has; a repository without tags may be left out."""
    if not isinstance(told, dict):
        return not_yet(
            f"the file has no dictionary of repositories for {name}",
            hint='a dictionary: {"shop/part-001": ["1.001"], …}',
        )
    if lacking := sorted(set(stored) - set(told)):
        are = "is" if len(lacking) == 1 else "are"
        return not_yet(
            f"{name}: {len(lacking)} of the {len(stored)} repositories with tags {are} missing from the file",
            hint="the catalog gives 100 at once, and a Link to the next page"
            if _ends_early(told, stored)
            else "a repository is a key, as the catalog names it",
        )
    for repository, tags in stored.items():
        if sorted(_strings(told[repository])) != tags:
            return not_yet(
                f"the file has other tags for {repository} in {name} than the registry",
                hint="the list in `tags` of /v2/<name>/tags/list, as it is now",
            )
    gone = [each for each in sorted(set(told) - set(stored)) if _strings(told[each])]
    if gone:
        return not_yet(
            f"the file has tags for {gone[0]} in {name}, and the registry has none",
            hint="ask each registry for its own catalog, and write the file again",
        )
    return None


def _ends_early(told: Mapping[str, Any], stored: Repositories) -> bool:
    """Whether what is told is right, and all that is missing comes after it: the first pages of a catalog."""
    known = set(told) & set(stored)
    right = all(sorted(_strings(told[each])) == stored[each] for each in known)
    return bool(known) and right and min(set(stored) - known) > max(known)


def _strings(tags: Any) -> list[str]:
    return [each for each in tags if isinstance(each, str)] if isinstance(tags, list) else []
