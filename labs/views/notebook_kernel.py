"""Takes settings of the student's machine out of the environment of a notebook's kernel.

The course's own clients ignore it by themselves. This is for what a student writes: `httpx.get(lab.url(5000))` and
`!curl` would send a request for 127.0.0.1 to a proxy, and passwords of ~/.netrc to a lesson's registry.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping

from labs.views.html import in_notebook

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY")
# Where Python, curl and requests look for authorities; a file that is gone makes every client fail.
_TRUST = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSLKEYLOGFILE")
# DOCKER_HOST, DOCKER_CONTEXT and DOCKER_CONFIG stay: they lead `labs.open` to the host's engine.
_DOCKER = ("DOCKER_API_VERSION", "DOCKER_DEFAULT_PLATFORM", "DOCKER_CONTENT_TRUST")


def ignore_host_settings() -> None:
    """Take proxies, authorities and stored passwords of this machine from the environment of a notebook's kernel."""
    if in_notebook():
        clean(os.environ)


def clean(environment: MutableMapping[str, str]) -> None:
    """Take them from an environment."""
    for name in (*_PROXIES, *_TRUST, *_DOCKER):
        environment.pop(name, None)
        environment.pop(name.lower(), None)
    # `*`: macOS has proxies in its system settings too, which Python asks where no variable is set.
    environment["NO_PROXY"] = environment["no_proxy"] = "*"
    environment["NETRC"] = os.devnull
