"""Reads a registry's access log as requests, and explains them step by step, with blobs by their role.

The registry writes one line for each request to its standard output, in Apache's combined format:
`… "HEAD /v2/app/blobs/sha256:… HTTP/1.1" 404 157 "" "docker/26.1.5 …"`. It has method, path and
status, but neither a request's body nor the roles of blobs; roles come from manifests.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from labs.registry.manifest import Index, Manifest

Kind = Literal["ask", "send", "fetch", "skip"]

_LINE = re.compile(
    r'\S+ \S+ \S+ \[[^\]]+\] "(?P<method>[A-Z]+) (?P<target>\S+) HTTP/[\d.]+" (?P<status>\d{3}) \S+'
    # Referer and User-Agent are optional: Apache's common format, which some servers write, ends before them.
    r'(?: "[^"]*" "(?P<agent>[^"]*)")?'
)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
# Greedy: a repository may be nested and even contain `/blobs/`; the last such part of the path counts.
_PATH = re.compile(r"/v2/(?P<repository>.+)/(?P<what>manifests|blobs/uploads|blobs)/(?P<end>[^/]*)")


@dataclass(frozen=True)
class LoggedRequest:
    """One line of the log; `target` is the path with its query."""

    method: str
    target: str
    status: int
    agent: str = ""

    @property
    def repository(self) -> str:
        """The repository in the path, or ""."""
        found = self._parts()
        return found["repository"] if found else ""

    @property
    def what(self) -> str:
        """`manifests`, `blobs`, `blobs/uploads`, or "" for another path."""
        found = self._parts()
        return found["what"] if found else ""

    @property
    def end(self) -> str:
        """What the path ends in: a tag, a digest, or the id of an upload."""
        found = self._parts()
        return found["end"] if found else ""

    def query(self, name: str) -> str:
        """A value of the query, or ""."""
        return parse_qs(urlsplit(self.target).query).get(name, [""])[0]

    def _parts(self) -> re.Match[str] | None:
        return _PATH.fullmatch(unquote(urlsplit(self.target).path))


@dataclass(frozen=True)
class Step:
    """A request with what it means, or (method "") something that needed no request.

    `kind` is `send` and `fetch` where a blob's bytes travel, `skip` where they need not.
    """

    method: str
    path: str
    status: int
    meaning: str
    kind: Kind = "ask"


def read_access_log(text: str) -> list[LoggedRequest]:
    """The requests in a log, in its order; lines of another form are left out."""
    found = (_LINE.match(line) for line in text.splitlines())
    return [
        LoggedRequest(it["method"], it["target"], int(it["status"]), it["agent"] or "")
        for it in found
        if it
    ]


def roles_of(documents: Iterable[Manifest | Index]) -> dict[str, str]:
    """What each digest is to these documents: `manifest`, `config`, `layer 1`, in that order."""
    roles: dict[str, str] = {}
    for document in documents:
        if isinstance(document, Index):
            roles[document.digest] = "index"
            continue
        roles[document.digest] = "manifest"
        roles[document.config.digest] = "config"
        roles |= {layer.digest: f"layer {n}" for n, layer in enumerate(document.layers, 1)}
    return roles


def conversation(
    requests: Sequence[LoggedRequest], documents: Sequence[Manifest | Index] = ()
) -> list[Step]:
    """The requests as steps, with one for each blob of `documents` that a pull did not have to ask for.

    Blobs are requested in parallel, so their order has no meaning: they are listed in the manifest's order.
    """
    names = _Names(requests, roles_of(documents))
    ordered = _blobs_in_order(requests, list(names.roles))
    sent = {request.query("digest") or request.query("mount") for request in requests}
    steps = [_step(request, names, sent) for request in ordered]
    if not any(request.method == "PUT" for request in requests):
        # Only for a pull: in a push, a blob that is not sent was asked for with HEAD, and that request is in the log.
        steps += _not_asked_for(requests, documents, names)
    return steps


class _Names:
    """Names for digests and uploads, the same on every run."""

    def __init__(self, requests: Iterable[LoggedRequest], roles: Mapping[str, str]) -> None:
        self.roles = dict(roles)
        self.uploads: dict[str, str] = {}
        for request in requests:
            if request.what == "blobs/uploads" and request.query("digest"):
                # Only the last request of an upload (spec: PUT …?digest=) names the blob; those before know the
                # upload's id.
                self.uploads[request.end] = request.query("digest")
            for digest in _DIGEST.findall(unquote(request.target)):
                self.roles.setdefault(digest, f"blob {len(self.roles) + 1}")

    def of(self, request: LoggedRequest) -> str:
        """What a request is about: `layer 1`, or the tag."""
        digest = request.query("mount") or self.uploads.get(request.end, request.end)
        return self.words(digest)

    def words(self, digest: str) -> str:
        """A digest in a sentence: `layer 1`, `the config`; a tag is its own word."""
        role = self.roles.get(digest, "")
        return f"the {role}" if role in ("manifest", "config", "index") else role or digest

    def path(self, request: LoggedRequest) -> str:
        """The path with roles for digests, without what only the registry understands."""
        parts = urlsplit(request.target)
        path = _DIGEST.sub(self._role, unquote(parts.path))
        if request.what == "blobs/uploads" and request.end:
            # An upload's id is random, and stored outputs of lessons are compared with new ones.
            path = path.removesuffix(request.end) + "…"
        # Other parameters, such as distribution's `_state`, are the registry's own and differ in each run.
        shown = [f"{key}={request.query(key)}" for key in ("mount", "from", "digest", "n", "last")]
        query = "&".join(pair for pair in shown if not pair.endswith("="))
        return path + (f"?{_DIGEST.sub(self._role, query)}" if query else "")

    def _role(self, found: re.Match[str]) -> str:
        return f"<{self.roles.get(found[0], 'digest')}>"


def _blobs_in_order(
    requests: Sequence[LoggedRequest], digests: Sequence[str]
) -> list[LoggedRequest]:
    """Neighbors that fetch blobs, in the order of `digests`."""
    place = {digest: number for number, digest in enumerate(digests)}
    ordered: list[LoggedRequest] = []
    for fetching, group in groupby(
        requests, key=lambda it: (it.method, it.what) == ("GET", "blobs")
    ):
        together = list(group)
        if fetching:
            together.sort(key=lambda it: place.get(it.end, len(place)))
        ordered += together
    return ordered


def _step(request: LoggedRequest, names: _Names, sent: set[str]) -> Step:
    meaning, kind = _meaning(request, names.of(request), sent)
    return Step(request.method, names.path(request), request.status, meaning, kind)


def _meaning(request: LoggedRequest, name: str, sent: set[str]) -> tuple[str, Kind]:
    """Return the meaning of a request with its answer, and the kind of its step."""
    asked = (request.method, request.what)
    there = request.status < 400
    # After an upload an engine asks for the blob once more: then the same request means that it has arrived.
    if asked == ("HEAD", "blobs") and (request.status == 404 or request.end in sent):
        return f"{name} {'has arrived' if there else 'is not there'}", "ask"
    if not there:
        return _REFUSALS.get(request.status, "refused"), "ask"
    # 202 would mean that nothing was mounted and an upload is open instead (spec, "Mounting a blob from another
    # repository").
    if asked == ("POST", "blobs/uploads") and request.status == 201 and request.query("mount"):
        return f"{name} is mounted from {request.query('from')}: skipped", "skip"
    if request.target == "/v2/":
        return "a registry is here", "ask"
    words, kind = _MEANINGS.get(asked, ("answered", "ask"))
    return words.format(name), kind


_REFUSALS = {401: "who are you?", 403: "you may not", 404: "not there", 405: "not allowed here"}
_MEANINGS: dict[tuple[str, str], tuple[str, Kind]] = {
    ("HEAD", "blobs"): ("{} is there already: skipped", "skip"),
    ("POST", "blobs/uploads"): ("an upload is open", "ask"),
    ("PATCH", "blobs/uploads"): ("received the bytes of {}", "send"),
    ("PUT", "blobs/uploads"): ("{} is complete", "ask"),
    ("PUT", "manifests"): ("the manifest is stored as {}", "send"),
    ("GET", "blobs"): ("the bytes of {}", "fetch"),
    ("GET", "manifests"): ("the bytes of {}", "fetch"),
    ("HEAD", "manifests"): ("the digest of {}", "ask"),
}


def _not_asked_for(
    requests: Sequence[LoggedRequest], documents: Iterable[Manifest | Index], names: _Names
) -> list[Step]:
    """Return a step for each blob that a pull did not have to fetch."""
    fetched = {request.end for request in requests if request.method == "GET"}
    skipped = [
        blob
        for document in documents
        if isinstance(document, Manifest)
        for blob in (document.config, *document.layers)
        if blob.digest not in fetched
    ]
    # By name: manifests of an index may share blobs, and each is listed once.
    words = {
        names.words(blob.digest): "the engine has it: not asked for, skipped" for blob in skipped
    }
    return [Step("", name, 0, f"{name}: {why}", "skip") for name, why in words.items()]
