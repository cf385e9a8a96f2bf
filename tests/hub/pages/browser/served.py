"""The hub's pages as a process of their own: Django with a filled database, its static files, and a registry behind it.

`python -m tests.hub.pages.browser.served` prints its port. HUB_DATA is an empty folder. The tests are in another
process, since Playwright's event loop and Django's database do not go together in one thread.
"""

from __future__ import annotations

import mimetypes
import sys
import threading
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import django
from django.conf import settings

import labs.hub

STATIC = Path(labs.hub.__file__).parent / "static"


class Registry(BaseHTTPRequestHandler):
    """Takes every deletion, as the registry does of a digest that it has; its only tags are those of the tables."""

    def do_GET(self) -> None:
        body = b'{"tags": null}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_DELETE(self) -> None:
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


def with_static(pages: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """The pages, and below `/static/` what nginx gives in the image."""

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if not path.startswith("/static/"):
            return pages(environ, start)
        file = STATIC / Path(path).name
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        start("200 OK", [("Content-Type", kind), ("X-Content-Type-Options", "nosniff")])
        return [file.read_bytes()]

    return answer


def main() -> None:
    django.setup()
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    from tests.hub.pages.browser.content import fill

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    registry = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=registry.serve_forever, daemon=True).start()
    settings.REGISTRY = f"http://127.0.0.1:{registry.server_port}"
    call_command("migrate", verbosity=0)
    fill()
    server = Server(("127.0.0.1", 0), Quiet)
    server.set_app(with_static(get_wsgi_application()))
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()  # until who started it closes the pipe, or ends


if __name__ == "__main__":
    main()
