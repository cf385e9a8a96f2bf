"""What happens to the stick of exercise 15.8 on its way: one image is damaged, another one replaced with care.

Where it arrives, school/tea has none of what an earlier try left there.
"""

from __future__ import annotations

import json

from labs.lessons.common import by_hand, tags_of
from labs.lessons.move_and_sign.app_images import THERE, Base, Pushable
from labs.lessons.move_and_sign.shop_images import signed, stranger_key
from labs.playground import Node, PlaygroundError
from labs.registry import RegistryClient, RegistryError, digest_of

STICK = "/srv/stick"
SCHOOL = "school/tea"
"""Where the images of the stick belong, on port 5001."""
DAMAGED, REPLACED = "2", "3"
"""Tags of shop/tea that are not on the stick any more as they were."""
_VERSION = "Directory Transport Version: 1.1\n"


def post(node: Node) -> None:
    """Change what is on the stick, and empty school/tea on port 5001.

    Raises:
        PlaygroundError: There is no shop/tea on it.
    """
    damaged = f"{STICK}/tea:{DAMAGED}"
    try:
        found = json.loads(node.read_file(f"{damaged}/manifest.json"))
    except FileNotFoundError as error:
        raise PlaygroundError(
            f"the stick lacks {damaged}", hint="pack it first: skopeo sync with --dest dir"
        ) from error
    base = Base.of(node)
    _empty_school(node, base)
    # Of the config: a layer that the target has in another repository, skopeo would not even read.
    config = f"{damaged}/{found['config']['digest'].partition(':')[2]}"
    node.write_file(config, node.read_file(config).replace(b"tea 2", b"tea Z"))
    other = base.image("not tea")
    _put(node, REPLACED, other)
    _put(node, by_hand.signature_tag(other.digest), signed(other, by_shop=False))
    # The key too: one that comes with the images proves that they fit the key, and nothing of the shop.
    node.write_file(f"{STICK}/shop.pub", stranger_key())


def _empty_school(node: Node, base: Base) -> None:
    with RegistryClient(node.url(THERE)) as there:
        found = {there.head(SCHOOL, tag).digest for tag in tags_of(there, SCHOOL)}
        # A tag that was moved away from it leaves it there.
        for digest in found | {replaced(base).digest}:
            try:
                there.delete(SCHOOL, digest)
            except RegistryError as error:
                if error.status != 404:
                    raise


def replaced(base: Base) -> Pushable:
    """The image that has taken the place of tag 3."""
    return base.image("not tea")


def _put(node: Node, tag: str, document: Pushable) -> None:
    """Write an image into its folder, in the form that skopeo calls dir."""
    folder = f"{STICK}/tea:{tag}"
    node.exec(["rm", "-rf", folder])
    files = {digest_of(blob).partition(":")[2]: blob for blob in document.blobs}
    files |= {"manifest.json": document.content, "version": _VERSION.encode()}
    for name, content in files.items():
        node.write_file(f"{folder}/{name}", content)
