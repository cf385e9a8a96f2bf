"""The build server of exercise 12.7: a shell script in the node that pushes a build each second and notes what the
registry accepted. What was accepted may not be lost by the move.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from labs.lessons.store_it_elsewhere.archive_images import SHOP, TOOLS, builds, tagged_in_shop
from labs.playground import Node
from labs.waiting import WaitTimeout, wait_until

PORT = 5003
ARCHIVE = "/srv/archive"
"""The folder of the node that the registry keeps its data in before it moves."""

_FOLDER = "/srv/builds"
_REPOSITORIES = f"{ARCHIVE}/docker/registry/v2/repositories"
_TAGS = f"{_REPOSITORIES}/{TOOLS}/_manifests/tags"
_REVISIONS = f"{_REPOSITORIES}/{SHOP}/_manifests/revisions/sha256"
_FIRST_S = 10.0
MOST = 60
"""Builds that are accepted; then it ends, so that a registry does not fill while a student reads."""

# A build is a PUT of a manifest whose blobs are there already. 1800 tries: half an hour of a registry that refuses.
_SCRIPT = rf"""
cd {_FOLDER} || exit
echo $$ >pid
date +%s.%N >began
accepted=0 first=$(date +%s)
for try in $(seq 1800); do
  [ "$(cat pid)" = $$ ] || exit 0
  tag=build-$first-$accepted
  body=$(sed "s/BUILD/$tag/" manifest)
  request="PUT /v2/$(cat repository)/manifests/$tag HTTP/1.0\r\nHost: 127.0.0.1:{PORT}\r\n"
  request="${{request}}Content-Type: $(cat type)\r\nContent-Length: ${{#body}}\r\n\r\n"
  answer=$({{ exec 3<>/dev/tcp/127.0.0.1/{PORT} && printf "$request%s" "$body" >&3 && head -n 1 <&3; }} 2>/dev/null)
  case $answer in
    *" 201 "*)
      accepted=$((accepted + 1)) where=elsewhere
      [ -d "{_TAGS}/$tag" ] && where=archive
      echo "$tag sha256:$(printf %s "$body" | sha256sum | cut -c 1-64) $where" >>accepted ;;
  esac
  date +%s.%N >tried
  [ $accepted -lt {MOST} ] || exit 0
  sleep 1
done
"""


def shop_images_of(node: Node) -> frozenset[str]:
    """The digests of all that the archive's folder has in the repository now, with a tag or without."""
    found = node.read_output(["ls", _REVISIONS]).stdout.split()
    return frozenset(f"sha256:{digits}" for digits in found)


@dataclass(frozen=True)
class Builds:
    """What the build server has done.

    Attributes:
        began: Seconds since 1970 of its start; 0 if it was never started.
        tried: The same of its last push, accepted or not.
        accepted: Digests of the builds that were accepted, by tag.
        archived: The tags of those that arrived in the archive's folder.
        pinned: Digests of the images that the archive had at its start and that no tag names.
    """

    began: float
    tried: float
    accepted: dict[str, str]
    archived: frozenset[str]
    pinned: tuple[str, ...]

    @classmethod
    def read(cls, node: Node) -> Builds:
        """Read its notes."""
        names = ("began", "tried", "accepted", "had")
        files = [node.read_output(["cat", f"{_FOLDER}/{name}"]).stdout for name in names]
        began, tried = (float(part.strip() or 0) for part in files[:2])
        notes = [line.split() for line in files[2].splitlines() if len(line.split()) == 3]
        had = files[3].split()
        return cls(
            began,
            tried,
            {tag: digest for tag, digest, _ in notes},
            frozenset(tag for tag, _, where in notes if where == "archive"),
            tuple(sorted({f"sha256:{digits}" for digits in had} - tagged_in_shop())),
        )


def start_builds(node: Node) -> None:
    """Start the build server in a node and wait for its first build; one that runs already ends, and its notes go.

    Nothing is waited for where the registry is read-only or off.
    """
    repository, manifest, kind = builds()
    node.exec(["rm", "-rf", _FOLDER])
    for name, content in {
        "repository": repository.encode(),
        "manifest": manifest,
        "type": kind.encode(),
        "push.sh": _SCRIPT.encode(),
    }.items():
        node.write_file(f"{_FOLDER}/{name}", content)
    # What only this archive has: the check asks for it wherever the registry is then.
    node.exec(["sh", "-c", f"ls {_REVISIONS} >{_FOLDER}/had"])
    node.exec(["sh", "-c", f"setsid bash {_FOLDER}/push.sh >/dev/null 2>&1 &"])
    tried = ["test", "-e", f"{_FOLDER}/tried"]
    with suppress(WaitTimeout):
        wait_until(
            lambda: node.exec(tried).exit_code == 0,
            "the first build",
            timeout_s=_FIRST_S,
            interval_s=0.1,
        )
