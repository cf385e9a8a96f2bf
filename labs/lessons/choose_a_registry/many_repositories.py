"""Fills distribution with more repositories than its catalog lists at once, as files of its volume.

A repository is a folder of links (lesson 2), so a copy of the folder is another repository with the same image. Pushing
as many would take half a minute.
"""

from __future__ import annotations

from labs.playground import Node

COUNT = 120
PAGE = 100
"""What `_catalog` of distribution gives where nothing else is asked, and by the lesson's setting at most."""

_FOLDER = "/var/lib/docker/volumes/distribution-data/_data/docker/registry/v2/repositories"
_COPY = f"""set -e
cd {_FOLDER}
rm -rf shop
mkdir shop
for number in $(seq -w {COUNT}); do
    cp -r ada/hello shop/part-$number
    mv shop/part-$number/_manifests/tags/1 shop/part-$number/_manifests/tags/1.$number
done
"""


def fill(node: Node) -> None:
    """Make `shop/part-001` and more of `ada/hello`, each with a tag of its own number."""
    done = node.exec(["sh", "-c", _COPY])
    if done.exit_code:
        raise RuntimeError(f"copying ada/hello failed: {done.stderr}")
