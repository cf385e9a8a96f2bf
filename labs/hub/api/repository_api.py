"""Repositories, their tags and images by API."""

from __future__ import annotations

from typing import Any

from django.http import Http404

from labs.hub.api.api_rights import account_for, owned_space, repository_seen
from labs.hub.api.json_body import (
    FLAG,
    NUMBER,
    TEXT,
    TIME,
    body,
    field,
    list_of,
    maybe,
    page_of,
    record,
)
from labs.hub.api.listing import page
from labs.hub.api.operation import ApiRequest, Operations
from labs.hub.api.refusal import Refused
from labs.hub.models import AccessToken, Level, Repository, Tag
from labs.hub.rights.access import is_owner
from labs.hub.rights.namespaces import add_repository, remove_image, remove_repository
from labs.hub.rights.viewer import visible

operations = Operations("Repositories")
_ALL = "/v2/namespaces/{namespace}/repositories"
_ONE = f"{_ALL}/{{repository}}"
_REPOSITORY = record(
    "Repository",
    namespace=TEXT,
    name=TEXT,
    repository_type=TEXT,
    status=NUMBER,
    description=TEXT,
    full_description=TEXT,
    is_private=FLAG,
    pull_count=NUMBER,
    date_registered=TIME,
    last_updated=TIME,
)
_IMAGE = record(
    "Image",
    os=TEXT,
    architecture=TEXT,
    variant=maybe(TEXT),
    digest=TEXT,
    size=maybe(NUMBER),
)
_TAG = record(
    "Tag",
    name=TEXT,
    digest=TEXT,
    media_type=TEXT,
    full_size=maybe(NUMBER),
    images=list_of(_IMAGE),
    last_updater_username=TEXT,
    tag_last_pushed=TIME,
)
_FIELDS = {
    "description": field("one line", "The shop's web site", maxLength=100),
    "full_description": field("a longer text", "How to run it …", maxLength=25_000),
    "is_private": field("whether only those who may pull it see it", True, kind=FLAG),
}


_NAMESPACE = record("Namespace", namespace=TEXT, default_private=FLAG)
_DEFAULT = field("whether a repository that a push makes is private", True, kind=FLAG)


@operations.add(
    "PATCH",
    "/v2/namespaces/{namespace}",
    own=True,
    answer=_NAMESPACE,
    body=body(default_private=_DEFAULT),
)
def change_namespace(request: ApiRequest, namespace: str) -> dict[str, Any]:
    """Change what a push makes where there is no repository yet: for owners of the namespace."""
    found = owned_space(request, namespace)
    found.default_private = request.body["default_private"]
    found.save(update_fields=["default_private"])
    return {"namespace": found.name, "default_private": found.default_private}


@operations.add("GET", _ALL, answer=page_of(_REPOSITORY), paged=True)
def list_repositories(request: ApiRequest, namespace: str) -> dict[str, Any]:
    """List the repositories of a namespace that you may see."""
    caller = request.caller
    found = visible(caller.account).filter(namespace__name=namespace)
    if caller.token is not None and caller.token.scope == AccessToken.Scope.PUBLIC_READ:
        found = found.filter(private=False)
    return page(request, found, _repository)


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
def create_repository(request: ApiRequest, namespace: str) -> dict[str, Any]:
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
    return _repository(add_repository(owned, name, **_columns(given)))


@operations.add("GET", _ONE, answer=_REPOSITORY)
@operations.add("HEAD", _ONE)
def get_repository(request: ApiRequest, namespace: str, repository: str) -> dict[str, Any]:
    """Show one repository; HEAD tells whether it is there for you."""
    return _repository(repository_seen(request, namespace, repository))


@operations.add(
    "PATCH", _ONE, own=True, answer=_REPOSITORY, body=body(**_FIELDS, optional=tuple(_FIELDS))
)
def change_repository(request: ApiRequest, namespace: str, repository: str) -> dict[str, Any]:
    """Change description and visibility: for administrators of the repository."""
    found = repository_seen(request, namespace, repository, Level.ADMIN)
    for name, value in _columns(request.body).items():
        setattr(found, name, value)
    found.save()
    return _repository(found)


