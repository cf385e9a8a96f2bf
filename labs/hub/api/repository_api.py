"""Repositories, their tags and images by API."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404

from labs.hub.api.api_rights import account_for, owned_space
from labs.hub.api.api_session import ApiRequest
from labs.hub.api.json_body import (
    FLAG,
    NUMBER,
    TEXT,
    TIME,
    body,
    field,
    list_of,
    maybe,
    record,
)
from labs.hub.api.operation import Operations
from labs.hub.api.refusal import Refused
from labs.hub.api.row_record import RowRecord
from labs.hub.models import AccessToken, Level, PushedImage, Repository, Tag
from labs.hub.rights.access import is_owner
from labs.hub.rights.namespaces import add_repository, remove_image, remove_repository
from labs.hub.rights.viewer import visible

operations = Operations("Repositories")
_ALL = "/v2/namespaces/{namespace}/repositories"
_ONE = f"{_ALL}/{{repository}}"
_REPOSITORY = RowRecord(
    "Repository",
    namespace=TEXT,
    name=TEXT,
    repository_type=(TEXT, lambda _: "image"),
    status=(NUMBER, lambda _: 1),
    description=TEXT,
    full_description=TEXT,
    is_private=(FLAG, "private"),
    pull_count=(NUMBER, "pulls"),
    date_registered=(TIME, "created"),
    last_updated=(TIME, "updated"),
)
_IMAGE = record(
    "Image",
    os=TEXT,
    architecture=TEXT,
    variant=maybe(TEXT),
    digest=TEXT,
    size=maybe(NUMBER),
)
_TAG = RowRecord(
    "Tag",
    name=TEXT,
    digest=(TEXT, "image.digest"),
    media_type=(TEXT, "image.media_type"),
    full_size=(maybe(NUMBER), "image.size"),
    images=(list_of(_IMAGE), lambda tag: [_image(**each) for each in _listed(tag.image)]),
    last_updater_username=(TEXT, "pusher"),
    last_updater_token=(maybe(TEXT), lambda tag: tag.own_token and str(tag.own_token)),
    tag_last_pushed=(TIME, "pushed"),
)
_FIELDS = {
    "description": field("one line", "The shop's web site", maxLength=100),
    "full_description": field("a longer text", "How to run it …", maxLength=25_000),
    "is_private": field("whether only those who may pull it see it", True, kind=FLAG),
}


_NAMESPACE = RowRecord("Namespace", namespace=(TEXT, "name"), default_private=FLAG)
_DEFAULT = field("whether a repository that a push makes is private", True, kind=FLAG)


@operations.add(
    "PATCH",
    "/v2/namespaces/{namespace}",
    own=True,
    answer=_NAMESPACE,
    body=body(default_private=_DEFAULT),
)
def change_namespace(request: ApiRequest, namespace: str) -> Any:
    """Change what a push makes where there is no repository yet: for owners of the namespace."""
    found = owned_space(request, namespace)
    found.default_private = request.body["default_private"]
    found.save(update_fields=["default_private"])
    return found


@operations.add("GET", _ALL, answer=_REPOSITORY, paged=True)
def list_repositories(request: ApiRequest, namespace: str) -> Any:
    """List the repositories of a namespace that you may see."""
    caller = request.caller
    found = visible(caller.account).filter(namespace__name=namespace)
    if caller.token is not None and caller.token.scope == AccessToken.Scope.PUBLIC_READ:
        found = found.filter(private=False)
    return found


@operations.add(
    "POST",
    _ALL,
    status=201,
    answer=_REPOSITORY,
    wrong={409: "there is a repository of that name"},
    body=body(
        name=field("small letters and digits with . _ or - between them", "site", maxLength=200),
        namespace=field("of the path, if at all", maxLength=30),
        registry=field("has no effect: this hub has one registry", maxLength=100),
        **_FIELDS,
        optional=("namespace", "registry", *_FIELDS),
    ),
)
def create_repository(request: ApiRequest, namespace: str) -> Any:
    """Make a repository: for owners of the namespace.

    A push makes one as well, with the namespace's default visibility.
    """
    owned, given = owned_space(request, namespace), request.body
    if given.get("namespace", namespace) != namespace:
        raise Refused(400, f"namespace: {namespace}, as in the path; got {given['namespace']!r}")
    name = given["name"]
    if "/" in name:
        raise Refused(
            400, f"name: one without a slash, which the API's paths need; got {name!r}: push it"
        )
    return add_repository(owned, name, **_columns(given))


@operations.add("GET", _ONE, answer=_REPOSITORY, level=Level.READ)
@operations.add("HEAD", _ONE, level=Level.READ)
def get_repository(_request: ApiRequest, repository: Repository) -> Any:
    """Show one repository; HEAD tells whether it is there for you."""
    return repository


@operations.add(
    "PATCH",
    _ONE,
    own=True,
    answer=_REPOSITORY,
    body=body(**_FIELDS, optional=tuple(_FIELDS)),
    level=Level.ADMIN,
)
def change_repository(request: ApiRequest, repository: Repository) -> Any:
    """Change description and visibility: for administrators of the repository."""
    for name, value in _columns(request.body).items():
        setattr(repository, name, value)
    repository.save()
    return repository


@operations.add("DELETE", _ONE, own=True, status=204, level=Level.READ)
def delete_repository(request: ApiRequest, repository: Repository) -> None:
    """Delete a repository with all of its images: for owners of the namespace."""
    if not is_owner(account_for(request), repository.namespace):
        raise Refused(403, f"only an owner of {repository.namespace} deletes its repositories")
    owned_space(request, repository.namespace.name)
    remove_repository(repository)


@operations.add("GET", f"{_ONE}/tags", answer=_TAG, paged=True, level=Level.READ)
@operations.add("HEAD", f"{_ONE}/tags", level=Level.READ)
def list_tags(request: ApiRequest, repository: Repository) -> Any:
    """List tags, the last pushed first; HEAD tells whether the repository is there for you.

    `last_updater_token` is the uuid of the access token of yours with which you have pushed.
    """
    return _tags(request, repository)


@operations.add("GET", f"{_ONE}/tags/{{tag}}", answer=_TAG, level=Level.READ)
@operations.add("HEAD", f"{_ONE}/tags/{{tag}}", level=Level.READ)
def get_tag(request: ApiRequest, repository: Repository, tag: str) -> Any:
    """Show one tag; HEAD tells whether it is there.

    The full size of an index is the sum of its images.
    """
    row = _tags(request, repository).filter(name=tag).first()
    if row is None:
        raise Http404(f"{repository} has no tag {tag[:128]!r}")
    return row


@operations.add("DELETE", f"{_ONE}/tags/{{tag}}", own=True, status=405, level=Level.READ)
def refuse_to_delete_tag(request: ApiRequest, repository: Repository, tag: str) -> None:
    """Is refused, as the registry deletes by digest: delete the image, with all of its tags."""
    raise Refused(
        405,
        "the registry deletes images by digest, not tags: look up the tag's digest, then "
        f"DELETE /v2/namespaces/{repository.namespace}/repositories/{repository.name}/images/<digest>",
        {"Allow": "GET, HEAD"},
    )


@operations.add("DELETE", f"{_ONE}/images/{{digest}}", own=True, status=204, level=Level.ADMIN)
def delete_image(request: ApiRequest, repository: Repository, digest: str) -> None:
    """Delete an image with all of its tags: for administrators of the repository.

    A tag alone cannot be deleted, since the registry deletes by digest.
    """
    image = repository.images.filter(digest=digest).first()
    if image is None:
        raise Http404(f"{repository} has no image {digest[:140]!r}")
    remove_image(image)


def _columns(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of a body that are columns of the table, by their names there."""
    columns = {"is_private": "private"}
    return {columns.get(name, name): given[name] for name in _FIELDS if name in given}


def _tags(request: ApiRequest, repository: Repository) -> QuerySet[Tag]:
    """A repository's tags, each with the access token that pushed it where that is the caller's own."""
    own = AccessToken.objects.filter(pk=OuterRef("pushed_with"), account=request.caller.account)
    return repository.tags.select_related("image").annotate(own_token=Subquery(own.values("pk")))


def _listed(image: PushedImage) -> list[dict[str, Any]]:
    """The images of an index; an image itself, if it is not one."""
    alone = ({"platform": each} for each in image.platforms)
    return image.manifests or [
        {"digest": image.digest, "size": image.size, **each} for each in alone
    ]


def _image(digest: str, platform: str, size: int | None) -> dict[str, Any]:
    system, architecture, variant = (*platform.split("/", 2), None, None)[:3]
    return {
        "os": system,
        "architecture": architecture or "",
        "variant": variant,
        "digest": digest,
        "size": size,
    }
