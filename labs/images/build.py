"""Gets images: from a class registry if one is named; else from Docker Hub by digest, or built from Debian packages."""

from __future__ import annotations

import io
import os
import shutil
import tarfile
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, DockerException, ImageNotFound
from requests.exceptions import RequestException

from labs.course import state_folder
from labs.images import base, class_images, mirror
from labs.images.catalog import SOURCE_LABEL, Catalog, Image, ImageError
from labs.images.class_address import VARIABLE, ClassAddress
from labs.images.inventory import look
from labs.images.work import WorkFile, engine_key

Say = Callable[[str], None]
_LISTS = "registry-course/lists:now"
# Of two builds, one can download while the other unpacks; more builds only share network and disk.
_AT_ONCE = 2


def ensure(
    client: docker.DockerClient,
    say: Say,
    *,
    catalog: Catalog | None = None,
    source: str = "any",
    again: bool = False,
    purpose: str = "course",
    served: Collection[str] | None = None,
    late: Collection[str] | None = (),
) -> list[str]:
    """Get every image that lessons need and that is missing or out of date; wait for another process that does so.

    Args:
        client: The engine that gets them.
        say: Receives each step.
        catalog: The images; by default the course's.
        source: `hub`, `build`, or `any`: the class registry that LABS_IMAGES_FROM names, and no other place; without
            that, Docker Hub if it answers, else build.
        again: Make them even if they are present.
        purpose: A use that needs more: `grading`.
        served: What nodes must be able to pull for now; by default everything.
        late: Keys of late images to get too; None for every one.

    Returns:
        The names of the images that were made or pulled.

    Raises:
        ImageError: One cannot be made; those made before it stay.
    """
    catalog = catalog or Catalog.read()
    place = _place(source)
    more = catalog.late(late)
    with WorkFile.of(client).turn(say, partial(_has, client, catalog, served, more)) as tell:
        if tell is None:
            return []
        return _ensure(client, tell, catalog, place, again, purpose, served, more)


def _place(source: str) -> str | ClassAddress:
    """Where images come from: a class registry, if one is named and no other place is asked for."""
    named = os.environ.get(VARIABLE, "") if source == "any" else ""
    return ClassAddress.parse(named) if named else source


def _has(
    client: docker.DockerClient,
    catalog: Catalog,
    served: Collection[str] | None,
    late: list[Image],
) -> bool:
    """Whether what a lesson needs is here; never so where everything is wanted."""
    here = all(look(client, image).present for image in late)
    return served is not None and here and can_serve(client, served, catalog)


def _ensure(
    client: docker.DockerClient,
    say: Say,
    catalog: Catalog,
    source: str | ClassAddress,
    again: bool,
    purpose: str,
    served: Collection[str] | None,
    late: list[Image],
) -> list[str]:
    if isinstance(source, ClassAddress):
        made = _get_from_class(client, say, catalog, source, again, served, late)
        source = "any"  # of what a class registry does not have
    else:
        wanted = [catalog.base, *catalog.needed_by(served), *late]
        made = _get_all(client, say, catalog, wanted, source=source, again=again)
        if made:
            # What a class registry that ended has left: all is here from another place.
            shutil.rmtree(_kept(client), ignore_errors=True)
    extra = catalog.needed_for(purpose)  # each may be built on the one before
    made += _get_all(client, say, catalog, extra, source=source, again=again, at_once=1)
    _forget_lists(client)
    made += _refresh_mirror(client, catalog, say, served)
    if made:
        _prune_stages(client)
    return made


def _get_from_class(
    client: docker.DockerClient,
    say: Say,
    catalog: Catalog,
    address: ClassAddress,
    again: bool,
    served: Collection[str] | None,
    late: list[Image],
) -> list[str]:
    """Get what is missing or out of date from a class registry; the names. If nothing is, nothing is asked of it."""
    # Its mirror serves everything, so a lesson needs that and the node; the others are for this engine alone.
    first = [image for key, image in catalog.images.items() if key == "node"]
    images = [image for image in catalog.all() if not image.late]
    images = [*(images if served is None else [*first, catalog.mirror]), *late]
    every = [image.served for image in catalog.served]

    def missing(image: Image) -> bool:
        if image is catalog.mirror and not mirror.serves(client, catalog, served or every):
            return True
        return again or not look(client, image).current

    wanted = [image for image in images if missing(image)]
    if not wanted:
        return []
    return class_images.get(client, say, catalog, address, wanted, _kept(client))


def _kept(client: docker.DockerClient) -> Path:
    """Where layers for an engine are kept until their image is whole. Two engines may get images at the same time."""
    return state_folder() / f"images-{engine_key(client)}"


