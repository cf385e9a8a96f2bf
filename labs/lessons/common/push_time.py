"""When a tag was last pushed into a folder of a node, compared with when a container was made or started."""

from __future__ import annotations

from labs.playground import Node

# The time of change (Z), not of modification (Y): anyone can set the latter, `touch -d`. The folders too: one that was
# moved there has the link of before. And by no symbolic link, which leads to a file of any age.
_SCRIPT = """
cd "$1" 2>/dev/null || exit 1
link="$(pwd -P)/repositories/$2/_manifests/tags/$3/current/link"
[ "$(realpath -e "$link" 2>/dev/null)" = "$link" ] || exit 1
stat -c %.9Z "$link" "${link%/*}" "${link%/*/*}"
"""


def pushed_at(node: Node, folder: str, repository: str, tag: str) -> float | None:
    """Return when a tag was last written, in seconds since 1970; None if there is no such tag in the folder.

    A push alone writes the tag's link. With fractions: a push and a new container can be in the same second.

    Args:
        node: Where the folder is.
        folder: A registry's `docker/registry/v2`, as the node sees it.
        repository: Of the tag.
        tag: As in a reference.
    """
    if not folder:
        return None
    found = node.read_output(["sh", "-c", _SCRIPT, "pushed", folder, repository, tag])
    return None if found.exit_code else max(map(float, found.stdout.split()))
