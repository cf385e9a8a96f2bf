"""Serves a class in a process of its own, for tests that kill it: `python -m tests.images.class_process PORT KEY…`.

It prints the address once it serves, of images of the catalog by their keys and of the mirror.
"""

from __future__ import annotations

import signal
import sys
import time
from dataclasses import replace

from labs.engine import find
from labs.images import Catalog, serve_class


def some(*keys: str) -> Catalog:
    """The course's catalog with these images alone, the first one as its base, and the mirror."""
    whole = Catalog.read()
    base, *others = keys
    return replace(
        whole, base=whole.images[base], images={key: whole.images[key] for key in others}
    )


if __name__ == "__main__":
    # Where a shell has started the tests in the background, SIGINT is ignored, here too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    port = int(sys.argv[1])
    with serve_class(
        find().client, lambda _: None, address="127.0.0.1", port=port, catalog=some(*sys.argv[2:])
    ) as served:
        print(f"http://127.0.0.1:{port}/{served.code}", flush=True)
        time.sleep(600)
