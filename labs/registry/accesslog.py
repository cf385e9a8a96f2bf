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
    r'\S+ \S+ \S+ \[[^\]]+\] "(?P<method>[A-Z]+) (?P<target>\S+) HTTP/[\d.]+" (?P<status>\d{3}) (?P<size>\S+)'
    # Referer and User-Agent are optional: Apache's common format, which some servers write, ends before them.
    r'(?: "[^"]*" "(?P<agent>[^"]*)")?'
)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
# Greedy: a repository may be nested and even contain `/blobs/`; the last such part of the path counts.
_PATH = re.compile(r"/v2/(?P<repository>.+)/(?P<what>manifests|blobs/uploads|blobs)/(?P<end>[^/]*)")


@dataclass(frozen=True)
class LoggedRequest:
    """One line of the log; `target` is the path with its query, `sent_bytes` the length of the answer's body."""

    method: str
    target: str
    status: int
    agent: str = ""
    sent_bytes: int = 0

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

    `kind` is `send` and `fetch` where bytes of an image travel, `skip` where they did not.
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
        LoggedRequest(
            it["method"],
            it["target"],
            int(it["status"]),
            it["agent"] or "",
            # A dash where there is no body.
            int(it["size"]) if it["size"].isdecimal() else 0,
        )
        for it in found
        if it
    ]


def roles_of(documents: Iterable[Manifest | Index]) -> dict[str, str]:
    """What each digest is to these documents: `manifest`, `config`, `layer 1`, in that order.

    Of a second manifest they are `manifest 2`, `config 2`, `layer 1 of manifest 2`; what both share keeps its first
    name.
    """
    roles: dict[str, str] = {}
    counted = {"index": 0, "manifest": 0}
    for document in documents:
        kind = "index" if isinstance(document, Index) else "manifest"
        counted[kind] += 1
        number = counted[kind]
        nth, of = (f" {number}", f" of manifest {number}") if number > 1 else ("", "")
        roles.setdefault(document.digest, f"{kind}{nth}")
        if isinstance(document, Manifest):
            roles.setdefault(document.config.digest, f"config{nth}")
            for place, layer in enumerate(document.layers, 1):
                roles.setdefault(layer.digest, f"layer {place}{of}")
    return roles


def conversation(
    requests: Sequence[LoggedRequest], documents: Sequence[Manifest | Index] = ()
) -> list[Step]:
    """The requests as steps, then each blob of a manifest that an engine got and did not ask for.

    Blobs are requested in parallel, so their order has no meaning: they are listed in the manifest's order.

    Args:
        requests: From the log, in its order.
        documents: Manifests and indexes that these were about, for the roles of digests.
    """
    names = RequestNames(requests, roles_of(documents))
    ordered = _blobs_in_order(requests, list(names.roles))
    return [*_steps(ordered, names), *_not_asked_for(requests, documents, names)]


class RequestNames:
    """Names for digests and uploads, the same on every run."""

    def __init__(self, requests: Iterable[LoggedRequest], roles: Mapping[str, str]) -> None:
        self.roles = dict(roles)
        self.uploads: dict[str, str] = {}
        for request in requests:
            # A POST with a digest has no upload's id: it is a whole upload in one request.
            if request.what == "blobs/uploads" and request.end and request.query("digest"):
                # Only the last request of an upload (spec: PUT …?digest=) names the blob; those before know the
                # upload's id.
                self.uploads[request.end] = request.query("digest")
            # A manifest that is deleted cannot be read any more: what it is, only the path says.
            kind = "manifest" if request.what == "manifests" else "blob"
            for digest in _DIGEST.findall(unquote(request.target)):
                self.roles.setdefault(digest, f"{kind} {len(self.roles) + 1}")

    def of(self, request: LoggedRequest) -> str:
        """What a request is about: `layer 1`, or the tag."""
        named = request.query("mount") or request.query("digest")
        return self.words(named or self.uploads.get(request.end, request.end))

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


def _steps(requests: Sequence[LoggedRequest], names: RequestNames) -> list[Step]:
    steps = []
    # Blobs whose upload has just ended: an engine asks for each once more.
    uploaded: set[tuple[str, str, str]] = set()
    for place, request in enumerate(requests):
        key = (request.agent, request.repository, request.end)
        if (request.method, request.what) == ("HEAD", "blobs") and request.status < 300:
            pushing = any(_stores_manifest(later, request) for later in requests[place:])
            meaning, kind = _of_a_blob_that_is_there(names.of(request), key in uploaded, pushing)
            uploaded.discard(key)
        else:
            meaning, kind = _meaning(request, names, requests)
        if digest := _completed(request):
            uploaded.add((request.agent, request.repository, digest))
        steps.append(Step(request.method, names.path(request), request.status, meaning, kind))
    return steps


def _of_a_blob_that_is_there(name: str, uploaded: bool, pushing: bool) -> tuple[str, Kind]:
    if uploaded:
        return f"{name} has arrived", "ask"
    # Without a manifest that is stored afterwards, nobody was going to send anything.
    return (f"{name} is there already: skipped", "skip") if pushing else (f"{name} is there", "ask")


