"""The check of lesson 6 on the proxy for readers: everyone can pull through it, and no one can write through it."""

from __future__ import annotations

import httpx

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import (
    Member,
    Request,
    asks_itself,
    beginning,
    begun_at,
    code_of,
    lets_through,
    named,
    writing,
    wrong_image,
)
from labs.lessons.let_the_right_people_in.checks import (
    ADA,
    GRACE,
    LINUS,
    PORT,
    REPOSITORY,
    TAG,
    not_guarded,
)
from labs.lessons.let_the_right_people_in.login_probe import PortProbe
from labs.playground import Node, Playground
from labs.registry import ACCEPT, Manifest, RegistryClient, digest_of, read_manifest

READERS = 8080
MANIFEST = f"/v2/{REPOSITORY}/manifests/{TAG}"
_ASKED = {"Accept": ACCEPT}
_NOT_ITS_UPLOAD = ("BLOB_UPLOAD_UNKNOWN", "BLOB_UPLOAD_INVALID")
_NAME = "POST is not all that writes: name what may pass, not what may not"


def door_for_readers(playground: Playground, _answers: Answers) -> Finding:
    """Everyone can pull team/hello through port 8080, no one can write through it."""
    node = playground.node(1)
    members = PortProbe(node, PORT)
    if not_guarded(node) or members.status(member=ADA) != 200:
        return not_attempted(f"run the registry with members on port {PORT} first (6.3)")
    probe = PortProbe(node, READERS)
    probe.wait()
    status = probe.status()
    manifest = members.ask(MANIFEST, member=ADA, headers=_ASKED)
    there = manifest is not None and manifest.status_code == 200
    if not status:
        return _no_door(node, there)
    if not there or manifest is None:
        return not_yet(
            f"the registry on port {PORT} has no {REPOSITORY}:{TAG}",
            hint=f"log in as ada to 127.0.0.1:{PORT} and push it there",
        )
    with RegistryClient(node.url(PORT), auth=ADA) as registry:
        wrong = wrong_image(playground, registry, REPOSITORY, TAG, image="hello-world:latest")
    return (
        wrong
        or _not_open(status)
        or _not_read(probe, manifest.content)
        or _written(probe, members, manifest)
        or passed()
    )


def _no_door(node: Node, pushed: bool) -> Finding:
    """Nothing answers on port 8080."""
    every = node.docker.containers.list(all=True, ignore_removed=True)
    proxies = [c for c in every if "nginx" in c.attrs["Config"]["Image"]]
    if not proxies:
        first = "" if pushed else f"push {REPOSITORY} to port {PORT} as ada, and "
        return not_attempted(f"{first}run a proxy that answers on port {READERS}")
    state = f"{named(proxies[0])} is {proxies[0].status}"
    return not_yet(
        f"{state}, and nothing answers on port {READERS}",
        hint=f'docker.containers.get("{proxies[0].name}").logs() tells why. Does it listen on {READERS} of the node?',
    )


def _not_open(status: int) -> Finding | None:
    """Return None if GET /v2/ without a password is answered with 200; otherwise what is wrong."""
    if status == 200:
        return None
    hints = {
        401: "the proxy has to log in itself, as a member of the registry behind it: "
        "proxy_set_header Authorization",
        404: "location /v2/ { proxy_pass …; } passes requests on; is your file in /etc/nginx/conf.d?",
        502: f"nothing answers where proxy_pass leads. In a container 127.0.0.1 is that container: "
        f'network_mode="host" makes it the node, and the registry is on {PORT}',
    }
    return not_yet(
        f"GET /v2/ on port {READERS} without a password gives {status}, wanted 200",
        hint=hints.get(status, "the proxy's log tells why"),
    )


