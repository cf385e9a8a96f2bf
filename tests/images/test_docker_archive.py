"""The archive that an engine loads, read back with tarfile."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

from labs.images.docker_archive import archive_of
from labs.registry import digest_of


def test_archive_holds_config_and_layers_as_they_are_under_one_name(tmp_path: Path):
    contents = {"aa": b"first" * 300, "bb": b"x" * 512}
    paths = []
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        paths.append(tmp_path / name)
    config = b'{"rootfs": {}}'
    whole = b"".join(archive_of("course/node:1", config, [*paths, paths[0]]))
    with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
        held = {member.name: tar.extractfile(member).read() for member in tar}
        assert len(tar.getnames()) == 4  # a layer that comes twice is in the tar once
    (entry,) = json.loads(held["manifest.json"])
    assert entry["RepoTags"] == ["course/node:1"]
    assert digest_of(held[entry["Config"]]) == f"sha256:{entry['Config'].removesuffix('.json')}"
    layers = [held[name] for name in entry["Layers"]]
    assert layers == [contents["aa"], contents["bb"], contents["aa"]]
