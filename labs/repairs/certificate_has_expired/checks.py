"""Whether the registry serves a certificate that is valid now, and node 2 pulls."""

from __future__ import annotations

from labs.lesson import Answers, Finding, passed
from labs.playground import Playground
from labs.repairs.common import user_pulls_over_tls


def mended(playground: Playground, notes: Answers) -> Finding:
    """Node 2 has pulled the image over TLS, from the registry that it verifies."""
    return user_pulls_over_tls(playground, notes) or passed()
