"""The requests of several registries as rows of one table, and the sums of each."""

from __future__ import annotations

import random

from labs.registry import Manifest, Traffic, read_access_log, read_manifest, traffic_rows

CONFIG, LAYER = "sha256:" + "c" * 64, "sha256:" + "1" * 64
TYPE = "application/vnd.docker.distribution.manifest.v2+json"
MANIFEST = f"""{{"schemaVersion": 2, "mediaType": "{TYPE}",
 "config": {{"mediaType": "c", "digest": "{CONFIG}", "size": 20}},
 "layers": [{{"mediaType": "l", "digest": "{LAYER}", "size": 3000}}]}}""".encode()
# Of distribution 2.8.3, one line for each request.
LINE = '10.0.0.1 - - [30/Nov/2026:10:00:00 +0000] "{} {} HTTP/1.1" {} {} "" "{}"'


def lines(*asked: tuple[str, str, int, int], agent: str = "docker/26.1.5") -> Traffic:
    log = "\n".join(LINE.format(*each, agent) for each in asked)
    return Traffic(tuple(read_access_log(log)))


def document() -> Manifest:
    found = read_manifest(MANIFEST, TYPE)
    assert isinstance(found, Manifest)
    return found


def first_pull() -> dict[str, Traffic]:
    root = "/v2/library/app"
    blobs = [
        ("GET", f"{root}/blobs/{CONFIG}", 200, 20),
        ("GET", f"{root}/blobs/{LAYER}", 200, 3000),
    ]
    head = ("HEAD", f"{root}/manifests/latest", 200, 500)
    return {
        "cache": lines(("GET", "/v2/", 200, 2), head, *blobs),
        "hub": lines(("GET", "/v2/", 200, 2), head, ("GET", "/v2/", 200, 2), *blobs, *blobs),
    }


def test_traffic_counts_requests_and_blobs_and_no_bytes_of_anything_else():
    hub = first_pull()["hub"]
    assert (hub.count, hub.blobs, hub.blob_bytes) == (7, 4, 6040)
    assert Traffic().blob_bytes == 0


def test_blob_that_was_refused_or_only_asked_about_was_not_sent():
    asked = lines(
        ("GET", f"/v2/a/blobs/{LAYER}", 404, 96), ("HEAD", f"/v2/a/blobs/{LAYER}", 200, 3000)
    )
    assert (asked.count, asked.blobs, asked.blob_bytes) == (2, 0, 0)


def test_line_without_a_size_counts_as_none():
    assert lines(("GET", f"/v2/a/blobs/{LAYER}", 200, "-")).blob_bytes == 0  # type: ignore[arg-type]


def test_rows_have_roles_counts_and_bytes_for_each_server():
    rows = traffic_rows(first_pull(), [document()])
    assert [(row.method, row.path, row.times, row.blob_bytes) for row in rows] == [
        ("GET", "/v2/", (1, 2), (0, 0)),
        ("HEAD", "/v2/library/app/manifests/latest", (1, 1), (0, 0)),
        ("GET", "/v2/library/app/blobs/<config>", (1, 2), (20, 40)),
        ("GET", "/v2/library/app/blobs/<layer 1>", (1, 2), (3000, 6000)),
    ]


def test_rows_are_the_same_in_whatever_order_blobs_were_fetched():
    wanted = traffic_rows(first_pull(), [document()])
    for seed in range(5):
        servers = {}
        for name, traffic in first_pull().items():
            mixed = list(traffic.requests)
            random.Random(seed).shuffle(mixed)
            servers[name] = Traffic(tuple(mixed))
        assert traffic_rows(servers, [document()]) == wanted


def test_same_path_with_another_answer_is_another_row():
    path = "/v2/library/app/manifests/latest"
    rows = traffic_rows({"cache": lines(("GET", path, 404, 96), ("GET", path, 200, 500))})
    assert [(row.status, row.times) for row in rows] == [(200, (1,)), (404, (1,))]
