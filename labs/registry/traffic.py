"""The requests of several registries in one table, by what was asked for: who asked whom for what, and for how much.

The order in time is left out. A pull-through cache fetches the blobs of an image at the same time, so it differs in
each run; how often each thing was asked for does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from labs.registry.accesslog import LoggedRequest, RequestNames, roles_of
from labs.registry.manifest import Index, Manifest


@dataclass(frozen=True)
class Traffic:
    """What one registry was asked in a while.

    Attributes:
        requests: From its access log, in its order.
    """

    requests: tuple[LoggedRequest, ...] = ()

    @property
    def count(self) -> int:
        """How many requests."""
        return len(self.requests)

    @property
    def blobs(self) -> int:
        """How many times it sent a blob."""
        return sum(map(_sends_blob, self.requests))

    @property
    def blob_bytes(self) -> int:
        """How many bytes of blobs it sent."""
        return sum(request.sent_bytes for request in self.requests if _sends_blob(request))


@dataclass(frozen=True)
class TrafficRow:
    """One thing that was asked for.

    Attributes:
        method: `HEAD`.
        path: With roles in place of digests: `/v2/library/nginx/blobs/<layer 1>`.
        status: Of the answers.
        times: How often each registry was asked, in the order of the table.
        blob_bytes: How many bytes of a blob each sent.
    """

    method: str
    path: str
    status: int
    times: tuple[int, ...]
    blob_bytes: tuple[int, ...]


def traffic_rows(
    servers: Mapping[str, Traffic], documents: Sequence[Manifest | Index] = ()
) -> list[TrafficRow]:
    """The rows of a table with a column for each registry.

    Args:
        servers: What each was asked, by its name.
        documents: Manifests that this was about, for the roles of digests.
    """
    every = [request for traffic in servers.values() for request in traffic.requests]
    names = RequestNames(every, roles_of(documents))
    place = {digest: number for number, digest in enumerate(names.roles)}
    rows: dict[tuple[str, str, int], TrafficRow] = {}
    for request in sorted(every, key=lambda it: _order(it, place)):
        key = (request.method, names.path(request), request.status)
        rows.setdefault(key, _row(key, servers, names))
    return list(rows.values())


def _row(
    key: tuple[str, str, int], servers: Mapping[str, Traffic], names: RequestNames
) -> TrafficRow:
    same = [
        [it for it in traffic.requests if (it.method, names.path(it), it.status) == key]
        for traffic in servers.values()
    ]
    return TrafficRow(*key, tuple(map(len, same)), tuple(map(_bytes, same)))


def _bytes(requests: Iterable[LoggedRequest]) -> int:
    return sum(request.sent_bytes for request in requests if _sends_blob(request))


def _sends_blob(request: LoggedRequest) -> bool:
    return (request.method, request.what) == ("GET", "blobs") and request.status == 200


def _order(request: LoggedRequest, place: Mapping[str, int]) -> tuple[object, ...]:
    """First what is not part of an image, then manifests by tag, by digest, then blobs as the manifest lists them."""
    kind = {"": 0, "manifests": 1, "blobs": 2}.get(request.what, 3)
    number = place.get(request.end, -1)
    end = "" if ":" in request.end else request.end
    method = ("HEAD", "GET").index(request.method) if request.method in ("HEAD", "GET") else 2
    return (kind, request.repository, number, end, method, request.method, request.status)
