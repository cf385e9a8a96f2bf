"""The small checks of lesson 10: which mirror the engines ask, what the student predicted, an image pulled by name."""

from __future__ import annotations

from urllib.parse import urlsplit

from docker.errors import ImageNotFound

from labs.lesson import JSON, Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.cache_what_you_pull.upstream import hosts_of_first
from labs.lessons.common import no_registry, on_port
from labs.playground import Node, Playground
from labs.registry import InvalidReference, Reference

CACHE_PORT = 5000
_COURSE_MIRROR = "http://mirror:5000"
_FIRST = "run the cell that starts the cache first"


def mirrors_of(node: Node) -> list[str]:
    """What a node's engine asks before Docker Hub, in its order, as URLs without a last slash."""
    config = node.docker.info()["RegistryConfig"]
    return [str(url).rstrip("/") for url in config["Mirrors"] or ()]


def asks(playground: Playground, node: Node, port: int) -> bool:
    """Whether the first mirror of a node's engine is that port of the first node."""
    mirrors = [urlsplit(url) for url in mirrors_of(node)[:1]]
    return any(
        (url.scheme, url.port, url.path) == ("http", port, "")
        and url.hostname in hosts_of_first(playground, node)
        for url in mirrors
    )


def asks_the_cache(playground: Playground, _answers: Answers) -> Finding:
    """Both engines ask the cache on port 5000 of node 1, and nothing else before Docker Hub."""
    if all(mirrors_of(node) == [_COURSE_MIRROR] for node in playground.nodes):
        return not_attempted(f"tell both engines to ask http://node1:{CACHE_PORT}")
    for number, node in enumerate(playground.nodes, 1):
        mirrors = mirrors_of(node)
        if not asks(playground, node, CACHE_PORT) or len(mirrors) > 1:
            seen = ", ".join(mirrors) or "no mirror"
            return not_yet(
                f"{node.name}'s engine asks {seen}, wanted http://node1:{CACHE_PORT} alone",
                hint=f"lab.node({number}).reload_engine({{…}}): a list of one, with scheme, host and port",
            )
    # Last: a restart of the engine, which nobody needs, has stopped the cache.
    return no_registry(playground.node(1), CACHE_PORT) or passed()


def second_engine(playground: Playground, answers: Answers) -> Finding:
    """The student's number is that of the blobs that the hub sent: none."""
    if missing := _no_cache(playground):
        return missing
    predicted, sent = answers.get("blobs"), answers.get("sent")
    if predicted is None:
        return not_attempted("write a number into the cell: blobs = …")
    if not answers.get("asked", 1):
        return not_yet(
            "the cache was asked for no blob, so it is not known what the hub sends",
            hint="both engines have to ask the cache (10.1): then run the cells from the first pull on again",
        )
    if sent != 0:
        return not_yet(
            f"the hub sent {_shown(sent)} blobs, wanted a second engine whose pull the cache serves",
            hint="both engines ask the cache (10.1), and node 1 has pulled nginx through it: run those cells again",
        )
    return _compared(predicted, 0, "the cache has all blobs since node 1 pulled")


def stale_tag(playground: Playground, answers: Answers) -> Finding:
    """The student's word is that of the image that node 2 got while the hub was off: the first."""
    if missing := _no_cache(playground):
        return missing
    predicted, got = answers.get("which"), answers.get("got")
    if predicted is None:
        return not_attempted('write "first", "second" or "error" into the cell: which = …')
    if got != "first":
        return not_yet(
            f"node 2 got {_shown(got)}, wanted what the cache gives while the hub is off",
            hint="was nginx pulled through the cache before? Run the cells from the cache's on, in order",
        )
    return _compared(predicted, "first", "the cache gave the last digest it had seen")


def after_a_week(playground: Playground, answers: Answers) -> Finding:
    """The student's word is what the cache still gives when its dates are over: nothing."""
    if missing := _no_cache(playground):
        return missing
    predicted, left = answers.get("kept"), answers.get("left")
    if predicted is None:
        return not_attempted('write "everything", "manifest" or "nothing" into the cell: kept = …')
    if not isinstance(left, list) or len(left) != 2 or 200 in left:
        return not_yet(
            f"the cache answered {_shown(left)} for manifest and layer, wanted both expired and the hub off",
            hint="run the cell once more, with the hub on before it",
        )
    return _compared(predicted, "nothing", "manifest, config and layers expire alike")


def by_name(playground: Playground, answers: Answers) -> Finding:
    """Node 1 has hello-world under a reference that names the cache."""
    if missing := _no_cache(playground):
        return missing
    given = answers.get("reference")
    if not isinstance(given, str) or not given.strip():
        return not_attempted("write a reference into the cell: reference = …")
    try:
        reference = Reference.parse(given.strip())
    except InvalidReference as error:
        return not_yet(f"{given.strip()} is not a reference: {error.message}", hint=error.hint)
    node = playground.node(1)
    if reference.host not in hosts_of_first(playground, node) or reference.port != CACHE_PORT:
        return not_yet(
            f"{given.strip()} names {reference.registry}, wanted the cache on port {CACHE_PORT}",
            hint=f"without a host it is docker.io; to node 1 the cache is 127.0.0.1:{CACHE_PORT}",
        )
    if reference.repository != "library/hello-world":
        return not_yet(
            f"{given.strip()} names the repository {reference.repository}, wanted library/hello-world",
            hint="only for docker.io Docker puts library/ in front by itself",
        )
    try:
        image = node.docker.images.get(reference.familiar_name)
    except ImageNotFound:
        return not_yet(f"node 1 has no image {given.strip()}", hint="run the cell, with the hub on")
    # An engine notes a digest for each repository that it pulled from or pushed to, and none for a tag of its own.
    known = [str(each).partition("@")[0] for each in image.attrs["RepoDigests"] or []]
    if reference.familiar_name not in known:
        return not_yet(
            f"node 1 has {given.strip()} by a tag alone, wanted it pulled",
            hint="docker image tag gives a name, and asks no registry: lab.pull(reference)",
        )
    return passed()


def _no_cache(playground: Playground) -> Finding | None:
    return None if on_port(playground.node(1), CACHE_PORT) else not_attempted(_FIRST)


def _compared(predicted: JSON, right: JSON, why: str) -> Finding:
    given = predicted.strip().lower() if isinstance(predicted, str) else predicted
    # True == 1 and False == 0 in Python, and neither is a number of blobs.
    if given == right and not isinstance(given, bool):
        return passed(why)
    return not_yet(
        f"you predicted {_shown(predicted)}, seen was {_shown(right)}",
        hint=f"{why}. Write what you have seen, and go on",
    )


def _shown(value: JSON) -> str:
    return "nothing" if value is None else str(value)[:40]