def can_serve(
    client: docker.DockerClient, served: Collection[str], catalog: Catalog | None = None
) -> bool:
    """Whether nodes can be made here that can pull `served`; their images may be out of date."""
    catalog = catalog or Catalog.read()
    # What nodes pull is in the mirror: an engine that grades for others has these two alone.
    return look(client, catalog.images["node"]).present and mirror.serves(client, catalog, served)


def missing(
    client: docker.DockerClient, served: Collection[str], catalog: Catalog | None = None
) -> list[str]:
    """Return what `can_serve` needs and is missing, by the names of the catalog: `node`, `nginx`."""
    catalog = catalog or Catalog.read()
    wanted = [*catalog.needed_by(served), catalog.mirror]
    here = [image for image in wanted if look(client, image).present]
    return [image.key for image in wanted if image not in here] or [catalog.mirror.key]


def _get_all(
    client: docker.DockerClient,
    say: Say,
    catalog: Catalog,
    wanted: list[Image],
    *,
    source: str,
    again: bool,
    at_once: int = _AT_ONCE,
) -> list[str]:
    """Pull or build those of `wanted` that are missing, the base before the others; their names."""
    missing = [image for image in wanted if again or not look(client, image).current]
    hub = source == "hub" or (source == "any" and _hub_answers(client, missing))

    def get(image: Image) -> None:
        say(f"{image.name}: getting it ({missing.index(image) + 1} of {len(missing)})")
        if not (hub and image.hub and _pull(client, image, say, must=source == "hub")):
            _make(client, catalog, image, say)

    first = [image for image in missing if image is catalog.base]
    rest = [image for image in missing if image is not catalog.base]
    for image in first:
        get(image)
    if not hub and any(_needs_apt(image) for image in rest):
        # Before the threads start: two builds at once would both make them.
        _make_lists(client, catalog, say)
    with ThreadPoolExecutor(at_once) as pool:
        jobs = [pool.submit(get, image) for image in rest]
        try:
            for job in jobs:
                job.result()
        # Without this, leaving the `with` would wait for builds that have not even started.
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return [image.name for image in missing]


def _refresh_mirror(
    client: docker.DockerClient, catalog: Catalog, say: Say, served: Collection[str] | None
) -> list[str]:
    def make(context: io.BytesIO) -> None:
        build(client, context, catalog.mirror, say)

    return [catalog.mirror.name] if mirror.refresh(client, catalog, say, make, served) else []


def _prune_stages(client: docker.DockerClient) -> None:
    """Remove untagged images with the course's labels: build stages, and images that were built again."""
    # Only what carries these labels: the engine may be the student's own, with dangling images of other work.
    for label in ("org.registry-course.stage", SOURCE_LABEL):
        client.api.prune_images(filters={"dangling": True, "label": label})


def _make(client: docker.DockerClient, catalog: Catalog, image: Image, say: Say) -> None:
    if image is catalog.base:
        base.bootstrap(client, image, catalog.suite, say)
    else:
        label = {SOURCE_LABEL: f"build:{image.fingerprint()}"}
        needs_apt = _needs_apt(image)
        if needs_apt:
            _make_lists(client, catalog, say)
        arguments = {"BASE": _LISTS if needs_apt else catalog.base.name}
        build(client, context_with(image.files()), image, say, arguments, label)


def _needs_apt(image: Image) -> bool:
    return bool(image.folder) and "apt-get" in (image.context / "Dockerfile").read_text(
        encoding="utf-8"
    )


def _make_lists(client: docker.DockerClient, catalog: Catalog, say: Say) -> None:
    """Make the base with apt's package lists, if it is missing: each build would download 10 MB of lists again."""
    lists = replace(catalog.base, key="lists", name=_LISTS)
    try:
        client.api.inspect_image(_LISTS)
    except ImageNotFound:
        recipe = f"FROM {catalog.base.name}\nLABEL org.registry-course.stage=lists\nRUN apt-get update -qq\n"
        build(client, context_from({"Dockerfile": recipe.encode()}), lists, say)


def _forget_lists(client: docker.DockerClient) -> None:
    """Remove the lists: they get out of date, and the next builds download new ones."""
    with suppress(ImageNotFound):
        client.api.remove_image(_LISTS, force=True)


def _hub_answers(client: docker.DockerClient, missing: list[Image]) -> bool:
    """Ask the engine, since it does the pull; do not ask if Docker Hub has none of what is missing."""
    wanted = [image for image in missing if image.hub]
    if not wanted:
        return False
    try:
        # One manifest request; its answer says whether all the pulls can succeed, before the first is tried.
        client.api.inspect_distribution(wanted[0].hub.partition("@")[0])
    except (DockerException, RequestException):
        return False
    return True