def _not_read(probe: PortProbe, wanted: bytes) -> Finding | None:
    """Return None if a client without a password gets all that a pull asks for; otherwise what is wrong."""
    seen = probe.ask(MANIFEST, headers=_ASKED)
    status = seen.status_code if seen is not None else 0
    hint = f"the proxy passes everything below /v2/ on to the registry on port {PORT}"
    if seen is None or status != 200 or digest_of(seen.content) != digest_of(wanted):
        what = "another manifest" if status == 200 else str(status)
        return not_yet(
            f"{REPOSITORY}:{TAG} through port {READERS} gives {what}, wanted what is on port {PORT}",
            hint=hint,
        )
    document = read_manifest(wanted)
    parts = [("manifests", document.digest)]
    if isinstance(document, Manifest):
        parts += [("blobs", each.digest) for each in (document.config, *document.layers)]
    for kind, digest in parts:
        request = Request("GET", f"/v2/{REPOSITORY}/{kind}/{digest}")
        answer = probe.ask(request.path, headers=_ASKED)
        if answer is None or digest_of(answer.content) != digest:
            gives = answer.status_code if answer is not None else "no answer"
            return not_yet(
                f"{request} through port {READERS} gives {gives}, wanted what a pull needs",
                hint=hint,
            )
    return None


def _written(probe: PortProbe, members: PortProbe, manifest: httpx.Response) -> Finding | None:
    """Return None if nothing that writes is let through, without a password or with a member's."""
    # As each member too: a proxy that passes a password on would let her write, and so would one that knows members.
    members_words = [(each, f"as {each[0]}") for each in (ADA, GRACE, LINUS)]
    for member, words in [(None, "without a password"), *members_words]:
        if found := (
            _uploads(probe, members, member, words)
            or _tags(probe, manifest, member, words)
            or _others(probe, members, manifest, member=member, words=words)
        ):
            return found
    return None


def _uploads(
    probe: PortProbe, members: PortProbe, member: Member | None, words: str
) -> Finding | None:
    for request in beginning(REPOSITORY):
        answer = probe.send(request, member)
        if path := begun_at(answer):
            members.ask(path, method="DELETE", member=ADA)
        if asks_itself(answer):
            return _asks(request)
        if answer is not None and lets_through(answer):
            return not_yet(
                f"port {READERS} lets uploads through: POST {words} gives {answer.status_code}, wanted a refusal",
                hint="let your map give nothing for other methods, or limit_except GET { deny all; } in the location",
            )
    return None


def _asks(request: Request) -> Finding:
    return not_yet(
        f"port {READERS} asks for a password of its own: {request} gives 401, wanted a refusal with every password",
        hint="deny all where something is written: auth_basic lets in those whom its own file names",
    )


def _tags(
    probe: PortProbe, manifest: httpx.Response, member: Member | None, words: str
) -> Finding | None:
    kind = {"Content-Type": manifest.headers["content-type"]}
    # The same bytes under the same tag: if the proxy lets them in, nothing has changed.
    put = probe.ask(MANIFEST, method="PUT", member=member, headers=kind, content=manifest.content)
    if put is None or not lets_through(put):
        return None
    return not_yet(
        f"port {READERS} lets tags be moved: PUT {words} gives {put.status_code}, wanted a refusal",
        hint=_NAME,
    )


def _others(
    probe: PortProbe,
    members: PortProbe,
    manifest: httpx.Response,
    *,
    member: Member | None,
    words: str,
) -> Finding | None:
    """PUT, PATCH and DELETE on each kind of path: of an upload of the check's own, and of what does not exist."""
    begun = members.ask(f"/v2/{REPOSITORY}/blobs/uploads/", method="POST", member=ADA)
    path = begun_at(begun)
    try:
        # Reading is let through: the registry that has the upload knows it, and another one says that it does not.
        seen = probe.ask(path) if path else None
        if seen is not None and code_of(seen) in _NOT_ITS_UPLOAD:
            return not_yet(
                f"port {READERS} leads to another registry than port {PORT}: what begins there is unknown here",
                hint=f"proxy_pass http://127.0.0.1:{PORT}",
            )
        for request in writing(
            REPOSITORY, upload=path, manifest_type=manifest.headers["content-type"]
        ):
            answer = probe.send(request, member)
            if asks_itself(answer):
                return _asks(request)
            if answer is not None and lets_through(answer):
                gives = f"{answer.status_code} {code_of(answer)}".strip()
                return not_yet(
                    f"port {READERS} lets {request.method} through: {request} {words} gives {gives}, wanted a refusal",
                    hint=_NAME,
                )
    finally:
        if path:
            members.ask(path, method="DELETE", member=ADA)
    return None
