"""The check of exercise 12.7: a registry has moved from a folder to the store, with all that it had and was given."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

from docker.models.containers import Container

from labs.engine import seconds_of
from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import ask, no_registry, on_port, storage_mount
from labs.lessons.store_it_elsewhere.archive_images import (
    SHOP,
    TOOLS,
    expected,
    is_of_a_fill,
    tagged_in_shop,
)
from labs.lessons.store_it_elsewhere.build_server import (
    ARCHIVE,
    MOST,
    PORT,
    Builds,
    shop_images_of,
)
from labs.lessons.store_it_elsewhere.stored_blobs import client_of, place_in_store
from labs.playground import Node, Playground
from labs.registry import Index, Manifest, RegistryClient, RegistryError
from labs.waiting import WaitTimeout, wait_until

_REPOSITORIES = "docker/registry/v2/repositories"
_REVISIONS = f"{_REPOSITORIES}/{SHOP}/_manifests/revisions/sha256"
_TRIES_S = 10.0  # the build server pushes each second, and a store under load is slow
_RUN = "run the cell that fills the archive and starts the build server again, and move while it pushes"


def is_moved(playground: Playground, _answers: Answers) -> Finding:
    """The registry on port 5003 keeps its data in the store, and lacks nothing that was ever accepted."""
    node = playground.node(1)
    if missing := no_registry(node, PORT):
        return missing
    container = on_port(node, PORT)
    if container is None:
        return not_attempted(f"move the registry on port {PORT} to the store")
    place = place_in_store(playground, container, PORT)
    if not place:
        return _not_in_store(node, container)
    builds = _builds_tried(node, seconds_of(container.attrs["Created"]))
    with client_of(node, PORT) as registry:
        return (
            _moved_before(playground, place, builds)
            or _lost_or_changed(registry, builds)
            or _not_pushing(builds, container)
            or _lost_builds(registry, builds)
            or _filled_again(playground, place, registry, builds)
            or passed()
        )


def _not_in_store(node: Node, container: Container) -> Finding:
    begun = ask(f"{node.url(PORT)}/v2/{TOOLS}/blobs/uploads/", method="POST")
    if begun is not None and begun.status_code == 405:
        return not_yet(
            f"the registry on port {PORT} takes no pushes: 405, wanted one that keeps them in the store",
            hint="read-only is for the time of the move: run it again without REGISTRY_STORAGE_MAINTENANCE",
        )
    if storage_mount(container).get("Source") == ARCHIVE:
        return not_attempted(f"move the registry on port {PORT} from {ARCHIVE} to the store")
    return not_yet(
        f"what is pushed to port {PORT} does not arrive in the store",
        hint="REGISTRY_STORAGE=s3, with the endpoint, region, bucket and keys of lab.store",
    )


def _lost_or_changed(registry: RegistryClient, builds: Builds) -> Finding | None:
    """Return None if everything is there as it was, every byte of it."""
    read: set[str] = set()
    for (repository, reference), digest in expected(builds.pinned).items():
        name = _name(repository, reference)
        try:
            found = registry.manifest(repository, reference)
        except RegistryError as error:
            if error.status != 404:
                raise
            return not_yet(f"the registry on port {PORT} has no {name}", hint=_hint(reference))
        if found.digest != digest:
            return not_yet(
                f"{name} has another digest than before the move",
                hint="an engine that pulls and pushes packs an image again, and of an index it takes one "
                "platform: copy the bytes of each manifest",
            )
        try:
            if digest not in read:  # two tags of one digest
                _read_whole(registry, repository, found)
                read.add(digest)
        except RegistryError as error:
            return not_yet(
                f"{name} is not whole: {error.status} {error.code}".strip(),
                hint="of an index, each manifest that it lists, and of a manifest its config and each layer",
            )
    return None


def _read_whole(registry: RegistryClient, repository: str, found: Manifest | Index) -> None:
    """Read all that belongs to a manifest or an index; each digest is compared.

    Raises:
        RegistryError: Something is missing or has another digest.
    """
    if isinstance(found, Index):
        for child in found.manifests:
            _read_whole(registry, repository, registry.manifest(repository, child.digest))
        return
    digests = [part.digest for part in (found.config, *found.layers)]
    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(partial(registry.blob, repository), digests))


def _is_digest(reference: str) -> bool:
    return ":" in reference


def _name(repository: str, reference: str) -> str:
    # Without the digits: a verdict names a thing by what it is.
    if _is_digest(reference):
        return f"image of {repository} that is pulled by its digest only"
    return f"{repository}:{'sha256-….sig' if reference.endswith('.sig') else reference}"


def _hint(reference: str) -> str:
    if _is_digest(reference):
        return (
            "no tag names it: copy it by its digest, which is in the variable pinned. "
            "Pushed by a second fill, it is another"
        )
    return "lab.http(5003).get('/v2/…/tags/list') lists all tags of a repository, signatures too"


def _builds_tried(node: Node, since: float) -> Builds:
    """What the build server has done, once it has pushed to a registry that was made at that time."""
    found = [Builds.read(node)]

    def tried() -> bool:
        found[0] = Builds.read(node)
        return found[0].tried > since and bool(found[0].accepted)

    if found[0].began and len(found[0].accepted) < MOST:
        with suppress(WaitTimeout):
            wait_until(tried, "a build", timeout_s=_TRIES_S, interval_s=0.3)
    return found[0]


def _not_pushing(builds: Builds, container: Container) -> Finding | None:
    """Whether the build server was at work before the registry was made, and after."""
    made = seconds_of(container.attrs["Created"])
    if not builds.began or builds.began > made:
        return not_yet("nothing was pushed while the registry moved", hint=_RUN)
    if builds.tried < made:
        return not_yet("the build server had ended before the registry moved", hint=_RUN)
    if builds.accepted and not builds.archived:
        return not_yet(
            f"the archive accepted no build before the registry on port {PORT} moved", hint=_RUN
        )
    if not builds.accepted:
        return not_yet(
            f"the registry on port {PORT} refuses what the build server pushes",
            hint="its builds need the blobs of base/tools:1, and a registry that is not read-only",
        )
    return None


def _moved_before(playground: Playground, place: str, builds: Builds) -> Finding | None:
    """Whether what is in the store was written while the build server was at work.

    The archive has the same digests each time that it is filled, so an earlier try may have left everything there.
    """
    bucket, _, root = place.partition("/")
    start = f"{root}/{_REPOSITORIES}" if root else _REPOSITORIES
    written = {each.name: each.modified for each in playground.store.objects(bucket)}
    for (repository, reference), digest in expected(builds.pinned).items():
        link = f"{start}/{repository}/_manifests/revisions/{digest.replace(':', '/')}/link"
        if written.get(link, builds.began) < builds.began:
            return not_yet(
                f"{_name(repository, reference)} in {place} of the store is of an earlier try, wanted it moved now",
                hint="copy again what the archive has, or give the new registry another root directory",
            )
    return None


def _filled_again(
    playground: Playground, place: str, registry: RegistryClient, builds: Builds
) -> Finding | None:
    """None if what is in the store came from the archive, and none of it from a second fill.

    A fill pushes the same bytes each time, but for one image, which only the archive that it filled has. An older one
    in the store is of an earlier try, and one that the archive has too was moved with the rest.
    """
    bucket, _, root = place.partition("/")
    folder = f"{root}/{_REVISIONS}/".lstrip("/")
    found = {
        f"sha256:{each.name.split('/')[-2]}"
        for each in playground.store.objects(bucket)
        if each.name.startswith(folder)
        and each.name.endswith("/link")
        and each.modified >= builds.began
    }
    known = tagged_in_shop() | set(builds.pinned) | shop_images_of(playground.node(1))
    if not any(_is_of_a_fill(registry, digest) for digest in sorted(found - known)):
        return None
    return not_yet(
        f"{place} of the store was filled a second time, wanted what the archive has",
        hint="a fill gives new images the old names: copy each from the archive, into another root directory",
    )


def _is_of_a_fill(registry: RegistryClient, digest: str) -> bool:
    try:
        image = registry.manifest(SHOP, digest)
        layers = image.layers if isinstance(image, Manifest) else ()
        return any(is_of_a_fill(registry.blob(SHOP, layer.digest)) for layer in layers)
    except RegistryError as error:
        if error.status != 404:
            raise
        return False  # the link of an image that was deleted, or whose blobs were


def _lost_builds(registry: RegistryClient, builds: Builds) -> Finding | None:
    """Whether each build that was accepted is there, by whichever registry it was accepted."""

    def is_there(build: tuple[str, str]) -> bool:
        tag, digest = build
        try:
            return registry.head(TOOLS, tag).digest == digest
        except RegistryError as error:
            if error.status != 404:
                raise
            return False

    with ThreadPoolExecutor(max_workers=8) as pool:
        if all(pool.map(is_there, builds.accepted.items())):
            return None
    return not_yet(
        f"builds of {TOOLS} that the registry had accepted are gone",
        hint="before you read the list of tags, and until the switch, the old registry has to refuse pushes: "
        'REGISTRY_STORAGE_MAINTENANCE={"readonly": {"enabled": true}}',
    )
