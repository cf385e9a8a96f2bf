"""What a repository is built from, by API: its source, build rules, and links to the bases of its image."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404

from labs.hub.api.api_rights import account_for, repository_seen, row_of
from labs.hub.api.json_body import FLAG, NUMBER, TEXT, body, field, page_of, record
from labs.hub.api.listing import page
from labs.hub.api.operation import ApiRequest, Operations
from labs.hub.automation import build_rules, links, sources
from labs.hub.models import BuildRule, Level, RepositoryLink, Source

operations = Operations("Automated builds", own=True)
_ONE = "/v2/namespaces/{namespace}/repositories/{repository}"
_SOURCE = record("Source", git_repository=TEXT, clone_url=TEXT)
_RULE = record(
    "BuildRule",
    id=NUMBER,
    source_type=TEXT,
    source=TEXT,
    tag=TEXT,
    dockerfile=TEXT,
    build_context=TEXT,
    autobuild=FLAG,
    caching=FLAG,
)
_LINK = record("RepositoryLink", id=NUMBER, repository=TEXT)
# The words of Docker Hub's pages, where they are not those of the table.
_COLUMNS = {"source_type": "kind", "build_context": "context"}


@operations.add("GET", f"{_ONE}/source", answer=_SOURCE)
def get_source(request: ApiRequest, namespace: str, repository: str) -> dict[str, Any]:
    """Show the git repository that a repository is built from: for administrators."""
    found = repository_seen(request, namespace, repository, Level.ADMIN)
    source = sources.source_of(found)
    if source is None:
        raise Http404(f"{found} has no source: PUT one")
    return _source(source)


@operations.add(
    "PUT",
    f"{_ONE}/source",
    answer=_SOURCE,
    wrong={409: "the git repository makes another repository"},
    body=body(
        git_repository=field("its name in the same namespace, without .git", "site", maxLength=100)
    ),
)
def link_source(request: ApiRequest, namespace: str, repository: str) -> dict[str, Any]:
    """Build a repository from a git repository of the hub, made if it is not there: for administrators.

    Push to `clone_url` with the name and password, or an access token, of an account that may push to the repository.
    """
    found = repository_seen(request, namespace, repository, Level.ADMIN)
    name = request.body["git_repository"]
    return _source(sources.link_source(found, name, by=account_for(request)))


@operations.add("DELETE", f"{_ONE}/source", status=204)
def unlink_source(request: ApiRequest, namespace: str, repository: str) -> None:
    """Build from the git repository no more; what was pushed to it stays: for administrators."""
    found = repository_seen(request, namespace, repository, Level.ADMIN)
    if not sources.unlink_source(found):
        raise Http404(f"{found} has no source")


@operations.add("GET", f"{_ONE}/build-rules", answer=page_of(_RULE), paged=True)
def list_rules(request: ApiRequest, namespace: str, repository: str) -> dict[str, Any]:
    """List the build rules, in the order in which they were made: for administrators."""
    found = repository_seen(request, namespace, repository, Level.ADMIN)
    return page(request, found.rules.all(), _rule)


@operations.add(
    "POST",
    f"{_ONE}/build-rules",
    status=201,
    answer=_RULE,
    body=body(
        source_type=field("what is pushed", "tag", enum=BuildRule.Kind.values),
        source=field(
            "a name, or a regular expression between slashes", "/^v([0-9.]+)$/", maxLength=200
        ),
        tag=field(
            r"the image's tag; {\1} is the first group of the expression", r"{\1}", maxLength=200
        ),
        dockerfile=field(
            "path of the Dockerfile; Dockerfile if not given", "Dockerfile", maxLength=200
        ),
        build_context=field(
            "folder that is sent to the engine; / if not given", "/", maxLength=200
        ),
        autobuild=field("whether a push starts it; true if not given", True, kind=FLAG),
        caching=field("whether the engine's cache is used; true if not given", True, kind=FLAG),
        optional=("dockerfile", "build_context", "autobuild", "caching"),
    ),
)
def create_rule(request: ApiRequest, namespace: str, repository: str) -> dict[str, Any]:
    """Add a build rule: which branch or tag of the source makes which tag of the image: for administrators."""
    found = repository_seen(request, namespace, repository, Level.ADMIN)
    values = {_COLUMNS.get(name, name): value for name, value in request.body.items()}
    return _rule(build_rules.add(found, **values))


@operations.add("DELETE", f"{_ONE}/build-rules/{{id}}", status=204)
def delete_rule(request: ApiRequest, namespace: str, repository: str, id: str) -> None:
    """Delete a build rule: for administrators."""
    found = repository_seen(request, namespace, repository, Level.ADMIN)
    row_of(found.rules, id, "build rule").delete()


@operations.add("GET", f"{_ONE}/links", answer=page_of(_LINK), paged=True)
def list_links(request: ApiRequest, namespace: str, repository: str) -> dict[str, Any]:
    """List the repositories on whose images this one is built: for administrators."""
    found = repository_seen(request, namespace, repository, Level.ADMIN)
    rows = found.links.select_related("base__namespace").order_by("id")
    return page(request, rows, _link)


@operations.add(
    "POST",
    f"{_ONE}/links",
    status=201,
    answer=_LINK,
    wrong={409: "a circle, which would build for ever; the message names its repositories"},
    body=body(repository=field("the repository of the base", "acme/base", maxLength=231)),
)
def create_link(request: ApiRequest, namespace: str, repository: str) -> dict[str, Any]:
    """Build this repository again whenever another one gets a new image: for administrators.

    Its builds may pull that one too, if it is private.
    """
    found = repository_seen(request, namespace, repository, Level.ADMIN)
    base = request.body["repository"]
    return _link(links.link_named(found, base, by=request.caller.account))


@operations.add("DELETE", f"{_ONE}/links/{{id}}", status=204)
def delete_link(request: ApiRequest, namespace: str, repository: str, id: str) -> None:
    """Delete a link: for administrators."""
    found = repository_seen(request, namespace, repository, Level.ADMIN)
    row_of(found.links, id, "link").delete()


def _source(each: Source) -> dict[str, Any]:
    return {
        "git_repository": each.name,
        "clone_url": f"https://{settings.HOSTS[0]}/git/{each}.git",
    }


def _rule(each: BuildRule) -> dict[str, Any]:
    return {
        "id": each.pk,
        "source_type": each.kind,
        "source": each.source,
        "tag": each.tag,
        "dockerfile": each.dockerfile,
        "build_context": each.context,
        "autobuild": each.autobuild,
        "caching": each.caching,
    }


def _link(each: RepositoryLink) -> dict[str, Any]:
    return {"id": each.pk, "repository": str(each.base)}
