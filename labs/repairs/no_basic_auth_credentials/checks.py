"""Whether node 2's image has arrived in a registry that still asks for passwords."""

from __future__ import annotations

from labs.lesson import Answers, Finding, not_yet, passed
from labs.playground import Playground
from labs.repairs.common import guarded_image_kept, user_pushed
from labs.repairs.no_basic_auth_credentials.set_up import ROSA


def mended(playground: Playground, notes: Answers) -> Finding:
    """Strangers get a 401, rosa gets in, the old image is there, and team/tool:1 came from node 2."""
    found = guarded_image_kept(playground, notes, ROSA)
    return found or _pushed(playground) or passed()


def _pushed(playground: Playground) -> Finding | None:
    found = user_pushed(playground, member=ROSA)
    if found is None:
        return None
    logins = playground.node(2).read_output(["cat", "/root/.docker/config.json"]).stdout
    if "registry.lab:5000" in logins:
        return not_yet(
            "node 2 is logged in at registry.lab:5000 and has not pushed team/tool:1",
            hint=found.hint,
        )
    return found
