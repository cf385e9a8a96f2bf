"""An upload that stops in the middle, so that a lesson can see what a restart of the registry does to it."""

from __future__ import annotations

import hashlib
import ssl

import httpx

from labs.playground import Node

# The port is reached on 127.0.0.1, and the certificate is for this name: it is verified against the name.
_NAME = {"sni_hostname": "registry.lab"}
_HALVES = (b"the first half, ", b"and the second.")


class HalfUpload:
    """An upload of one blob to the repository `half`: the first half is sent at once.

    Args:
        node: Where the registry runs.
        authority: PEM of the certificate that its own must lead to.
        port: Its port.
    """

    def __init__(self, node: Node, authority: bytes, port: int = 5000) -> None:
        self._trust = ssl.create_default_context(cadata=authority.decode())
        self._url = node.url(port).replace("http:", "https:")
        begun = self._send("POST", f"{self._url}/v2/half/blobs/uploads/", b"")
        self._place = self._send("PATCH", begun.headers["location"], _HALVES[0]).headers["location"]

    def finish(self) -> str:
        """Send the rest; return the status, and the registry's error code if it refused."""
        digest = f"sha256:{hashlib.sha256(b''.join(_HALVES)).hexdigest()}"
        end = str(httpx.URL(self._place).copy_add_param("digest", digest))
        reply = self._send("PUT", end, _HALVES[1])
        if reply.is_success:
            return f"{reply.status_code} {reply.reason_phrase}"
        return f"{reply.status_code} {reply.json()['errors'][0]['code']}"

    def _send(self, method: str, url: str, content: bytes) -> httpx.Response:
        # A connection for each request: the restart between the halves would close a kept one.
        with httpx.Client(verify=self._trust, trust_env=False) as http:
            return http.request(method, url, content=content, extensions=_NAME)
