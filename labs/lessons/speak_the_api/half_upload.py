"""An upload that a client began and left, for exercise 3.5, and the check of it: a student brings it to its end.

How much has arrived is drawn by chance, so only the registry knows it.
"""

from __future__ import annotations

import json
from secrets import randbelow, token_bytes

from labs.lesson import Answers, Finding, Lab, not_attempted, not_yet, passed
from labs.lessons.common import no_registry, on_port, read_note, refused_attempt, root_of
from labs.lessons.speak_the_api.small_steps import has_blob
from labs.playground import Node, Playground
from labs.registry import RegistryClient, digest_of, files_in_tar

PORT = 5000
REPOSITORY = "unfinished"
NOTE = "/srv/half-upload.json"
"""A file of node 1: digest and size of the content, the upload's id, and how much was sent."""
_SIZE = 9000
_BEGIN = "run the cell that begins the upload: begin_upload(lab)"
_GO_ON = "GET place tells in Range what is there; send content from the next byte on, and close with PUT and the digest"


def begin_upload(lab: Lab) -> tuple[str, bytes]:
    """Begin an upload to the repository `unfinished`, send a part of it, and leave it.

    Returns:
        The last `Location` that the registry gave, and all of the content.
    """
    content, sent = token_bytes(_SIZE), 1000 + randbelow(_SIZE - 2000)
    with lab.http(PORT) as http:
        begun = http.post(f"/v2/{REPOSITORY}/blobs/uploads/").raise_for_status()
        reply = http.patch(begun.headers["location"], content=content[:sent]).raise_for_status()
    note = {
        "digest": digest_of(content),
        "size": str(len(content)),
        "upload": begun.headers["docker-upload-uuid"],
        "sent": str(sent),
    }
    lab.node().write_file(NOTE, json.dumps(note))
    return reply.headers["location"], content


def finished(playground: Playground, _answers: Answers) -> Finding:
    """The blob is in the repository, and the upload that was left is no longer open."""
    node = playground.node(1)
    if missing := no_registry(node, PORT, left="registry"):
        return missing
    note = read_note(node, NOTE)
    if not note:
        return not_attempted(_BEGIN)
    arrived = _arrived(node, note["upload"])
    if has_blob(RegistryClient(node.url(PORT)), REPOSITORY, note["digest"]):
        if arrived is None:
            return passed()
        return not_yet(
            "the blob is there, by another upload: the one that was left is still open",
            hint=f"run the cell again for a new one. {_GO_ON}",
        )
    if arrived is None:
        # A registry that was run again knows nothing of the upload.
        return not_attempted(_BEGIN)
    size, sent = int(note["size"]), int(note["sent"])
    if arrived == sent:
        hint = "the upload lacks bytes, or the Location was not the last one: print status_code and text of the answer"
        return refused_attempt(node, PORT, note["upload"], hint=hint) or not_attempted(
            f"finish the upload to the repository {REPOSITORY}"
        )
    return _of_an_open_upload(arrived, size)


def _of_an_open_upload(arrived: int, size: int) -> Finding:
    if arrived > size:
        return not_yet(
            "the upload has more bytes than the content: some of them twice",
            hint=f"the registry adds what it gets to what it has. Run the cell again. {_GO_ON}",
        )
    if arrived < size:
        return not_yet(
            "the upload has more than before, and not all of the content",
            hint="content[n:] are the bytes from n on; Range names the last byte that is there, so n is one more",
        )
    return not_yet(
        "the upload has as many bytes as the content, and is still open",
        hint="PUT to its last Location, with &digest=…, closes it. DIGEST_INVALID: the bytes are others than those of "
        "content, and the cell begins another upload",
    )


def _arrived(node: Node, upload: str) -> int | None:
    """How many bytes of an upload are on the disk; None if it is closed, or was never there.

    The registry tells that only to a client that has the last Location.
    """
    container = on_port(node, PORT)
    if container is None:
        return None
    end = f"/{REPOSITORY}/_uploads/{upload}/data"
    files = files_in_tar(container.get_archive(root_of(container))[0])
    return next((file.size_bytes for file in files if file.path.endswith(end)), None)
