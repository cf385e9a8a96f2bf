"""The deliveries of exercise 15.6: five images of the shop, and a tag that is moved as soon as it has been read.

What moves it is a shell script in the node. It follows the log of the registry, as anyone could who may push there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import httpx
from docker.errors import ImageNotFound, NotFound
from docker.models.containers import Container

from labs.lessons.common import by_hand
from labs.lessons.move_and_sign.app_images import HERE, MANIFEST, Base
from labs.lessons.move_and_sign.shop_images import (
    WEB,
    deliver_web,
    give_key,
    web_changed,
    web_images,
)
from labs.playground import Node
from labs.registry import LoggedRequest, digest_of, read_access_log

CHANGED = "changed"
MOVING = "5"
"""The tag that is moved."""
_FOLDER = "/srv/mover"
_PATH = f"/v2/{WEB}/manifests/{MOVING}"

# From the registry's log: any request for the manifest by its tag but the script's own. It ends after the first.
_SCRIPT = rf"""
cd {_FOLDER} || exit
echo $$ >pid
docker logs --follow --since "$(cat since)" here 2>&1 | while read -r line; do
  [ "$(cat pid)" = $$ ] || break
  case $line in
    *method=PUT*) ;;
    *uri={_PATH}\ *)
      request="PUT {_PATH} HTTP/1.0\r\nHost: 127.0.0.1:{HERE}\r\nContent-Type: {MANIFEST}\r\n"
      {{ printf "${{request}}Content-Length: $(wc -c <changed)\r\n\r\n"; cat changed; }} >whole
      exec 3<>/dev/tcp/127.0.0.1/{HERE} && cat whole >&3 && head -n 1 <&3 >moved
      break ;;
  esac
done
"""


def deliver(node: Node) -> None:
    """Deliver shop/web again: five tags as they were, none of them run. Tag 5 is moved when it has been read once.

    The engine's images of shop/web go too: one pulled in an earlier try would be run as the one that a tag names now.
    """
    end_mover(node)
    base = Base.of(node)
    for _, container in containers_of(node, base):
        container.remove(force=True)
    _remove_images(node, base)
    deliver_web(node, base)
    give_key(node)
    node.write_file(f"{_FOLDER}/changed", web_changed(base).content)
    node.write_file(f"{_FOLDER}/move.sh", _SCRIPT)
    node.exec(["sh", "-c", f"date +%s.%N >{_FOLDER}/since"])
    node.exec(["sh", "-c", f"setsid bash {_FOLDER}/move.sh >/dev/null 2>&1 &"])


def containers_of(node: Node, base: Base) -> list[tuple[str, Container]]:
    """The containers that were made from an image of shop/web, each with its tag; `changed` is what 5 became.

    An image's id is the digest of its config, by whatever name it was run.
    """
    ids = _ids(base)
    containers = node.docker.containers.list(all=True, ignore_removed=True)
    return [(ids[c.attrs["Image"]], c) for c in containers if c.attrs["Image"] in ids]


def _remove_images(node: Node, base: Base) -> None:
    for each in _ids(base):
        with suppress(ImageNotFound):
            node.docker.images.remove(each, force=True)


def _ids(base: Base) -> dict[str, str]:
    """The tag of each image of shop/web by its id."""
    every = web_images(base) | {CHANGED: web_changed(base)}
    return {digest_of(document.blobs[0]): tag for tag, document in every.items()}


def end_mover(node: Node) -> None:
    """End the script, if it runs."""
    node.exec(["sh", "-c", f"kill -- -$(cat {_FOLDER}/pid) 2>/dev/null; rm -rf {_FOLDER}"])


def was_moved(node: Node) -> bool:
    """Whether tag 5 has been read since the last delivery, and moved."""
    return b" 201 " in content_of(node, f"{_FOLDER}/moved")


def read_twice(node: Node, base: Base) -> bool:
    """Whether what was verified and what was run come from two readings of tag 5, before it was moved.

    The script is slower than a quick answer on a busy machine, and then both readings are of the shop's image. The
    registry's log tells them apart: the tag was asked again after the signature, or cosign asked it and someone else
    did too, or the engine did, another program asked for the digest, and the container was run by the tag.
    """
    signature = by_hand.signature_tag(web_images(base)[MOVING].digest)
    readers: list[str] = []
    verified = again = False
    for request in _before_the_move(node):
        verified = verified or request.end == signature
        if request.end == MOVING and request.status == httpx.codes.OK:
            readers.append(request.agent.partition("/")[0].lower())
            again = again or verified
    by_tag = any(
        container.attrs["Config"]["Image"].endswith(f"{WEB}:{MOVING}")
        for _, container in containers_of(node, base)
    )
    by_two = len(set(readers)) > 1
    return again or (by_two and ("cosign" in readers or (by_tag and "docker" in readers)))


def _before_the_move(node: Node) -> Iterator[LoggedRequest]:
    """What was asked of manifests of shop/web since the last delivery, until tag 5 was moved."""
    since = content_of(node, f"{_FOLDER}/since")
    try:
        log = node.docker.containers.get("here").logs(since=float(since or 0), stderr=False)
    except NotFound:
        return
    for request in read_access_log(log.decode(errors="replace")):
        if request.repository != WEB or request.what != "manifests":
            continue
        if request.method == "PUT" and request.end == MOVING:
            return
        if request.method in ("GET", "HEAD"):
            yield request


def content_of(node: Node, path: str) -> bytes:
    """A file of the node; empty if it is not there."""
    try:
        return node.read_file(path)
    except FileNotFoundError:
        return b""
