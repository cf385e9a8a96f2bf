"""Whether the registry takes pushes again, has what it had, and node 2's image."""

from __future__ import annotations

from labs.lesson import Answers, Finding, not_yet, passed
from labs.playground import Playground
from labs.repairs.common import begin_upload, image_kept, said, still_pulls, user_pushed


def mended(playground: Playground, notes: Answers) -> Finding:
    """The old image is there, uploads begin, and team/tool:1 came from node 2."""
    if missing := image_kept(playground, notes):
        return missing
    if refusal := said(begin_upload(playground.node(1))):
        return not_yet(
            f"the registry on port 5000 of node 1 still refuses an upload: {refusal}",
            hint="a restart keeps a container's variables; a new container gets others",
        )
    return user_pushed(playground) or still_pulls(playground.node(2), notes) or passed()