@operations.add("DELETE", _ONE, own=True, status=204)
def delete_repository(request: ApiRequest, namespace: str, repository: str) -> None:
    """Delete a repository with all of its images: for owners of the namespace."""
    found = repository_seen(request, namespace, repository)
    if not is_owner(account_for(request), found.namespace):
        raise Refused(403, f"only an owner of {namespace} deletes its repositories")
    owned_space(request, namespace)
    remove_repository(found)


@operations.add("GET", f"{_ONE}/tags", answer=page_of(_TAG), paged=True)
@operations.add("HEAD", f"{_ONE}/tags")
def list_tags(request: ApiRequest, namespace: str, repository: str) -> dict[str, Any]:
    """List tags, the last pushed first; HEAD tells whether the repository is there for you."""
    found = repository_seen(request, namespace, repository)
    return page(request, found.tags.select_related("image"), _tag)


@operations.add("GET", f"{_ONE}/tags/{{tag}}", answer=_TAG)
@operations.add("HEAD", f"{_ONE}/tags/{{tag}}")
def get_tag(request: ApiRequest, namespace: str, repository: str, tag: str) -> dict[str, Any]:
    """Show one tag; HEAD tells whether it is there.

    The full size of an index is the sum of its images.
    """
    found = repository_seen(request, namespace, repository)
    row = found.tags.select_related("image").filter(name=tag).first()
    if row is None:
        raise Http404(f"{found} has no tag {tag[:128]!r}")
    return _tag(row)


@operations.add("DELETE", f"{_ONE}/tags/{{tag}}", own=True, status=405)
def refuse_to_delete_tag(request: ApiRequest, namespace: str, repository: str, tag: str) -> None:
    """Is refused, as the registry deletes by digest: delete the image, with all of its tags."""
    found = repository_seen(request, namespace, repository)
    raise Refused(
        405,
        "the registry deletes images by digest, not tags: look up the tag's digest, then "
        f"DELETE /v2/namespaces/{namespace}/repositories/{found.name}/images/<digest>",
        {"Allow": "GET, HEAD"},
    )


@operations.add("DELETE", f"{_ONE}/images/{{digest}}", own=True, status=204)
def delete_image(request: ApiRequest, namespace: str, repository: str, digest: str) -> None:
    """Delete an image with all of its tags: for administrators of the repository.

    A tag alone cannot be deleted, since the registry deletes by digest.
    """
    found = repository_seen(request, namespace, repository, Level.ADMIN)
    image = found.images.filter(digest=digest).first()
    if image is None:
        raise Http404(f"{found} has no image {digest[:140]!r}")
    remove_image(image)


def _columns(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of a body that are columns of the table, by their names there."""
    columns = {"is_private": "private"}
    return {columns.get(name, name): given[name] for name in _FIELDS if name in given}


def _repository(each: Repository) -> dict[str, Any]:
    return {
        "namespace": each.namespace.name,
        "name": each.name,
        "repository_type": "image",
        "status": 1,
        "description": each.description,
        "full_description": each.full_description,
        "is_private": each.private,
        "pull_count": each.pulls,
        "date_registered": each.created.isoformat(),
        "last_updated": each.updated.isoformat(),
    }


def _tag(each: Tag) -> dict[str, Any]:
    image = each.image
    alone = [
        {"digest": image.digest, "platform": platform, "size": image.size}
        for platform in image.platforms
    ]
    return {
        "name": each.name,
        "digest": image.digest,
        "media_type": image.media_type,
        "full_size": image.size,
        "images": [_image(**listed) for listed in image.manifests or alone],
        "last_updater_username": each.pusher,
        "tag_last_pushed": each.pushed.isoformat(),
    }


def _image(digest: str, platform: str, size: int | None) -> dict[str, Any]:
    system, architecture, variant = (*platform.split("/", 2), None, None)[:3]
    return {
        "os": system,
        "architecture": architecture or "",
        "variant": variant,
        "digest": digest,
        "size": size,
    }
