"""What is left of the images with the key, and whether every other image is as it was pushed."""

from __future__ import annotations

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.clean_up import leaked_shop
from labs.lessons.clean_up.registry_data import data_of, is_on_disk
from labs.lessons.clean_up.tries import removal_tried
from labs.lessons.common import ask, blob_file, by_hand, missing_part, no_registry, tags_of
from labs.playground import Node, Playground
from labs.registry import RegistryClient, RegistryError, digest_of

PORT = 5000
FILL_AGAIN = "The first cell of 11.6 brings everything back"
AGAIN = "run the lesson's cells again, from the first one"
_RESTART = "the registry answers from its cache: a new start of it empties that"


def purged(playground: Playground, _answers: Answers) -> Finding:
    """Nothing of the images with the key can be pulled or read, and every other tag is as it was."""
    node = playground.node(1)
    if missing := no_registry(node, PORT):
        return missing
    registry = RegistryClient(node.url(PORT))
    if not tags_of(registry, leaked_shop.API) and not tags_of(registry, leaked_shop.WORKER):
        return not_attempted("run the cell that fills shop/api and shop/worker first")
    left = [each for each in leaked_shop.LEAKED if answers_to(registry, *each)]
    if len(left) == len(leaked_shop.LEAKED):
        return (
            removal_tried(node, leaked_shop.API, leaked_shop.WORKER)
            or _layer_removed(node)
            or (not_attempted("the key is still there: two images have the layer"))
        )
    for (repository, tag), document in leaked_shop.KEPT.items():
        if wrong := not_as_pushed(registry, repository, tag, document):
            return wrong
    if left:
        return _still_listed(*left[0])
    return _bytes_left(playground, node, registry) or passed()


def _layer_removed(node: Node) -> Finding | None:
    data = data_of(node, PORT)
    if not data or is_on_disk(node, data, leaked_shop.LEAKED_LAYER):
        return None
    return not_yet(
        "the layer's file is gone from the disk, and two manifests still list it",
        hint=f"a file is not removed by hand: delete the manifests, then collect. {FILL_AGAIN}",
    )


def answers_to(registry: RegistryClient, repository: str, document: by_hand.HandMade) -> bool:
    """Whether the registry still has a manifest."""
    try:
        registry.head(repository, document.digest)
    except RegistryError as error:
        if error.status != 404:
            raise
        return False
    return True


def _still_listed(repository: str, document: by_hand.HandMade) -> Finding:
    if repository == leaked_shop.API:
        return not_yet(
            f"a manifest of {repository} without a tag still lists the layer",
            hint="overwriting a tag deletes nothing; on the disk, _manifests/revisions has every manifest",
        )
    return not_yet(
        f"a manifest of {repository} still lists the layer",
        hint="an image of another repository may have it too: look at every one",
    )


def not_as_pushed(
    registry: RegistryClient, repository: str, tag: str, document: by_hand.HandMade
) -> Finding | None:
    """None if a tag is what it was, and whole."""
    named_tag = f"{repository}:{tag}"
    if tag not in tags_of(registry, repository):
        return not_yet(
            f"{named_tag} is gone, wanted as it was",
            hint=f"delete by the digests of what has to go, and of nothing else. {FILL_AGAIN}",
        )
    if missing := missing_part(registry, repository, tag):
        return not_yet(
            f"{named_tag} is not whole: {missing}",
            hint="what an index lists has no tag of its own, and belongs to a tag: keep it too (-m does not). "
            + FILL_AGAIN,
        )
    if registry.head(repository, tag).digest != document.digest:
        return not_yet(f"{named_tag} is another image than before", hint=AGAIN)
    return None


def _bytes_left(playground: Playground, node: Node, registry: RegistryClient) -> Finding | None:
    """None if no blob of the images with the key is on the disk, in the cache, or reached from node 2."""
    data = data_of(node, PORT)
    kept = {digest_of(blob) for each in leaked_shop.KEPT.values() for blob in _blobs(each)}
    gone = {digest_of(blob) for _, each in leaked_shop.LEAKED for blob in _blobs(each)} - kept
    if is_on_disk(node, data, *sorted(gone)):
        return not_yet(
            "no manifest lists the layer, and its bytes are still on the disk",
            hint="DELETE frees nothing: collect the garbage, and look at what the command prints",
        )
    if _in_another_volume(node):
        return not_yet(
            "the registry has no byte of the layer, and another volume of node 1 has it",
            hint="a registry on a new volume leaves the old one as it is: docker.volumes.list()",
        )
    for repository in (leaked_shop.API, leaked_shop.WORKER):
        paths = [f"/v2/{repository}/blobs/{digest}" for digest in sorted(gone)]
        answers = [ask(node.url(PORT) + path, method="HEAD") for path in paths]
        seen = [answer.status_code for answer in answers if answer is not None]
        if 200 in seen or "200" in _statuses_from(playground.node(2), paths):
            return not_yet(
                f"HEAD of a blob that was deleted gives 200 in {repository}", hint=_RESTART
            )
    return None


def _in_another_volume(node: Node) -> bool:
    file = blob_file("/var/lib/docker/volumes/*/_data/docker/registry/v2", leaked_shop.LEAKED_LAYER)
    return node.exec(["sh", "-c", f"ls {file}"]).exit_code == 0


def _blobs(document: by_hand.HandMade) -> list[bytes]:
    parts = [blob for part in document.parts for blob in _blobs(part)]
    return [document.content, *document.blobs, *parts]


_HEAD = """port=$1; shift
for path; do
  exec 3<>"/dev/tcp/node1/$port" || continue
  printf 'HEAD %s HTTP/1.0\r\nHost: node1\r\n\r\n' "$path" >&3
  read -r -t 5 _ status _ <&3 && echo "$status"
done
"""


def _statuses_from(node: Node, paths: list[str]) -> list[str]:
    """The statuses of HEAD requests to the registry, sent by another node; none where nothing answers there."""
    return node.read_output(["bash", "-c", _HEAD, "ask", str(PORT), *paths]).stdout.split()
