"""Whether the registry has room again, what it had is whole, and node 2's image is in it."""

from __future__ import annotations

from labs.lesson import Answers, Finding, not_yet, passed
from labs.playground import Node, Playground
from labs.repairs.common import begin_upload, blobs_lost, image_kept, said, user_pushed


def mended(playground: Playground, notes: Answers) -> Finding:
    """The old image can be pulled, uploads begin, and team/tool:1 came from node 2."""
    server = playground.node(1)
    if missing := image_kept(playground, notes) or blobs_lost(server):
        return missing
    if refusal := said(begin_upload(server)):
        return not_yet(
            f"the registry on port 5000 of node 1 still refuses an upload: {refusal}",
            hint=_what_is_full(server),
        )
    return user_pushed(playground) or passed()


def _what_is_full(server: Node) -> str:
    kept = server.read_output(
        ["sh", "-c", "find /srv/disk -path '*/_uploads/*' -type f -name data | wc -l"]
    )
    number = kept.stdout.strip()
    if number not in ("", "0"):
        return "/srv/disk holds uploads that were begun and never finished"
    return "`df /srv/disk` on node 1"
