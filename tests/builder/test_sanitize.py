"""The masks: enough for a second run, never so much that a wrong thing looks right."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs.builder import BuildError, Sanitizer

DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

VOLATILE = [
    (f"sha256:{DIGEST}", "sha256:[digest]"),
    ("sha256:9f86d081884c", "sha256:[digest]"),
    (f"blobs/sha256/9f/{DIGEST}/data", "blobs/sha256/[xx]/[digest]/data"),
    (f"revisions/sha256/{DIGEST}/link", "revisions/sha256/[digest]/link"),
    ("<Container: 9f86d081884c>", "<Container: [id]>"),
    (DIGEST, "[id]"),
    ("http://127.0.0.1:49154/v2/", "http://127.0.0.1:[port]/v2/"),
    ("127.0.0.1:32768", "127.0.0.1:[port]"),
    ("localhost:65535", "localhost:[port]"),
    (
        "{'HostIp': '127.0.0.1', 'HostPort': '49154'}",
        "{'HostIp': '127.0.0.1', 'HostPort': '[port]'}",
    ),
    ("2026-11-23T12:11:37.123456789Z", "[time]"),
    ("2026-11-23 12:11:37 +0000 UTC", "[time]"),
    ("Mon, 23 Nov 2026 12:11:37 GMT", "[time]"),
    ("at 12:11:37.5 it", "at [time] it"),
    ("Up About a minute", "Up [duration]"),
    ("3 seconds ago", "[duration] ago"),
    ("took 0.25 s, then 1m2.5s and 80ms", "took [duration], then [duration] and [duration]"),
    ("16.4kB of 4.83 MB, 7038 bytes", "[size] of [size], [size]"),
    ("{'size': 1024}", "{'size': [size]}"),
    ("<object at 0x7f3a2b1c>", "<object at 0x[address]>"),
    (
        "leads to registry by the edge: this kernel has no IPVS, without which the routing mesh answers nobody",
        "leads to registry by the [mesh or edge]",
    ),
    ("leads to web by the mesh: this kernel has IPVS", "leads to web by the [mesh or edge]"),
    ("labs-0a1b2c3d-run-a-registry-node1", "labs-[course]-run-a-registry-node1"),
    ("  1.1 passed - A\n  Points: 5 of 20\nCourse", "  1.1 passed - A\nCourse"),
    ("passed</p><p>Points: 5 of 20</p><table>", "passed</p><table>"),
    (
        "  1.1 passed - A registry\nCourse:\n  Lesson 1, A: 5 of 5 passed\n  Lesson 2, B: 0 of 5 passed",
        "  1.1 passed - A registry\nCourse: [progress]",
    ),
    (
        '<p>1.1</p><table><caption style="x">The course</caption><tr><td>1</td></tr></table></div>',
        "<p>1.1</p><p>The course: [progress]</p></div>",
    ),
    ("  node1  manager, leader, ready", "  node1  manager, ready"),
    (
        '<div>manager, <span style="white-space: nowrap"><span aria-hidden="true">★</span> leader</span></div>',
        "<div>manager</div>",
    ),
    ("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "[uuid]"),
]

STABLE = [
    "127.0.0.1:5000/hello-world:latest",
    "http://127.0.0.1:5000/v2/_catalog",
    "127.0.0.1:32767",
    "registry:2.8.3",
    "hello-world:v1 hello-world:v2",
    '{"repositories":["hello-world"]}',
    '1.2 not yet: repository "hello-world" has tags [], wanted ["latest"]',
    "1.2 passed",
    "Lesson 1, Run a registry: 4 of 5 passed\n  1.1 passed - A second registry",
    "GET /v2/demo/app/manifests/v9: 404 MANIFEST_UNKNOWN",
    "0 B, 0 bytes, 3 layers, 12 blobs",
    "exit code 137",
    "dial tcp 127.0.0.1:5001: connect: connection refused",
    "a node on port 49154 of another place",
    "s3, md5, 404 s3 buckets",
    "application/vnd.oci.image.manifest.v1+json",
    "True False None [1, 2]",
]


@pytest.mark.parametrize(("text", "masked"), VOLATILE)
def test_mask_hides_what_differs_between_runs(sanitizer: Sanitizer, text: str, masked: str) -> None:
    assert sanitizer.mask(text) == masked


@pytest.mark.parametrize("text", STABLE)
def test_mask_leaves_facts_alone(sanitizer: Sanitizer, text: str) -> None:
    assert sanitizer.mask(text) == text


@pytest.mark.parametrize("text", [text for text, _ in VOLATILE])
def test_mask_twice_is_mask_once(sanitizer: Sanitizer, text: str) -> None:
    once = sanitizer.mask(text)
    assert sanitizer.mask(once) == once


def test_from_file_refuses_a_regex_without_replacement(tmp_path: Path) -> None:
    (tmp_path / "s.cfg").write_text("regex: a\nregex: b\nreplace: c\n")
    with pytest.raises(BuildError, match="without its replace line"):
        Sanitizer.from_file(tmp_path / "s.cfg")