def _pull(client: docker.DockerClient, image: Image, say: Say, *, must: bool) -> bool:
    """Pull from Docker Hub by digest and give it the course's name; return False on failure, unless `must` is set."""
    name, _, digest = image.hub.partition("@")
    repository = name.rpartition(":")[0]
    try:
        # By digest: a tag may move, and all students of a class should have the same bytes.
        for event in client.api.pull(f"{repository}@{digest}", stream=True, decode=True):
            if "error" in event:
                raise ImageError(f"pull {image.hub}: {event['error']}")
            if event.get("status") in ("Pull complete", "Download complete"):
                say(f"  {image.key}: {event['status'].lower()} {event.get('id', '')}")
        # A pulled image has no label of the course, by which `look` knows what it was made from: an empty build adds
        # it.
        relabel = f"FROM {repository}@{digest}\nLABEL {SOURCE_LABEL}=hub:{digest}\n"
        build(client, context_from({"Dockerfile": relabel.encode()}), image, say)
        # Only this name; noprune keeps the layers, which the labeled image is made of.
        client.api.remove_image(f"{repository}@{digest}", noprune=True)
        return True
    except (APIError, ImageError) as error:
        if must:
            raise ImageError(
                f"cannot pull {image.hub}: {error}",
                hint="`labs images build` makes it from Debian packages, `labs images load FILE` from a bundle",
            ) from error
        say(f"  {image.key}: Docker Hub did not give it, building it instead")
        return False


def build(
    client: docker.DockerClient,
    context: io.BytesIO,
    image: Image,
    say: Say,
    arguments: dict[str, str] | None = None,
    labels: dict[str, str] | None = None,
) -> None:
    """Build one image from a tar of its context; `say` receives each step.

    Raises:
        ImageError: A step failed; its last lines are in the message.
    """
    tail: list[str] = []
    events: Iterable[dict[str, Any]] = client.api.build(
        fileobj=context,
        custom_context=True,
        tag=image.name,
        buildargs=arguments or {},
        labels=labels,
        network_mode=_network_mode(client),
        rm=True,
        forcerm=True,
        decode=True,
    )
    for event in events:
        text = event.get("stream", "").rstrip()
        tail = [*tail[-8:], text] if text else tail
        if text.startswith("Step "):
            say(f"  {image.key}: {text[:90]}".rstrip())
        if "error" in event:
            raise ImageError(
                f"building {image.name} failed: {event['error']}\n" + "\n".join(tail),
                hint="the build needs Debian's mirror; without it, `labs images load FILE` takes a bundle",
            )


def _network_mode(client: docker.DockerClient) -> str:
    """The network of a build: the host's, as mmdebstrap uses it, for a name server may be missing on a bridge."""
    options = client.info().get("SecurityOptions") or ()
    # An engine that maps user ids refuses to give a build the host's network.
    return "default" if "name=userns" in options else "host"


def context_of(folder: Path) -> io.BytesIO:
    """A folder as a build context, owned by root, the same bytes each time."""
    return context_with(
        {str(p.relative_to(folder)): p for p in sorted(folder.rglob("*")) if p.is_file()}
    )


def context_with(files: dict[str, Path]) -> io.BytesIO:
    """Files by their place in a build's context, as a tar, owned by root, the same bytes each time."""
    return context_from(
        {name: path.read_bytes() for name, path in files.items()},
        {name for name, path in files.items() if path.stat().st_mode & 0o100},
    )


def context_from(files: dict[str, bytes], executable: set[str] | None = None) -> io.BytesIO:
    """Files by path as a tar for a build."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            # TarInfo's defaults are owner root and time 0, so that the same files give the same bytes, and the build
            # cache works.
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            # Two modes only: the umask of a checkout must not change an image.
            entry.mode = 0o755 if name in (executable or set()) else 0o644
            tar.addfile(entry, io.BytesIO(content))
    buffer.seek(0)
    return buffer


def remove(client: docker.DockerClient, catalog: Catalog | None = None) -> list[str]:
    """Remove the course's images and what building them left; return their names.

    Raises:
        ImageError: A container still uses one.
    """
    catalog = catalog or Catalog.read()
    removed = []
    # The base last, since the others are built on it.
    for image in reversed([*catalog.all(), *catalog.extra.values()]):
        try:
            client.api.remove_image(image.name)
            removed.append(image.name)
        except ImageNotFound:
            continue
        except APIError as error:
            raise ImageError(
                f"cannot remove {image.name}: {error.explanation}",
                hint="`labs reset` removes the playgrounds that use it",
            ) from error
    _prune_stages(client)
    return removed