def _stores_manifest(later: LoggedRequest, request: LoggedRequest) -> bool:
    """Whether this request stores a manifest, for the same client in the same repository."""
    same = (later.agent, later.repository) == (request.agent, request.repository)
    return same and (later.method, later.what) == ("PUT", "manifests") and later.status < 300


def _completed(request: LoggedRequest) -> str:
    """The digest of the blob that this request completed, or ""."""
    if request.what == "blobs/uploads" and request.status == 201:
        return request.query("digest") or request.query("mount")
    return ""


def _meaning(
    request: LoggedRequest, names: RequestNames, requests: Sequence[LoggedRequest]
) -> tuple[str, Kind]:
    """Return the meaning of a request with its answer, and the kind of its step."""
    name = names.of(request)
    asked = (request.method, request.what)
    if asked == ("HEAD", "blobs") and request.status == 404:
        return f"{name} is not there", "ask"
    if request.status >= 400:
        return _REFUSALS.get(request.status, "refused"), "ask"
    # A blob in a storage backend: the bytes come from there.
    if request.status >= 300:
        return "look elsewhere", "ask"
    if request.what == "blobs/uploads":
        return _of_an_upload(request, name, requests)
    if asked in _MEANINGS:
        words, kind = _MEANINGS[asked]
        return words.format(name), kind
    return _of_another_path(request), "ask"


def _of_an_upload(
    request: LoggedRequest, name: str, requests: Sequence[LoggedRequest]
) -> tuple[str, Kind]:
    """Requests of an upload that were answered; spec, "Pushing blobs"."""
    if request.method == "POST" and request.status == 201:
        # 202 would mean that nothing was mounted, or that the bytes were not taken, and an upload is open instead.
        if request.query("mount"):
            return f"{name} is mounted from {request.query('from')}: skipped", "skip"
        return f"received the bytes of {name}: complete", "send"
    if request.method == "PUT":
        # Without a PATCH before it, the bytes came with this request.
        parts = [
            r for r in requests if r.end == request.end and r.method == "PATCH" and r.status < 300
        ]
        if parts:
            return f"{name} is complete", "ask"
        return f"received the bytes of {name}: complete", "send"
    words, kind = _OF_UPLOADS.get(request.method, ("answered", "ask"))
    return words.format(name), kind


def _of_another_path(request: LoggedRequest) -> str:
    path = urlsplit(request.target).path
    if path == "/v2/":
        return "a registry is here"
    if path == "/v2/_catalog":
        return "the repositories"
    if path.endswith("/tags/list"):
        return "the tags"
    return "the referrers" if "/referrers/" in path else "answered"


_REFUSALS = {401: "who are you?", 403: "you may not", 404: "not there", 405: "not allowed here"}
_MEANINGS: dict[tuple[str, str], tuple[str, Kind]] = {
    ("PUT", "manifests"): ("the manifest is stored as {}", "send"),
    ("GET", "blobs"): ("the bytes of {}", "fetch"),
    ("GET", "manifests"): ("the bytes of {}", "fetch"),
    ("HEAD", "manifests"): ("the digest of {}", "ask"),
    ("DELETE", "manifests"): ("{} is deleted", "ask"),
    ("DELETE", "blobs"): ("the link to {} is deleted", "ask"),
}
_OF_UPLOADS: dict[str, tuple[str, Kind]] = {
    "POST": ("an upload is open", "ask"),
    "PATCH": ("received the bytes of {}", "send"),
    "GET": ("how far the upload is", "ask"),
    "DELETE": ("the upload is given up", "ask"),
}
# How engines begin their User-Agent; the log of some servers has none.
_ENGINES = ("docker/", "containerd/", "buildkit/", "moby/")


def _not_asked_for(
    requests: Sequence[LoggedRequest], documents: Iterable[Manifest | Index], names: RequestNames
) -> list[Step]:
    """Return a step for each blob of a manifest whose bytes an engine got, and which nobody asked for afterwards.

    Why, the log does not say: mostly the engine has the blob.
    """
    got = {
        request.end
        for request in requests
        if (request.method, request.what) == ("GET", "manifests")
        and request.status == 200
        and (not request.agent or request.agent.startswith(_ENGINES))
    }
    asked = {request.end for request in requests if request.what == "blobs"}
    skipped = [
        blob
        for document in documents
        if isinstance(document, Manifest) and _was_got(document, got)
        for blob in (document.config, *document.layers)
        if blob.digest not in asked
    ]
    # By name: manifests of an index may share blobs, and each is listed once.
    words = dict.fromkeys(names.words(blob.digest) for blob in skipped)
    return [Step("", name, 0, f"{name}: not asked for", "skip") for name in words]


def _was_got(document: Manifest, got: set[str]) -> bool:
    """Whether the manifest was asked for by its digest, or by a tag in a block without another manifest."""
    return document.digest in got or any(":" not in end for end in got)
